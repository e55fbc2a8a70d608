"""eval/agreement.py: two readings of our own set."""

from pathlib import Path

import pytest
import typer
from agreement import main, pairs

from attribution.labelled import read_labelled

SETS = Path(__file__).parents[2] / "eval" / "sets"
FIRST, SECOND = SETS / "newsroom-first.jsonl", SETS / "newsroom-second.jsonl"


def test_every_article_of_our_set_was_read_twice() -> None:
    settled = {item.article.id: item.article.text for item in read_labelled(SETS / "newsroom.jsonl")}
    assert {first.article.id: first.article.text for first, _ in pairs(FIRST, SECOND)} == settled
    assert len(settled) >= 60


def test_a_reading_agrees_with_itself_and_less_with_another(capsys: pytest.CaptureFixture[str]) -> None:
    for other, agreement in ((FIRST, "1.000"), (SECOND, "0.9")):
        main(FIRST, other, samples=5)
        assert f"claim_f1 {agreement}" in " ".join(capsys.readouterr().out.split())


def test_readings_of_other_articles_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = tmp_path / "short.jsonl"
    short.write_text(FIRST.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", encoding="utf-8")
    for paths in ((FIRST, short), (short, FIRST), (FIRST, tmp_path / "none.jsonl"), (empty, empty)):
        with pytest.raises(typer.Exit):
            main(*paths, samples=5)
        assert len(capsys.readouterr().err.splitlines()) == 1
