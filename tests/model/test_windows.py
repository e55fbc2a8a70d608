"""Tokens keep their offsets and what the word pieces lose; windows cover an article and stitch back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from attribution import Article
from attribution.model.backends import RELEASED_MODEL
from attribution.model.windows import SHAPES, cut, tokenize

TOKENIZER = Tokenizer.from_file(str(RELEASED_MODEL / "tokenizer.json"))
BREAK = 1


def test_a_break_stands_between_paragraphs_and_only_there() -> None:
    tokens = tokenize(Article("One two.\n\nThree."), TOKENIZER, BREAK)
    assert (tokens.ids == BREAK).tolist() == [False, False, False, True, False, False]
    assert np.flatnonzero(tokens.must_start).tolist() == [0, 4]


def test_continued_words_may_not_start_a_unit() -> None:
    tokens = tokenize(Article("Tsikhanouskaya spoke"), TOKENIZER, BREAK)
    words = [(int(start), bool(may)) for start, may in zip(tokens.starts, tokens.may_start, strict=True)]
    assert [start for start, may in words if may] == [0, 15]
    assert len(words) > 2


def test_shapes_tell_case_spacing_and_quotation() -> None:
    text = 'EU said "No" now'
    tokens = tokenize(Article(text), TOKENIZER, BREAK)
    shape = {text[start:end]: int(value) for start, end, value in zip(tokens.starts, tokens.ends, tokens.shapes, strict=True)}
    case, spaced, quoted = 1, 3, 6
    assert shape["EU"] == 2 * case + spaced
    assert shape["said"] == spaced
    assert shape["No"] == case + quoted
    assert shape["now"] == spaced


def test_an_apostrophe_does_not_close_a_quotation() -> None:
    text = "‘It’s late’ he said"
    tokens = tokenize(Article(text), TOKENIZER, BREAK)
    quoted = {int(start) for start, shape in zip(tokens.starts, tokens.shapes, strict=True) if shape >= 6}
    assert text.index("late") in quoted
    assert text.index("he said") not in quoted


@given(st.text(max_size=200))
def test_any_text_gives_tokens_inside_it_in_order(text: str) -> None:
    tokens = tokenize(Article(text), TOKENIZER, BREAK)
    assert (tokens.starts >= 0).all()
    assert (tokens.ends <= len(text)).all()
    assert (np.diff(tokens.starts) >= 0).all()
    assert ((tokens.shapes >= 0) & (tokens.shapes < SHAPES)).all()


def test_lone_surrogates_are_read() -> None:
    text = "a \ud83d\ude00 b"
    tokens = tokenize(Article(text), TOKENIZER, BREAK)
    assert (int(tokens.starts[-1]), int(tokens.ends[-1])) == (text.index("b"), len(text))


@given(st.integers(0, 3000), st.integers(8, 400), st.data())
def test_windows_own_every_token_once(length: int, window: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, window - 1))
    windows = cut(length, window, overlap)
    owned = [token for piece in windows for token in range(piece.own_start, piece.own_end)]
    assert owned == list(range(length))
    for piece in windows:
        assert piece.end - piece.start == min(window, length)
        assert piece.start <= piece.own_start
        assert piece.own_end <= piece.end


@given(st.integers(401, 3000))
def test_a_token_is_owned_by_the_window_in_which_it_stands_farthest_from_an_edge(length: int) -> None:
    windows = cut(length, 400, 100)
    for piece in windows:
        for token in (piece.own_start, piece.own_end - 1):
            margins = {other: min(token - other.start, other.end - 1 - token) for other in windows if other.start <= token < other.end}
            if 200 < token < length - 200:
                assert margins[piece] >= max(margins.values()) - 1
