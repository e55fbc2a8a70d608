"""Files to articles. Which reader reads what is chosen here, and nowhere else; a reader is one file and one line below."""

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


def find(path: Path) -> Iterator[Path]:
    """The files to read: the path itself or, for a folder, the files of known formats below it, sorted, hidden ones left out.

    Raises:
        ReadError: the folder cannot be listed or has no such file.
    """
    if not path.is_dir():
        yield path
        return
    found = False
    try:
        for below in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in below.relative_to(path).parts)
            if not hidden and below.suffix.lower() in READERS and below.is_file():
                found = True
                yield below
    except OSError as error:
        raise ReadError(str(path), f"cannot list the folder ({error.strerror})", "check its permissions") from error
    if not found:
        raise ReadError(str(path), f"no file here ends in {', '.join(READERS)}", "name the files themselves")


def read_file(path: Path) -> Article:
    """The article in a file.

    Raises:
        ReadError: it cannot be read, or holds no text.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ReadError(str(path), "no such file", "check the path") from error
    except PermissionError as error:
        raise ReadError(str(path), "no permission to read it", "check its permissions") from error
    except OSError as error:
        raise ReadError(str(path), f"cannot be read ({error.strerror})", "check the file") from error
    return READERS.get(path.suffix.lower(), read_plain)(data, str(path))


def read_bytes(data: bytes, name: str) -> Article:
    """The article in bytes that came from elsewhere than a file, such as standard input.

    Raises:
        ReadError: they hold no text.
    """
    return read_plain(data, name)
