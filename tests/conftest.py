"""What several tests need: articles of ours, the released model, a network small enough to train in a test."""

from pathlib import Path

import pytest
from hypothesis import settings
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from attribution import Checker
from attribution.model.backends import RELEASED_MODEL

settings.register_profile("default", max_examples=60, deadline=None)
settings.load_profile("default")

STORY = """Dam to stay shut after cracks found
VARNA FALLS — The Orlik dam will stay shut until August, the river authority said on Monday, after divers found cracks in its base.
The dam was built in 1961 and supplies two valleys.
"We cannot open it and hope," said Petra Dimova, the authority's chief engineer. "Nobody here will sign that paper."
Farmers say they were not told. Energy analysts expect power prices to rise.
"""


@pytest.fixture(scope="session")
def checker() -> Checker:
    """The released model, loaded once."""
    return Checker()


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """The released model's tokenizer."""
    return Tokenizer.from_file(str(RELEASED_MODEL / "tokenizer.json"))


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained encoder of one narrow layer, in a folder as `from_pretrained` takes it."""
    folder = tmp_path_factory.mktemp("tiny-base")
    special = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    fast = PreTrainedTokenizerFast(tokenizer_file=str(RELEASED_MODEL / "tokenizer.json"), **special)
    fast.save_pretrained(folder)
    config = BertConfig(vocab_size=30522, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=48)
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A story in a file."""
    path = tmp_path / "story.txt"
    path.write_text(STORY, encoding="utf-8")
    return path
