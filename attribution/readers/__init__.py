"""Files to articles. Which reader reads what is chosen here, and nowhere else; a reader is one file and one line below."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from attribution.article import Article
from attribution.readers.errors import ReadError
from attribution.readers.plain import read_plain

Reader = Callable[[bytes, str], Article]

READERS: Final[dict[str, Reader]] = {
    ".txt": read_plain,
    ".text": read_plain,
}
"""Readers by suffix: from a file's bytes and its name to an article. A file named on the command line may have any suffix."""

__all__ = ["READERS", "ReadError", "find", "read_bytes", "read_file"]


def find(name: str, wrong: Callable[[ReadError], None]) -> Iterator[str]:
    """The files to read: the name itself or, for a folder, the files of known formats below it, sorted, hidden ones left out.

    Args:
        name: a file or folder, as given.
        wrong: told of each folder that cannot be listed or has no such file; the rest are still searched.
    """
    if not os.path.isdir(name):  # noqa: PTH112 - says no where Path.is_dir raises; reading the file then says why
        yield name
        return
    found = False
    for folder, folders, files in os.walk(name, onerror=lambda error: wrong(_cannot_read(_printable(str(error.filename)), error))):
        folders[:] = sorted(below for below in folders if not below.startswith("."))
        for file in sorted(files):
            if not file.startswith(".") and Path(file).suffix.lower() in READERS:
                found = True
                yield str(Path(folder, file))
    if not found:
        wrong(ReadError(_printable(name), f"no file here ends in {', '.join(READERS)}", "name the files themselves"))


def read_file(path: str | Path) -> Article:
    """The article in a file; its id is the path as given.

    Raises:
        ReadError: it cannot be read, or holds no text.
    """
    name = _printable(str(path))
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError as error:
        raise ReadError(name, "no such file", "check the path") from error
    except (OSError, ValueError) as error:
        raise _cannot_read(name, error) from error
    return READERS.get(Path(path).suffix.lower(), read_plain)(data, name)


def read_bytes(data: bytes, name: str) -> Article:
    """The article in bytes that came from elsewhere than a file, such as standard input.

    Raises:
        ReadError: they hold no text.
    """
    return read_plain(data, name)


def _cannot_read(name: str, error: OSError | ValueError) -> ReadError:
    reason = getattr(error, "strerror", None) or error
    return ReadError(name, f"cannot be read ({reason})", "check the path and its permissions")


def _printable(name: str) -> str:
    """A file name as text, bytes that are not UTF-8 replaced."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
