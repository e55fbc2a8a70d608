"""check-attribution as its users call it: output, exit codes, one clear line for what goes wrong."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attribution import __version__
from attribution.cli import BELOW, INTERRUPTED, OK, WRONG, run
from attribution.model.backends import RELEASED_MODEL


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, list[str]]:
    """Exit code, standard output, lines of standard error."""
    code = run([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err.splitlines()


def test_a_story_is_checked(capsys: pytest.CaptureFixture[str], story: Path) -> None:
    code, out, err = call(capsys, story)
    assert (code, err) == (OK, [])
    assert "Attribution coverage" in out


def test_json_names_the_path_as_given(capsys: pytest.CaptureFixture[str], story: Path) -> None:
    code, out, _ = call(capsys, "--format", "json", story)
    (report,) = json.loads(out)
    assert code == OK
    assert report["id"] == report["path"] == str(story)
    assert report["text"] == story.read_text(encoding="utf-8")


def test_standard_input_is_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("It rained – all day.".encode("cp1252"))))
    code, out, err = call(capsys, "-f", "jsonl")
    assert code == OK
    assert json.loads(out)["text"] == "It rained – all day."
    assert err == ["check-attribution: -: not UTF-8, read as Windows-1252"]


def test_what_cannot_be_read_is_named_and_the_rest_is_checked(capsys: pytest.CaptureFixture[str], story: Path, tmp_path: Path) -> None:
    empty, binary, missing = tmp_path / "empty.txt", tmp_path / "binary.txt", tmp_path / "missing.txt"
    empty.touch()
    binary.write_bytes(bytes(range(256)))
    code, out, err = call(capsys, "-f", "jsonl", empty, binary, story, missing)
    assert code == WRONG
    assert [json.loads(line)["path"] for line in out.splitlines()] == [str(story)]
    assert [line.split(": ")[1] for line in err] == [str(empty), str(binary), str(missing)]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-option"],
        ["--format", "word"],
        ["--min-coverage", "2"],
        ["--min-coverage", "nan"],
        ["--min-confidence", "7"],
        ["--batch-size", "x"],
    ],
)
def test_a_wrong_option_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    code, out, err = call(capsys, *arguments)
    assert (code, out, len(err)) == (WRONG, "", 1)
    assert err[0].startswith("check-attribution: ")
    assert arguments[0] in err[0]


def test_a_corrupted_model_is_one_line(capsys: pytest.CaptureFixture[str], story: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(RELEASED_MODEL, model)
    with (model / "model.safetensors").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\xff\x00\xff")
    code, _, err = call(capsys, "--model", model, story)
    assert code == WRONG
    assert len(err) == 1
    assert "model.safetensors: model file is damaged" in err[0]


def test_an_article_below_the_bar_exits_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "bare.txt"
    path.write_text("The bridge was closed on Monday. Traffic was diverted through the old town.\n", encoding="utf-8")
    assert call(capsys, "--min-coverage", "0", path)[0] == OK
    code, _, err = call(capsys, "--min-coverage", "0.9", path)
    assert code == BELOW
    assert err == [f"check-attribution: {path}: coverage 0.000 is below 0.9"]
    assert call(capsys, "--min-coverage", "0.9", path, tmp_path / "missing.txt")[0] == WRONG


def test_an_article_is_not_written_over(capsys: pytest.CaptureFixture[str], story: Path) -> None:
    before = story.read_bytes()
    code, _, err = call(capsys, "-o", story.parent / "." / story.name, story)
    assert (code, len(err)) == (WRONG, 1)
    assert "is one of the articles" in err[0]
    assert story.read_bytes() == before
    assert list(story.parent.iterdir()) == [story]


def test_an_empty_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "")
    assert (code, len(err)) == (WRONG, 1)


def test_a_full_disk_is_one_line(story: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run([sys.executable, "-m", "attribution.cli", str(story)], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == WRONG
    assert len(done.stderr.splitlines()) == 1
    assert b"standard output" in done.stderr


def test_closed_streams_are_one_line(story: Path) -> None:
    for arguments, closed in ([str(story)], ">&-"), ([], "<&-"):
        command = " ".join([f'"{sys.executable}" -m attribution.cli -q', *(f'"{argument}"' for argument in arguments), closed])
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == WRONG
        assert len(done.stderr.splitlines()) == 1
        assert "is closed" in done.stderr


def test_an_article_without_a_claim_is_not_below_the_bar(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "question.txt"
    path.write_text("Why now?\n", encoding="utf-8")
    code, out, err = call(capsys, "-f", "jsonl", "--min-coverage", "0.5", path)
    assert code == OK
    assert err == [f"check-attribution: {path}: no claim found, so nothing to hold to --min-coverage"]
    assert json.loads(out)["coverage"] is None


def test_output_is_written_whole(capsys: pytest.CaptureFixture[str], story: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("old", encoding="utf-8")
    code, out, _ = call(capsys, "-f", "json", "-o", target, story)
    assert (code, out) == (OK, "")
    assert json.loads(target.read_text(encoding="utf-8"))[0]["path"] == str(story)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.json", "story.txt"]


def test_output_is_untouched_when_the_check_cannot_run(capsys: pytest.CaptureFixture[str], story: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("old", encoding="utf-8")
    assert call(capsys, "-o", target, "--model", tmp_path / "none", story)[0] == WRONG
    assert target.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.json", "story.txt"]


def test_output_that_cannot_be_written_is_one_line(capsys: pytest.CaptureFixture[str], story: Path, tmp_path: Path) -> None:
    for target in (tmp_path / "none" / "report.json", tmp_path):
        code, _, err = call(capsys, "-o", target, story)
        assert (code, len(err)) == (WRONG, 1)
        assert str(target) in err[0]


def test_a_folder_is_searched(capsys: pytest.CaptureFixture[str], story: Path) -> None:
    (story.parent / "other.txt").write_text("Rain fell.", encoding="utf-8")
    _, out, _ = call(capsys, "-f", "jsonl", story.parent)
    assert [Path(json.loads(line)["path"]).name for line in out.splitlines()] == ["other.txt", "story.txt"]


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "--version") == (OK, f"check-attribution {__version__}\n", [])
    assert "--min-coverage" in call(capsys, "--help")[1]


def test_a_check_imports_neither_torch_nor_transformers(story: Path) -> None:
    code = (
        "import sys; from attribution.cli import run; run(sys.argv[1:]); "
        "print(sorted({'torch', 'transformers', 'onnx', 'sklearn', 'nltk'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(story)], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_a_reader_that_stops_reading_is_no_error(story: Path) -> None:
    command = [sys.executable, "-m", "attribution.cli", "-f", "jsonl", *([str(story)] * 200)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == OK


def test_an_interrupt_leaves_no_half_written_file(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    command = [sys.executable, "-m", "attribution.cli", "-f", "json", "-o", str(target)]

    def heed_interrupts() -> None:
        """A process started in the background inherits that they are ignored."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heed_interrupts) as process:
        while not list(tmp_path.iterdir()):  # until the file is begun, the command is still starting
            assert process.poll() is None
        time.sleep(1)  # it is now loading the model or waiting for its standard input
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait() == INTERRUPTED
    assert list(tmp_path.iterdir()) == []


