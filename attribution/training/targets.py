"""Examples to tensors: what every head should say of every token of a window.

Knows how labels become targets, how an epoch cuts articles into windows, and how windows are packed into batches.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from attribution.article import Article
from attribution.claims import Claim
from attribution.model.configuration import CLASSES, ROLES
from attribution.model.network import ClaimConfig
from attribution.model.windows import Ints, Tokens, tokenize
from attribution.training.corpora import Example

IGNORE = -100
"""The target of whatever is not known; losses leave it out."""

_SWAPPED_QUOTES = (str.maketrans("“”‘’", "\"\"''"), str.maketrans({"'": "’"}))


@dataclass(frozen=True, slots=True)
class Targets:
    """What the heads should say of one article (N tokens, U units; break tokens belong to no unit).

    Attributes:
        tokens: the article's tokens.
        trust: weight of what the units teach.
        start: (N,) 1 where a unit starts, 0 elsewhere, IGNORE where nothing is known or no unit may start.
        unit: (N,) index of each token's unit, -1 for none.
        role: (N, roles) 0 or 1, or IGNORE.
        classes, vague, named: (U,) index in CLASSES, and 0, 1 or IGNORE.
        sources: (U, 2) first and last token of the source; -1 where there is none, IGNORE where it does not matter.
    """

    tokens: Tokens
    trust: float
    start: Ints
    unit: Ints
    role: Ints
    classes: Ints
    vague: Ints
    named: Ints
    sources: Ints


@dataclass(frozen=True, slots=True)
class Batch:
    """B windows of L tokens with U units among them, ready for the network; targets as in Targets.

    Attributes:
        input_ids, shapes, attention_mask: (B, L).
        start, unit: (B, L); role: (B, L, roles). `unit` counts over the batch, -1 for none.
        trust: (B,) weight of what a window's units teach.
        row: (U,) window of each unit; classes, vague, named: (U,).
        sources: (U, 2) position in the unit's window of the source's first and last token, 0 for none.
    """

    input_ids: Tensor
    shapes: Tensor
    attention_mask: Tensor
    start: Tensor
    unit: Tensor
    role: Tensor
    trust: Tensor
    row: Tensor
    classes: Tensor
    vague: Tensor
    named: Tensor
    sources: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same batch on a device."""
        return Batch(*(getattr(self, name).to(device, non_blocking=True) for name in Batch.__slots__))


def article_targets(example: Example, tokenizer: Tokenizer, break_id: int) -> Targets:
    """The targets of an example's whole article."""
    tokens = tokenize(example.article, tokenizer, break_id)
    count, solid = len(tokens), tokens.ends > tokens.starts
    start, unit = np.full(count, IGNORE, np.int64), np.full(count, -1, np.int64)
    role = np.full((count, len(ROLES)), IGNORE, np.int64)
    if example.roles is not None:
        role[solid] = 0
        for number, name in enumerate(ROLES):
            for low, high in example.roles[name]:
                role[solid & (tokens.starts >= low) & (tokens.starts < high), number] = 1
    units = [entry for entry in example.units or () if ((tokens.starts >= entry.start) & (tokens.starts < entry.end) & solid).any()]
    classes, vague, named = (np.full(len(units), IGNORE, np.int64) for _ in range(3))
    sources = np.full((len(units), 2), IGNORE, np.int64)
    if units:
        start[tokens.may_start] = 0
    for index, entry in enumerate(units):
        inside = np.flatnonzero((tokens.starts >= entry.start) & (tokens.starts < entry.end) & solid)
        start[inside[0]] = 1
        unit[inside] = index
        classes[index] = CLASSES.index(entry.label if isinstance(entry, Claim) else entry.kind)
        if not isinstance(entry, Claim):
            continue
        if entry.source is None:
            sources[index] = -1
            vague[index] = int("vague" in entry.flags)
        else:
            named[index] = int(entry.source.kind == "named")
            held = np.flatnonzero((tokens.ends > entry.source.start) & (tokens.starts < entry.source.end) & solid)
            if len(held):
                sources[index] = held[0], held[-1]
    return Targets(tokens, example.trust, start, unit, role, classes, vague, named, sources)


def restyled(example: Example, generator: np.random.Generator) -> Example:
    """The same example, its quotation marks straightened or curled now and then; every offset still holds."""
    choice = int(generator.integers(0, 6))
    if choice >= len(_SWAPPED_QUOTES):
        return example
    article = Article(example.article.text.translate(_SWAPPED_QUOTES[choice]), id=example.article.id)
    return Example(article, example.units, example.roles, example.trust)


