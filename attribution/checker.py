"""The line an article takes: tokens, windows, scores, units, figures, report. Straight down, nothing called back into."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from attribution.article import Article
from attribution.claims import Report, Unit
from attribution.coverage import mark_duplicates, mark_uncertain, measure
from attribution.model.backends import RELEASED_MODEL, BackendName, load, score_articles
from attribution.model.configuration import ROLES
from attribution.model.decode import Scored, decode, role_spans

ARTICLES_TOGETHER = 32
CHARACTERS_TOGETHER = 200_000
"""Articles whose windows are packed together: enough to fill batches, few enough that memory does not grow with an archive."""
MIN_CONFIDENCE = 0.6
"""Of labels less sure than this, about half are wrong (`models.md`)."""


class Checker:
    """A loaded model; load it once and check many articles.

    Args:
        model: a model folder; the released model when None.
        backend: `onnx`, `torch`, or `auto` for ONNX Runtime when the model has a graph.
        batch_size: windows that pass through the model together.
        threads: CPU threads of a pass; 0 leaves the number to the library.
        min_confidence: claims of a lower confidence, 0 to 1, are flagged `uncertain`.

    Raises:
        ModelError: the model cannot be used; the message says which file, why, and what to do.
        ValueError: `min_confidence` is no share.
    """

    def __init__(
        self,
        model: Path | None = None,
        backend: BackendName = "auto",
        batch_size: int = 8,
        threads: int = 0,
        min_confidence: float = MIN_CONFIDENCE,
    ) -> None:
        if not 0 <= min_confidence <= 1:
            raise ValueError(f"min_confidence is {min_confidence}, not between 0 and 1")
        self._settings, self._tokenizer, self._backend = load(model or RELEASED_MODEL, backend, threads)
        self._batch_size = batch_size
        self._min_confidence = min_confidence

    def check(self, article: Article) -> Report:
        """The report on one article."""
        return next(self.check_many([article]))

    def check_many(self, articles: Iterable[Article]) -> Iterator[Report]:
        """The reports on many articles, in their order; articles are taken as they are needed."""
        chunk: list[Article] = []
        for article in articles:
            chunk.append(article)
            if len(chunk) == ARTICLES_TOGETHER or sum(len(item.text) for item in chunk) >= CHARACTERS_TOGETHER:
                yield from self._check_chunk(chunk)
                chunk = []
        yield from self._check_chunk(chunk)

    def roles(self, article: Article) -> dict[str, list[tuple[int, int]]]:
        """The spans `[start, end)` of every source, cue and content in an article, whichever claim they belong to."""
        (scored,) = self._scored([article])
        return role_spans(scored, self._settings.calibration) if len(scored.tokens) else {role: [] for role in ROLES}

    def _scored(self, articles: Sequence[Article]) -> list[Scored]:
        return score_articles(self._backend, self._settings, self._tokenizer, articles, self._batch_size)

    def _check_chunk(self, articles: Sequence[Article]) -> Iterator[Report]:
        for article, scored in zip(articles, self._scored(articles), strict=True):
            yield self._report(article, decode(article, scored, self._settings.calibration))

    def _report(self, article: Article, found: tuple[Unit, ...]) -> Report:
        units = mark_uncertain(mark_duplicates(article, found), self._min_confidence)
        figures = measure(units)
        heading = next((unit.text for unit in units if unit.kind == "heading"), None)
        warnings = article.warnings if figures.counts.claims else (*article.warnings, "no claim found, so there is no coverage")
        return Report(
            id=article.id,
            path=article.path,
            title=article.title or heading,
            text=article.text,
            model=self._settings.info,
            coverage=figures.coverage,
            word_coverage=figures.word_coverage,
            counts=figures.counts,
            sources=figures.sources,
            units=units,
            warnings=warnings,
            min_confidence=self._min_confidence,
        )
