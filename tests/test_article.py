"""Paragraphs and positions."""

from hypothesis import given
from hypothesis import strategies as st

from attribution import Article

WRAPPED = """The council will meet again on Thursday to vote on the plan for the
old tram depot, which has stood empty since the line was closed and
which three developers have now offered to buy from the city.

A decision is expected before the summer.
"""


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in Article(text).paragraphs]


def test_each_line_is_a_paragraph() -> None:
    assert parts("Title\nFirst one.\r\n\r\n  Second one. \n") == ["Title", "First one.", "Second one."]


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    first, second = parts(WRAPPED)
    assert first.startswith("The council")
    assert first.endswith("the city.")
    assert second == "A decision is expected before the summer."


def test_one_long_line_does_not_undo_the_wraps() -> None:
    headline = "Council to vote on the future of the tram depot that has stood empty for twenty-five years, officials confirm"
    assert len(parts(f"{headline}\n\n{WRAPPED}\nhttps://example.org/{'a' * 120}\n")) == 4


def test_sentences_of_like_length_are_no_wraps() -> None:
    assert len(parts("Bridge number one was repaired in spring.\n" * 6)) == 6


def test_short_lines_that_could_have_held_the_next_word_are_paragraphs() -> None:
    assert (
        len(parts("Minister resigns over leaked letters from abroad\nBy A Reporter\nRIGA\nThe minister resigned.\nShe left at noon.\n"))
        == 5
    )


@given(st.text())
def test_paragraphs_hold_every_character_but_white_space(text: str) -> None:
    article = Article(text)
    held = sorted((start, end) for start, end in article.paragraphs)
    assert held == list(article.paragraphs)
    outside = text
    for start, end in reversed(held):
        outside = outside[:start] + outside[end:]
    assert not outside.strip()


@given(st.text(alphabet="ab \n\r", max_size=40), st.data())
def test_position_counts_lines_and_columns_from_one(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    if text[offset - 1 : offset + 1] == "\r\n":
        return
    line, column = Article(text).position(offset)
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    assert line == before.count("\n") + 1
    assert column == len(before) - (before.rfind("\n") + 1) + 1
