"""eval/evaluate.py as a researcher calls it."""

import json
import subprocess
import sys
from pathlib import Path

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
