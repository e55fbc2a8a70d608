"""How well two readings of the same articles agree: the scores of the second held against the first, with bootstrap intervals.

`python eval/agreement.py FIRST.jsonl SECOND.jsonl`. Knows how the pair is made; what the scores are stands in `attribution.metrics`.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from attribution.labelled import Labelled, LabelledError, read_labelled
from attribution.metrics import bootstrap, compare, scores


def pairs(first: Path, second: Path) -> list[tuple[Labelled, Labelled]]:
    """Both readings of every article, in the order of the first.

    Raises:
        LabelledError: the files hold other articles, or other texts of them.
        OSError: a file cannot be read.
    """
    others = {item.article.id: item for item in read_labelled(second)}
    found = []
    for item in read_labelled(first):
        other = others.pop(item.article.id, None)
        if other is None or other.article.text != item.article.text:
            raise LabelledError(f"{second}: has no reading of the very text of {item.article.id} in {first}")
        found.append((item, other))
    if not found:
        raise LabelledError(f"{first}: no labelled article in it")
    if others:
        raise LabelledError(f"{first}: has no reading of {min(others)}, which {second} has")
    return found


def main(
    first: Annotated[Path, typer.Argument(help="labelled articles, JSON lines", metavar="FIRST.jsonl")],
    second: Annotated[Path, typer.Argument(help="the same articles, labelled by somebody else", metavar="SECOND.jsonl")],
    samples: Annotated[int, typer.Option(help="bootstrap samples", min=1)] = 1000,
) -> None:
    """Print how well two readings agree."""
    try:
        read = pairs(first, second)
    except (OSError, LabelledError) as error:
        typer.echo(f"agreement.py: {error}", err=True)
        raise typer.Exit(2) from error
    compared = [compare(item.article, item.units, other.units) for item, other in read]
    intervals = bootstrap(compared, samples)
    table = Table(title=f"{len(read)} articles, two readings", title_justify="left", box=None, pad_edge=False)
    table.add_column("score")
    table.add_column("agreement", justify="right")
    for name, value in scores(compared).items():
        if name != "calibration_error":  # people give no confidence
            table.add_row(name, f"{value:.3f} [{intervals[name][0]:.3f}, {intervals[name][1]:.3f}]")
    Console(width=120, highlight=False).print(table)


if __name__ == "__main__":
    typer.run(main)
