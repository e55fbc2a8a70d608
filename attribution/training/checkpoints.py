"""Where a training stopped, so that it can go on: weights, their running average and the optimizer's moments, and the log of epochs.

Knows the files of a training's folder, safetensors and JSON lines; nothing of what is trained.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

LOG: Final = "log.jsonl"


def save(output: Path, network: nn.Module, average: dict[str, torch.Tensor], optimizer: torch.optim.AdamW, epoch: int) -> None:
    """Writes the checkpoint, whole or not at all."""
    tensors = {f"weight.{name}": value.contiguous() for name, value in network.state_dict().items()}
    tensors |= {f"average.{name}": value.contiguous() for name, value in average.items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": value for name, value in state.items()}
    partial = output / "checkpoint.partial"
    save_file(tensors, partial, metadata={"epoch": str(epoch)})
    partial.replace(output / "checkpoint.safetensors")


def load(output: Path, network: nn.Module, average: dict[str, torch.Tensor], optimizer: torch.optim.AdamW) -> int:
    """Puts back the last checkpoint; returns the number of epochs done.

    Raises:
        FileNotFoundError: there is none.
    """
    path = output / "checkpoint.safetensors"
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; train without --resume first")
    tensors = load_file(path)
    network.load_state_dict({name.removeprefix("weight."): value for name, value in tensors.items() if name.startswith("weight.")})
    for name in average:
        average[name].copy_(tensors[f"average.{name}"])
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith("optimizer."):
            _, index, moment = name.split(".")
            state.setdefault(int(index), {})[moment] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    with safe_open(path, "pt") as file:
        return int(file.metadata()["epoch"])


def write_log(output: Path, entries: Iterable[Mapping[str, Any]], mode: Literal["w", "a"] = "w") -> None:
    """Writes entries to `log.jsonl`, one an epoch, in the place of what it held or behind it."""
    with (output / LOG).open(mode, encoding="utf-8") as file:
        file.writelines(json.dumps(entry) + "\n" for entry in entries)


def read_log(output: Path) -> list[dict[str, Any]]:
    """The entries of `log.jsonl`, one an epoch; none where there is no log."""
    path = output / LOG
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