def test_a_check_writes_nothing_and_keeps_to_itself(story: Path, tmp_path: Path) -> None:
    """ONNX Runtime's own telemetry, on by default since 1.29, would leave a database in the home folder and send it."""
    home = tmp_path / "home"
    home.mkdir()
    unset = {"CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "XDG_CACHE_HOME"}
    environment = {name: value for name, value in os.environ.items() if name not in unset} | {"HOME": str(home)}
    subprocess.run([sys.executable, "-m", "attribution.cli", "-q", str(story)], env=environment, check=True, stdout=subprocess.DEVNULL)
    assert list(home.rglob("*")) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "story.txt"]


def test_claims_less_sure_than_wanted_are_uncertain_in_every_report(capsys: pytest.CaptureFixture[str], story: Path) -> None:
    (report,) = json.loads(call(capsys, "-f", "json", "--min-confidence", "0", story)[1])
    median = sorted(unit["confidence"] for unit in report["units"] if unit["kind"] == "claim")[3]
    for wanted in (None, "0", str(median), "1"):
        (report,) = json.loads(call(capsys, "-f", "json", *(("--min-confidence", wanted) if wanted else ()), story)[1])
        claims = [unit for unit in report["units"] if unit["kind"] == "claim"]
        doubtful = [claim for claim in claims if "uncertain" in claim["flags"]]
        assert doubtful == [claim for claim in claims if claim["confidence"] < float(wanted or 0.6)]
        assert report["counts"]["uncertain"] == len(doubtful)
    (line,) = call(capsys, "-f", "jsonl", "--min-confidence", "1", story)[1].splitlines()
    assert json.loads(line) == report
    shown = " ".join(call(capsys, "--min-confidence", "1", story)[1].split())
    assert shown.count("uncertain, confidence") == len(doubtful)
    assert f"; {len(doubtful)} uncertain" in shown
    assert f", {len(doubtful)} uncertain\n" in call(capsys, "-q", "--min-confidence", "1", story)[1]
