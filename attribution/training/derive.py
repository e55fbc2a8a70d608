"""Units from PolNeAR: claim boundaries from parses, labels from attribution relations, analysts from coreference chains.

PolNeAR marks who says what and has neither claim boundaries nor analysts; this derives both by the rules of the labelling
guideline, so that articles nobody tiled can teach the unit heads with a small weight. What it derives is training data,
never a result. `python -m attribution.training.derive POLNEAR GOLD` prints how well it agrees with labelled units.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer
from nltk.tree import Tree

from attribution.article import Article
from attribution.claims import Claim, Flag, Kind, Label, Source, Unit
from attribution.labelled import read_labelled
from attribution.metrics import compare, scores
from attribution.training.corpora import Offsets, PolnearArticle, Relation, Sentence, read_polnear

ANALYST = re.compile(
    r"\b(analysts?|experts?|economists?|strategists? at|pollsters?|professors?|historians?|scholars?|political scientists?|"
    r"commentators?|observers?|pundits?|academics?|sociologists?|fellow at|think tanks?|researchers?)\b",
    re.IGNORECASE,
)
_CLAUSES = {"S", "SINV", "SBAR"}
_FINITE = {"VBD", "VBZ", "VBP", "MD"}
_JOINTS = {"CC", ":"}
_PROPER = re.compile(r"\b[A-Z][\w.'’-]*")
_PRONOUN = re.compile(r"^(he|she|they|it|i|we|his|her|their)$", re.IGNORECASE)


def derive(item: PolnearArticle) -> tuple[Unit, ...]:
    """Units that tile a PolNeAR article."""
    article = item.article
    sentences = {sentence.start: sentence for sentence in item.sentences}
    paragraphs = article.paragraphs
    units: list[Unit] = []
    for number, (start, end) in enumerate(paragraphs):
        starts = sorted({start, *(sentence for sentence in sentences if start < sentence < end)})
        for low, high in zip(starts, [*starts[1:], end], strict=True):
            sentence = sentences.get(low)
            splits = [low, *(_splits(item, sentence) if sentence else ()), high]
            for first, last in pairwise(splits):
                text = article.text[first:last].rstrip()
                kind = _kind(text, number, high - low == end - start)
                span = (first, first + len(text))
                units.append(_claim(item, span) if kind == "claim" else Unit(*span, text, kind))
    return tuple(units)


def _kind(text: str, paragraph: int, alone: bool) -> Kind:
    bare = text.rstrip("\"'”’)] ")
    if paragraph == 0 and alone:
        return "heading"
    if bare.endswith("?"):
        return "non_assertive"
    if alone and not bare.endswith((".", "!", ":", ",", ";")) and len(text.split()) <= 9:
        return "furniture"
    return "claim"


def _splits(item: PolnearArticle, sentence: Sentence) -> list[int]:
    """Offsets inside a sentence at which another claim begins."""
    tree = Tree.fromstring(sentence.parse)
    if len(tree.leaves()) != len(sentence.starts):
        return []
    contents = [span for relation in item.relations for span in relation.content]
    found: list[int] = []

    def walk(node: Tree, first: int) -> None:
        places, place = [], first
        for child in node:
            places.append(place)
            place += len(child.leaves()) if isinstance(child, Tree) else 1
        children = [(child, where) for child, where in zip(node, places, strict=True) if isinstance(child, Tree)]
        if node.label() in _CLAUSES | {"ROOT"}:
            found.extend(_coordinated(children, sentence))
            found.extend(_changed(children, sentence, contents))
        for child, where in children:
            if child.label() in {"S", "SINV", "VP", "SBAR", "ROOT"} and (
                node.label() in {"ROOT"} or child.label() in {"S", "SINV"} & _joined(children) or _said(child, where, sentence, contents)
            ):
                walk(child, where)

    walk(tree, 0)
    return sorted({split for split in found if sentence.start < split < sentence.end})


def _joined(children: Sequence[tuple[Tree, int]]) -> set[str]:
    """Labels of the clauses among coordinated children."""
    labels = {child.label() for child, _ in children}
    return labels if labels & _JOINTS else set()


def _said(child: Tree, where: int, sentence: Sentence, contents: Sequence[Offsets]) -> bool:
    """Whether a content lies in the node or holds it: the places where coordination splits a claim."""
    start, end = sentence.starts[where], _end(sentence, where + len(child.leaves()))
    return any(low < end and start < high for low, high in contents)


def _coordinated(children: Sequence[tuple[Tree, int]], sentence: Sentence) -> Iterator[int]:
    """Where a clause with its own subject and finite verb follows another and a conjunction, semicolon or dash."""
    before, joint = False, None
    for child, where in children:
        label = child.label()
        if label == "CC":
            joint = where
        elif label == ":" and joint is None:
            joint = where + 1
        elif label in _CLAUSES and _independent(child):
            if before and joint is not None:
                yield sentence.starts[joint]
            before, joint = True, None
        elif label not in {",", "``", "''", "ADVP", "RB"}:
            joint = None


def _changed(children: Sequence[tuple[Tree, int]], sentence: Sentence, contents: Sequence[Offsets]) -> Iterator[int]:
    """Where an opening subordinate clause that nobody said gives way to a main clause that somebody did."""
    for (child, where), (_, after) in pairwise(children):
        if child.label() == "SBAR" and where == 0 and _independent(child):
            start, end = sentence.starts[0], _end(sentence, after)
            rest = _share((end, sentence.end), contents)
            if _share((start, end), contents) < 0.2 and rest > 0.6 and len(sentence.starts) > after + 1:
                yield sentence.starts[after + 1]


def _independent(clause: Tree) -> bool:
    """Whether a clause has a subject and a finite verb of its own."""
    if clause.label() == "SBAR":
        return any(isinstance(child, Tree) and child.label() in _CLAUSES and _independent(child) for child in clause)
    labels = [child.label() for child in clause if isinstance(child, Tree)]
    if "S" in labels and "VP" not in labels:
        return any(isinstance(child, Tree) and child.label() == "S" and _independent(child) for child in clause)
    verbs = [child for child in clause if isinstance(child, Tree) and child.label() == "VP"]
    return "NP" in labels and any(_finite(verb) for verb in verbs)


def _finite(phrase: Tree) -> bool:
    return any(isinstance(child, Tree) and (child.label() in _FINITE or (child.label() == "VP" and _finite(child))) for child in phrase)


def _end(sentence: Sentence, leaf: int) -> int:
    return sentence.starts[leaf] if leaf < len(sentence.starts) else sentence.end


def _share(span: Offsets, spans: Iterable[Offsets]) -> float:
    """The share of a span's characters that lie in any of the others."""
    held: set[int] = set()
    for start, end in spans:
        held.update(range(max(start, span[0]), min(end, span[1])))
    return len(held) / max(1, span[1] - span[0])


