"""Behaviour cases: small articles made from templates of ours, each with what a careful editor would find in it.

After CheckList (Ribeiro et al. 2020, Beyond Accuracy: Behavioral Testing of NLP Models with CheckList, ACL): a capability is
tested by cases that need it, or by changes that must not move a label. Knows the templates' notation; knows nothing of the model.
"""

import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any, Literal

from attribution import Article, Claim, Report, Unit
from attribution.coverage import WORD

FOLDER = Path(__file__).parent
CASES = 24
"""Cases of one capability, drawn from its templates and the lexicon."""

_TARGET = re.compile(r"\[\[(.+?)\]\]", re.DOTALL)

Change = Literal["slots", "variant", "order"]

_LITTLE = frozenset(["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "who", "with"])


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing that the checker must be able to do.

    Attributes:
        name, what: its name, and what is expected in one line.
        texts: templates; `{slot}` is filled from the lexicon, `[[…]]` marks each stretch that is looked at.
        label: label that the targets must carry, or the kind of unit they must be when they are no claim.
        sources: templates of what each target's source must share a word with: one for all texts, or one for each; empty: not looked at.
        vague: whether each target must carry the flag; None: not looked at.
        exact: whether each target must be one unit, no more and no less.
        change: for an invariance, what is changed: the fillers of the slots, the text for `variants`, or the order of paragraphs.
        variants: templates that take the place of `texts`, one for one.
        opening: whether a paragraph of narrative stands before the text, as one always stands after it.
        floor: pass rate below which the test suite fails; None for what the released model does not do well enough yet.
    """

    name: str
    what: str
    texts: tuple[str, ...]
    label: str | None = None
    sources: tuple[str, ...] = ()
    vague: bool | None = None
    exact: bool = False
    change: Change | None = None
    variants: tuple[str, ...] = ()
    opening: bool = True
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One article of a capability.

    Attributes:
        article: the text; changed: the text after the change, for an invariance.
        targets: character spans `[start, end)` that are looked at.
        source: the text that each target's source must share a word with.
    """

    article: Article
    changed: Article | None
    targets: tuple[tuple[int, int], ...]
    source: str | None


class _Filler(str):
    """A filler of a slot; `{person.last}` is the last word of a person's name."""

    __slots__ = ()

    @property
    def last(self) -> str:
        return self.split()[-1]


class _Capitals(Formatter):
    """`{body!c}` begins with a capital."""

    def convert_field(self, value: object, conversion: str | None) -> object:
        return str(value)[:1].upper() + str(value)[1:] if conversion == "c" else super().convert_field(value, conversion)


_FORMATTER = _Capitals()


def read_capabilities(path: Path = FOLDER / "capabilities.toml") -> tuple[Capability, ...]:
    """The capabilities of a file."""
    tables: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["capability"]
    read = []
    for table in tables:
        fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
        read.append(Capability(**fields))
    return tuple(read)


def read_lexicon(path: Path = FOLDER / "lexicon.toml") -> dict[str, list[str]]:
    """The fillers of every slot, and the `opening` and `closing` paragraphs that stand around a text."""
    found: dict[str, list[str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return found


def cases(capability: Capability, lexicon: dict[str, list[str]], number: int = CASES, seed: int = 0) -> Iterator[Case]:
    """Cases of a capability; the same seed gives the same cases."""
    generator = random.Random(f"{capability.name} {seed}")
    for index in range(number):
        template = index % len(capability.texts)
        fillers, others = (_fillers([*capability.texts, *capability.variants, *capability.sources], lexicon, generator) for _ in range(2))
        opening = generator.choice(lexicon["opening"])
        frame = (opening if capability.opening else "", generator.choice(lexicon["closing"]))
        text, targets = _made(capability.texts[template], fillers, frame)
        changed = None
        if capability.change == "slots":
            changed, _ = _made(capability.texts[template], others, frame)
        elif capability.change == "variant":
            changed, _ = _made(capability.variants[template], fillers, frame)
        elif capability.change == "order":
            paragraphs = text.split("\n\n")
            changed = "\n\n".join([paragraphs[0], *reversed(paragraphs[1:])])  # the opening stays where it is
        source = None
        if capability.sources:
            source = _FORMATTER.vformat(capability.sources[template % len(capability.sources)], (), fillers)
        article = Article(text, id=f"{capability.name} {index}")
        yield Case(article, None if changed is None else Article(changed, id=f"{article.id} changed"), targets, source)


def failure(capability: Capability, case: Case, report: Report, changed: Report | None) -> str | None:
    """What is wrong with the report on a case, in one line; None when nothing is."""
    if changed is not None:
        one_for_one = capability.change == "variant" and len(report.text) == len(changed.text)
        before, after = (_unmoved(found, capability.change, one_for_one=one_for_one) for found in (report, changed))
        return None if before == after else f"{before} became {after}"
    for start, end in case.targets:
        held = [unit for unit in report.units if unit.start < end and start < unit.end]
        if capability.exact and [(unit.start, unit.end) for unit in held] != [(start, end)]:
            return f"cut into {' | '.join(unit.text for unit in held)}"
        inside = [unit for unit in held if 2 * (min(unit.end, end) - max(unit.start, start)) > unit.end - unit.start]
        if not inside:
            return f"no unit of its own in {' | '.join(unit.text for unit in held)}"
        for unit in inside:
            reason = _unit_failure(capability, case, unit)
            if reason:
                return f"{unit.text!r}: {reason}"
    return None


def _unit_failure(capability: Capability, case: Case, unit: Unit) -> str | None:
    found = unit.label if isinstance(unit, Claim) else unit.kind
    if capability.label is not None and found != capability.label:
        return f"{found}, not {capability.label}"
    if not isinstance(unit, Claim):
        return None
    if case.source is not None:
        given = unit.source.text if unit.source else ""
        wanted, found_words = (set(WORD.findall(text.casefold())) - _LITTLE for text in (case.source, given))
        if not wanted & found_words:
            return f"source {given!r}, not {case.source!r}"
    if capability.vague is not None and ("vague" in unit.flags) != capability.vague:
        return "not vague" if capability.vague else "vague"
    return None


def _unmoved(report: Report, change: Change | None, *, one_for_one: bool) -> list[tuple[object, ...]]:
    """What a change must leave alone: labels; each unit's place where characters are swapped one for one; its text where it moves."""
    names = [unit.label if isinstance(unit, Claim) else unit.kind for unit in report.units]
    if change == "order":
        return sorted((unit.text, name) for unit, name in zip(report.units, names, strict=True))
    return [(name, unit.start) if one_for_one else (name,) for unit, name in zip(report.units, names, strict=True)]


def _fillers(templates: Sequence[str], lexicon: dict[str, list[str]], generator: random.Random) -> dict[str, _Filler]:
    """A filler for every slot of the templates; `{person2}` is another `{person}`."""
    slots = sorted({name.split(".")[0] for template in templates for _, name, _, _ in _FORMATTER.parse(template) if name})
    found: dict[str, _Filler] = {}
    for slot in slots:
        taken = set(found.values())
        found[slot] = _Filler(generator.choice([value for value in lexicon[slot.rstrip("0123456789")] if value not in taken]))
    return found


def _made(template: str, fillers: dict[str, _Filler], frame: tuple[str, str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of a filled template between its opening and closing paragraph, and its targets."""
    filled = "\n\n".join([*filter(None, frame[:1]), _FORMATTER.vformat(template.strip(), (), fillers), frame[1]])
    text, targets, last = "", [], 0
    for match in _TARGET.finditer(filled):
        text += filled[last : match.start()]
        targets.append((len(text), len(text) + len(match[1])))
        text += match[1]
        last = match.end()
    return text + filled[last:], tuple(targets)
