"""An article: its text, where its paragraphs lie, and what is known about it.

Knows text and layout (lines, hard wraps, paragraphs) and nothing of claims. Every offset in the project is a code point
offset into `Article.text`.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

WIDEST_WRAP = 100
"""Columns: text whose lines are mostly longer than this is taken to hold one paragraph a line."""

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")


@dataclass(frozen=True)
class Article:
    """One article to check.

    Attributes:
        text: the running text; offsets of all results point into it.
        id: how reports name the article.
        path: the file it came from, if it came from one.
        title: the title, if the format carries one.
        warnings: what the reader noticed, passed on to the report.
    """

    text: str
    id: str = "text"
    path: str | None = None
    title: str | None = None
    warnings: tuple[str, ...] = field(default=())

    @cached_property
    def paragraphs(self) -> tuple[tuple[int, int], ...]:
        """`[start, end)` of each paragraph: a line, or a run of lines where the text is hard-wrapped.

        Leading and trailing white space is left out; blank paragraphs are not listed.
        """
        lines = []
        for match in _LINE.finditer(self.text):
            line = match.group()
            start = match.start() + len(line) - len(line.lstrip())
            end = match.start() + len(line.rstrip())
            if start < end:
                lines.append((start, end))
        adjacent = [_adjacent(self.text[a[1] : b[0]]) for a, b in pairwise(lines)]
        if not _hard_wrapped(self.text, lines, adjacent):
            return tuple(lines)
        paragraphs = lines[:1]
        for (start, end), joined in zip(lines[1:], adjacent, strict=True):
            if joined:
                paragraphs[-1] = (paragraphs[-1][0], end)
            else:
                paragraphs.append((start, end))
        return tuple(paragraphs)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, both counted from 1, as an editor shows them."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1


def _adjacent(gap: str) -> bool:
    """Whether only one line break stands in the white space between two lines."""
    return len(re.findall(r"\r\n|[^\S \t]", gap)) == 1


def _hard_wrapped(text: str, lines: list[tuple[int, int]], adjacent: list[bool]) -> bool:
    """Whether single line breaks are wraps: lines break where the next word would not fit, and mostly inside sentences.

    Judged by lines that have a neighbour, nine tenths of them, so that one headline or one long address changes nothing.
    """
    pairs = [pair for pair, joined in zip(pairwise(lines), adjacent, strict=True) if joined]
    widths = sorted(end - start for pair in pairs for start, end in pair)
    if len(pairs) < 2 or not 40 <= (width := widths[(len(widths) - 1) * 9 // 10]) <= WIDEST_WRAP:
        return False
    fits = ended = 0
    for (start, end), (next_start, next_end) in pairs:
        first_word = text[next_start:next_end].split(maxsplit=1)[0]
        fits += end - start + 1 + len(first_word) <= width - 2
        ended += text[end - 1] in '.!?"”'
    return fits <= 0.2 * len(pairs) and ended <= 0.5 * len(pairs)
