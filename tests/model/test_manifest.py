"""A damaged model is refused before it is parsed."""

from pathlib import Path

import pytest

from attribution.model.backends import RELEASED_MODEL
from attribution.model.configuration import ModelError, read_settings
from attribution.model.export import RELEASED
from attribution.model.manifest import MANIFEST, verify_manifest, write_manifest

LARGEST_RELEASE = 80_000_000


def test_the_released_model_is_whole_and_small() -> None:
    names = verify_manifest(RELEASED_MODEL)
    assert {"model.onnx", "model.safetensors", "config.json", "tokenizer.json"} <= set(names)
    assert sum((RELEASED_MODEL / name).stat().st_size for name in names) < LARGEST_RELEASE


def folder(path: Path) -> None:
    """Something that has the files of a model."""
    for name in RELEASED:
        (path / name).write_bytes(b"graph")
    write_manifest(path, RELEASED)


def test_a_changed_file_is_named(tmp_path: Path) -> None:
    folder(tmp_path)
    verify_manifest(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"grapH")
    with pytest.raises(ModelError, match=r"model\.onnx: model file is damaged"):
        verify_manifest(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"model\.onnx: model file cannot be read"):
        verify_manifest(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"sha256": 3}'])
def test_a_manifest_that_is_none_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / MANIFEST).write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"manifest\.json: not a model manifest"):
        verify_manifest(tmp_path)


def test_settings_of_another_model_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"calibration": {}}', encoding="utf-8")
    with pytest.raises(ModelError, match="not a claim model's configuration"):
        read_settings(tmp_path)


def test_a_manifest_that_leaves_a_file_out_is_refused(tmp_path: Path) -> None:
    folder(tmp_path)
    write_manifest(tmp_path, ["model.onnx", "model.safetensors"])
    with pytest.raises(ModelError, match=r"manifest\.json: not a model manifest"):
        verify_manifest(tmp_path)
