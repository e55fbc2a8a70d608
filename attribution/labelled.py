"""Labelled articles from JSON lines: `{"id", "text", "units": [...]}`, as reports write them and as annotators do.

Knows the format and checks that the units tile the text. Knows nothing of scores or training.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from attribution.article import Article
from attribution.claims import KINDS, LABELS, SOURCE_KINDS, Claim, Source, Span, Unit


class LabelledError(ValueError):
    """A labelled set that cannot be used: file, line and reason."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article and its units as an annotator marked them."""

    article: Article
    units: tuple[Unit, ...]


def read_labelled(path: Path) -> Iterator[Labelled]:
    """The articles of a labelled set, in file order.

    Raises:
        LabelledError: a line is no labelled article, or its units do not tile its text.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                yield labelled(json.loads(line))  # bytes, so that a line that is not UTF-8 is an error of that line
            except (ValueError, KeyError, TypeError) as error:
                reason = f"it lacks {error}" if isinstance(error, KeyError) else error
                raise LabelledError(f"{path}:{number}: not a labelled article: {reason}") from error


def labelled(record: Mapping[str, Any]) -> Labelled:
    """One record as a labelled article.

    A source is either `{"start", "end", "kind"}` or `[start, end]` with `source_kind` beside it; `vague` may be a flag or a key.

    Raises:
        KeyError, ValueError, TypeError: something is missing or wrong.
    """
    article = Article(record["text"], id=str(record["id"]))
    units = tuple(_unit(article, values) for values in record["units"])
    inner = [article.text[a.end : b.start] for a, b in pairwise(units)]
    outer = [article.text[: units[0].start], article.text[units[-1].end :]] if units else [article.text]
    if any(a.end > b.start for a, b in pairwise(units)) or any(gap.strip() for gap in inner + outer):
        raise ValueError("its units do not tile its text")
    return Labelled(article, units)


def _unit(article: Article, values: Mapping[str, Any]) -> Unit:
    start, end, kind = values["start"], values["end"], values["kind"]
    text = _text(article, start, end)
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is none of {', '.join(KINDS)}")
    if kind != "claim":
        return Unit(start, end, text, kind)
    label = values["label"]
    if label not in LABELS:
        raise ValueError(f"label {label!r} is none of {', '.join(LABELS)}")
    source, cue = values.get("source"), values.get("cue")
    if source is not None:
        source_start, source_end = (source["start"], source["end"]) if isinstance(source, dict) else source
        source_kind = source["kind"] if isinstance(source, dict) else values["source_kind"]
        if source_kind not in SOURCE_KINDS:
            raise ValueError(f"source kind {source_kind!r} is none of {', '.join(SOURCE_KINDS)}")
        source = Source(source_start, source_end, _text(article, source_start, source_end), source_kind)
    if cue is not None:
        cue_start, cue_end = (cue["start"], cue["end"]) if isinstance(cue, dict) else cue
        cue = Span(cue_start, cue_end, _text(article, cue_start, cue_end))
    vague = bool(values.get("vague")) or "vague" in values.get("flags", ())
    line, column = article.position(start)
    return Claim(start, end, text, kind, line, column, label, values.get("confidence", 1.0), source, cue, ("vague",) if vague else ())


def _text(article: Article, start: int, end: int) -> str:
    if not 0 <= start < end <= len(article.text):
        raise ValueError(f"span [{start}, {end}) lies outside its text")
    return article.text[start:end]