def _claim(item: PolnearArticle, span: Offsets) -> Claim:
    """The claim of a span, labelled by the relation with most content in it."""
    article = item.article
    text, (line, column) = article.text[span[0] : span[1]], article.position(span[0])
    label: Label = "unattributed"
    source: Source | None = None
    flags: tuple[Flag, ...] = ()
    relation = max(item.relations, key=lambda relation: _share(span, relation.content), default=None)
    if relation is not None and _covers(span, relation):
        if relation.source:
            source = _source(article, item.chains, relation.source)
            label = "analyst_opinion" if _analyst(item, relation.source[0]) else "attributed"
        else:
            flags = ("vague",)
    return Claim(*span, text, "claim", line, column, label, 1.0, source, None, flags)


def _covers(span: Offsets, relation: Relation) -> bool:
    """Whether a relation accounts for most of a claim, its source and cue counted in."""
    return _share(span, relation.content) > 0.15 and _share(span, [*relation.source, *relation.cue, *relation.content]) > 0.5


def _chain(chains: Iterable[tuple[Offsets, ...]], span: Offsets) -> tuple[Offsets, ...]:
    """The coreference chain with a mention that is most of a span, or the span alone."""
    for chain in chains:
        for start, end in chain:
            if start < span[1] and span[0] < end and _share(span, [(start, end)]) > 0.5:
                return chain
    return (span,)


def _analyst(item: PolnearArticle, span: Offsets) -> bool:
    text = item.article.text
    return any(ANALYST.search(text[start : min(end, start + 150)]) for start, end in [span, *_chain(item.chains, span)])


def _source(article: Article, chains: Iterable[tuple[Offsets, ...]], spans: Sequence[Offsets]) -> Source:
    start, end = spans[0]
    text = article.text[start:end]
    mentions = [article.text[low:high] for low, high in _chain(chains, spans[0])]
    inside = any(match.start() > 0 or len(text.split()) == 1 for match in _PROPER.finditer(text)) or _PRONOUN.match(text)
    named = inside or any(_PROPER.search(mention) and not _PRONOUN.match(mention) for mention in mentions[1:])
    return Source(start, end, text, "named" if named else "unnamed")


def main(
    polnear: Annotated[list[Path], typer.Argument(help="PolNeAR files")],
    gold: Annotated[list[Path], typer.Option(help="labelled sets that hold some of the same articles")],
) -> None:
    """How well derived units agree with labelled ones, on the articles that both sets hold."""
    labelled = {item.article.id: item for path in gold for item in read_labelled(path)}
    pairs = [(item, labelled[item.article.id]) for path in polnear for item in read_polnear(path) if item.article.id in labelled]
    found = scores([compare(same.article, same.units, derive(item)) for item, same in pairs if item.article.text == same.article.text])
    typer.echo(f"{len(pairs)} articles in both sets")
    for name, value in found.items():
        if name != "calibration_error":
            typer.echo(f"{name:22}{value:.3f}")


if __name__ == "__main__":
    typer.run(main)
