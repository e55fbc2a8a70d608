"""Articles to windows of tokens, and the scores of windows back to one row a token.

Knows the tokenizer, the features that the word pieces lose (case, spacing, quotation marks, paragraph breaks) and how
windows overlap. Knows nothing of what the scores mean.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attribution.article import Article

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SHAPES: Final = 12
"""Number of token shapes: case (none, initial capital, several capitals) x white space before x inside quotation marks."""

_CASED_LIMIT = 0x590  # Latin, Greek, Cyrillic and Armenian capitals lie below
_UPPER = np.array([chr(code).isupper() for code in range(_CASED_LIMIT)])
_SURROGATE = re.compile("[\ud800-\udfff]")
"""Lone surrogates, which no tokenizer takes; replaced one for one, so that offsets hold."""
_OPENING, _CLOSING = "“„«‘", "”»’"


@dataclass(frozen=True)
class Tokens:
    """The tokens of one article, paragraph breaks among them, in reading order (N tokens).

    Attributes:
        ids: int64 (N,), vocabulary ids.
        shapes: int64 (N,), 0 to SHAPES - 1.
        starts, ends: int64 (N,), code point offsets into the article's text; a break's span is empty.
        may_start: bool (N,), whether a unit may start here (no break, no word continued).
        must_start: bool (N,), whether a paragraph starts here.
    """

    ids: Ints
    shapes: Ints
    starts: Ints
    ends: Ints
    may_start: Bools
    must_start: Bools

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens `[start, end)` pass through the model together; the scores of `[own_start, own_end)` are kept."""

    start: int
    end: int
    own_start: int
    own_end: int


def tokenize(article: Article, tokenizer: Tokenizer, break_id: int) -> Tokens:
    """The tokens of an article, with a break token between paragraphs.

    Args:
        article: the article.
        tokenizer: a tokenizer with neither truncation nor padding.
        break_id: vocabulary id of the paragraph break.
    """
    text, paragraphs = article.text, article.paragraphs
    encodings = tokenizer.encode_batch([_SURROGATE.sub("\ufffd", text[start:end]) for start, end in paragraphs], add_special_tokens=False)
    ids: list[Ints] = []
    starts: list[Ints] = []
    ends: list[Ints] = []
    may_start: list[Bools] = []
    must_start: list[Bools] = []
    for (paragraph_start, _), encoding in zip(paragraphs, encodings, strict=True):
        count = len(encoding.ids)
        if not count:
            continue
        offsets = np.array(encoding.offsets, dtype=np.int64) + paragraph_start
        words = np.array(encoding.word_ids, dtype=np.int64)
        lead = int(bool(ids))
        first = np.zeros(lead + count, dtype=bool)
        first[lead] = True
        word_start = np.concatenate([np.zeros(lead, bool), [True], words[1:] != words[:-1]])
        ids.append(np.concatenate([np.full(lead, break_id), np.array(encoding.ids)]))
        starts.append(np.concatenate([np.full(lead, paragraph_start), offsets[:, 0]]))
        ends.append(np.concatenate([np.full(lead, paragraph_start), offsets[:, 1]]))
        may_start.append(word_start)
        must_start.append(first)
    if not ids:
        nothing, never = np.zeros(0, np.int64), np.zeros(0, bool)
        return Tokens(nothing, nothing, nothing, nothing, never, never)
    all_starts, all_ends = np.concatenate(starts).astype(np.int64), np.concatenate(ends).astype(np.int64)
    return Tokens(
        ids=np.concatenate(ids).astype(np.int64),
        shapes=_shapes(text, all_starts, all_ends, paragraphs),
        starts=all_starts,
        ends=all_ends,
        may_start=np.concatenate(may_start),
        must_start=np.concatenate(must_start),
    )


def _shapes(text: str, starts: Ints, ends: Ints, paragraphs: Sequence[tuple[int, int]]) -> Ints:
    """What the lower-cased word pieces no longer show, as one number a token, (N,)."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    upper = _UPPER[np.minimum(codes, _CASED_LIMIT - 1)]
    uppers = np.concatenate([[0], np.cumsum(upper)])
    capitals = uppers[ends] - uppers[starts]
    case = np.minimum(capitals, 2)
    blank = np.isin(codes, [ord(" "), ord("\n"), ord("\t"), ord("\r"), 0xA0])
    spaced = np.concatenate([[True], blank])[starts]
    shapes: Ints = (case + 3 * spaced + 6 * _quoted(text, codes, paragraphs)[starts]).astype(np.int64)
    return shapes


def _quoted(text: str, codes: NDArray[np.uint32], paragraphs: Sequence[tuple[int, int]]) -> Bools:
    """Whether each code point stands inside quotation marks; marks left open end with their paragraph. (code points + 1,)"""
    quoted = np.zeros(len(text) + 1, dtype=bool)
    marks = np.flatnonzero(np.isin(codes, [ord(char) for char in '"' + _OPENING + _CLOSING]))
    bounds = np.searchsorted(marks, [edge for paragraph in paragraphs for edge in paragraph])
    for (_, paragraph_end), (low, high) in zip(paragraphs, bounds.reshape(-1, 2), strict=True):
        opened: int | None = None
        for mark in marks[low:high].tolist():
            char = text[mark]
            if char in _OPENING or (char == '"' and opened is None):
                opened = mark if opened is None else opened
            elif opened is not None and not (char == "’" and text[mark + 1 : mark + 2].isalnum()):
                quoted[opened : mark + 1] = True
                opened = None
        if opened is not None:
            quoted[opened:paragraph_end] = True
    return quoted


def cut(length: int, window: int, overlap: int) -> tuple[Window, ...]:
    """Overlapping windows over a sequence; each token is owned by the window in which it stands farthest from an edge.

    Args:
        length: tokens in the sequence.
        window: tokens in a window, the two special tokens not counted.
        overlap: fewest tokens that two neighbours share; less than `window`.
    """
    if length <= window:
        return (Window(0, length, 0, length),) if length else ()
    count = -(-(length - overlap) // (window - overlap))
    starts = [round(index * (length - window) / (count - 1)) for index in range(count)]
    cuts = [0, *((right + left + window) // 2 for left, right in pairwise(starts)), length]
    return tuple(
        Window(start, start + window, own_start, own_end) for start, own_start, own_end in zip(starts, cuts[:-1], cuts[1:], strict=True)
    )