def epoch_windows(targets: Targets, window: int, generator: np.random.Generator) -> Iterator[tuple[Targets, int, int]]:
    """An article's windows `[start, end)` for one epoch; the first is of random length, so that edges fall elsewhere each time."""
    count, start = len(targets.tokens), 0
    end = min(count, window if count <= window else int(generator.integers(window // 2, window + 1)))
    while count:
        yield targets, start, end
        if end >= count:
            return
        start = end - window // 8
        end = min(count, start + window)


def epoch_batches(
    examples: Sequence[Example], tokenizer: Tokenizer, config: ClaimConfig, batch_tokens: int, generator: np.random.Generator
) -> list[list[tuple[Targets, int, int]]]:
    """One epoch's windows in batches of at most `batch_tokens` tokens, windows of like length together, in random order."""
    windows: list[tuple[Targets, int, int]] = []
    for example in examples:
        targets = article_targets(restyled(example, generator), tokenizer, config.break_token_id)
        windows.extend(epoch_windows(targets, config.window, generator))
    windows = [windows[index] for index in generator.permutation(len(windows))]
    windows.sort(key=lambda entry: (entry[2] - entry[1]) // 48)
    batches: list[list[tuple[Targets, int, int]]] = []
    for entry in windows:
        width = entry[2] - entry[1] + 2
        if batches and (len(batches[-1]) + 1) * max(width, batches[-1][0][2] - batches[-1][0][1] + 2) <= batch_tokens:
            batches[-1].append(entry)
        else:
            batches.append([entry])
    return [batches[index] for index in generator.permutation(len(batches))]


def collate(windows: Sequence[tuple[Targets, int, int]], config: ClaimConfig) -> Batch:
    """A batch from windows."""
    rows, width = len(windows), max(end - start for _, start, end in windows) + 2
    ids = np.full((rows, width), config.pad_token_id, np.int64)
    shapes, mask = np.zeros_like(ids), np.zeros_like(ids)
    start_target, unit = np.full_like(ids, IGNORE), np.full_like(ids, -1)
    role = np.full((rows, width, len(ROLES)), IGNORE, np.int64)
    parts: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []
    units = 0
    for row, (targets, start, end) in enumerate(windows):
        inside = slice(1, end - start + 1)
        ids[row, 0], ids[row, inside.stop] = config.cls_token_id, config.sep_token_id
        ids[row, inside], shapes[row, inside] = targets.tokens.ids[start:end], targets.tokens.shapes[start:end]
        mask[row, : inside.stop + 1] = 1
        start_target[row, inside], role[row, inside] = targets.start[start:end], targets.role[start:end]
        local = targets.unit[start:end]
        held = np.unique(local[local >= 0])
        if len(held):
            visible = np.bincount(local[local >= 0], minlength=len(targets.classes))[held]
            whole = np.bincount(targets.unit[targets.unit >= 0], minlength=len(targets.classes))[held]
            kept = visible * 2 >= whole
            numbers = np.full(len(targets.classes), -1, np.int64)
            numbers[held] = units + np.arange(len(held))
            unit[row, inside] = np.where(local >= 0, numbers[local], -1)
            sources = targets.sources[held]
            shifted = np.where((sources >= start) & (sources < end), sources - start + 1, IGNORE)
            shifted[(shifted == IGNORE).any(axis=1)] = IGNORE
            shifted[sources[:, 0] == -1] = 0
            parts.append(
                (
                    np.full(len(held), row, np.int64),
                    np.where(kept, targets.classes[held], IGNORE),
                    np.where(kept, targets.vague[held], IGNORE),
                    np.where(kept & (shifted[:, 0] > 0), targets.named[held], IGNORE),
                    np.where(kept[:, None], shifted, IGNORE),
                )
            )
            units += len(held)
    empty = (*(np.zeros(0, np.int64) for _ in range(4)), np.zeros((0, 2), np.int64))
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else list(empty)
    arrays = [ids, shapes, mask, start_target, unit, role]
    trust = np.array([targets.trust for targets, _, _ in windows], np.float32)
    return Batch(*(torch.from_numpy(array) for array in [*arrays, trust, *joined]))


def hide(batch: Batch, share: float, mask_id: int, config: ClaimConfig) -> Batch:
    """The same batch, a share of its tokens hidden behind the mask, so that no single name or word decides what is learned."""
    ids = batch.input_ids
    special = torch.tensor([config.break_token_id, config.cls_token_id, config.sep_token_id, config.pad_token_id], device=ids.device)
    chosen = (torch.rand(ids.shape, device=ids.device) < share) & ~torch.isin(ids, special)
    return replace(batch, input_ids=ids.masked_fill(chosen, mask_id))
