"""Finds the claims of a news article, who is credited with each, and how much of the article is attributed.

>>> from attribution import check
>>> report = check("Prices rose 3 percent in May, the statistics office said.")
>>> report.coverage, report.claims[0].label, report.claims[0].source.text
(1.0, 'attributed', 'the statistics office')
"""

from functools import cache
from importlib.metadata import version

from attribution.article import Article
from attribution.checker import Checker
from attribution.claims import Claim, Counts, ModelInfo, Report, Source, SourceCount, Span, Unit
from attribution.model.configuration import ModelError

__all__ = ["Article", "Checker", "Claim", "Counts", "ModelError", "ModelInfo", "Report", "Source", "SourceCount", "Span", "Unit", "check"]
__version__ = version("check-attribution")


def check(text: str) -> Report:
    """The report on a text, from the released model, which is loaded at the first call and kept."""
    return _released().check(Article(text))


@cache
def _released() -> Checker:
    return Checker()
