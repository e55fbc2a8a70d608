"""Scores of a network on the dev sets, through the same windows and decoder that a check uses."""

from collections.abc import Sequence

from tokenizers import Tokenizer

from attribution.labelled import Labelled
from attribution.metrics import compare, compare_roles, scores
from attribution.model.backends import Backend, score_articles
from attribution.model.configuration import ModelSettings
from attribution.model.decode import decode, role_spans
from attribution.training.corpora import PolnearArticle


def validate(
    backend: Backend, settings: ModelSettings, tokenizer: Tokenizer, gold: Sequence[Labelled], polnear: Sequence[PolnearArticle]
) -> dict[str, float]:
    """Every score on a labelled set, and the role scores on PolNeAR articles if there are any."""
    units = []
    for item, scored in zip(gold, score_articles(backend, settings, tokenizer, [item.article for item in gold]), strict=True):
        units.append(compare(item.article, item.units, decode(item.article, scored, settings.calibration)))
    roles = []
    for other, scored in zip(polnear, score_articles(backend, settings, tokenizer, [item.article for item in polnear]), strict=True):
        roles.append(compare_roles(other.article.text, other.roles(), role_spans(scored, settings.calibration)))
    return scores(units) | (scores(roles) if roles else {})
