"""A student learns from a teacher of another size and vocabulary, word piece by word piece."""

import json
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig

from attribution.labelled import labelled
from attribution.model.network import ClaimConfig, ClaimModel
from attribution.training.corpora import Example
from attribution.training.distil import distilled, load_teacher
from attribution.training.losses import WEIGHTS
from attribution.training.targets import Batch, article_targets, collate

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
    network = ClaimModel(ClaimConfig(encoder=encoder, pointer_size=32, **specials)).eval()
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
    assert not scores.start.requires_grad
    torch.testing.assert_close(scores.start, direct.start)


def test_a_student_comes_to_say_what_its_teacher_says(tokenizer: Tokenizer, batch: Batch, tmp_path: Path) -> None:
    torch.manual_seed(0)
    saved(tokenizer, tmp_path)
    taught = load_teacher(tmp_path, tokenizer, CONFIG, CPU)(batch)
    taught["role"] = taught.role * 9  # a teacher with something to say, and of words whose roles no label tells
    student = ClaimModel(CONFIG).eval()
    optimizer = torch.optim.Adam(student.parameters(), 1e-2)
    gaps = []
    for _ in range(150):
        scores = student(batch.input_ids, batch.shapes, batch.attention_mask)
        gaps.append((scores.role.sigmoid() - taught.role.sigmoid()).abs().mean().item())
        parts = distilled(scores, taught, batch)
        assert parts.keys() == WEIGHTS.keys()
        optimizer.zero_grad()
        torch.stack(list(parts.values())).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert gaps[-1] < gaps[0] / 3


def test_a_teacher_that_cuts_words_otherwise_is_refused(tokenizer: Tokenizer, tmp_path: Path) -> None:
    saved(tokenizer, tmp_path)
    values = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    values["model"]["vocab"] = dict(list(values["model"]["vocab"].items())[:20000])
    (tmp_path / "tokenizer.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(ValueError, match="word pieces are not in its vocabulary"):
        load_teacher(tmp_path, tokenizer, CONFIG, CPU)
