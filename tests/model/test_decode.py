"""Whatever the scores are, units tile the text; and scores that say something clear come out as they should."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from attribution import Article, Claim, Unit
from attribution.model.backends import RELEASED_MODEL
from attribution.model.configuration import CLASSES, ROLES, Calibration
from attribution.model.decode import Scored, WindowScores, best_span, decode, pool, pooling_weights, role_spans, stitch, unit_starts
from attribution.model.windows import cut, tokenize

TOKENIZER = Tokenizer.from_file(str(RELEASED_MODEL / "tokenizer.json"))
WINDOW, OVERLAP, POINTER = 24, 8, 4


def scored(article: Article, seed: int = 0, scale: float = 3.0) -> Scored:
    """An article with random scores."""
    generator = np.random.default_rng(seed)
    tokens = tokenize(article, TOKENIZER, 1)
    windows = cut(len(tokens), WINDOW, OVERLAP)

    def noise(*shape: int) -> np.ndarray:
        return (generator.normal(size=shape) * scale).astype(np.float32)

    scores = []
    for window in windows:
        rows = window.end - window.start + 2
        unit = np.concatenate([noise(rows, 1).clip(-4, 4), noise(rows, 1 + len(CLASSES))], axis=1)
        scores.append(
            WindowScores(
                noise(rows),
                unit,
                noise(rows, len(ROLES)),
                noise(rows),
                noise(rows, 2 * POINTER),
                noise(rows, 2 * POINTER),
                noise(rows, len(CLASSES)),
            )
        )
    return Scored(tokens, windows, scores)


def check_tiling(text: str, units: tuple[Unit, ...]) -> None:
    at = 0
    for unit in units:
        assert not text[at : unit.start].strip()
        assert at <= unit.start < unit.end <= len(text)
        assert text[unit.start : unit.end] == unit.text == unit.text.strip()
        at = unit.end
    assert not text[at:].strip()


@given(st.text(max_size=300), st.integers(0, 1000), st.sampled_from([0.0, 1.0, 4.0]))
def test_units_tile_any_text_whatever_the_scores(text: str, seed: int, class_weight: float) -> None:
    check_tiling(text, decode(Article(text), scored(Article(text), seed), Calibration(class_weight=class_weight)))


@given(st.integers(0, 1000), st.sampled_from([0.0, 1.0, 3.0]))
def test_of_all_ways_to_cut_the_likeliest_is_found(seed: int, class_weight: float) -> None:
    """The dynamic programme against every cut of a short text, one by one."""
    found = scored(Article("It rained. Trains ran late.\nNobody was hurt."), seed, scale=1.0)
    tokens, rows, calibration = found.tokens, stitch(found), Calibration(temperature=1.5, class_weight=class_weight)
    must = set(np.flatnonzero(tokens.must_start).tolist()) | {0}
    free = [index for index in np.flatnonzero(tokens.may_start).tolist() if index not in must]

    def likelihood(starts: list[int]) -> float:
        logits = pool(rows.unit[:, 1 : 1 + len(CLASSES)], pooling_weights(tokens, rows.unit), np.array(starts)) / 1.5
        certainty = logits.max(axis=1) - np.log(np.exp(logits).sum(axis=1))
        return float(sum(rows.start[index] for index in starts if index not in must) + class_weight * certainty.sum())

    cuts = [sorted(must.union(chosen)) for size in range(len(free) + 1) for chosen in combinations(free, size)]
    best = unit_starts(tokens, rows, calibration).tolist()
    assert likelihood(best) >= max(map(likelihood, cuts)) - 1e-4


@given(
    st.lists(st.sampled_from(["said ", "Smith ", "it ", "rose, ", "\n", "\u200b", " ", "“No”. ", "Tsikhanouskaya", "\ufe0f"]), max_size=80),
    st.integers(0, 99),
)
def test_sources_and_cues_are_spans_of_the_text(parts: list[str], seed: int) -> None:
    article = Article("".join(parts))
    units = decode(article, scored(article, seed), Calibration())
    check_tiling(article.text, units)
    for claim in (unit for unit in units if isinstance(unit, Claim)):
        assert 0 <= claim.confidence <= 1
        for span in (claim.source, claim.cue):
            if span is not None:
                assert article.text[span.start : span.end] == span.text
                assert span.text.strip()
        if claim.cue is not None:
            assert claim.start <= claim.cue.start < claim.cue.end <= claim.end
        if claim.label == "unattributed":
            assert claim.source is None


def test_text_without_a_token_is_one_unit() -> None:
    text = " \u200b\u200b "
    assert decode(Article(text), Scored(tokenize(Article(text), TOKENIZER, 1), (), []), Calibration()) == (
        Unit(1, 3, "\u200b\u200b", "non_assertive"),
    )


def test_clear_scores_give_the_claim_they_describe() -> None:
    article = Article("Snow will fall, said Smith. It is March.")
    found = scored(article, scale=0)
    row = {
        article.text[start:end]: 1 + index for index, (start, end) in enumerate(zip(found.tokens.starts, found.tokens.ends, strict=True))
    }
    scores = found.scores[0]
    scores.start[:] = -5
    scores.start[row["It"]] = 5
    scores.unit[:, 1 + CLASSES.index("unattributed")] = 4
    scores.unit[: row["It"], 1 + CLASSES.index("attributed")] = 9
    scores.unit[row["It"] :, -1] = 3
    scores.role[row["said"], ROLES.index("cue")] = 2
    scores.query[:, [0, POINTER]] = 1
    scores.key[row["Smith"], [0, POINTER]] = 7
    scores.named[:] = 1
    first, second = decode(article, found, Calibration())
    assert isinstance(first, Claim)
    assert isinstance(second, Claim)
    assert (first.text, first.label) == ("Snow will fall, said Smith.", "attributed")
    assert first.source is not None
    assert (first.source.text, first.source.kind) == ("Smith", "named")
    assert first.cue is not None
    assert first.cue.text == "said"
    assert (second.text, second.label, second.flags) == ("It is March.", "unattributed", ("vague",))
    assert role_spans(found, Calibration())["cue"] == [(first.cue.start, first.cue.end)]


def test_a_claim_is_what_its_source_votes_for() -> None:
    article = Article("Snow will fall, said Smith. Rain will follow.")
    for word, label in (("Smith", "analyst_opinion"), ("Rain", "attributed")):
        found = scored(article, scale=0)
        (scores,) = found.scores
        row = 1 + found.tokens.starts.tolist().index(article.text.index(word))
        scores.unit[:, 1 + CLASSES.index("attributed")] = 4
        scores.query[:, [0, POINTER]] = 1
        scores.key[row, [0, POINTER]] = 20
        scores.vote[1 + found.tokens.starts.tolist().index(article.text.index("Smith")), CLASSES.index("analyst_opinion")] = 9
        (claim,) = decode(article, found, Calibration(start_threshold=1))
        assert isinstance(claim, Claim)
        assert claim.label == label


def test_a_higher_temperature_is_less_sure_and_changes_no_label() -> None:
    article = Article("It rained in Oslo. Trains ran late, the operator said.\nNobody was hurt.")
    cool, warm = (decode(article, scored(article, 3), Calibration(temperature=value)) for value in (1.0, 4.0))
    for a, b in zip(cool, warm, strict=True):
        if isinstance(a, Claim) and isinstance(b, Claim):
            assert a.label == b.label
            assert b.confidence < a.confidence


def test_stitching_takes_each_token_from_the_window_that_owns_it() -> None:
    article = Article("word " * 60)
    found = scored(article)
    for number, (window, score) in enumerate(zip(found.windows, found.scores, strict=True)):
        score.start[:] = number
        assert (stitch(found).start[window.own_start : window.own_end] == number).all()


def test_pooling_is_a_weighted_mean_over_units() -> None:
    values = np.array([[1.0], [3.0], [5.0]], np.float32)
    assert pool(values, np.array([1, 3, 2], np.float32), np.array([0, 2])).tolist() == [[2.5], [5.0]]


SCORE = st.floats(-9, 9, width=32)


@given(st.lists(st.tuples(SCORE, SCORE, st.booleans()), min_size=1, max_size=12), st.integers(1, 12))
def test_the_best_span_is_the_best_of_all_spans_in_one_unit(tokens: list[tuple[float, float, bool]], longest: int) -> None:
    begin, finish = (np.array([token[column] for token in tokens], np.float32) for column in (0, 1))
    members = np.cumsum([token[2] for token in tokens])
    span = best_span(begin, finish, members, longest)
    pairs = [(a, b) for a in range(len(tokens)) for b in range(a, min(a + longest, len(tokens))) if members[a] == members[b]]
    assert span is not None
    assert span in pairs
    assert begin[span[0]] + finish[span[1]] == max(begin[a] + finish[b] for a, b in pairs)


def test_invisible_characters_go_with_what_follows_them() -> None:
    for text in ("Taxes rose.\n\n\u200bThe council met.", "Taxes rose.\n\u200b The council met.", "Taxes rose. \u200bThe council met."):
        found = scored(Article(text), scale=0)
        found.scores[0].start[:] = np.where(np.concatenate([[0], found.tokens.starts, [0]]) == text.index("The"), 5, -5)
        first, second = decode(Article(text), found, Calibration())
        assert first.text == "Taxes rose."
        assert second.text.startswith("\u200b")
