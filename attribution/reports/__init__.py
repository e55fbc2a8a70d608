"""Reports to output. Which format is written by what is chosen here, and nowhere else; a format is one file and one line below."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from attribution.claims import Report

FORMATS: Final = {"text": "attribution.reports.terminal", "json": "attribution.reports.json", "jsonl": "attribution.reports.jsonl"}
"""The module of each format; it has `write(reports, options) -> Iterator[str]` and is imported only when chosen."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a report is shown.

    Attributes:
        width: columns of the view; color: whether colours may be used.
        quiet: one line an article; verbose: confidence of every claim.
    """

    width: int = 80
    color: bool = False
    quiet: bool = False
    verbose: bool = False


Writer = Callable[[Iterable[Report], Options], Iterator[str]]


def writer(name: str) -> Writer:
    """The writer of a format: from reports to pieces of text, in order, as the reports come."""
    found: Writer = import_module(FORMATS[name]).write
    return found
