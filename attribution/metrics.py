"""Scores against a labelled set: boundaries, labels, claims, coverage, sources, calibration, token roles.

Every score is a function of counts that add up over articles, so that a bootstrap over articles is a resampling of rows.
Knows labelled and predicted units; knows nothing of the model.
"""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from attribution.article import Article
from attribution.claims import LABELS, Claim, Source, Unit
from attribution.coverage import WORD, mark_duplicates, measure

ROLE_TOKEN = re.compile(r"\w+|[^\w\s]")
CALIBRATION_BINS = 10
CONFIDENCE_LEVELS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)

Counts = dict[str, float]


@dataclass(frozen=True, slots=True)
class ArticleScores:
    """What one article adds to the scores.

    Attributes:
        counts: named counts that add up over articles.
        confidences, correct: of each predicted claim, its confidence and whether its label is that of most of its words.
    """

    counts: Counts
    confidences: tuple[float, ...] = ()
    correct: tuple[bool, ...] = field(default=())


def compare(article: Article, gold: Sequence[Unit], predicted: Sequence[Unit]) -> ArticleScores:
    """What an article adds to every score of units.

    Args:
        article: the text both tile.
        gold, predicted: its units, as labelled and as found.
    """
    counts: Counts = {}
    _count(counts, "boundary", {unit.start for unit in gold[1:]}, {unit.start for unit in predicted[1:]})
    gold_claims = [unit for unit in gold if isinstance(unit, Claim)]
    claims = [unit for unit in predicted if isinstance(unit, Claim)]
    _count(counts, "claim", {(c.start, c.end, c.label) for c in gold_claims}, {(c.start, c.end, c.label) for c in claims})

    words = np.array([match.start() for match in WORD.finditer(article.text)], dtype=np.int64)
    gold_labels, labels = _word_labels(words, gold_claims), _word_labels(words, claims)
    for number, label in enumerate(LABELS):
        counts[f"{label}.both"] = float(((gold_labels == number) & (labels == number)).sum())
        counts[f"{label}.gold"] = float((gold_labels == number).sum())
        counts[f"{label}.predicted"] = float((labels == number).sum())

    gold_coverage, coverage = (measure(mark_duplicates(article, units)).coverage or 0.0 for units in (gold, predicted))
    counts["coverage.error"] = abs(gold_coverage - coverage)
    counts["articles"] = 1.0
    _count_sources(counts, words, gold_claims, claims)

    correct = []
    for claim in claims:
        inside = gold_labels[np.searchsorted(words, claim.start) : np.searchsorted(words, claim.end)]
        correct.append(bool(len(inside) and (inside == LABELS.index(claim.label)).sum() * 2 > len(inside)))
    return ArticleScores(counts, tuple(claim.confidence for claim in claims), tuple(correct))


def compare_roles(
    text: str, gold: Mapping[str, Sequence[tuple[int, int]]], predicted: Mapping[str, Sequence[tuple[int, int]]]
) -> ArticleScores:
    r"""What an article adds to the role scores: tokens `\w+|[^\w\s]` that lie in a span of each role, `[start, end)`."""
    tokens = np.array([match.start() for match in ROLE_TOKEN.finditer(text)], dtype=np.int64)
    counts: Counts = {}
    for role in gold:
        _count(counts, f"role.{role}", _inside(tokens, gold[role]), _inside(tokens, predicted[role]))
    return ArticleScores(counts)


def scores(articles: Sequence[ArticleScores]) -> dict[str, float]:
    """Every score of a set of articles, by name."""
    return _scores(_total(articles), _calibration_error(articles))


def bootstrap(articles: Sequence[ArticleScores], samples: int = 1000, seed: int = 0) -> dict[str, tuple[float, float]]:
    """95 % intervals of every score: percentiles over resamplings of articles (Efron 1979)."""
    generator = np.random.default_rng(seed)
    names = sorted({name for article in articles for name in article.counts})
    table = np.array([[article.counts.get(name, 0.0) for name in names] for article in articles])
    drawn: dict[str, list[float]] = {}
    for _ in range(samples):
        rows = generator.integers(0, len(articles), len(articles))
        total = dict(zip(names, table[rows].sum(axis=0).tolist(), strict=True))
        error = _calibration_error([articles[row] for row in rows])
        for name, value in _scores(total, error).items():
            drawn.setdefault(name, []).append(value)
    return {name: (float(np.percentile(v, 2.5)), float(np.percentile(v, 97.5))) for name, v in drawn.items()}


@dataclass(frozen=True, slots=True)
class ConfidenceLevel:
    """What an editor gains who trusts only the claims of at least a confidence.

    Attributes:
        level: the confidence asked for.
        claims: how many reach it; kept: their share.
        accuracy, accuracy_below: share of right labels among those that do, and among those that do not; None where there is none.
    """

    level: float
    claims: int
    kept: float
    accuracy: float | None
    accuracy_below: float | None


