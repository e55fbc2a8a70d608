"""eval/evaluate.py as a researcher calls it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from evaluate import read_groups

from attribution.labelled import LabelledError, read_labelled

EVAL = Path(__file__).parents[2] / "eval"


def evaluate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(EVAL / "evaluate.py"), *arguments], capture_output=True, text=True, check=False)


def test_the_model_is_far_above_every_baseline() -> None:
    done = evaluate(str(EVAL / "sets" / "newsroom.jsonl"), "--json", "--samples", "50")
    assert done.returncode == 0, done.stderr
    systems = json.loads(done.stdout)["systems"]
    model = systems.pop("model")
    assert set(systems) == {"majority", "cue words", "TF-IDF"}
    assert model["macro_f1"]["low"] <= model["macro_f1"]["value"] <= model["macro_f1"]["high"]
    for found in systems.values():
        assert model["macro_f1"]["value"] > found["macro_f1"]["value"] + 0.10
        assert model["claim_f1"]["value"] > found["claim_f1"]["value"] + 0.10


def test_a_set_that_is_none_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": "a"}\n', encoding="utf-8")
    for name in (str(path), str(tmp_path / "none.jsonl")):
        done = evaluate(name)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert "Traceback" not in done.stderr


def test_each_article_of_our_set_is_in_one_group() -> None:
    ids = [item.article.id for item in read_labelled(EVAL / "sets" / "newsroom.jsonl")]
    groups = read_groups(EVAL / "sets" / "newsroom-groups.toml", ids)
    assert sorted(name for members in groups.values() for name in members) == sorted(ids)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a = [", "no TOML file"),
        (b"\xff", "no TOML file"),
        (b"", "no group in it"),
        (b'courts = "05-court"', "'courts' is no list of ids"),
        (b'courts = [["05-court"]]', "'courts' is no list of ids"),
        (b"courts = [0]", "'courts' is no list of ids"),
        (b'courts = [""]', "the set has no article ''"),
        (b'courts = ["05-court", "05-court"]', "holds '05-court' twice"),
    ],
)
def test_groups_that_are_none_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "groups.toml"
    path.write_bytes(content)
    with pytest.raises(LabelledError, match=reason):
        read_groups(path, {"05-court"})


def test_a_missing_groups_file_is_one_line(tmp_path: Path) -> None:
    done = evaluate(str(EVAL / "sets" / "newsroom.jsonl"), "--groups", str(tmp_path / "none.toml"))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "none.toml" in done.stderr
