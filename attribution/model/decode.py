"""Scores to units that tile the text: claims with label, confidence, source, cue and flags.

Knows how rows of scores become units. Whatever the scores are, it never invents, drops or overlaps a character. Knows
neither torch nor the tokenizer.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from attribution.article import Article
from attribution.claims import LABELS, SOURCED, Claim, Flag, Kind, Label, Source, SourceKind, Span, Unit
from attribution.model.configuration import CLASSES, ROLES, Calibration
from attribution.model.windows import Bools, Ints, Tokens, Window

Floats = NDArray[np.float32]

LONGEST_SOURCE = 40
"""Tokens; one in a hundred sources of the labelled set is longer than 20."""

_HOPELESS, _REACH = -5.0, 100
"""Log odds below which no unit starts; candidates for a start that one unit may hold, so that no text takes more than linear time."""

_CUE = ROLES.index("cue")


@dataclass(frozen=True, slots=True)
class WindowScores:
    """Scores of one window of n tokens; row 0 is [CLS], rows 1 to n are the window's tokens, row n + 1 is [SEP].

    Attributes:
        start: (n + 2,); unit: (n + 2, 2 + classes); role: (n + 2, roles); named: (n + 2,); query, key: (n + 2, 2 P);
        vote: (n + 2, classes), all as in `network.ClaimScores`.
    """

    start: Floats
    unit: Floats
    role: Floats
    named: Floats
    query: Floats
    key: Floats
    vote: Floats


@dataclass(frozen=True, slots=True)
class Scored:
    """An article's tokens, the windows that cover them in order, and the scores of each window."""

    tokens: Tokens
    windows: tuple[Window, ...]
    scores: list[WindowScores]


@dataclass(frozen=True, slots=True)
class TokenScores:
    """Scores of an article's N tokens, each from the window that owns it: (N,), (N, 2 + classes), (N, roles), (N,)."""

    start: Floats
    unit: Floats
    role: Floats
    named: Floats


@dataclass(frozen=True, slots=True)
class UnitScores:
    """Scores of an article's U units.

    Attributes:
        firsts, lasts: (U,) tokens `[first, last)` of each unit.
        owners: (U,) index of the window in which each unit points to its source.
        classes: (U, classes) logits; vague: (U,) logit.
        pointers: of each unit, (2, n + 2) logits of its source's first and last token over the rows of its window.
    """

    firsts: Ints
    lasts: Ints
    owners: Ints
    classes: Floats
    vague: Floats
    pointers: list[Floats]


def stitch(scored: Scored) -> TokenScores:
    """One row a token, from the windows that own them; there is at least one window."""
    windows, scores = scored.windows, scored.scores
    rows = [slice(1 + window.own_start - window.start, 1 + window.own_end - window.start) for window in windows]
    return TokenScores(
        start=np.concatenate([score.start[row] for score, row in zip(scores, rows, strict=True)]),
        unit=np.concatenate([score.unit[row] for score, row in zip(scores, rows, strict=True)]),
        role=np.concatenate([score.role[row] for score, row in zip(scores, rows, strict=True)]),
        named=np.concatenate([score.named[row] for score, row in zip(scores, rows, strict=True)]),
    )


def decode(article: Article, scored: Scored, calibration: Calibration) -> tuple[Unit, ...]:
    """The units of an article, in reading order, tiling its text."""
    tokens = scored.tokens
    if not article.text.strip():
        return ()
    if not len(tokens):
        first, last = _trim(article.text, 0, len(article.text))
        return (Unit(first, last, article.text[first:last], "non_assertive"),)
    rows = stitch(scored)
    found = unit_scores(scored, rows, calibration)
    firsts, lasts = found.firsts, found.lasts
    probabilities = _softmax(found.classes / calibration.temperature)

    edges = [0, *(_edge(article.text, tokens, first) for first in firsts[1:].tolist()), len(article.text)]
    members = np.repeat(np.arange(len(firsts)), lasts - firsts)
    units: list[Unit] = []
    for index, (first, last) in enumerate(zip(firsts.tolist(), lasts.tolist(), strict=True)):
        start, end = _trim(article.text, edges[index], edges[index + 1])
        text = article.text[start:end]
        best = int(probabilities[index].argmax())
        if CLASSES[best] not in LABELS:
            units.append(Unit(start, end, text, cast(Kind, CLASSES[best])))
            continue
        label = cast(Label, CLASSES[best])
        source = cue = None
        flags: tuple[Flag, ...] = ()
        if label in SOURCED:
            window = scored.windows[found.owners[index]]
            source = _source(article, tokens, window, found.pointers[index], rows.named, members, calibration)
            cue = _cue(article, tokens, rows.role[:, _CUE], first, last, calibration)
        elif found.vague[index] > calibration.vague_threshold:
            flags = ("vague",)
        line, column = article.position(start)
        confidence = round(float(probabilities[index, best]), 4)  # as it is shown, so that a bar means what it says
        units.append(Claim(start, end, text, "claim", line, column, label, confidence, source, cue, flags))
    return tuple(units)


