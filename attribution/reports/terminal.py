"""The view for a terminal, made with Rich: the headline figure first, then each claim with its label, source and line.

Says with words and signs whatever it says with colour, so that it reads the same in a pipe or without colour.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from attribution.claims import Claim, Counts, Label, Report, Unit
from attribution.reports import Options

WIDEST: Final = 110

_STYLES: Final[dict[Label, str]] = {"attributed": "green", "analyst_opinion": "magenta", "unattributed": "yellow"}
_SIGNS: Final[dict[Label, str]] = {"attributed": "+", "analyst_opinion": "~", "unattributed": "-"}
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def write(reports: Iterable[Report], options: Options) -> Iterator[str]:
    """The view of each article, and totals when there are several."""
    seen: list[Counts] = []
    for report in reports:
        if options.quiet:
            yield f"{_clean(report.id)}: {_headline(report.coverage, report.counts)}\n"
        else:
            yield ("\n" if seen else "") + _article(report, options)
        seen.append(report.counts)
    if len(seen) > 1:
        yield ("" if options.quiet else "\n") + _totals(seen)


def _article(report: Report, options: Options) -> str:
    console = Console(
        file=io.StringIO(),
        width=min(options.width, WIDEST),
        color_system="standard" if options.color else None,
        force_terminal=options.color,
        highlight=False,
        emoji=False,
        markup=False,
    )
    lead = Text(_clean(report.id), style="bold")
    if report.title:
        lead.append(f"  {_clean(report.title)}", style="default")
    console.print(lead, overflow="ellipsis", no_wrap=True)
    console.print(_figures(report))
    console.print(_counts(report.counts))
    for warning in report.warnings:
        console.print(Text(f"note: {_clean(warning)}", style="red"))
    if report.claims:
        console.print()
        console.print(_claims(report.units, options))
    if report.sources:
        console.print()
        names = (f"{_clean(source.text)} ({source.claims})" for source in report.sources)
        console.print(Text("Sources: ", style="bold").append(", ".join(names), style="default"))
    written: io.StringIO = console.file  # type: ignore[assignment]
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()) + "\n"


def _figures(report: Report) -> Text:
    text = Text("Attribution coverage ", style="bold")
    if report.coverage is None:
        return text.append("none: no claim found")
    filled = round(20 * report.coverage)
    text.append(_percent(report.coverage))
    text.append(f"  [{'#' * filled}{'.' * (20 - filled)}]", style="default")
    words = "" if report.word_coverage is None else f"  {_percent(report.word_coverage)} of the words in claims"
    return text.append(words, style="default")


def _counts(counts: Counts) -> Text:
    text = Text(_number(counts.claims, "claim"))
    shown: tuple[tuple[Label, int], ...] = (
        ("attributed", counts.attributed),
        ("analyst_opinion", counts.analyst_opinion),
        ("unattributed", counts.unattributed),
    )
    for index, (label, number) in enumerate(shown):
        text.append(": " if not index else ", ")
        text.append(f"{_SIGNS[label]} {number} {_words(label)}", style=_STYLES[label])
    if counts.uncertain:
        text.append(f"; {counts.uncertain} uncertain")
    if counts.duplicates:
        text.append(f"; {_number(counts.duplicates, 'repeated claim')} not counted")
    return text


def _claims(units: Sequence[Unit], options: Options) -> Table:
    """Line, label and text of each claim, its source below; a run of repeated claims takes one row."""
    table = Table(box=None, show_header=True, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column("Line", justify="right", no_wrap=True)
    table.add_column("Label", no_wrap=True, min_width=17)
    table.add_column("Claim", ratio=1, overflow="fold")
    repeated: list[Claim] = []
    for unit in [*(unit for unit in units if isinstance(unit, Claim)), None]:
        if unit is not None and unit.duplicate_of is not None:
            repeated.append(unit)
            continue
        if repeated:
            again = f"{_number(len(repeated), 'claim')} to line {repeated[-1].line} already counted above"
            table.add_row(str(repeated[0].line), Text("= repeated", style="dim"), Text(again, style="dim"))
            repeated = []
        if unit is not None:
            table.add_row(
                str(unit.line), Text(f"{_SIGNS[unit.label]} {_words(unit.label)}", style=_STYLES[unit.label]), _claim(unit, options)
            )
    return table


def _claim(claim: Claim, options: Options) -> Text:
    text = Text(_clean(claim.text))
    remarks = []
    if claim.source is not None:
        cue = f', cue "{_clean(claim.cue.text)}"' if claim.cue is not None else ""
        remarks.append(f"source: {_clean(claim.source.text)} ({claim.source.kind}){cue}")
    if "vague" in claim.flags:
        remarks.append("vague: nobody is named or described as the source")
    if options.verbose or "uncertain" in claim.flags:
        remarks.append(f"{'uncertain, ' if 'uncertain' in claim.flags else ''}confidence {_sure(claim.confidence)}")
    if remarks:
        text.append("\n> " + "; ".join(remarks), style="dim")
    return text


def _totals(seen: Sequence[Counts]) -> str:
    claims, attributed, opinions = (sum(getattr(counts, name) for counts in seen) for name in ("claims", "attributed", "analyst_opinion"))
    whole = f", coverage {_percent((attributed + opinions) / claims)} of all claims" if claims else ""
    doubtful = sum(counts.uncertain for counts in seen)
    doubt = f", {doubtful} uncertain" if doubtful else ""
    return f"{_number(len(seen), 'article')}, {_number(claims, 'claim')}{whole}{doubt}\n"


def _headline(coverage: float | None, counts: Counts) -> str:
    if coverage is None:
        return "coverage none, no claim found"
    doubt = f", {counts.uncertain} uncertain" if counts.uncertain else ""
    return f"coverage {_percent(coverage)}, {counts.attributed + counts.analyst_opinion} of {_number(counts.claims, 'claim')}{doubt}"


def _percent(share: float) -> str:
    """A share that reads as all or nothing only when it is."""
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{100 * share:.0f} %"


def _sure(confidence: float) -> str:
    """A confidence in words that never claim certainty."""
    return "over 99 %" if confidence > 0.99 else f"{int(100 * confidence)} %"


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _words(label: Label) -> str:
    return label.replace("_", " ")


def _clean(text: str) -> str:
    """Text without line breaks, terminal escapes and marks that turn its direction."""
    return _CONTROL.sub(" ", text)
