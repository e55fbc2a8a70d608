"""Pass rates of the behaviour tests: `python eval/behaviours/run.py [NAME…] [--failures] [--model DIR]`.

Knows how rates are asked for and shown; what is tested stands in `capabilities.toml`, how in `cases.py`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from cases import CASES, Capability, Case, cases, failure, read_capabilities, read_lexicon
from rich.console import Console
from rich.table import Table

from attribution import Checker, ModelError


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a capability fared: cases tried, and what went wrong with those that failed."""

    capability: Capability
    tried: int
    failures: tuple[tuple[Case, str], ...]

    @property
    def rate(self) -> float:
        """Share of the cases that passed."""
        return 1 - len(self.failures) / self.tried


def outcome(capability: Capability, checker: Checker, number: int = CASES, seed: int = 0) -> Outcome:
    """Tries a capability on a loaded model."""
    tried = list(cases(capability, read_lexicon(), number, seed))
    reports = checker.check_many([case.article for case in tried])
    changed = checker.check_many([case.changed for case in tried if case.changed is not None])
    found = []
    for case, report in zip(tried, reports, strict=True):
        reason = failure(capability, case, report, next(changed) if case.changed is not None else None)
        if reason:
            found.append((case, reason))
    return Outcome(capability, len(tried), tuple(found))


def main(
    names: Annotated[list[str] | None, typer.Argument(help="capabilities to try; all when none is named", show_default=False)] = None,
    model: Annotated[Path | None, typer.Option(help="model folder; the released model when not given")] = None,
    number: Annotated[int, typer.Option(help="cases of each capability", min=1)] = CASES,
    seed: Annotated[int, typer.Option(help="another seed draws other cases")] = 0,
    show_failures: Annotated[bool, typer.Option("--failures", help="show each case that failed, and why")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Print the pass rate of each capability."""
    known = {capability.name: capability for capability in read_capabilities()}
    missing = [name for name in names or [] if name not in known]
    if missing:
        typer.echo(f"run.py: {missing[0]}: no such capability; there are {', '.join(known)}", err=True)
        raise typer.Exit(2)
    try:
        checker = Checker(model)
    except ModelError as error:
        typer.echo(f"run.py: {error}", err=True)
        raise typer.Exit(2) from error
    found = [outcome(known[name], checker, number, seed) for name in names or known]
    if as_json:
        typer.echo(json.dumps({entry.capability.name: round(entry.rate, 4) for entry in found}, indent=2))
        return
    console = Console(width=120, highlight=False, markup=False)
    table = Table(box=None, pad_edge=False)
    for column in ("capability", "passed", "rate", "what is expected"):
        table.add_column(column, justify="right" if column in ("passed", "rate") else "left")
    for entry in found:
        passed = f"{entry.tried - len(entry.failures)}/{entry.tried}"
        table.add_row(entry.capability.name, passed, f"{entry.rate:.0%}", entry.capability.what)
    console.print(table)
    tried, failed = sum(entry.tried for entry in found), sum(len(entry.failures) for entry in found)
    console.print(f"{len(found)} capabilities, {tried} cases, {1 - failed / tried:.1%} passed")
    for entry in found if show_failures else ():
        for case, reason in entry.failures:
            console.print(f"\n{case.article.id}: {reason}\n{case.article.text}")


if __name__ == "__main__":
    typer.run(main)
