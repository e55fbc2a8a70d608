"""Plain text: UTF-8 with or without a byte-order mark, UTF-16 and UTF-32 with one, Windows-1252 for what is neither.

The article's text is the decoded file, unchanged but for the mark, so that offsets fit the file.
"""

import codecs
import re

from attribution.article import Article
from attribution.readers.errors import ReadError

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_plain(data: bytes, name: str) -> Article:
    """The article in a text file.

    Args:
        data: the file's bytes.
        name: what messages and reports call it.

    Raises:
        ReadError: it is empty, binary, or in an unknown encoding.
    """
    text, warnings = _decode(data, name)
    if _CONTROL.search(text):
        raise ReadError(name, "looks like binary data, not text", "give a text file")
    if not text.strip():
        raise ReadError(name, "the file is empty" if not data else "the file holds only white space", "give a file with text")
    return Article(text, id=name, path=None if name == "-" else name, warnings=warnings)


def _decode(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding), ()
            except UnicodeDecodeError as error:
                raise ReadError(
                    name, f"not {encoding.upper()} at byte {error.start + len(mark)}, as its first bytes say", "save it as UTF-8"
                ) from error
    if b"\0" in data:
        raise ReadError(name, "looks like binary data, not text", "give a text file")
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as first:
        try:
            return data.decode("cp1252"), ("not UTF-8, read as Windows-1252",)
        except UnicodeDecodeError as error:
            raise ReadError(
                name, f"neither UTF-8 (byte {first.start}) nor Windows-1252 (byte {error.start})", "save it as UTF-8"
            ) from error
