"""torch and ONNX Runtime say the same, whatever else is in the batch."""

from pathlib import Path

import numpy as np
import pytest

from attribution import Article, Checker, ModelError
from attribution.model.backends import OUTPUTS, RELEASED_MODEL, Backend, load, score_articles
from attribution.model.network import ClaimModel
from tests.conftest import STORY

TOLERANCE = 2e-4


@pytest.fixture(scope="module")
def backends() -> list[Backend]:
    """The released model in ONNX Runtime and in torch."""
    return [load(RELEASED_MODEL, "onnx")[2], load(RELEASED_MODEL, "torch")[2]]


@pytest.mark.parametrize(("rows", "width"), [(1, 3), (3, 50), (2, 384)])
def test_onnx_scores_are_those_of_torch(backends: list[Backend], rows: int, width: int) -> None:
    generator = np.random.default_rng(width)
    ids = generator.integers(1000, 30000, (rows, width))
    shapes, mask = generator.integers(0, 12, (rows, width)), np.ones((rows, width), np.int64)
    mask[0, width - width // 3 :] = 0
    for name, onnx, torch in zip(OUTPUTS, *(backend.run(ids, shapes, mask) for backend in backends), strict=True):
        assert onnx.shape == torch.shape, name
        np.testing.assert_allclose(onnx[mask == 1], torch[mask == 1], atol=TOLERANCE, rtol=TOLERANCE)


def test_both_backends_give_the_same_report() -> None:
    onnx, torch = (Checker(backend=name).check(Article(STORY)) for name in ("onnx", "torch"))
    assert [(u.start, u.end, u.kind, getattr(u, "label", None)) for u in onnx.units] == [
        (u.start, u.end, u.kind, getattr(u, "label", None)) for u in torch.units
    ]
    assert onnx.sources == torch.sources


def test_scores_do_not_depend_on_the_rest_of_the_batch() -> None:
    settings, tokenizer, backend = load(RELEASED_MODEL)
    articles = [Article(STORY), Article(STORY * 9), Article("Rain fell.")]
    together = score_articles(backend, settings, tokenizer, articles, batch_size=4)
    for article, found in zip(articles, together, strict=True):
        (alone,) = score_articles(backend, settings, tokenizer, [article], batch_size=1)
        for a, b in zip(alone.scores, found.scores, strict=True):
            np.testing.assert_allclose(a.unit, b.unit, atol=TOLERANCE)


def test_from_pretrained_reads_the_released_folder() -> None:
    network = ClaimModel.from_pretrained(RELEASED_MODEL)
    assert next(network.parameters()).dtype.is_floating_point
    assert network.config.window == read_window()


def read_window() -> int:
    return load(RELEASED_MODEL)[0].window


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="manifest"):
        Checker(tmp_path)
