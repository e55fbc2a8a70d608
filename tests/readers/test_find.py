"""Which files a path stands for."""

from pathlib import Path

import pytest

from attribution.readers import ReadError, find, read_file


def test_a_folder_stands_for_its_text_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a.TXT", "deep/c.text", "photo.jpg", ".hidden/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert [str(path.relative_to(tmp_path)) for path in find(tmp_path)] == ["a.TXT", "b.txt", "deep/c.text"]


def test_a_folder_without_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no file here ends in"):
        list(find(tmp_path))


def test_a_file_stands_for_itself_whatever_its_suffix(tmp_path: Path) -> None:
    path = tmp_path / "draft.v2"
    path.write_text("It rained.", encoding="utf-8")
    assert list(find(path)) == [path]
    assert read_file(path).id == str(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        read_file(tmp_path / "none.txt")
