"""The shared vocabulary: what a unit, a claim, a source and a report are.

Knows the names and the shape of results and nothing of how they come about. Every offset is a code point offset into the
article's text; `[start, end)` is half open.
"""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["claim", "heading", "furniture", "non_assertive"]
Label = Literal["attributed", "analyst_opinion", "unattributed"]
SourceKind = Literal["named", "unnamed"]
Flag = Literal["vague", "uncertain"]

KINDS: Final[tuple[Kind, ...]] = ("claim", "heading", "furniture", "non_assertive")
LABELS: Final[tuple[Label, ...]] = ("attributed", "analyst_opinion", "unattributed")
SOURCED: Final[frozenset[Label]] = frozenset({"attributed", "analyst_opinion"})
SOURCE_KINDS: Final[tuple[SourceKind, ...]] = ("named", "unnamed")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the article's text: `article.text[start:end] == text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Source(Span):
    """The span that names or describes who says so; it may lie outside the claim's own unit."""

    kind: SourceKind


@dataclass(frozen=True, slots=True)
class Unit(Span):
    """One of the spans that tile an article: only white space lies between two units."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Claim(Unit):
    """A unit that asserts one thing.

    Attributes:
        line, column: where the claim starts in the article's text, both counted from 1.
        label: whether and to whom the article credits the claim.
        confidence: calibrated probability of the label, 0 to 1.
        source, cue: who is credited and the words that credit; None where there is none.
        flags: remarks: `vague` (a passive with no source), `uncertain` (confidence below what the user asked for).
        duplicate_of: index, in the report's units, of the first copy of repeated text; None for a first copy.
    """

    line: int
    column: int
    label: Label
    confidence: float
    source: Source | None = None
    cue: Span | None = None
    flags: tuple[Flag, ...] = ()
    duplicate_of: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Claims of an article by label, repeated text counted once; `duplicates` counts the later copies.

    `uncertain` counts the claims, of whichever label, whose confidence is below what the user asked for.
    """

    claims: int
    attributed: int
    analyst_opinion: int
    unattributed: int
    duplicates: int
    uncertain: int = 0


@dataclass(frozen=True, slots=True)
class SourceCount:
    """A source of an article and how many claims it is credited with."""

    text: str
    kind: SourceKind
    claims: int


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model made a report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that a check found in one article.

    `coverage` and `word_coverage` are None when there is no claim; claims of less than `min_confidence` are flagged `uncertain`.
    """

    id: str
    path: str | None
    title: str | None
    text: str
    model: ModelInfo
    coverage: float | None
    word_coverage: float | None
    counts: Counts
    sources: tuple[SourceCount, ...]
    units: tuple[Unit, ...]
    warnings: tuple[str, ...] = ()
    min_confidence: float = 0.0

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The units that are claims, in reading order."""
        return tuple(unit for unit in self.units if isinstance(unit, Claim))
