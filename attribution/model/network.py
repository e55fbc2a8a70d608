"""The network: one encoder, one pass, several heads (torch; for training, GPUs and as the reference of the ONNX file).

Knows tensors. Knows nothing of text, windows or units: what it returns is one row of scores a token, and the two pooling
rules that turn rows into scores of a unit are linear in those rows, so that the decoder can apply them without torch.
B windows of L tokens, hidden size H, pointer size P.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.utils.generic import ModelOutput

from attribution.model.configuration import CLASSES, ROLES, Calibration
from attribution.model.windows import SHAPES


class ClaimConfig(PretrainedConfig):
    """Configuration of a ClaimModel.

    Args:
        encoder: configuration of the encoder, as `transformers` writes it (with its `model_type`).
        window, overlap: tokens in a window without the two special tokens, and shared by neighbours.
        break_token_id: the token that stands between paragraphs.
        pointer_size: width of a pointer's query and key for one end of the source span.
        release_name, release_version: named in every report.
        calibration: fields of `configuration.Calibration`.
    """

    model_type = "claim-attribution"

    def __init__(
        self,
        encoder: dict[str, Any] | None = None,
        window: int = 382,
        overlap: int = 128,
        break_token_id: int = 1,
        cls_token_id: int = 101,
        sep_token_id: int = 102,
        pad_token_id: int = 0,
        pointer_size: int = 64,
        release_name: str = "unnamed",
        release_version: str = "0",
        calibration: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.encoder = encoder or {"model_type": "bert"}
        self.window = window
        self.overlap = overlap
        self.break_token_id = break_token_id
        self.cls_token_id = cls_token_id
        self.pointer_size = pointer_size
        self.release_name = release_name
        self.release_version = release_version
        self.calibration = calibration or asdict(Calibration())
        self.pad_token_id = pad_token_id
        self.sep_token_id = sep_token_id
        super().__init__(**kwargs)


@dataclass
class ClaimScores(ModelOutput):
    """One row of scores a token; the row of the first token, [CLS], stands for "no source" as a pointer's key.

    Attributes:
        start: (B, L) logit that a unit starts at the token.
        unit: (B, L, 2 + classes) the token's weight in its unit, logits of the unit's class, logit of `vague`.
        role: (B, L, roles) logits of the token's roles.
        named: (B, L) logit that a source holding the token is a named one.
        query, key: (B, L, 2 P) ends of the pointer from a claim to the first and to the last token of its source.
        vote: (B, L, classes) what a unit's class logits gain when its source lies at the token.
    """

    start: Tensor | None = None
    unit: Tensor | None = None
    role: Tensor | None = None
    named: Tensor | None = None
    query: Tensor | None = None
    key: Tensor | None = None
    vote: Tensor | None = None


class ClaimModel(PreTrainedModel):
    """An encoder with heads for unit boundaries, unit classes, token roles and the pointer to a claim's source."""

    config: ClaimConfig
    config_class = ClaimConfig
    base_model_prefix = "encoder"
    main_input_name = "input_ids"
    _supports_sdpa = True

    def __init__(self, config: ClaimConfig) -> None:
        super().__init__(config)
        encoder_config = AutoConfig.for_model(**config.encoder)
        self.encoder = AutoModel.from_config(encoder_config, add_pooling_layer=False)
        hidden = encoder_config.hidden_size
        self.shape_embeddings = nn.Embedding(SHAPES, hidden)
        self.dropout = nn.Dropout(0.1)
        self.start_head = nn.Linear(hidden, 1)
        self.unit_layer = nn.Linear(hidden, hidden)
        self.unit_head = nn.Linear(hidden, 2 + len(CLASSES))
        self.role_head = nn.Linear(hidden, len(ROLES))
        self.named_head = nn.Linear(hidden, 1)
        self.query_head = nn.Linear(hidden, 2 * config.pointer_size)
        self.key_head = nn.Linear(hidden, 2 * config.pointer_size)
        self.vote_head = nn.Linear(hidden, len(CLASSES))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """New layers near zero, so that training starts from what the encoder knows."""
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, input_ids: Tensor, shapes: Tensor, attention_mask: Tensor) -> ClaimScores:
        """Scores of every token.

        Args:
            input_ids, shapes, attention_mask: (B, L) integers; each window is [CLS], its tokens, [SEP] and padding.
        """
        words = cast(nn.Embedding, self.encoder.get_input_embeddings())(input_ids)
        encoded = self.encoder(inputs_embeds=words + self.shape_embeddings(shapes), attention_mask=attention_mask)
        states = self.dropout(encoded.last_hidden_state)
        unit = self.unit_head(self.dropout(nn.functional.gelu(self.unit_layer(states))))
        weight = 4 * torch.tanh(unit[..., :1] / 4)  # bounded, so that no sum of exponentials overflows
        return ClaimScores(
            start=self.start_head(states).squeeze(-1),
            unit=torch.cat([weight, unit[..., 1:]], dim=-1),
            role=self.role_head(states),
            named=self.named_head(states).squeeze(-1),
            query=self.query_head(states) / math.sqrt(self.config.pointer_size),
            key=self.key_head(states),
            vote=self.vote_head(states),
        )
