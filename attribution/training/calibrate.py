"""Calibration of a trained model on the dev sets: temperature and thresholds. `python -m attribution.training.calibrate --help`

Knows what is fitted and by which score: the temperature by likelihood (Guo et al. 2017), thresholds and class weight by F1.
Nothing here changes a weight; `config.json` is written anew.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attribution.claims import LABELS, Claim
from attribution.labelled import Labelled, read_labelled
from attribution.metrics import compare, compare_roles, scores
from attribution.model.backends import TorchBackend, score_articles
from attribution.model.configuration import CLASSES, ROLES, Calibration, settings_from
from attribution.model.decode import Scored, decode, role_spans, stitch, unit_scores
from attribution.model.network import ClaimModel
from attribution.training.corpora import PolnearArticle, read_polnear

TEMPERATURES = np.geomspace(0.5, 3, 60)
THRESHOLDS = np.linspace(-3, 3, 61)
CLASS_WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0)


def fit_temperature(logits: NDArray[np.float32], classes: NDArray[np.int64]) -> float:
    """The temperature under which the true classes are likeliest.

    Args:
        logits: (U, classes) of U units.
        classes: (U,) index of each unit's true class.
    """

    def loss(temperature: float) -> float:
        scaled = logits / temperature
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        chosen = scaled[np.arange(len(classes)), classes]
        return float((np.log(np.exp(scaled).sum(axis=1)) - chosen).mean())

    return float(min(TEMPERATURES, key=loss))


def unit_logits(
    gold: Sequence[Labelled], scored: Sequence[Scored], calibration: Calibration
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
    """Pooled logits of the units found, with what most of each is in the labelled set.

    Returns:
        (U, classes + 1) class logits and the logit of `vague`; (U,) true class; (U,) 1 for a vague claim, 0 for another
        unattributed one, -1 for the rest.
    """
    logits, classes, vague = [], [], []
    for item, found in zip(gold, scored, strict=True):
        rows = stitch(found)
        units = unit_scores(found, rows, calibration)
        logits.append(np.column_stack([units.classes, units.vague]))
        starts = found.tokens.starts[units.firsts]
        for start, end in zip(starts, [*starts[1:], len(item.article.text)], strict=True):
            held = max(item.units, key=lambda unit: min(unit.end, end) - max(unit.start, start))
            classes.append(CLASSES.index(held.label if isinstance(held, Claim) else held.kind))
            plain = isinstance(held, Claim) and held.label == LABELS[2]
            vague.append(int("vague" in held.flags) if isinstance(held, Claim) and plain else -1)
    return np.concatenate(logits), np.array(classes), np.array(vague)


def calibrate(
    gold: Sequence[Labelled], scored: Sequence[Scored], polnear: Sequence[PolnearArticle], scored_polnear: Sequence[Scored]
) -> Calibration:
    """The calibration that suits the dev sets best; role thresholds stay where they are without PolNeAR articles."""
    calibration = Calibration()

    def score(name: str, trial: Calibration) -> float:
        return scores([compare(i.article, i.units, decode(i.article, s, trial)) for i, s in zip(gold, scored, strict=True)])[name]

    boundary = [score("boundary_f1", replace(calibration, start_threshold=value)) for value in THRESHOLDS[::3]]
    calibration = replace(calibration, start_threshold=_best(boundary, THRESHOLDS[::3]))
    logits, classes, _ = unit_logits(gold, scored, calibration)
    calibration = replace(calibration, temperature=fit_temperature(logits[:, : len(CLASSES)], classes))
    calibration = max((replace(calibration, class_weight=weight) for weight in CLASS_WEIGHTS), key=lambda trial: score("claim_f1", trial))
    logits, classes, vague = unit_logits(gold, scored, calibration)
    known = vague >= 0
    calibration = replace(
        calibration,
        temperature=fit_temperature(logits[:, : len(CLASSES)], classes),
        vague_threshold=_best([_f1(logits[known, -1] > value, vague[known] == 1) for value in THRESHOLDS], THRESHOLDS),
    )
    if not polnear:
        return calibration
    by_role = []
    for threshold in THRESHOLDS:
        trial = replace(calibration, role_thresholds=(float(threshold),) * len(ROLES))
        pairs = zip(polnear, scored_polnear, strict=True)
        by_role.append(scores([compare_roles(i.article.text, i.roles(), role_spans(s, trial)) for i, s in pairs]))
    chosen = tuple(_best([found[f"role_{role}_f1"] for found in by_role], THRESHOLDS) for role in ROLES)
    return replace(calibration, role_thresholds=chosen)


def _best(values: Sequence[float], thresholds: NDArray[np.float64]) -> float:
    """The threshold of the highest value, smoothed over its neighbours so that one lucky step is not chosen."""
    smooth = np.convolve(np.pad(values, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return round(float(thresholds[int(smooth.argmax())]), 3)


def _f1(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    return float(2 * (found & true).sum() / max(1, found.sum() + true.sum()))


def main(
    model: Annotated[Path, typer.Argument(help="folder written by attribution.training.train; its config.json is rewritten")],
    gold_dev: Annotated[Path, typer.Option(help="labelled set to calibrate on", exists=True)],
    polnear_dev: Annotated[Path | None, typer.Option(help="PolNeAR file to choose role thresholds on", exists=True)] = None,
) -> None:
    """Fit temperature and thresholds on the dev sets and write them to the model's configuration."""
    network = ClaimModel.from_pretrained(model, dtype=torch.float32)
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    backend, settings = TorchBackend(network), settings_from(network.config.to_dict())
    gold, polnear = list(read_labelled(gold_dev)), list(read_polnear(polnear_dev)) if polnear_dev else []
    scored = score_articles(backend, settings, tokenizer, [item.article for item in gold])
    scored_polnear = score_articles(backend, settings, tokenizer, [item.article for item in polnear])
    found = calibrate(gold, scored, polnear, scored_polnear)
    path = model / "config.json"
    values = json.loads(path.read_text(encoding="utf-8")) | {"calibration": asdict(found)}
    path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    typer.echo(json.dumps(asdict(found)))


if __name__ == "__main__":
    typer.run(main)
