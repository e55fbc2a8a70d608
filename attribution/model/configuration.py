"""What a model folder's `config.json` says to the code that runs it: window shape, special tokens, calibration.

Read without torch or transformers, so that a check starts fast; `network.ClaimConfig` writes the same file for
`from_pretrained`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from attribution.claims import ModelInfo

CLASSES: Final = ("attributed", "analyst_opinion", "unattributed", "heading", "furniture", "non_assertive")
"""Classes of a unit, in the order of its logits: the three claim labels, then the kinds that are no claim."""

ROLES: Final = ("source", "cue", "content")
"""Roles of a token in an attribution, in the order of their logits; a token may have several, or none."""


class ModelError(Exception):
    """A model folder that cannot be used: what, where and what to do, in one line."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the decoder takes from the dev set rather than from training; `named_threshold` stays at even odds.

    Attributes:
        temperature: divides the class logits (Guo et al. 2017, On Calibration of Modern Neural Networks).
        start_threshold, vague_threshold, named_threshold: logits above which a unit starts, a claim is vague, a source is named.
        class_weight: how much the likelihood of the units' classes counts in where units start; 0: not at all.
        role_thresholds: logits above which a token has the role, in the order of ROLES.
    """

    temperature: float = 1.0
    start_threshold: float = 0.0
    class_weight: float = 0.0
    vague_threshold: float = 0.0
    named_threshold: float = 0.0
    role_thresholds: tuple[float, ...] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Everything but the weights that a check needs to know of a model. Lengths are in tokens."""

    info: ModelInfo
    window: int
    overlap: int
    break_token_id: int
    cls_token_id: int
    sep_token_id: int
    pad_token_id: int
    calibration: Calibration


def settings_from(values: Mapping[str, Any]) -> ModelSettings:
    """Settings from the values of a configuration, as `config.json` or `ClaimConfig.to_dict` gives them.

    Raises:
        KeyError, TypeError, ValueError: a value is missing, of another type, or does not fit the others.
    """
    calibration = {field.name: values["calibration"][field.name] for field in fields(Calibration)}
    calibration["role_thresholds"] = tuple(calibration["role_thresholds"])
    names = ("window", "overlap", "break_token_id", "cls_token_id", "sep_token_id", "pad_token_id")
    settings = ModelSettings(
        info=ModelInfo(values["release_name"], values["release_version"]),
        calibration=Calibration(**calibration),
        **{name: int(values[name]) for name in names},
    )
    if not 0 <= settings.overlap < settings.window:
        raise ValueError(f"an overlap of {settings.overlap} does not fit a window of {settings.window}")
    return settings


def read_settings(folder: Path) -> ModelSettings:
    """Settings from `config.json` in a model folder.

    Raises:
        ModelError: the file is missing, no JSON, or lacks a value.
    """
    path = folder / "config.json"
    try:
        return settings_from(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else error
        raise ModelError(
            f"{path}: not a claim model's configuration ({reason}); give a folder written by attribution.model.export"
        ) from error
