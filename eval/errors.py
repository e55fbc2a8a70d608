"""The model's most confident mistakes on a labelled set, grouped by kind, as a page to read.

`python eval/errors.py SET.jsonl --output errors.html`. Knows which mistakes there are and how they are shown. The page holds
passages of the set: it is for whoever may read the set, and never for the project's tree.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from jinja2 import Environment

from attribution import Article, Checker, Claim, ModelError, Unit
from attribution.labelled import LabelledError, read_labelled
from attribution.metrics import same_source

CONTEXT = 240
"""Characters shown before and after a mistake."""

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Mistakes on {{ name }}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
  article { border-top: 1px solid; padding: .5rem 0 } mark { font-weight: 600 } .meta { font-size: .85rem; opacity: .8 }
  .text { white-space: pre-line; margin: .3rem 0 }
</style>
<h1>Mistakes on {{ name }}</h1>
<p>{{ articles }} articles, {{ units }} units found, {{ total }} mistakes. At most {{ top }} of each kind
are shown: the surest first, and, of boundaries and units that are no claim, which carry no confidence, the first in the set.</p>
<ul>{% for kind, found in groups %}<li><a href="#k{{ loop.index }}">{{ kind }}</a>: {{ found | length }}</li>{% endfor %}</ul>
{% for kind, found in groups %}
<h2 id="k{{ loop.index }}">{{ kind }} ({{ found | length }})</h2>
{% for mistake in found[:top] %}
<article>
  <p class="text">{{ mistake.before }}<mark>{{ mistake.text }}</mark>{{ mistake.after }}</p>
  <p class="meta">{{ mistake.id }}
  {%- if mistake.confidence is not none %} · confidence {{ "%.2f" | format(mistake.confidence) }}{% endif %}<br>
  labelled: {{ mistake.labelled }}<br>found: {{ mistake.found }}</p>
</article>
{% endfor %}{% endfor %}
</html>
"""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: its kind, the passage with what stands around it, and both readings in words.

    `confidence` is that of the claim found; None for boundaries and for units that are no claim, which have none.
    """

    kind: str
    id: str
    before: str
    text: str
    after: str
    labelled: str
    found: str
    confidence: float | None


def mistakes(article: Article, labelled: Sequence[Unit], found: Sequence[Unit]) -> Iterator[Mistake]:
    """What is wrong with the units found in an article, in reading order.

    A unit is held against the labelled unit that it overlaps most.
    """
    starts = {unit.start for unit in labelled}
    for unit in found:
        true = max(labelled, key=lambda other: min(other.end, unit.end) - max(other.start, unit.start))
        inside = [other for other in labelled if unit.start < other.start < unit.end]
        if unit.start not in starts:
            yield _mistake(article, "boundary that is none", unit, true, unit)
        for missed in inside:
            yield _mistake(article, "boundary not found", unit, missed, missed)
        if _name(unit) != _name(true):
            yield _mistake(article, f"{_name(true)} taken for {_name(unit)}", unit, true, unit)
        elif isinstance(unit, Claim) and isinstance(true, Claim) and not _same_source(unit, true):
            yield _mistake(article, "wrong source", unit, true, unit)


def _mistake(article: Article, kind: str, found: Unit, labelled: Unit, shown: Unit) -> Mistake:
    confidence = found.confidence if isinstance(found, Claim) and not kind.startswith("boundary") else None
    return Mistake(
        kind=kind,
        id=article.id,
        before=article.text[max(0, shown.start - CONTEXT) : shown.start],
        text=shown.text,
        after=article.text[shown.end : shown.end + CONTEXT],
        labelled=_words(labelled),
        found=_words(found),
        confidence=confidence,
    )


def _same_source(found: Claim, labelled: Claim) -> bool:
    """Whether both credit one span, or two of the same words, as source accuracy has it."""
    a, b = found.source, labelled.source
    return a is b is None or (a is not None and b is not None and same_source(a, b))


def _name(unit: Unit) -> str:
    return (unit.label if isinstance(unit, Claim) else unit.kind).replace("_", " ")


def _words(unit: Unit) -> str:
    source = f", source “{unit.source.text}”" if isinstance(unit, Claim) and unit.source else ""
    return f"{_name(unit)}{source}: “{unit.text}”"


def main(
    labelled_set: Annotated[Path, typer.Argument(help="labelled articles, JSON lines", metavar="SET.jsonl")],
    output: Annotated[Path, typer.Option(help="page to write")],
    model: Annotated[Path | None, typer.Option(help="model folder; the released model when not given")] = None,
    top: Annotated[int, typer.Option(help="mistakes of one kind on the page", min=1)] = 40,
) -> None:
    """Write an HTML page of the most confident mistakes on a labelled set."""
    try:
        gold = list(read_labelled(labelled_set))
        checker = Checker(model)
        output.touch()
    except (OSError, LabelledError, ModelError) as error:
        typer.echo(f"errors.py: {error}", err=True)
        raise typer.Exit(2) from error
    groups: dict[str, list[Mistake]] = defaultdict(list)
    units = 0
    for item, report in zip(gold, checker.check_many([item.article for item in gold]), strict=True):
        units += len(report.units)
        for mistake in mistakes(item.article, item.units, report.units):
            groups[mistake.kind].append(mistake)
    for found in groups.values():
        found.sort(key=lambda mistake: -(mistake.confidence or 0))
    ordered = sorted(groups.items(), key=lambda entry: -len(entry[1]))
    total = sum(len(found) for found in groups.values())
    page = Environment(autoescape=True).from_string(PAGE)
    output.write_text(
        page.render(name=labelled_set.name, articles=len(gold), units=units, total=total, top=top, groups=ordered),
        encoding="utf-8",
        errors="replace",
    )
    for kind, found in ordered:
        typer.echo(f"{len(found):5}  {kind}")


if __name__ == "__main__":
    typer.run(main)