def unit_scores(scored: Scored, rows: TokenScores, calibration: Calibration) -> UnitScores:
    """The scores of the units that start where the model says, each with the vote of what it points to."""
    tokens, windows = scored.tokens, scored.windows
    firsts = unit_starts(tokens, rows, calibration)
    lasts = np.append(firsts[1:], len(tokens))
    weights = pooling_weights(tokens, rows.unit)
    pooled = pool(rows.unit[:, 1:], weights, firsts)
    classes, vague = pooled[:, : len(CLASSES)], pooled[:, len(CLASSES)]
    owners = np.searchsorted([window.own_end for window in windows], (firsts + lasts) // 2, side="right")
    pointers: list[Floats] = []
    for number in np.unique(owners).tolist():
        window, score, held = windows[number], scored.scores[number], np.flatnonzero(owners == number)
        low, high = max(int(firsts[held[0]]), window.start), min(int(lasts[held[-1]]), window.end)
        inside = score.query[1 + low - window.start : 1 + high - window.start]
        queries = pool(inside, weights[low:high], np.maximum(firsts[held], low) - low)
        logits = np.einsum("uep,nep->uen", queries.reshape(len(held), 2, -1), score.key.reshape(len(score.key), 2, -1))
        classes[held] += _softmax(logits).mean(axis=1) @ score.vote
        pointers.extend(logits)
    return UnitScores(firsts, lasts, owners, classes, vague, pointers)


def _edge(text: str, tokens: Tokens, first: int) -> int:
    """Where the unit of a first token begins: invisible characters, which have no token, go with what follows them."""
    if tokens.must_start[first]:
        return int(tokens.starts[first - 1])  # the break, which lies where the paragraph begins
    start = int(tokens.starts[first])
    gap = text[int(tokens.ends[first - 1]) : start]
    return start - len(gap.split()[-1]) if gap.strip() and not gap[-1].isspace() else start


def unit_starts(tokens: Tokens, rows: TokenScores, calibration: Calibration) -> Ints:
    """Indices of the tokens that start a unit, (units,): each paragraph's first, and those that make the whole likeliest.

    Of all ways to cut the text, the one with the highest sum of the starts' log odds and, times `class_weight`, of the log
    probability of each unit's likeliest class, found by a dynamic programme over spans (Sarawagi and Cohen 2004, Semi-Markov
    Conditional Random Fields for Information Extraction), in time linear in the tokens.
    """
    must = tokens.must_start.copy()
    must[0] = True
    odds = rows.start.astype(np.float64) - calibration.start_threshold
    candidates = np.flatnonzero(must | (tokens.may_start & (odds > _HOPELESS)))
    if not calibration.class_weight:
        return candidates[must[candidates] | (odds[candidates] > 0)]
    gains = np.where(must[candidates], 0, odds[candidates])
    edges = np.append(candidates, len(tokens))
    weights = pooling_weights(tokens, rows.unit).astype(np.float64)
    mass = np.append(0, weights.cumsum())[edges]
    classes = rows.unit[:, 1 : 1 + len(CLASSES)] * weights[:, None] / calibration.temperature
    sums = np.concatenate([np.zeros((1, len(CLASSES))), classes.cumsum(axis=0)])[edges]
    # A unit reaches back to the last start that must be at the farthest.
    earliest = np.maximum.accumulate(np.where(must[candidates], np.arange(len(candidates)), 0))
    best, back = np.zeros(len(edges)), np.zeros(len(edges), np.int64)
    for end in range(1, len(edges)):
        starts = np.arange(max(int(earliest[end - 1]), end - _REACH), end)
        logits = (sums[end] - sums[starts]) / (mass[end] - mass[starts])[:, None]
        certainty = -np.log(np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1))
        totals = best[starts] + gains[starts] + calibration.class_weight * certainty
        chosen = int(totals.argmax())
        best[end], back[end] = totals[chosen], starts[chosen]
    found, end = [], len(edges) - 1
    while end > 0:
        end = int(back[end])
        found.append(int(candidates[end]))
    return np.array(found[::-1])


