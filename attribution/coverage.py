"""How much of an article is attributed: coverage, counts, sources; repeated text counted once, doubtful claims marked.

Knows claims and figures. Knows nothing of how claims were found.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from attribution.article import Article
from attribution.claims import SOURCED, Claim, Counts, Source, SourceCount, SourceKind, Unit

WORD = re.compile(r"\w+")

_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_NAME_AT_END = re.compile(r"\b[A-Z][\w.'’-]*(?:\s+(?:(?:of|the|for|and|de|van|von|bin|al)\s+)*[A-Z][\w.'’-]*)*$")
_PREPOSITION = re.compile(r"\b(?:about|at|by|for|from|in|near|of|on|to|with)\s+(?:the\s+)?$", re.IGNORECASE)
_PRONOUNS = frozenset({"he", "i", "it", "one", "she", "they", "we", "who", "you"})
_TITLES = frozenset({"Mr", "Mrs", "Ms", "Miss", "Dr"})


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one article; both coverages are None when it has no claim."""

    coverage: float | None
    word_coverage: float | None
    counts: Counts
    sources: tuple[SourceCount, ...]


def mark_duplicates(article: Article, units: Sequence[Unit]) -> tuple[Unit, ...]:
    """The same units, with `duplicate_of` set on the claims of a paragraph that occurred before.

    Paragraphs are the same when they differ in nothing but spacing and case. A claim of a later copy points to the claim
    that starts at the same word of the first copy or, where the copies were split differently, to the one that holds that word.
    """
    first_seen: dict[str, list[tuple[int, int]]] = {}
    copies: dict[int, int] = {}
    starts = [unit.start for unit in units]
    for start, end in article.paragraphs:
        held = range(bisect_left(starts, start), bisect_left(starts, end))
        claims = [index for index in held if isinstance(units[index], Claim)]
        if not claims:
            continue
        word_starts = [match.start() for match in WORD.finditer(article.text, start, end)]
        places = [(bisect_left(word_starts, units[index].start), index) for index in claims]
        earlier = first_seen.setdefault(" ".join(article.text[start:end].casefold().split()), places)
        if earlier is not places:
            for place, index in places:
                copies[index] = earlier[max(0, bisect_right(earlier, (place, len(units))) - 1)][1]
    return tuple(
        replace(unit, duplicate_of=copies[index]) if index in copies and isinstance(unit, Claim) else unit
        for index, unit in enumerate(units)
    )


def mark_uncertain(units: Sequence[Unit], min_confidence: float) -> tuple[Unit, ...]:
    """The same units, with the flag `uncertain` on the claims whose confidence is below `min_confidence`, 0 to 1."""
    return tuple(
        replace(unit, flags=(*unit.flags, "uncertain")) if isinstance(unit, Claim) and unit.confidence < min_confidence else unit
        for unit in units
    )


def measure(units: Sequence[Unit]) -> Figures:
    """Coverage, counts and sources of an article whose duplicates and uncertain claims are marked."""
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
        uncertain=sum("uncertain" in claim.flags for claim in counted),
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
    """The sources credited, most claims first, then in reading order.

    Mentions are one source when they differ only in case or article, and a shorter name is the longer one that ends in it
    (*Viasna*, *the rights group Viasna*; *Aas*, *Henrik Aas*), unless two longer ones do. Pronouns are left as they stand.
    """
    mentions = [claim.source for claim in claims if claim.source is not None]
    keys = [_name(mention) or tuple(_bare(mention.text).casefold().split()) for mention in mentions]
    names = {_name(mention) for mention in mentions} - {()}
    found: dict[tuple[str, ...], tuple[str, SourceKind, int]] = {}
    for mention, key in zip(mentions, keys, strict=True):
        longer = [name for name in names if key == name[-len(key) :]]
        longest = max(longer, key=len, default=key)
        whole = longest if all(name == longest[-len(name) :] for name in longer) else key
        text, kind, number = found.get(whole, (" ".join(whole) if whole in names else mention.text, mention.kind, 0))
        found[whole] = (text, "named" if "named" in (kind, mention.kind) else kind, number + 1)
    ordered = sorted(found.values(), key=lambda entry: -entry[2])
    return tuple(SourceCount(text, kind, number) for text, kind, number in ordered)


def _name(mention: Source) -> tuple[str, ...]:
    """The capitalised words that end a mention (before a comma), less *Mr* and the like; nothing for pronouns and descriptions.

    *A spokesman for Clinton* is not Clinton: what follows a preposition names somebody else.
    """
    head = _bare(mention.text.split(",")[0]).rstrip()
    match = _NAME_AT_END.search(head)
    if mention.kind != "named" or match is None or head.casefold() in _PRONOUNS or _PREPOSITION.search(head[: match.start()]):
        return ()
    return tuple(word for word in match.group().split() if word.rstrip(".") not in _TITLES)


def _bare(text: str) -> str:
    return _ARTICLE.sub("", text)
