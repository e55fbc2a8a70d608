"""The whole line, from text to report, with the released model."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution import Article, Checker, Report, check
from tests.conftest import STORY


def labels(report: Report) -> dict[str, str]:
    return {claim.text: claim.label for claim in report.claims}


def test_check_is_the_short_way() -> None:
    report = check("Prices rose 3 percent in May, the statistics office said.")
    assert report.coverage == 1.0
    assert report.claims[0].label == "attributed"
    assert report.claims[0].source is not None
    assert report.claims[0].source.text == "the statistics office"
    assert report.claims[0].cue is not None
    assert report.claims[0].cue.text == "said"


def test_a_story_is_labelled_as_an_editor_would(checker: Checker) -> None:
    report = checker.check(Article(STORY))
    assert [unit.kind for unit in report.units[:2]] == ["heading", "furniture"]
    found = labels(report)
    assert found["The dam was built in 1961 and supplies two valleys."] == "unattributed"
    assert found["Farmers say they were not told."] == "attributed"
    assert found["Energy analysts expect power prices to rise."] == "analyst_opinion"
    running = next(claim for claim in report.claims if claim.text.startswith('"Nobody here'))
    assert running.label == "attributed"
    assert running.source is not None
    assert running.source.text.startswith("Petra Dimova")


def test_a_scraped_copy_changes_no_figure(checker: Checker) -> None:
    head, body = STORY.split("\n", 1)
    once, twice = checker.check(Article(f"{head}\n{body}")), checker.check(Article(f"{head}\n{body}{body}"))
    assert twice.counts.duplicates > 0
    assert {unit.kind for unit in twice.units[: len(once.units)]} == {unit.kind for unit in once.units}
    assert twice.counts.claims == once.counts.claims


def test_no_text_has_no_coverage(checker: Checker) -> None:
    for text in ("", " \n"):
        report = checker.check(Article(text))
        assert (report.coverage, report.units) == (None, ())
        assert report.warnings


def test_a_long_article_is_checked_like_a_short_one(checker: Checker) -> None:
    """Paragraphs far from a window's edge and from each other keep their labels; 20,000 words are one article."""
    filler = "\n".join(f"The council repaired bridge number {number} in spring, and it opened again in June." for number in range(1400))
    report = checker.check(Article(f"{filler}\n{STORY}{filler}"))
    assert len(report.text.split()) > 18_000
    assert labels(report)["Energy analysts expect power prices to rise."] == "analyst_opinion"
    assert report.counts.unattributed > 2500
    assert report.counts.duplicates > 2500


@settings(max_examples=25)
@given(st.lists(st.sampled_from([STORY, "Rain fell in Oslo.", "", "“Go!” she said.\n\nWhy?", "x" * 3000]), max_size=5))
def test_many_are_checked_like_each(checker: Checker, texts: list[str]) -> None:
    articles = [Article(text, id=str(number)) for number, text in enumerate(texts)]
    for article, report in zip(articles, checker.check_many(articles), strict=True):
        alone = checker.check(article)
        assert report.id == article.id
        assert [(u.start, u.end, u.kind) for u in report.units] == [(u.start, u.end, u.kind) for u in alone.units]
        assert labels(report) == labels(alone)


def test_articles_are_taken_as_they_are_needed(checker: Checker) -> None:
    taken = []

    def articles() -> Iterator[Article]:
        for number in range(200):
            taken.append(number)
            yield Article("Rain fell.", id=str(number))

    next(checker.check_many(articles()))
    assert len(taken) < 200


def test_a_confidence_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Checker(min_confidence=90)
