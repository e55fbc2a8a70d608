"""A student learns from a teacher of another size and vocabulary, word piece by word piece."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig

from attribution.labelled import labelled
from attribution.model.configuration import ModelError
from attribution.model.network import ClaimConfig, ClaimModel, ClaimScores
from attribution.training import train
from attribution.training.corpora import Example
from attribution.training.distil import distilled, load_teacher
from attribution.training.losses import WEIGHTS
from attribution.training.targets import IGNORE, Batch, article_targets, collate

CONFIG = ClaimConfig(encoder=BertConfig(vocab_size=30522, hidden_size=16, num_hidden_layers=1, num_attention_heads=2).to_dict())
TEXT = '"It rained," Smith said. It is March.'
UNITS = [
    {"start": 0, "end": 24, "kind": "claim", "label": "attributed", "source": [13, 18], "source_kind": "named"},
    {"start": 25, "end": 37, "kind": "claim", "label": "unattributed"},
]
CPU = torch.device("cpu")


@pytest.fixture
def batch(tokenizer: Tokenizer) -> Batch:
    item = labelled({"id": "a", "text": TEXT, "units": UNITS})
    targets = article_targets(Example(item.article, item.units, None), tokenizer, CONFIG.break_token_id)
    return collate([(targets, 0, len(targets.tokens))], CONFIG)


def saved(tokenizer: Tokenizer, folder: Path, shift: int = 0) -> ClaimModel:
    """A wider network, untrained, whose vocabulary numbers every word piece `shift` higher, modulo its size."""
    size = tokenizer.get_vocab_size()
    encoder = BertConfig(vocab_size=size, hidden_size=24, num_hidden_layers=1, num_attention_heads=2).to_dict()
    specials = {name: (getattr(CONFIG, name) + shift) % size for name in ("break_token_id", "cls_token_id", "sep_token_id", "pad_token_id")}
    network = ClaimModel(ClaimConfig(encoder=encoder, pointer_size=32, **specials))
    network.eval()  # type: ignore[no-untyped-call]
    network.save_pretrained(folder)
    values = json.loads(tokenizer.to_str())
    values["model"]["vocab"] = {piece: (number + shift) % size for piece, number in values["model"]["vocab"].items()}
    values["added_tokens"] = [{**token, "id": (token["id"] + shift) % size} for token in values["added_tokens"]]
    (folder / "tokenizer.json").write_text(json.dumps(values), encoding="utf-8")
    return network


def test_the_teacher_reads_the_same_words_by_its_own_numbers(tokenizer: Tokenizer, batch: Batch, tmp_path: Path) -> None:
    network = saved(tokenizer, tmp_path, shift=4)
    scores = load_teacher(tmp_path, tokenizer, CONFIG, CPU)(batch)
    with torch.no_grad():
        direct = network((batch.input_ids + 4) % tokenizer.get_vocab_size(), batch.shapes, batch.attention_mask)
    assert not scores["start"].requires_grad
    torch.testing.assert_close(scores["start"], direct["start"])


def test_every_head_is_drawn_to_the_teachers_and_rests_there(tokenizer: Tokenizer, batch: Batch, tmp_path: Path) -> None:
    network = saved(tokenizer, tmp_path)
    taught = load_teacher(tmp_path, tokenizer, CONFIG, CPU)(batch)
    moved = {"start": "start", "class": "unit", "vague": "unit", "source": "key", "named": "named", "role": "role"}
    assert moved.keys() == WEIGHTS.keys()
    for head, output in moved.items():
        for shift in (0, 3):
            scores: Any = network(batch.input_ids, batch.shapes, batch.attention_mask)
            ramp = torch.linspace(0, 1, scores[output].numel()).view_as(scores[output])
            shifted = (scores[output] + shift * ramp).detach().requires_grad_()
            scores[output] = shifted
            distilled(scores, taught, batch)[head].backward()  # type: ignore[no-untyped-call]
            assert shifted.grad is not None
            pull = shifted.grad.abs().max().item()
            assert pull > 1e-6 if shift else pull < 1e-7, (head, shift, pull)


def test_what_no_label_could_say_is_not_taught(tokenizer: Tokenizer, batch: Batch, tmp_path: Path) -> None:
    saved(tokenizer, tmp_path)
    taught = load_teacher(tmp_path, tokenizer, CONFIG, CPU)(batch)
    scores = ClaimModel(CONFIG)(batch.input_ids, batch.shapes, batch.attention_mask)
    unknown = replace(batch, vague=torch.full_like(batch.vague, IGNORE), named=torch.full_like(batch.named, IGNORE))
    parts = distilled(scores, taught, unknown)
    assert parts["vague"].item() == parts["named"].item() == 0
    assert parts["class"].item() > 0


def test_a_teacher_that_cuts_words_otherwise_is_refused(tokenizer: Tokenizer, tmp_path: Path) -> None:
    saved(tokenizer, tmp_path)
    values = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    values["model"]["vocab"] = dict(list(values["model"]["vocab"].items())[:20000])
    (tmp_path / "tokenizer.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(ModelError, match="word pieces are not in the teacher's vocabulary"):
        load_teacher(tmp_path, tokenizer, CONFIG, CPU)


def test_an_encoder_without_heads_is_no_teacher(tokenizer: Tokenizer, tiny_base: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a claim model's configuration"):
        load_teacher(tiny_base, tokenizer, CONFIG, CPU)
    saved(tokenizer, tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=str(tmp_path)):
        load_teacher(tmp_path, tokenizer, CONFIG, CPU)


def test_a_lesson_weighs_labels_and_teacher_and_hides_words_from_the_student_alone(
    tokenizer: Tokenizer, batch: Batch, tmp_path: Path
) -> None:
    saved(tokenizer, tmp_path)
    teacher, student, asked = load_teacher(tmp_path, tokenizer, CONFIG, CPU), ClaimModel(CONFIG), []

    def listening(given: Batch) -> ClaimScores:
        asked.append(given.input_ids.clone())
        return teacher(given)

    def lesson(soft: float, teach: Callable[[Batch], ClaimScores] | None) -> dict[str, float]:
        torch.manual_seed(0)
        return {name: value.item() for name, value in train._lesson(student, teach, soft, 0.3, 103, batch).items()}

    labels, alone = lesson(0.5, None), lesson(0, listening)
    assert alone == pytest.approx(labels)
    taught, both = lesson(1, listening), lesson(0.25, listening)
    assert taught != pytest.approx(labels)
    assert both == pytest.approx({name: 0.75 * labels[name] + 0.25 * taught[name] for name in labels}, rel=1e-4)
    for ids in asked:
        torch.testing.assert_close(ids, batch.input_ids)
