"""Which files a path stands for."""

from pathlib import Path

import pytest

from attribution.readers import ReadError, find, read_file


def found(path: Path) -> tuple[list[str], list[str]]:
    """The files a path stands for, and what went wrong."""
    wrong: list[ReadError] = []
    return list(find(str(path), wrong.append)), [str(error) for error in wrong]


def test_a_folder_stands_for_its_text_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a.TXT", "deep/c.text", "photo.jpg", ".hidden/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    files, wrong = found(tmp_path)
    assert [str(Path(file).relative_to(tmp_path)) for file in files] == ["a.TXT", "b.txt", "deep/c.text"]
    assert wrong == []


def test_a_folder_without_one_is_named(tmp_path: Path) -> None:
    files, (wrong,) = found(tmp_path)
    assert files == []
    assert wrong.startswith(f"{tmp_path}: no file here ends in")


def test_a_file_stands_for_itself_whatever_its_suffix(tmp_path: Path) -> None:
    path = tmp_path / "draft.v2"
    path.write_text("It rained.", encoding="utf-8")
    assert found(path) == ([str(path)], [])
    assert read_file(path).id == str(path)


@pytest.mark.parametrize(("name", "reason"), [("none.txt", "no such file"), ("a" * 300, "cannot be read"), ("a\0b", "cannot be read")])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    assert found(tmp_path / name)[0] == [str(tmp_path / name)]
    with pytest.raises(ReadError, match=reason):
        read_file(f"{tmp_path}/{name}")


def test_a_name_that_is_not_utf_8_can_be_shown(tmp_path: Path) -> None:
    name = f"{tmp_path}/caf\udce9.txt"
    Path(name).write_text("It rained.", encoding="utf-8")
    assert read_file(name).id == f"{tmp_path}/caf\ufffd.txt"
