"""Scores of the model on a labelled set, with bootstrap intervals, beside baselines built on the spot.

`python eval/evaluate.py SET.jsonl [--train TRAIN.jsonl] [--polnear POLNEAR.jsonl.gz]`. Knows how scores are asked for and
shown; what they are stands in `attribution.metrics`.
"""

import json
import tomllib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import baselines
import typer
from rich.console import Console
from rich.table import Table

from attribution import Checker, ModelError
from attribution.labelled import Labelled, LabelledError, read_labelled
from attribution.metrics import ArticleScores, ConfidenceLevel, bootstrap, by_confidence, compare, compare_roles, scores
from attribution.training.corpora import read_polnear


def main(
    labelled_set: Annotated[Path, typer.Argument(help="labelled articles, JSON lines", metavar="SET.jsonl")],
    train: Annotated[Path | None, typer.Option(help="labelled set for the baselines; without it they are cross-fitted on the set")] = None,
    polnear: Annotated[Path | None, typer.Option(help="PolNeAR file, for the token roles")] = None,
    model: Annotated[Path | None, typer.Option(help="model folder; the released model when not given")] = None,
    backend: Annotated[str, typer.Option(help="auto, onnx or torch")] = "auto",
    samples: Annotated[int, typer.Option(help="bootstrap samples", min=1)] = 1000,
    by_prefix: Annotated[bool, typer.Option("--by-prefix", help="scores of each outlet too: ids up to the first hyphen")] = False,
    groups: Annotated[Path | None, typer.Option(help="TOML file of named lists of ids: scores of each group too")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Print every score of a labelled set."""
    try:
        gold = list(read_labelled(labelled_set))
        fitted_on = list(read_labelled(train)) if train else None
        if not gold:
            raise LabelledError(f"{labelled_set}: no labelled article in it")
        members = read_groups(groups, {item.article.id for item in gold}) if groups else {}
        checker = Checker(model, backend)  # type: ignore[arg-type]
    except (OSError, LabelledError, ModelError) as error:
        typer.echo(f"evaluate.py: {error}", err=True)
        raise typer.Exit(2) from error

    systems = {"model": _compared(gold, [report.units for report in checker.check_many([item.article for item in gold])])}
    for name, units in baselines.all_baselines(gold, fitted_on).items():
        systems[name] = _compared(gold, units)
    results = {name: _result(found, samples) for name, found in systems.items()}
    if polnear:
        roles = [compare_roles(item.article.text, item.roles(), checker.roles(item.article)) for item in read_polnear(polnear)]
        results["model"] |= _result(roles, samples)
    by_id: dict[str, list[ArticleScores]] = defaultdict(list)
    by_outlet: dict[str, list[ArticleScores]] = defaultdict(list)
    for item, found in zip(gold, systems["model"], strict=True):
        by_id[item.article.id].append(found)
        by_outlet[item.article.id.split("-")[0]].append(found)
    by_part = {
        "by_prefix": _each(dict(sorted(by_outlet.items()))) if by_prefix else {},
        "by_group": _each({name: [found for member in ids for found in by_id[member]] for name, ids in members.items()}),
    }

    levels = by_confidence(systems["model"])
    if as_json:
        everything = {
            "set": labelled_set.name,
            "articles": len(gold),
            "systems": results,
            "by_confidence": [asdict(level) for level in levels],
            **by_part,
        }
        typer.echo(json.dumps(everything, indent=2))
        return
    console = Console(width=120, highlight=False)
    console.print(_table(f"{labelled_set.name}: {len(gold)} articles", results))
    console.print(_levels(levels))
    for title, parts in by_part.items():
        if parts:
            console.print(_parts(title.replace("_", " "), parts))


def read_groups(path: Path, ids: Collection[str]) -> dict[str, list[str]]:
    """Named groups of the articles with these ids.

    Raises:
        LabelledError: the file holds no groups, or something else than lists of ids, or an id twice or of no article.
    """
    remedy = 'write each group as name = ["id", …]'
    try:
        groups = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LabelledError(f"{path}: no TOML file ({error}); {remedy}") from error
    if not groups:
        raise LabelledError(f"{path}: no group in it; {remedy}")
    for name, members in groups.items():
        if not isinstance(members, list) or not members or not all(isinstance(member, str) for member in members):
            raise LabelledError(f"{path}: group {name!r} is no list of ids; {remedy}")
        for member in members:
            if member not in ids:
                raise LabelledError(f"{path}: group {name!r}: the set has no article {member!r}; take it out")
            if members.count(member) > 1:
                raise LabelledError(f"{path}: group {name!r} holds {member!r} twice; take one out")
    return groups


def _each(parts: Mapping[str, Sequence[ArticleScores]]) -> dict[str, dict[str, float]]:
    return {name: {"articles": len(found), **scores(found)} for name, found in parts.items()}


def _compared(gold: Sequence[Labelled], units: Sequence[baselines.Units]) -> list[ArticleScores]:
    return [compare(item.article, item.units, found) for item, found in zip(gold, units, strict=True)]


def _result(found: Sequence[ArticleScores], samples: int) -> dict[str, dict[str, float]]:
    intervals = bootstrap(found, samples)
    return {name: {"value": value, "low": intervals[name][0], "high": intervals[name][1]} for name, value in scores(found).items()}


def _table(title: str, results: dict[str, dict[str, dict[str, float]]]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("score")
    for name in results:
        table.add_column(name, justify="right")
    for score in results["model"]:
        cells = []
        for found in results.values():
            entry = found.get(score)
            cells.append("" if entry is None else f"{entry['value']:.3f} [{entry['low']:.3f}, {entry['high']:.3f}]")
        table.add_row(score, *cells)
    return table


def _levels(levels: Sequence[ConfidenceLevel]) -> Table:
    table = Table(title="model, labels right by confidence", title_justify="left", box=None, pad_edge=False)
    for column in ("--min-confidence", "claims that reach it", "share", "right among them", "right among the uncertain"):
        table.add_column(column, justify="right")
    for entry in levels:
        shares = (entry.kept, entry.accuracy, entry.accuracy_below)
        table.add_row(f"{entry.level:g}", str(entry.claims), *("" if share is None else f"{share:.1%}" for share in shares))
    return table


def _parts(title: str, by_part: dict[str, dict[str, float]]) -> Table:
    table = Table(title=f"model, {title}", title_justify="left", box=None, pad_edge=False)
    for column in ("part", "articles", "boundary", "macro", "claim", "coverage error", "source"):
        table.add_column(column, justify="left" if column == "part" else "right")
    for name, found in by_part.items():
        names = ("boundary_f1", "macro_f1", "claim_f1", "coverage_error", "source_accuracy")
        table.add_row(name, f"{found['articles']:.0f}", *(f"{found[score]:.3f}" if score in found else "" for score in names))
    return table


if __name__ == "__main__":
    typer.run(main)
