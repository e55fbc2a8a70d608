"""What a larger network says of a batch, for a smaller one to learn too.

After Hinton, Vinyals and Dean 2015, Distilling the Knowledge in a Neural Network. Knows how a batch is put to a teacher whose
vocabulary numbers the same word pieces otherwise, and what of its answer is learned: every head's, its roles also on articles
that have none. Units are the labelled ones: a teacher's cuts count only through its start logits.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from attribution.model.configuration import ModelError, read_settings
from attribution.model.network import ClaimConfig, ClaimModel, ClaimScores
from attribution.training.losses import over_sources, unit_logits
from attribution.training.targets import IGNORE, Batch


@dataclass(frozen=True, slots=True)
class Teacher:
    """A trained network, and (vocabulary,) its number of each of the student's word pieces."""

    network: ClaimModel
    ids: Tensor

    def __call__(self, batch: Batch) -> ClaimScores:
        """The teacher's scores of a batch that was made for the student."""
        with torch.no_grad():
            scores: ClaimScores = self.network(self.ids[batch.input_ids], batch.shapes, batch.attention_mask)
        return scores


def load_teacher(folder: Path, tokenizer: Tokenizer, config: ClaimConfig, device: torch.device) -> Teacher:
    """The teacher in a folder that `attribution.training.train` wrote, for a student's tokenizer and configuration.

    Raises:
        ModelError: the folder holds no trained claim model, or fewer than 99 % of the student's word pieces are in its vocabulary.
    """
    read_settings(folder)  # else an encoder without heads would teach what random weights say
    try:
        network = ClaimModel.from_pretrained(folder, dtype=torch.float32).to(device).eval()  # type: ignore[arg-type]
        theirs = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    except Exception as error:  # the libraries raise bare exceptions of many kinds for files that they cannot parse
        raise ModelError(f"{folder}: teacher cannot be loaded ({str(error).splitlines()[0]}); train it again") from error
    ours = tokenizer.get_vocab()
    specials = {
        getattr(config, name): getattr(network.config, name) for name in ("break_token_id", "cls_token_id", "sep_token_id", "pad_token_id")
    }
    shared = {number: theirs[piece] for piece, number in ours.items() if piece in theirs} | specials
    if len(shared) < 0.99 * len(ours):
        raise ModelError(
            f"{folder}: {len(ours) - len(shared)} of the student's {len(ours)} word pieces are not in the teacher's vocabulary; "
            "give a teacher whose encoder cuts words as the student's does"
        )
    unknown = theirs.get("[UNK]", theirs.get("<unk>", network.config.pad_token_id))
    ids = torch.tensor([shared.get(number, unknown) for number in range(max(ours.values()) + 1)], device=device)
    return Teacher(network, ids)


def distilled(scores: ClaimScores, taught: ClaimScores, batch: Batch) -> dict[str, Tensor]:
    """How far each head is from the teacher's: cross-entropy with its probabilities, by the names of `losses.WEIGHTS`."""
    mine, theirs = unit_logits(scores, batch), unit_logits(taught, batch)
    units = max(1, len(batch.row))
    starts, kept, pointing = batch.start != IGNORE, batch.classes != IGNORE, batch.sources[:, 0] != IGNORE
    words = (batch.unit >= 0) | (batch.role != IGNORE).any(-1)
    return {
        "start": _binary(scores["start"], taught["start"], starts).sum() / units,
        "class": _categorical(mine.classes, theirs.classes, kept).sum() / units,
        "vague": _mean(_binary(mine.vague, theirs.vague, batch.vague != IGNORE)),
        "source": _categorical(mine.pointers, theirs.pointers, pointing).mean(-1).sum() / units,
        "named": _mean(_binary(over_sources(scores["named"], batch), over_sources(taught["named"], batch), batch.named != IGNORE)),
        "role": _mean(_binary(scores["role"], taught["role"], words)),
    }


def _binary(logits: Tensor, taught: Tensor, known: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits[known].float(), taught[known].float().sigmoid(), reduction="none")


def _categorical(logits: Tensor, taught: Tensor, known: Tensor) -> Tensor:
    return -(taught[known].softmax(-1) * logits[known].log_softmax(-1)).sum(-1)


def _mean(values: Tensor) -> Tensor:
    return values.sum() / max(1, values.numel())
