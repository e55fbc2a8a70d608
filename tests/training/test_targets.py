"""What the heads are told to say, and that batches carry it to the right place."""

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from attribution.labelled import labelled
from attribution.model.configuration import CLASSES, Calibration
from attribution.model.decode import Scored, WindowScores, stitch, unit_scores
from attribution.model.network import ClaimConfig, ClaimScores
from attribution.model.windows import cut
from attribution.training.corpora import Example
from attribution.training.losses import losses, pool_units
from attribution.training.targets import IGNORE, article_targets, collate, epoch_batches, hide, restyled

TEXT = 'Head\n"It rained," Smith said. It is March.'
UNITS = [
    {"start": 0, "end": 4, "kind": "heading"},
    {"start": 5, "end": 29, "kind": "claim", "label": "attributed", "source": [18, 23], "source_kind": "named"},
    {"start": 30, "end": 42, "kind": "claim", "label": "unattributed"},
]
CONFIG = ClaimConfig(window=8)


def example() -> Example:
    item = labelled({"id": "a", "text": TEXT, "units": UNITS})
    return Example(item.article, item.units, {"source": [(18, 23)], "cue": [(24, 28)], "content": [(6, 16)]})


def test_targets_say_what_the_labels_say(tokenizer: Tokenizer) -> None:
    targets = article_targets(example(), tokenizer, 1)
    words = [TEXT[start:end] for start, end in zip(targets.tokens.starts, targets.tokens.ends, strict=True)]
    assert [words[index] for index in np.flatnonzero(targets.start == 1)] == ["Head", '"', "It"]
    assert [CLASSES[index] for index in targets.classes] == ["heading", "attributed", "unattributed"]
    assert [words[index] for index in np.flatnonzero(targets.role[:, 0] == 1)] == ["Smith"]
    assert targets.sources.tolist() == [[IGNORE, IGNORE], [words.index("Smith")] * 2, [-1, -1]]
    assert targets.named.tolist() == [IGNORE, 1, IGNORE]
    assert targets.vague.tolist() == [IGNORE, IGNORE, 0]


def test_restyled_quotes_keep_every_offset() -> None:
    generator = np.random.default_rng(0)
    curled = Example(labelled({"id": "a", "text": TEXT.replace('"', "”"), "units": UNITS}).article, (), None)
    texts = {restyled(curled, generator).article.text for _ in range(40)}
    assert len(texts) > 1
    assert {len(text) for text in texts} == {len(TEXT)}


def test_batches_point_at_the_sources_of_their_windows(tokenizer: Tokenizer) -> None:
    generator = np.random.default_rng(1)
    seen = 0
    for windows in epoch_batches([example()] * 6, tokenizer, CONFIG, 512, generator):
        batch = collate(windows, CONFIG)
        for row, source, label in zip(batch.row, batch.sources, batch.classes, strict=True):
            if source[0] > 0:
                seen += 1
                assert tokenizer.id_to_token(int(batch.input_ids[row, source[0]])) == "smith"
                assert int(label) in {IGNORE, CLASSES.index("attributed")}
    assert seen


def test_pooled_units_are_weighted_means() -> None:
    values, weight = torch.tensor([[[1.0], [3.0], [9.0]]]), torch.tensor([[0.0, 0.0, 5.0]])
    assert pool_units(values, weight, torch.tensor([[0, 0, -1]]), 1).tolist() == [[2.0]]


def test_scores_that_say_the_targets_lose_next_to_nothing(tokenizer: Tokenizer) -> None:
    config = ClaimConfig(window=64)
    (windows,) = epoch_batches([example()], tokenizer, config, 512, np.random.default_rng(0))
    batch = collate(windows, config)
    rows, length = batch.input_ids.shape
    unit = torch.zeros(rows, length, 2 + len(CLASSES))
    for row, position in zip(*torch.nonzero(batch.unit >= 0, as_tuple=True), strict=True):
        unit[row, position, 1 + int(batch.classes[batch.unit[row, position]])] = 20
    unit[..., -1] = -20
    query, key = torch.zeros(rows, length, 2 * length), torch.eye(length).repeat(rows, 1, 2)
    for row, position in zip(*torch.nonzero(batch.unit >= 0, as_tuple=True), strict=True):
        first, last = batch.sources[batch.unit[row, position]].clamp_min(0)
        query[row, position, first], query[row, position, length + last] = 20, 20
    perfect = ClaimScores(
        start=torch.where(batch.start == 1, 20.0, -20.0),
        unit=unit,
        role=torch.where(batch.role == 1, 20.0, -20.0),
        named=torch.full((rows, length), 20.0),
        query=query,
        key=key,
        vote=torch.zeros(rows, length, len(CLASSES)),
    )
    assert {name for name, value in losses(perfect, batch).items() if value > 1e-3} == set()
    wrong = ClaimScores(**{name: value if name == "key" else -value for name, value in perfect.items()})
    assert {name for name, value in losses(wrong, batch).items() if value < 1} == set()


def test_hidden_tokens_are_a_share_of_the_words_and_nothing_else_changes(tokenizer: Tokenizer) -> None:
    batch = collate(epoch_batches([example()] * 200, tokenizer, CONFIG, 8192, np.random.default_rng(1))[0], CONFIG)
    torch.manual_seed(1)
    covered = hide(batch, 0.2, 103, CONFIG)
    words = ~torch.isin(batch.input_ids, torch.tensor([0, 1, 101, 102]))
    assert (covered.input_ids[words] == 103).float().mean().item() == pytest.approx(0.2, abs=0.03)
    assert torch.equal(covered.input_ids[~words], batch.input_ids[~words])
    assert torch.equal(covered.unit, batch.unit)


def test_training_and_decoding_see_the_same_classes(tokenizer: Tokenizer) -> None:
    """The vote of what a unit points to, and the pooling before it, are written twice: in torch and without."""
    config = ClaimConfig(window=40)
    (windows,) = epoch_batches([example()], tokenizer, config, 512, np.random.default_rng(0))
    batch = collate(windows, config)
    (targets, low, high), *_ = windows
    assert (low, high) == (0, len(targets.tokens))
    generator = torch.Generator().manual_seed(1)
    rows = high + 2
    noise = {
        name: torch.randn(1, rows, *size, generator=generator)
        for name, size in (
            ("unit", (2 + len(CLASSES),)),
            ("role", (3,)),
            ("named", ()),
            ("query", (8,)),
            ("key", (8,)),
            ("vote", (len(CLASSES),)),
        )
    }
    start = torch.where(batch.start == 1, 9.0, -9.0)
    found = Scored(
        targets.tokens,
        tuple(cut(high, 40, 8)),
        [WindowScores(*(value[0].numpy() for value in (start, *noise.values())))],
    )
    decoded = torch.from_numpy(unit_scores(found, stitch(found), Calibration()).classes)
    trained = losses(ClaimScores(start=start, **noise), batch)["class"]
    assert trained.item() == pytest.approx(torch.nn.functional.cross_entropy(decoded, batch.classes).item(), rel=1e-4)
