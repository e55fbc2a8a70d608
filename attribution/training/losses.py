"""What the heads are trained to lower: one loss a head, each a mean over what is known of it in the batch.

Knows tensors only. B windows of L tokens, U units, pointer size P.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from attribution.model.configuration import CLASSES
from attribution.model.network import ClaimScores
from attribution.training.targets import IGNORE, Batch

WEIGHTS = {"start": 1.0, "class": 1.0, "vague": 0.2, "source": 0.5, "named": 0.2, "role": 4.0}


@dataclass(frozen=True, slots=True)
class UnitLogits:
    """Logits of the U units of a batch: (U, classes), (U,) for `vague`, and (U, 2, L) for the first and last token of the source."""

    classes: Tensor
    vague: Tensor
    pointers: Tensor


def unit_logits(scores: ClaimScores, batch: Batch) -> UnitLogits:
    """Scores of tokens pooled into logits of the labelled units, each with the vote of what it points to."""
    unit, query, key, vote = (getattr(scores, name).float() for name in ("unit", "query", "key", "vote"))
    pooled = pool_units(torch.cat([unit[..., 1:], query], dim=-1), unit[..., 0], batch.unit, len(batch.row))
    classes, vague, queries = pooled[:, : len(CLASSES)], pooled[:, len(CLASSES)], pooled[:, len(CLASSES) + 1 :]
    heads = queries.reshape(len(queries), 2, -1)  # (U, 2, P)
    keys = key.reshape(*key.shape[:2], 2, -1)[batch.row]  # (U, L, 2, P)
    pointers = torch.einsum("uep,ulep->uel", heads, keys)
    pointers = pointers.masked_fill(batch.attention_mask[batch.row][:, None] == 0, -1e4)
    # The class head is told, softly, what it points to: a claim is an analyst's opinion because of who says it.
    shares = pointers.softmax(-1).mean(1)  # (U, L)
    return UnitLogits(classes + torch.einsum("ul,ulc->uc", shares, vote[batch.row]), vague, pointers)


def losses(scores: ClaimScores, batch: Batch) -> dict[str, Tensor]:
    """The loss of each head, by the names of WEIGHTS."""
    start, role = (getattr(scores, name).float() for name in ("start", "role"))
    found = unit_logits(scores, batch)
    token_trust = batch.trust[:, None].expand_as(start)
    unit_trust = batch.trust[batch.row]
    units = max(1.0, float(unit_trust.sum()))

    known = batch.start != IGNORE
    start_loss = functional.binary_cross_entropy_with_logits(start[known], batch.start[known].float(), token_trust[known], reduction="sum")
    class_loss = functional.cross_entropy(found.classes, batch.classes, ignore_index=IGNORE, reduction="none")
    source_loss = functional.cross_entropy(found.pointers.flatten(0, 1), batch.sources.flatten(), ignore_index=IGNORE, reduction="none")

    roles = batch.role != IGNORE
    return {
        "start": start_loss / units,
        "class": (class_loss * unit_trust).sum() / units,
        "vague": _binary(found.vague, batch.vague, unit_trust),
        "source": (source_loss.view(-1, 2).mean(1) * unit_trust).sum() / units,
        "named": _binary(over_sources(scores["named"], batch), batch.named, unit_trust),
        "role": functional.binary_cross_entropy_with_logits(role[roles], batch.role[roles].float()) if roles.any() else role.sum() * 0,
    }


def pool_units(values: Tensor, weight: Tensor, unit: Tensor, units: int) -> Tensor:
    """Weighted means over each unit's tokens, as `decode.pool` takes them.

    Args:
        values: (B, L, K); weight: (B, L) logarithm of each token's weight; unit: (B, L) index of each token's unit, -1 for none.
        units: U.

    Returns:
        (U, K)
    """
    held = unit >= 0
    index, weights = unit[held], weight[held].exp()
    total = torch.zeros(units, device=values.device).index_add(0, index, weights)
    sums = torch.zeros(units, values.shape[-1], device=values.device).index_add(0, index, values[held] * weights[:, None])
    return sums / total.clamp_min(1e-6)[:, None]


def over_sources(named: Tensor, batch: Batch) -> Tensor:
    """Mean of (B, L) `named` logits over each unit's source, (U,); its window's first token's for units without one."""
    sums = functional.pad(named.float().cumsum(1), (1, 0))
    first, last = batch.sources.clamp_min(0).unbind(1)
    return (sums[batch.row, last + 1] - sums[batch.row, first]) / (last + 1 - first).clamp_min(1)


def _binary(logits: Tensor, target: Tensor, trust: Tensor) -> Tensor:
    known = target != IGNORE
    if not known.any():
        return logits.sum() * 0
    loss = functional.binary_cross_entropy_with_logits(logits[known], target[known].float(), trust[known], reduction="sum")
    return loss / trust[known].sum()
