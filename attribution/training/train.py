"""Trains the model: labelled articles and PolNeAR as tasks of one network. `python -m attribution.training.train --help`

Knows the order of things: examples, epochs, checkpoints, scores. The same seed on the same machine gives the same weights,
in one run or in several (`--resume`), because every epoch draws from a seed of its own.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel, AutoTokenizer

from attribution.labelled import Labelled, read_labelled
from attribution.model.backends import TorchBackend
from attribution.model.configuration import Calibration, ModelError, settings_from
from attribution.model.network import ClaimConfig, ClaimModel, ClaimScores
from attribution.training.checkpoints import load, read_log, save, write_log
from attribution.training.corpora import READINGS, PolnearArticle, read_polnear, read_readings, read_texts, training_examples
from attribution.training.derive import derive
from attribution.training.distil import distilled, load_teacher
from attribution.training.dropout import replace_dropout
from attribution.training.losses import WEIGHTS, losses
from attribution.training.targets import Batch, collate, epoch_batches, hide
from attribution.training.validate import validate

console = Console(stderr=True)


def main(
    gold: Annotated[list[Path], typer.Option(help="labelled set to train on; may be given again", exists=True)],
    gold_dev: Annotated[Path, typer.Option(help="labelled set to select the model on", exists=True)],
    base: Annotated[str, typer.Option(help="what to start from: an encoder, by folder or name on a model hub, or a claim model's folder")],
    output: Annotated[Path, typer.Option(help="folder for the model, checkpoints and log.jsonl")],
    news: Annotated[
        list[Path] | None, typer.Option(help="unlabelled articles, of which those that readings.jsonl labels are trained on", exists=True)
    ] = None,
    polnear: Annotated[Path | None, typer.Option(help="PolNeAR file to train on", exists=True)] = None,
    polnear_dev: Annotated[Path | None, typer.Option(help="PolNeAR file to score roles on", exists=True)] = None,
    epochs: Annotated[int, typer.Option(help="passes over the labelled set", min=1)] = 10,
    roles_share: Annotated[float, typer.Option(help="share of the PolNeAR-only articles in each pass", min=0, max=1)] = 1.0,
    trust: Annotated[float, typer.Option(help="first weight of units derived from PolNeAR", min=0, max=1)] = 0.3,
    window: Annotated[int, typer.Option(help="tokens in a window", min=32, max=510)] = 382,
    batch_tokens: Annotated[int, typer.Option(help="tokens in a batch", min=512)] = 3072,
    rate: Annotated[float, typer.Option(help="highest learning rate of the encoder")] = 1.5e-4,
    head_rate: Annotated[float, typer.Option(help="highest learning rate of the heads")] = 6e-4,
    hidden: Annotated[float, typer.Option(help="share of the tokens hidden from the encoder", min=0, max=0.5)] = 0.05,
    teacher: Annotated[
        Path | None, typer.Option(help="folder of a trained model whose scores are learned too", exists=True, file_okay=False)
    ] = None,
    soft: Annotated[float, typer.Option(help="weight of the teacher's scores; the labels have the rest", min=0, max=1)] = 0.5,
    seed: Annotated[int, typer.Option(help="seed of every random choice")] = 1,
    device: Annotated[str | None, typer.Option(help="torch device; a GPU when there is one")] = None,
    limit: Annotated[int | None, typer.Option(help="train on this many articles only, for a trial")] = None,
    stop_after: Annotated[int | None, typer.Option(help="stop when this many epochs are done; --resume goes on")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on from the last checkpoint in the output folder")] = False,
) -> None:
    """Train a model on labelled articles, and PolNeAR if given; keep the epoch with the best scores on the dev set."""
    place = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    network, tokenizer = build(base, window)
    replace_dropout(network)
    # Word embeddings stay as they are: half of all weights, most of them of words that our articles never show.
    network.encoder.get_input_embeddings().requires_grad_(False)
    mask_id = next((number for name in ("[MASK]", "<mask>") if (number := tokenizer.token_to_id(name)) is not None), None)
    if mask_id is None:
        raise typer.BadParameter("the tokenizer has no mask; give another encoder", param_hint="--base")
    try:
        loaded_teacher = None if teacher is None else load_teacher(teacher, tokenizer, network.config, place)
    except ModelError as error:
        raise typer.BadParameter(str(error), param_hint="--teacher") from error
    lesson = partial(_lesson, network, loaded_teacher, soft, hidden, mask_id)
    network.to(place)  # type: ignore[arg-type]
    average = {name: value.detach().clone() for name, value in network.state_dict().items()}
    optimizer = _optimizer(network, rate, head_rate)

    relations = list(read_polnear(polnear)) if polnear else []
    derived = {item.article.id: derive(item) for item in relations} if trust else {}
    texts = {name: text for path in news or [] for name, text in read_texts(path)}
    texts |= {item.article.id: item.article.text for item in relations}
    readings = list(read_readings(READINGS, texts)) if texts else []
    training = [*(item for path in gold for item in read_labelled(path)), *readings]
    examples = training_examples(training, relations, [gold_dev], derived, trust)[:limit]
    labelled = [example for example in examples if example.trust == 1 and example.units is not None]
    others = [example for example in examples if example.trust != 1 or example.units is None]
    dev = list(read_labelled(gold_dev))
    roles_dev = list(read_polnear(polnear_dev)) if polnear_dev else []
    console.print(f"{len(labelled)} labelled ({len(readings)} of them by our readings), {len(others)} PolNeAR-only articles on {place}")
    console.print(f"selected on {len(dev)} labelled and {len(roles_dev)} PolNeAR articles")

    try:
        first = load(output, network, average, optimizer) if resume else 0
    except FileNotFoundError as error:
        raise typer.BadParameter(str(error), param_hint="--resume") from error
    done = [entry for entry in read_log(output) if entry["epoch"] <= first]
    best = max((entry["selection"] for entry in done), default=0.0)
    write_log(output, done)
    for epoch in range(first, min(epochs, stop_after or epochs)):
        generator = np.random.default_rng([seed, epoch])
        torch.manual_seed(seed * 1000 + epoch)
        chosen = generator.permutation(len(others))[: round(roles_share * len(others))]
        # Derived units help a network that knows nothing and mislead one that knows more: their weight falls to nothing.
        pool = labelled + [replace(others[index], trust=trust * (1 - epoch / epochs)) for index in chosen]
        batches = epoch_batches(pool, tokenizer, network.config, batch_tokens, generator)
        started = time.monotonic()
        filled = (collate(batch, network.config).to(place) for batch in batches)
        means = _epoch(network, average, optimizer, lesson, filled, len(batches), epoch, epochs)
        found = _validate(network, average, tokenizer, dev, roles_dev, place)
        selection = _selection(found)
        entry = {"epoch": epoch + 1, "minutes": (time.monotonic() - started) / 60, "selection": selection, "loss": means, **found}
        write_log(output, [entry], "a")
        console.print(f"epoch {epoch + 1}: " + " ".join(f"{name} {value:.3f}" for name, value in found.items()))
        if selection > best:
            best = selection
            _save_model(output, network, average, tokenizer)
        save(output, network, average, optimizer, epoch + 1)


def build(base: str, window: int) -> tuple[ClaimModel, Tokenizer]:
    """A model to train: one trained before, or one around a pretrained encoder, its heads untrained; and its tokenizer, without truncation.

    Args:
        base: folder or hub name of any encoder with a fast tokenizer, or folder of a claim model.
        window: tokens in a window, the two special tokens not counted.
    """
    if _is_claim_model(Path(base)):
        trained = ClaimModel.from_pretrained(base, dtype=torch.float32, window=window, overlap=window // 3)
        trained.config.calibration = asdict(Calibration())  # what suited the old weights says nothing of the new ones
        return trained, Tokenizer.from_file(str(Path(base) / "tokenizer.json"))
    fast = AutoTokenizer.from_pretrained(base, use_fast=True)
    tokenizer: Tokenizer = fast.backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    # Probabilities of attention are not dropped: on a CPU that alone makes the forward pass four times slower.
    encoder_config = AutoConfig.from_pretrained(base, attention_probs_dropout_prob=0.0)
    spare = tokenizer.token_to_id("[unused0]")
    config = ClaimConfig(
        encoder=encoder_config.to_dict(),
        window=window,
        overlap=window // 3,
        break_token_id=fast.sep_token_id if spare is None else spare,
        cls_token_id=fast.cls_token_id,
        sep_token_id=fast.sep_token_id,
        pad_token_id=fast.pad_token_id,
    )
    network = ClaimModel(config)
    encoder = AutoModel.from_pretrained(base, config=encoder_config, add_pooling_layer=False)
    network.encoder.load_state_dict(encoder.state_dict())
    return network, tokenizer


def _is_claim_model(folder: Path) -> bool:
    path = folder / "config.json"
    return path.exists() and json.loads(path.read_text(encoding="utf-8")).get("model_type") == ClaimConfig.model_type


def _optimizer(network: ClaimModel, rate: float, head_rate: float) -> torch.optim.AdamW:
    encoder = {name for name, _ in network.named_parameters() if name.startswith("encoder.")}
    groups = []
    for inside, peak in ((True, rate), (False, head_rate)):
        for decayed in (True, False):
            parameters = [
                value
                for name, value in network.named_parameters()
                if value.requires_grad and (name in encoder) == inside and (value.ndim > 1) == decayed
            ]
            groups.append({"params": parameters, "lr": peak, "peak": peak, "weight_decay": 0.01 if decayed else 0.0})
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6, fused=True)


def _epoch(
    network: ClaimModel,
    average: dict[str, torch.Tensor],
    optimizer: torch.optim.AdamW,
    lesson: Callable[[Batch], dict[str, torch.Tensor]],
    batches: Iterator[Batch],
    steps: int,
    epoch: int,
    epochs: int,
) -> dict[str, float]:
    """One pass; returns the mean of each loss."""
    network.train()
    sums = dict.fromkeys(WEIGHTS, 0.0)
    averaged = [(average[name], value) for name, value in network.named_parameters() if value.requires_grad]
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[loss]}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"epoch {epoch + 1}/{epochs}", total=steps, loss="")
        for step, batch in enumerate(batches):
            share = (epoch + (step + 0.5) / steps) / epochs
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * min(share / 0.06, (1 - share) / 0.94)
            parts = lesson(batch)
            loss = torch.stack([WEIGHTS[name] * value for name, value in parts.items()]).sum()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            decay = min(0.998, (1 + epoch * steps + step) / (10 + epoch * steps + step))
            with torch.no_grad():
                torch._foreach_lerp_([mean for mean, _ in averaged], [value.data for _, value in averaged], 1 - decay)
            for name, value in parts.items():
                sums[name] += value.item()
            if step % 20 == 19:
                shown = " ".join(f"{name} {value / (step + 1):.3f}" for name, value in sums.items())
                progress.update(task, completed=step + 1, loss=shown)
                if not console.is_terminal:
                    console.print(f"epoch {epoch + 1} step {step + 1}/{steps} {shown}")
    return {name: value / steps for name, value in sums.items()}


def _lesson(
    network: ClaimModel, teacher: Callable[[Batch], ClaimScores] | None, soft: float, hidden: float, mask_id: int, batch: Batch
) -> dict[str, torch.Tensor]:
    """The loss of each head on a batch, some of whose tokens are hidden from the network, though not from its teacher."""
    seen = hide(batch, hidden, mask_id, network.config)
    with torch.autocast(batch.input_ids.device.type, dtype=torch.bfloat16):
        scores = network(seen.input_ids, seen.shapes, seen.attention_mask)
        taught = teacher(batch) if teacher else None
    labels = losses(scores, batch)
    if taught is None:
        return labels
    learned = distilled(scores, taught, batch)
    return {name: (1 - soft) * value + soft * learned[name] for name, value in labels.items()}


def _validate(
    network: ClaimModel,
    average: dict[str, torch.Tensor],
    tokenizer: Tokenizer,
    dev: Sequence[Labelled],
    roles_dev: Sequence[PolnearArticle],
    place: torch.device,
) -> dict[str, float]:
    """Scores of the averaged weights on the dev sets."""
    held = {name: value.detach().clone() for name, value in network.state_dict().items()}
    network.load_state_dict(average)
    found = validate(TorchBackend(network, str(place)), settings_from(network.config.to_dict()), tokenizer, dev, roles_dev)
    network.load_state_dict(held)
    return found


def _selection(found: dict[str, float]) -> float:
    """What the best epoch is chosen by: the mean of the dev scores that an editor feels."""
    names = ("boundary_f1", "macro_f1", "claim_f1", "source_accuracy", "role_content_f1", "role_source_f1", "role_cue_f1")
    return float(np.mean([found[name] for name in names if name in found]))


def _save_model(output: Path, network: ClaimModel, average: dict[str, torch.Tensor], tokenizer: Tokenizer) -> None:
    network.save_pretrained(output / "best", state_dict=dict(average))  # it empties what it is given
    tokenizer.save(str(output / "best" / "tokenizer.json"))


if __name__ == "__main__":
    typer.run(main)
