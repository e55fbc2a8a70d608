"""eval/errors.py: every mistake is on the page, the surest first."""

from pathlib import Path

from errors import main, mistakes

from attribution import Article, Claim, Source, Unit
from attribution.claims import Label

TEXT = "Dam shut\nIt rained. The mayor said it would snow and the dam would hold."


def claim(part: str, label: Label, source: str | None = None) -> Claim:
    at = TEXT.index(part)
    credited = None if source is None else Source(TEXT.index(source), TEXT.index(source) + len(source), source, "unnamed")
    return Claim(at, at + len(part), part, "claim", 2, 1, label, 0.9, credited)


LABELLED = [
    Unit(0, 8, "Dam shut", "heading"),
    claim("It rained.", "unattributed"),
    claim("The mayor said it would snow", "attributed", "The mayor"),
    claim("and the dam would hold.", "attributed", "The mayor"),
]


def kinds(found: list[Unit]) -> list[str]:
    return [mistake.kind for mistake in mistakes(Article(TEXT), LABELLED, found)]


def test_the_same_units_are_no_mistake() -> None:
    assert kinds(list(LABELLED)) == []


def test_each_kind_of_mistake_is_named() -> None:
    merged = [*LABELLED[:2], claim("The mayor said it would snow and the dam would hold.", "attributed", "The mayor")]
    assert kinds(merged) == ["boundary not found"]
    split = [
        *LABELLED[:2],
        claim("The mayor", "attributed", "The mayor"),
        claim("said it would snow", "attributed", "The mayor"),
        LABELLED[3],
    ]
    assert kinds(split) == ["boundary that is none"]
    assert kinds([LABELLED[0], claim("It rained.", "attributed", "The mayor"), *LABELLED[2:]]) == ["unattributed taken for attributed"]
    assert kinds([*LABELLED[:3], claim("and the dam would hold.", "attributed", "It")]) == ["wrong source"]
    swallowed = [LABELLED[0], claim(TEXT[9:], "unattributed")]
    assert kinds(swallowed)[:2] == ["boundary not found"] * 2
    assert kinds([Unit(0, 8, "Dam shut", "furniture"), *LABELLED[1:]]) == ["heading taken for furniture"]


def test_the_page_escapes_what_it_shows(tmp_path: Path) -> None:
    text = "<script>alert(1)</script> rose, analysts said."
    (tmp_path / "set.jsonl").write_text(
        '{"id": "a", "text": "' + text + '", "units": [{"start": 0, "end": ' + str(len(text)) + ', "kind": "heading"}]}\n', encoding="utf-8"
    )
    main(tmp_path / "set.jsonl", tmp_path / "page.html", top=5)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