def pooling_weights(tokens: Tokens, unit: Floats) -> Floats:
    """How much each token weighs in its unit, (N,); breaks weigh next to nothing."""
    breaks: Bools = tokens.ends <= tokens.starts
    return np.where(breaks, np.float32(1e-6), np.exp(unit[:, 0])).astype(np.float32)


def pool(values: Floats, weights: Floats, firsts: Ints) -> Floats:
    """Weighted means over units: (N, K) and (N,) to (units, K)."""
    total = np.add.reduceat(weights, firsts)
    return cast(Floats, np.add.reduceat(values * weights[:, None], firsts, axis=0) / total[:, None])


def _source(
    article: Article,
    tokens: Tokens,
    window: Window,
    pointer: Floats,
    named: Floats,
    members: Ints,
    calibration: Calibration,
) -> Source | None:
    """The span that a claim's pointer, (2, n + 2), picks in the window that owns the claim, or None where the window is empty."""
    begin, finish = pointer[:, 1:-1]
    solid = tokens.ends[window.start : window.end] > tokens.starts[window.start : window.end]
    begin = np.where(solid & tokens.may_start[window.start : window.end], begin, -np.inf)
    finish = np.where(solid, finish, -np.inf)
    span = best_span(begin, finish, members[window.start : window.end], LONGEST_SOURCE)
    if span is None:
        return None
    low, high = window.start + span[0], window.start + span[1]
    kind: SourceKind = "named" if named[low : high + 1].mean() > calibration.named_threshold else "unnamed"
    start, end = _whole_word(tokens, low, high)
    return Source(start, end, article.text[start:end], kind)


def role_spans(scored: Scored, calibration: Calibration) -> dict[str, list[tuple[int, int]]]:
    """The character spans `[start, end)` of the tokens that have each role; there is at least one window."""
    tokens, logits = scored.tokens, stitch(scored).role
    spans = {}
    for number, role in enumerate(ROLES):
        held = logits[:, number] > calibration.role_thresholds[number]
        edges = np.flatnonzero(np.diff(np.concatenate([[False], held, [False]]))).reshape(-1, 2)
        spans[role] = [(int(tokens.starts[low]), int(tokens.ends[high - 1])) for low, high in edges]
    return spans


def best_span(begin: Floats, finish: Floats, members: Ints, longest: int) -> tuple[int, int] | None:
    """The (first, last) with the highest begin[first] + finish[last]; None if no sum is finite.

    Args:
        begin, finish: (L,) scores of the first and last token of a span.
        members: (L,) index of each token's unit; a span lies in one unit.
        longest: tokens that a span may hold.
    """
    best, span = -np.inf, None
    for width in range(min(longest, len(begin))):
        sums = begin[: len(begin) - width] + finish[width:]
        sums = np.where(members[: len(begin) - width] == members[width:], sums, -np.inf)
        first = int(sums.argmax())
        if sums[first] > best:
            best, span = sums[first], (first, first + width)
    return span


def _whole_word(tokens: Tokens, low: int, high: int) -> tuple[int, int]:
    """The characters of tokens `low` to `high`, the last word completed."""
    while (
        high + 1 < len(tokens) and not tokens.may_start[high + 1] and tokens.ends[high + 1] > tokens.starts[high + 1] == tokens.ends[high]
    ):
        high += 1
    return int(tokens.starts[low]), int(tokens.ends[high])


def _cue(article: Article, tokens: Tokens, logits: Floats, first: int, last: int, calibration: Calibration) -> Span | None:
    """The run of cue tokens in the claim with the most score above the threshold."""
    above = logits[first:last] - calibration.role_thresholds[_CUE]
    above[tokens.ends[first:last] <= tokens.starts[first:last]] = -1
    held = np.concatenate([[False], above > 0, [False]])
    edges = np.flatnonzero(held[1:] != held[:-1]).reshape(-1, 2)
    if not len(edges):
        return None
    low, high = max(edges.tolist(), key=lambda edge: float(above[edge[0] : edge[1]].sum()))
    start, end = _whole_word(tokens, first + low, first + high - 1)
    return Span(start, end, article.text[start:end])


def _softmax(logits: Floats) -> Floats:
    """Probabilities of the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return cast(Floats, powers / powers.sum(axis=-1, keepdims=True))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """`[start, end)` less the white space at both ends."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())
