"""The corpora as examples of one model: labelled articles, labels without their texts, and PolNeAR's attribution relations.

Knows the files' formats and which article stands in which set. PolNeAR: Newell, Margolin and Ruths (2018), An Attribution
Relations Corpus for Political News, LREC.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from attribution.article import Article
from attribution.claims import Unit
from attribution.labelled import Labelled, LabelledError, labelled, read_labelled
from attribution.model.configuration import ROLES

Offsets = tuple[int, int]
POLNEAR_PREFIX = "polnear-"

READINGS: Final = Path(__file__).with_name("readings.jsonl")
"""Our labels of articles that are not ours: offsets and labels by article id, no text (see `read_readings`)."""

_TAGS: Final = {"A": "attributed", "O": "analyst_opinion", "U": "unattributed", "H": "heading", "F": "furniture", "N": "non_assertive"}


@dataclass(frozen=True, slots=True)
class Relation:
    """One attribution: the spans of its source, cue and content, each in reading order; no source for *it is believed*."""

    source: tuple[Offsets, ...]
    cue: tuple[Offsets, ...]
    content: tuple[Offsets, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A parsed sentence: its span, its bracketed parse, and where each leaf of the parse starts in the text."""

    start: int
    end: int
    parse: str
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PolnearArticle:
    """An article with its attribution relations, by its first annotator, its parses and its coreference chains."""

    article: Article
    relations: tuple[Relation, ...]
    sentences: tuple[Sentence, ...]
    chains: tuple[tuple[Offsets, ...], ...]

    def roles(self) -> dict[str, list[Offsets]]:
        """The spans of each role, over all relations."""
        return {role: [span for relation in self.relations for span in getattr(relation, role)] for role in ROLES}


@dataclass(frozen=True, slots=True)
class Example:
    """What one article teaches.

    Attributes:
        article: the text.
        units: its units, or None where it has none.
        roles: spans of each role, or None where it has none.
        trust: weight of what the units teach: 1 for labelled ones, less for derived ones.
    """

    article: Article
    units: tuple[Unit, ...] | None
    roles: Mapping[str, Sequence[Offsets]] | None
    trust: float = 1.0


def read_polnear(path: Path) -> Iterator[PolnearArticle]:
    """The articles of a PolNeAR file (gzipped JSON lines)."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            yield PolnearArticle(
                Article(record["text"], id=POLNEAR_PREFIX + record["id"]),
                tuple(_relation(values) for values in record["annotations"][0]),
                tuple(Sentence(start, end, parse, tuple(starts)) for start, end, parse, starts in record["sentences"] or ()),
                tuple(_spans(chain) for chain in record["coreference"] or ()),
            )


def read_texts(path: Path) -> Iterator[tuple[str, str]]:
    """Id and text of every article of a file of unlabelled ones (gzipped JSON lines)."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            yield record["id"], record["text"]


def read_readings(path: Path, texts: Mapping[str, str]) -> Iterator[Labelled]:
    """Labelled articles from stand-off annotation: those of its articles whose very text is at hand.

    One article a line: `{"id", "sha256", "units": [[start, end, tag], …]}`, the first 16 digits of the sum of its UTF-8 text, and on
    units with a source its `start, end, kind` behind the tag; tag `V` is a vague unattributed claim.

    Raises:
        LabelledError: a line is none, or its units do not tile the text.
    """
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            record = json.loads(line)
            text = texts.get(record["id"])
            if text is not None and sha256(text.encode()).hexdigest()[:16] == record["sha256"]:
                yield labelled({"id": record["id"], "text": text, "units": [_read_unit(*values) for values in record["units"]]})
        except (ValueError, KeyError, TypeError) as error:
            raise LabelledError(f"{path}:{number}: no reading of an article: {error}") from error


def _read_unit(start: int, end: int, tag: str, *source: Any) -> dict[str, Any]:
    if len(source) != (3 if tag in "AO" else 0):
        raise ValueError(f"a unit tagged {tag} has {len(source)} values for its source")
    if tag in "HFN":
        return {"start": start, "end": end, "kind": _TAGS[tag]}
    unit = {"start": start, "end": end, "kind": "claim", "label": _TAGS["U" if tag == "V" else tag], "vague": tag == "V"}
    return unit | ({"source": list(source[:2]), "source_kind": source[2]} if source else {})


def training_examples(
    gold: Iterable[Labelled],
    polnear: Iterable[PolnearArticle],
    held_out: Sequence[Path],
    derived: Mapping[str, tuple[Unit, ...]],
    trust: float,
) -> list[Example]:
    """One example an article: labelled units, PolNeAR's roles, or both where both sets hold the article.

    Args:
        gold: labelled articles; polnear: PolNeAR's.
        held_out: labelled sets whose articles are kept out, in whichever corpus they occur.
        derived: units of PolNeAR articles, by id, used where there are no labelled ones.
        trust: weight of derived units.

    Raises:
        LabelledError: two labelled articles have one id.
    """
    kept_out = {item.article.id for path in held_out for item in read_labelled(path)}
    by_id: dict[str, Labelled] = {}
    for item in gold:
        if item.article.id in by_id:
            raise LabelledError(f"{item.article.id}: labelled twice; leave one of them out")
        by_id[item.article.id] = item
    by_id = {name: item for name, item in by_id.items() if name not in kept_out}
    examples = []
    relations = {item.article.id: item for item in polnear}
    for name, item in by_id.items():
        same = relations.get(name)
        roles = same.roles() if same is not None and same.article.text == item.article.text else None
        examples.append(Example(item.article, item.units, roles))
    for name, other in relations.items():
        if name not in by_id and name not in kept_out:
            examples.append(Example(other.article, derived.get(name), other.roles(), trust))
    return examples


def _relation(values: Mapping[str, Any]) -> Relation:
    return Relation(*(_spans(values.get(role) or ()) for role in ROLES))


def _spans(values: Sequence[Sequence[int]]) -> tuple[Offsets, ...]:
    return tuple(sorted((start, end) for start, end in values))
