"""Training end to end on a network small enough for a test: it learns, resumes, is calibrated, exported and run."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import typer
from safetensors.numpy import load_file
from typer.testing import CliRunner

from attribution import Article, Checker, Claim
from attribution.labelled import read_labelled
from attribution.model.configuration import Calibration
from attribution.model.export import export
from attribution.training import calibrate, train

SET = Path(__file__).parents[2] / "eval" / "sets" / "newsroom.jsonl"


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A few of our articles to train on, others to select on, and one as PolNeAR would have it."""
    folder = tmp_path_factory.mktemp("corpora")
    lines = SET.read_text(encoding="utf-8").splitlines()
    paths = {name: folder / f"{name}.jsonl" for name in ("gold", "gold-dev")}
    paths["gold"].write_text("\n".join(lines[:3]), encoding="utf-8")
    paths["gold-dev"].write_text("\n".join(lines[3:5]), encoding="utf-8")
    item = next(read_labelled(SET))
    sourced = [unit.source for unit in item.units if isinstance(unit, Claim) and unit.source]
    relations = [{"source": [[span.start, span.end]], "cue": [], "content": [[span.end, span.end + 9]]} for span in sourced]
    record = {"id": "x", "text": item.article.text, "annotations": [relations], "sentences": None, "coreference": None}
    for name in ("polnear", "polnear-dev"):
        paths[name] = folder / f"{name}.jsonl.gz"
        paths[name].write_bytes(gzip.compress(json.dumps(record).encode()))
    return paths


def run(command: object, *arguments: object) -> str:
    app = typer.Typer()
    app.command()(command)  # type: ignore[type-var]
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def arguments(corpora: dict[str, Path], base: Path, output: Path, epochs: int) -> list[object]:
    sets = [part for name, path in corpora.items() for part in (f"--{name}", path)]
    rates = ["--rate", "1e-3", "--head-rate", "1e-3", "--window", "60", "--batch-tokens", "512", "--device", "cpu"]
    return [*sets, "--base", base, "--output", output, "--epochs", epochs, *rates]


def test_training_resumes_where_it_stopped_and_gives_the_same_weights(corpora: dict[str, Path], tiny_base: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run(train.main, *arguments(corpora, tiny_base, whole, 2))
    run(train.main, *arguments(corpora, tiny_base, parts, 2), "--stop-after", 1)
    run(train.main, *arguments(corpora, tiny_base, parts, 2), "--resume")
    logs = [[json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()] for folder in (whole, parts)]
    assert [entry["epoch"] for entry in logs[1]] == [1, 2]
    assert logs[0][1]["loss"]["class"] < logs[0][0]["loss"]["class"]
    assert {"macro_f1", "source_accuracy", "role_source_f1", "calibration_error"} <= set(logs[0][0])
    a, b = (load_file(folder / "checkpoint.safetensors") for folder in (whole, parts))
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_allclose(a[name], b[name], atol=1e-6, err_msg=name)


def test_a_trained_model_is_calibrated_exported_and_run(corpora: dict[str, Path], tiny_base: Path, tmp_path: Path) -> None:
    run(train.main, *arguments(corpora, tiny_base, tmp_path / "run", 1))
    best = tmp_path / "run" / "best"
    found = json.loads(
        run(calibrate.main, best, "--gold-dev", corpora["gold-dev"], "--polnear-dev", corpora["polnear-dev"]).splitlines()[-1]
    )
    assert 0.5 <= found["temperature"] <= 3
    export(best, tmp_path / "release", "tiny", "7")
    report = Checker(tmp_path / "release").check(Article("Rain fell. Ana said so."))
    assert (report.model.name, report.model.version) == ("tiny", "7")
    assert report.units
    assert str(tiny_base) not in (tmp_path / "release" / "config.json").read_text(encoding="utf-8")


def test_a_trained_model_is_trained_further(corpora: dict[str, Path], tiny_base: Path, tmp_path: Path) -> None:
    run(train.main, *arguments(corpora, tiny_base, tmp_path / "first", 1))
    best = tmp_path / "first" / "best"
    run(calibrate.main, best, "--gold-dev", corpora["gold-dev"])
    saved, (network, _) = load_file(best / "model.safetensors"), train.build(str(best), 60)
    for name, value in network.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), saved[name], err_msg=name)
    assert Calibration(**network.config.calibration) == Calibration()
    run(train.main, *arguments(corpora, best, tmp_path / "further", 1))
    further = load_file(tmp_path / "further" / "best" / "model.safetensors")
    assert (further["vote_head.weight"] != saved["vote_head.weight"]).any()
    words = "encoder.embeddings.word_embeddings.weight"
    np.testing.assert_array_equal(further[words], saved[words])


def test_a_student_learns_from_a_teacher(corpora: dict[str, Path], tiny_base: Path, tmp_path: Path) -> None:
    run(train.main, *arguments(corpora, tiny_base, tmp_path / "first", 1))
    best = tmp_path / "first" / "best"
    for soft in (0, 1):
        run(train.main, *arguments(corpora, best, tmp_path / str(soft), 1), "--teacher", best, "--soft", soft)
    entries = [json.loads((tmp_path / str(soft) / "log.jsonl").read_text()) for soft in (0, 1)]
    assert entries[0]["loss"]["role"] != entries[1]["loss"]["role"]


@pytest.mark.parametrize("teacher", ["tiny-base", "nothing"])
def test_a_teacher_that_is_none_is_a_wrong_option(corpora: dict[str, Path], tiny_base: Path, tmp_path: Path, teacher: str) -> None:
    app = typer.Typer()
    app.command()(train.main)
    folder = tiny_base if teacher == "tiny-base" else tmp_path / teacher
    given = [*arguments(corpora, tiny_base, tmp_path / "out", 1), "--teacher", folder]
    result = CliRunner().invoke(app, [str(argument) for argument in given])
    assert result.exit_code == 2
    assert "--teacher" in result.stderr


def test_the_temperature_that_made_the_labels_is_found() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(20000, 6)) * 3
    chances = np.exp(logits / 2)
    chances /= chances.sum(axis=1, keepdims=True)
    classes = (chances.cumsum(axis=1) < generator.random((20000, 1))).sum(axis=1)
    assert calibrate.fit_temperature(logits.astype(np.float32), classes) == pytest.approx(2, rel=0.06)
