"""The terminal view: the figure first, then each claim; plain without colour."""

from attribution import Article, Checker
from attribution.reports import Options, writer
from tests.conftest import STORY


def view(checker: Checker, *texts: str, **options: bool) -> str:
    articles = [Article(text, id=f"story{number}.txt") for number, text in enumerate(texts)]
    return "".join(writer("text")(checker.check_many(articles), Options(**options)))


def test_the_headline_figure_comes_first_and_each_claim_has_its_line(checker: Checker) -> None:
    lines = view(checker, STORY).splitlines()
    assert lines[1].startswith("Attribution coverage ")
    assert any(line.startswith("   2  + attributed") and "The Orlik dam" in line for line in lines)
    assert any(line.startswith("   3  - unattributed") for line in lines)
    assert "the river authority (" in "\n".join(lines)


def test_no_line_is_wider_than_the_terminal_and_none_is_coloured(checker: Checker) -> None:
    shown = view(checker, STORY)
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_labels_have_colours_where_wanted(checker: Checker) -> None:
    assert "\x1b[32m" in view(checker, STORY, color=True)


def test_repeated_text_is_one_row(checker: Checker) -> None:
    body = "\n".join(STORY.splitlines()[2:])
    shown = view(checker, STORY + body + "\n")
    assert shown.count("= repeated") == 1
    assert "not counted" in shown


def test_quiet_is_one_line_an_article_and_a_total(checker: Checker) -> None:
    first, second, total = view(checker, STORY, "Why?", quiet=True).splitlines()
    assert first.startswith("story0.txt: coverage ")
    assert second == "story1.txt: coverage none, no claim found"
    assert total.startswith("2 articles, ")


def test_escapes_in_a_story_do_not_reach_the_terminal(checker: Checker) -> None:
    assert "\x1b" not in view(checker, "The mayor \x1b[31mresigned\x1b[0m, her office said.")
