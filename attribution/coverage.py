"""How much of an article is attributed: coverage, counts, sources; repeated text counted once.

Knows claims and figures. Knows nothing of how claims were found.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from attribution.article import Article
from attribution.claims import SOURCED, Claim, Counts, SourceCount, SourceKind, Unit

WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one article; both coverages are None when it has no claim."""

    coverage: float | None
    word_coverage: float | None
    counts: Counts
    sources: tuple[SourceCount, ...]


def mark_duplicates(article: Article, units: Sequence[Unit]) -> tuple[Unit, ...]:
    """The same units, with `duplicate_of` set on the claims of a paragraph that occurred before.

    Paragraphs are compared by their words, so that spacing and punctuation may differ. A claim of a later copy points to the claim
    that starts at the same word of the first copy or, where the copies were split differently, to the one that holds that word.
    """
    first_seen: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    copies: dict[int, int] = {}
    paragraphs = iter(article.paragraphs)
    members: list[list[int]] = []
    bounds: list[tuple[int, int]] = []
    current: tuple[int, int] | None = None
    for index, unit in enumerate(units):
        while current is None or unit.start >= current[1]:
            current = next(paragraphs)
            bounds.append(current)
            members.append([])
        members[-1].append(index)
    for (start, end), indices in zip(bounds, members, strict=True):
        claims = [index for index in indices if isinstance(units[index], Claim)]
        words = tuple(WORD.findall(article.text[start:end].casefold()))
        if not claims or not words:
            continue
        places = [(len(WORD.findall(article.text[start : units[index].start])), index) for index in claims]
        earlier = first_seen.setdefault(words, places)
        if earlier is places:
            continue
        for place, index in places:
            copies[index] = max((spot for spot in earlier if spot[0] <= place), default=earlier[0])[1]
    return tuple(
        replace(unit, duplicate_of=copies[index]) if index in copies and isinstance(unit, Claim) else unit
        for index, unit in enumerate(units)
    )


def measure(units: Sequence[Unit]) -> Figures:
    """Coverage, counts and sources of an article whose duplicates are marked."""
    claims = [unit for unit in units if isinstance(unit, Claim)]
    counted = [claim for claim in claims if claim.duplicate_of is None]
    labels = Counter(claim.label for claim in counted)
    covered = [claim for claim in counted if claim.label in SOURCED]
    counts = Counts(
        claims=len(counted),
        attributed=labels["attributed"],
        analyst_opinion=labels["analyst_opinion"],
        unattributed=labels["unattributed"],
        duplicates=len(claims) - len(counted),
    )
    words = sum(len(WORD.findall(claim.text)) for claim in counted)
    covered_words = sum(len(WORD.findall(claim.text)) for claim in covered)
    return Figures(
        coverage=len(covered) / len(counted) if counted else None,
        word_coverage=covered_words / words if words else None,
        counts=counts,
        sources=_sources(counted),
    )


def _sources(claims: Sequence[Claim]) -> tuple[SourceCount, ...]:
    """The sources credited, most claims first, then in reading order; spellings that differ only in case are one source."""
    found: dict[str, tuple[str, SourceKind, int]] = {}
    for claim in claims:
        if claim.source is not None:
            key = " ".join(claim.source.text.casefold().split())
            text, kind, number = found.get(key, (claim.source.text, claim.source.kind, 0))
            found[key] = (text, kind, number + 1)
    ordered = sorted(found.values(), key=lambda entry: -entry[2])
    return tuple(SourceCount(text, kind, number) for text, kind, number in ordered)
