"""The JSON report, version 1: one list of article objects. Offsets are code point offsets into `text`."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from attribution.claims import Claim, Counts, ModelInfo, Report, Source, SourceCount, Span, Unit
from attribution.reports import Options

SCHEMA_VERSION: Final = 1
DECIMALS: Final = 4
_ESCAPED = re.compile("[\x85\u2028\u2029\ud800-\udfff]")
"""What would break a line for some readers, and lone surrogates, which no encoding takes."""


def write(reports: Iterable[Report], options: Options) -> Iterator[str]:  # noqa: ARG001 - every writer takes options
    """One JSON list, piece by piece."""
    lead = "["
    for report in reports:
        yield lead + "\n" + to_json(report)
        lead = ","
    yield "\n]\n" if lead == "," else "[]\n"


def to_json(report: Report) -> str:
    """One article object on one line."""
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", json.dumps(to_dict(report), ensure_ascii=False))


def to_dict(report: Report) -> dict[str, Any]:
    """One article object."""
    return {
        "schema_version": SCHEMA_VERSION,
        "id": report.id,
        "path": report.path,
        "title": report.title,
        "text": report.text,
        "model": asdict(report.model),
        "min_confidence": report.min_confidence,
        "coverage": _rounded(report.coverage),
        "word_coverage": _rounded(report.word_coverage),
        "counts": asdict(report.counts),
        "sources": [asdict(source) for source in report.sources],
        "units": [_unit(unit) for unit in report.units],
        "warnings": list(report.warnings),
    }


def from_dict(values: Mapping[str, Any]) -> Report:
    """The report that an article object says; `to_dict` of it gives the same object.

    Raises:
        KeyError, TypeError: something is missing or of another form.
        ValueError: the object is of another schema version.
    """
    if values["schema_version"] != SCHEMA_VERSION:
        raise ValueError(f"schema version {values['schema_version']} is not {SCHEMA_VERSION}")
    return Report(
        id=values["id"],
        path=values["path"],
        title=values["title"],
        text=values["text"],
        model=ModelInfo(**values["model"]),
        coverage=values["coverage"],
        word_coverage=values["word_coverage"],
        counts=Counts(**values["counts"]),
        sources=tuple(SourceCount(**source) for source in values["sources"]),
        units=tuple(_from_unit(unit) for unit in values["units"]),
        warnings=tuple(values["warnings"]),
        min_confidence=values.get("min_confidence", 0.0),  # older reports flagged nothing
    )


def _unit(unit: Unit) -> dict[str, Any]:
    found: dict[str, Any] = {"start": unit.start, "end": unit.end, "kind": unit.kind}
    if isinstance(unit, Claim):
        found |= {"label": unit.label, "confidence": _rounded(unit.confidence)}
    found["text"] = unit.text
    if isinstance(unit, Claim):
        found |= {"line": unit.line, "column": unit.column}
        found["source"] = None if unit.source is None else asdict(unit.source)
        found["cue"] = None if unit.cue is None else asdict(unit.cue)
        found |= {"flags": list(unit.flags), "duplicate_of": unit.duplicate_of}
    return found


def _from_unit(values: Mapping[str, Any]) -> Unit:
    if values["kind"] != "claim":
        return Unit(**values)
    source, cue = values["source"], values["cue"]
    spans = {"source": source and Source(**source), "cue": cue and Span(**cue), "flags": tuple(values["flags"])}
    return Claim(**{**values, **spans})


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)
