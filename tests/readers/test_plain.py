"""Plain text: encodings, and files that hold none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.readers import ReadError
from attribution.readers.plain import read_plain

QUOTED = "“Café” costs €3"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-32"])
def test_encodings_read_right(encoding: str) -> None:
    assert read_plain(QUOTED.encode(encoding), "a.txt").text == QUOTED


def test_windows_1252_is_said() -> None:
    assert read_plain(QUOTED.encode("cp1252"), "a.txt").warnings == ("not UTF-8, read as Windows-1252",)
    assert read_plain(QUOTED.encode(), "a.txt").warnings == ()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_the_text_is_the_file(text: str) -> None:
    if not text.startswith("\ufeff"):
        assert read_plain(text.encode(), "a.txt").text == text


def test_line_ends_are_kept() -> None:
    assert read_plain(b"One.\r\nTwo.\r\n", "a.txt").text == "One.\r\nTwo.\r\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "only white space"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        (b"text\x00text", "binary"),
        (b"text " * 20_000 + b"\x01", "binary"),
        ("text\x00".encode("utf-16"), "binary"),
        (b"caf\xe9 \x81", "neither UTF-8"),
        (b"\xef\xbb\xbfcaf\xe9", "not UTF-8 at byte 6"),
    ],
)
def test_what_holds_no_text_is_refused_by_name(data: bytes, reason: str) -> None:
    with pytest.raises(ReadError, match=f"^a.txt: .*{reason}"):
        read_plain(data, "a.txt")