def by_confidence(articles: Sequence[ArticleScores], levels: Sequence[float] = CONFIDENCE_LEVELS) -> list[ConfidenceLevel]:
    """How accurate labels are at and below each level of confidence."""
    confidences = np.array([value for article in articles for value in article.confidences])
    correct = np.array([value for article in articles for value in article.correct], dtype=bool)
    found = []
    for level in levels:
        reached = confidences >= level
        accuracies = (float(part.mean()) if len(part) else None for part in (correct[reached], correct[~reached]))
        found.append(ConfidenceLevel(level, int(reached.sum()), float(reached.mean()) if len(reached) else 0.0, *accuracies))
    return found


def _scores(total: Mapping[str, float], calibration_error: float | None) -> dict[str, float]:
    result: dict[str, float] = {}
    if "articles" in total:
        result["boundary_f1"] = _f1(total, "boundary")
        for label in LABELS:
            result[f"{label}_f1"] = _f1(total, label)
        # A label that neither reading uses has no F1, and a small set should not be punished for lacking it.
        used = [label for label in LABELS if total[f"{label}.gold"] + total[f"{label}.predicted"]]
        result["macro_f1"] = sum(result[f"{label}_f1"] for label in used) / max(1, len(used))
        result["claim_f1"] = _f1(total, "claim")
        result["coverage_error"] = total["coverage.error"] / total["articles"]
        if total["source.gold"]:
            result["source_accuracy"] = total["source.both"] / total["source.gold"]
        if calibration_error is not None:
            result["calibration_error"] = calibration_error
    for role in sorted({name.split(".")[1] for name in total if name.startswith("role.")}):
        result[f"role_{role}_f1"] = _f1(total, f"role.{role}")
    return result


def _total(articles: Sequence[ArticleScores]) -> Counts:
    total: Counts = {}
    for article in articles:
        for name, value in article.counts.items():
            total[name] = total.get(name, 0.0) + value
    return total


def _f1(total: Mapping[str, float], name: str) -> float:
    both, gold, predicted = total[f"{name}.both"], total[f"{name}.gold"], total[f"{name}.predicted"]
    return 2 * both / (gold + predicted) if gold + predicted else 0.0


def _count(counts: Counts, name: str, gold: AbstractSet[object], predicted: AbstractSet[object]) -> None:
    counts[f"{name}.both"] = float(len(gold & predicted))
    counts[f"{name}.gold"] = float(len(gold))
    counts[f"{name}.predicted"] = float(len(predicted))


def _count_sources(counts: Counts, words: NDArray[np.int64], gold: Sequence[Claim], predicted: Sequence[Claim]) -> None:
    """Gold claims with a source, and those most of whose words lie in claims with an overlapping or equal source."""
    sourced = [(claim, claim.source) for claim in gold if claim.source is not None]
    holders = _holders(words, predicted)
    right = 0
    for claim, source in sourced:
        inside = holders[np.searchsorted(words, claim.start) : np.searchsorted(words, claim.end)]
        agree = 0
        for holder in inside.tolist():
            found = predicted[holder].source if holder >= 0 else None
            if found is not None:
                agree += same_source(found, source)
        right += agree * 2 > len(inside)
    counts["source.gold"], counts["source.both"] = float(len(sourced)), float(right)


def same_source(found: Source, labelled: Source) -> bool:
    """Whether two spans credit the same: they overlap or have the same text."""
    return (found.start < labelled.end and labelled.start < found.end) or found.text == labelled.text


def _holders(words: NDArray[np.int64], spans: Sequence[Unit]) -> NDArray[np.int64]:
    """Index of the unit that holds each word, -1 for none. (words,)"""
    holders = np.full(len(words), -1, dtype=np.int64)
    for index, span in enumerate(spans):
        holders[np.searchsorted(words, span.start) : np.searchsorted(words, span.end)] = index
    return holders


def _word_labels(words: NDArray[np.int64], claims: Sequence[Claim]) -> NDArray[np.int64]:
    """Index of each word's label in LABELS, -1 outside claims. (words,)"""
    numbers = np.array([*(LABELS.index(claim.label) for claim in claims), -1], dtype=np.int64)
    return numbers[_holders(words, claims)]


def _inside(tokens: NDArray[np.int64], spans: Sequence[tuple[int, int]]) -> set[int]:
    held: set[int] = set()
    for start, end in spans:
        held.update(range(int(np.searchsorted(tokens, start)), int(np.searchsorted(tokens, end))))
    return held


def _calibration_error(articles: Sequence[ArticleScores]) -> float | None:
    """Expected calibration error over equal-mass bins (Naeini et al. 2015); None without a confidence."""
    confidences = np.array([value for article in articles for value in article.confidences])
    correct = np.array([value for article in articles for value in article.correct], dtype=float)
    if not len(confidences):
        return None
    order = np.argsort(confidences, kind="stable")
    bins = [part for part in np.array_split(order, CALIBRATION_BINS) if len(part)]
    return float(sum(len(part) * abs(confidences[part].mean() - correct[part].mean()) for part in bins) / len(order))
