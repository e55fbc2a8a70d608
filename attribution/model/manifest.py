"""The manifest of a model folder: which files belong to it, and their SHA-256 sums.

A model is checked before a byte of it is parsed, so that a damaged or exchanged file is reported as such and never run.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from attribution.model.configuration import ModelError

MANIFEST: Final = "manifest.json"
NEEDED: Final = frozenset({"config.json", "tokenizer.json", "model.safetensors"})
"""Files that every model has, so that none of them is ever read unchecked."""


def write_manifest(folder: Path, names: Iterable[str]) -> None:
    """Writes the sums of the named files of a folder to its manifest."""
    sums = {name: _sum(folder / name) for name in sorted(names)}
    (folder / MANIFEST).write_text(json.dumps({"sha256": sums}, indent=2) + "\n", encoding="utf-8")


def verify_manifest(folder: Path) -> tuple[str, ...]:
    """Checks every file that the manifest names; returns their names.

    Raises:
        ModelError: there is no manifest, a file is missing, or its sum differs.
    """
    path = folder / MANIFEST
    try:
        sums: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["sha256"]
        found = {name: _sum(folder / name) for name in sums}
        if missing := NEEDED - found.keys():
            raise ValueError(f"it lacks {', '.join(sorted(missing))}")
    except OSError as error:
        raise ModelError(
            f"{error.filename or path}: model file cannot be read ({error.strerror}); reinstall, or give another --model"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: not a model manifest; reinstall, or give another --model") from error
    for name, expected in sums.items():
        if found[name] != expected:
            raise ModelError(f"{folder / name}: model file is damaged (its SHA-256 sum differs from the manifest's); reinstall the model")
    return tuple(sums)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
