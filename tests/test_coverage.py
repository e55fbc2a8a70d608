"""Coverage, counts, sources and repeated text."""

import pytest

from attribution import Article, Claim, Source, Unit
from attribution.claims import Label
from attribution.coverage import mark_duplicates, measure


def claim(text: str, part: str, label: Label, source: str | None = None, start: int = 0) -> Claim:
    at = text.index(part, start)
    credited = None if source is None else Source(text.index(source), text.index(source) + len(source), source, "named")
    return Claim(at, at + len(part), part, "claim", *Article(text).position(at), label, 0.9, credited)


def test_coverage_counts_claims_and_words() -> None:
    text = "Head\nIt rained. Smith said it would snow all week."
    units = [
        Unit(0, 4, "Head", "heading"),
        claim(text, "It rained.", "unattributed"),
        claim(text, "Smith said it would snow all week.", "attributed", "Smith"),
    ]
    figures = measure(units)
    assert figures.coverage == 0.5
    assert figures.word_coverage == pytest.approx(7 / 9)
    assert (figures.counts.claims, figures.counts.attributed, figures.counts.unattributed) == (2, 1, 1)
    assert [(source.text, source.claims) for source in figures.sources] == [("Smith", 1)]


def test_analyst_opinion_is_covered() -> None:
    text = "Rates will fall, analysts say."
    assert measure([claim(text, text, "analyst_opinion", "analysts")]).coverage == 1.0


def test_no_claim_has_no_coverage() -> None:
    figures = measure([Unit(0, 4, "Head", "heading")])
    assert figures.coverage is None
    assert figures.word_coverage is None


def test_sources_that_differ_in_case_are_one_and_the_most_credited_comes_first() -> None:
    text = "Ana said one. The group said two. the group said three."
    units = [
        claim(text, "Ana said one.", "attributed", "Ana"),
        claim(text, "The group said two.", "attributed", "The group"),
        claim(text, "the group said three.", "attributed", "the group"),
    ]
    assert [(source.text, source.claims) for source in measure(units).sources] == [("The group", 2), ("Ana", 1)]


def test_a_repeated_paragraph_is_counted_once() -> None:
    body = "It rained. Smith said it would snow."
    text = f"{body}\nIt stopped.\n{body}\n"
    later = text.rindex("It rained.")
    units = [
        claim(text, "It rained.", "unattributed"),
        claim(text, "Smith said it would snow.", "attributed", "Smith"),
        claim(text, "It stopped.", "unattributed"),
        claim(text, "It rained.", "unattributed", start=later),
        claim(text, "Smith said it would snow.", "attributed", "Smith", start=later),
    ]
    marked = mark_duplicates(Article(text), units)
    assert [unit.duplicate_of for unit in marked if isinstance(unit, Claim)] == [None, None, None, 0, 1]
    once, twice = measure(mark_duplicates(Article(text), units[:3])), measure(marked)
    assert twice.coverage == once.coverage == pytest.approx(1 / 3)
    assert twice.counts.duplicates == 2
    assert twice.sources == once.sources


def test_a_copy_that_was_split_otherwise_points_to_the_claim_that_holds_its_first_word() -> None:
    body = "It rained. Smith said so."
    text = f"{body}\n{body}"
    later = text.rindex("It rained.")
    units = [
        claim(text, body, "unattributed"),
        claim(text, "It rained.", "unattributed", start=later),
        claim(text, "Smith said so.", "attributed", start=later),
    ]
    assert [unit.duplicate_of for unit in mark_duplicates(Article(text), units) if isinstance(unit, Claim)] == [None, 0, 0]
