"""What the model must beat: the majority label, a cue-word rule, and TF-IDF with logistic regression, all on sentences.

Built on the spot from labelled articles; none of them has a boundary finer than a sentence.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from attribution.article import Article
from attribution.claims import LABELS, Claim, Kind, Source, Unit
from attribution.labelled import Labelled

Units = Sequence[Unit]
Sentence = tuple[int, int]

FOLDS = 5
_BREAK = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])")
_CUE = re.compile(
    r"\b(said|says|say|told|according to|announced|added|warned|denied|believes?|claimed|claims|argued|insisted|reported|"
    r"suggests?|suggested|estimated?|confirmed|explained|noted|wrote|tweeted|stated)\b",
    re.IGNORECASE,
)
_ANALYST = re.compile(r"\b(analysts?|experts?|economists?|observers?|strategists?|professor|historian|pollster)\b", re.IGNORECASE)
_NAME = re.compile(r"(?:[A-Z][\w.’'-]+ ?)+|\b(?:he|she|they|it|I)\b")


def all_baselines(gold: Sequence[Labelled], train: Sequence[Labelled] | None) -> dict[str, list[Units]]:
    """The units that each baseline finds in each article.

    Args:
        gold: the articles to label.
        train: labelled articles to fit on; None fits on the other folds of `gold`.
    """
    return {"majority": majority(gold, train), "cue words": [cue_words(item.article) for item in gold], "TF-IDF": tf_idf(gold, train)}


def majority(gold: Sequence[Labelled], train: Sequence[Labelled] | None) -> list[Units]:
    """Every sentence is a claim with the commonest label."""
    labels = Counter(unit.label for item in train or gold for unit in item.units if isinstance(unit, Claim))
    (label, _), *_ = labels.most_common(1) or [("unattributed", 0)]
    return [[_unit(item.article, span, label) for span in sentences(item.article)] for item in gold]


def cue_words(article: Article) -> Units:
    """A sentence with a cue word is attributed to the name nearest to it, or an analyst's opinion when an analyst is named in it."""
    units = []
    for span in sentences(article):
        text = article.text[span[0] : span[1]]
        cue = _CUE.search(text)
        if not text.endswith((".", "!", "?", '"', "”")):
            units.append(_unit(article, span, "heading"))
        elif cue is None:
            units.append(_unit(article, span, "unattributed"))
        else:
            names = list(_NAME.finditer(text))
            nearest = min(names, key=lambda name: min(abs(name.end() - cue.start()), abs(name.start() - cue.end())), default=None)
            where = None if nearest is None else (span[0] + nearest.start(), span[0] + len(text[: nearest.end()].rstrip()))
            units.append(_unit(article, span, "analyst_opinion" if _ANALYST.search(text) else "attributed", source=where))
    return units


def tf_idf(gold: Sequence[Labelled], train: Sequence[Labelled] | None) -> list[Units]:
    """Logistic regression on the words and word pairs of a sentence and on the first words of the one before it."""
    found: list[Units] = [()] * len(gold)
    folds = (
        [(train, range(len(gold)))]
        if train
        else [([item for index, item in enumerate(gold) if index % FOLDS != fold], range(fold, len(gold), FOLDS)) for fold in range(FOLDS)]
    )
    for fitted_on, indices in folds:
        texts, classes = [], []
        for item in fitted_on or ():
            for span, text in zip(sentences(item.article), _features(item.article), strict=True):
                texts.append(text)
                classes.append(_class_of(item, span))
        model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True, max_features=40_000),
            LogisticRegression(C=8, tol=1e-3, max_iter=200, class_weight="balanced"),
        )
        model.fit(texts, classes)
        for index in indices:
            article = gold[index].article
            spans = list(sentences(article))
            chances = model.predict_proba(list(_features(article))) if spans else []
            names = model.classes_.tolist()
            found[index] = [
                _unit(article, span, names[int(row.argmax())], confidence=float(row.max()))
                for span, row in zip(spans, chances, strict=True)
            ]
    return found


def sentences(article: Article) -> Iterator[Sentence]:
    """The sentences of each paragraph, by punctuation and capitals."""
    for start, end in article.paragraphs:
        text, low = article.text[start:end], 0
        for match in _BREAK.finditer(text):
            yield start + low, start + len(text[: match.end()].rstrip())
            low = match.end()
        yield start + low, end


def _features(article: Article) -> Iterator[str]:
    before = ""
    for start, end in sentences(article):
        text = article.text[start:end]
        yield f"{text} " + " ".join(f"before_{word}" for word in before.split()[:4])
        before = text


def _class_of(item: Labelled, span: Sentence) -> str:
    """Label or kind of the unit that holds most of a sentence."""
    held = max(item.units, key=lambda unit: min(unit.end, span[1]) - max(unit.start, span[0]))
    return held.label if isinstance(held, Claim) else held.kind


def _unit(article: Article, span: Sentence, name: str, confidence: float = 1.0, source: Sentence | None = None) -> Unit:
    text = article.text[span[0] : span[1]]
    if name not in LABELS:
        return Unit(*span, text, cast(Kind, name))
    credited = None if source is None else Source(*source, article.text[source[0] : source[1]], "named")
    return Claim(*span, text, "claim", *article.position(span[0]), name, confidence, credited)
