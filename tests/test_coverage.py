"""Coverage, counts, sources and repeated text."""

from dataclasses import replace

import pytest

from attribution import Article, Claim, Source, Unit
from attribution.claims import Label, SourceKind
from attribution.coverage import mark_duplicates, mark_uncertain, measure


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


def credited(*sources: str) -> list[tuple[str, int]]:
    """The list of sources of an article whose claims are credited as given; who is written in lower case is unnamed."""
    text = " said so. ".join(sources) + " said so."
    units, at = [], 0
    for source in sources:
        start = text.index(source, at)
        at = start + len(source) + len(" said so.")
        kind: SourceKind = "named" if source != source.lower() or source in {"he", "she"} else "unnamed"
        credit = Source(start, start + len(source), source, kind)
        units.append(Claim(start, at, text[start:at], "claim", 1, start + 1, "attributed", 0.9, credit))
    return [(found.text, found.claims) for found in measure(units).sources]


def test_the_most_credited_source_comes_first() -> None:
    assert credited("Ana", "a clerk", "A clerk") == [("a clerk", 2), ("Ana", 1)]


def test_a_shorter_name_is_the_longer_one_that_ends_in_it() -> None:
    assert credited("the rights group Viasna", "Viasna") == [("Viasna", 2)]
    assert credited("Henrik Aas, who runs the port", "Mr Aas", "Aas") == [("Henrik Aas", 3)]
    assert credited("the Ministry of Health", "the ministry") == [("Ministry of Health", 1), ("the ministry", 1)]


def test_a_surname_that_two_people_share_is_neither_of_them() -> None:
    assert credited("Ann Smith", "Bob Smith", "Smith") == [("Ann Smith", 1), ("Bob Smith", 1), ("Smith", 1)]


def test_pronouns_stay_as_they_stand() -> None:
    assert credited("Ann Smith", "She", "she") == [("She", 2), ("Ann Smith", 1)]


def test_whoever_speaks_for_somebody_is_somebody_else() -> None:
    assert credited("Clinton", "a spokesman for Clinton") == [("Clinton", 1), ("a spokesman for Clinton", 1)]


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


def test_other_figures_are_no_repeats() -> None:
    text = "Bread rose by $5.\nBread rose by €5.\nBREAD  rose by $5."
    units = [claim(text, line, "unattributed") for line in text.splitlines()]
    assert [unit.duplicate_of for unit in mark_duplicates(Article(text), units) if isinstance(unit, Claim)] == [None, None, 0]


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


def test_claims_below_the_wanted_confidence_are_uncertain_and_still_counted() -> None:
    text = "It rained. Smith said it would snow."
    units = [claim(text, "It rained.", "unattributed"), replace(claim(text, "Smith said it would snow.", "attributed"), confidence=0.55)]
    marked = mark_uncertain(units, 0.6)
    assert [unit.flags for unit in marked if isinstance(unit, Claim)] == [(), ("uncertain",)]
    figures = measure(marked)
    assert (figures.coverage, figures.counts.uncertain) == (0.5, 1)
    assert mark_uncertain(units, 0) == tuple(units)
