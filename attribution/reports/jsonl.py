"""JSON lines: the article objects of the JSON report, one a line."""

from collections.abc import Iterable, Iterator

from attribution.claims import Report
from attribution.reports import Options
from attribution.reports.json import to_json


def write(reports: Iterable[Report], options: Options) -> Iterator[str]:  # noqa: ARG001 - every writer takes options
    """One line an article, as the reports come."""
    for report in reports:
        yield to_json(report) + "\n"
