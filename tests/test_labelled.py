"""Labelled sets: what is read, and what is refused with file and line."""

import json
from pathlib import Path

import pytest

from attribution import Claim
from attribution.labelled import LabelledError, read_labelled

RECORD = {"id": "a", "text": "Rain fell.", "units": [{"start": 0, "end": 10, "kind": "claim", "label": "unattributed", "vague": True}]}


def test_our_own_set_is_read() -> None:
    items = list(read_labelled(Path(__file__).parents[1] / "eval" / "sets" / "newsroom.jsonl"))
    assert len(items) >= 60
    claims = [unit for item in items for unit in item.units if isinstance(unit, Claim)]
    assert all(claim.source is not None for claim in claims if claim.label != "unattributed")


def test_vague_may_be_a_key_or_a_flag(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    flagged = {**RECORD, "units": [{"start": 0, "end": 10, "kind": "claim", "label": "unattributed", "flags": ["vague"]}]}
    path.write_text(json.dumps(RECORD) + "\n\n" + json.dumps(flagged) + "\n", encoding="utf-8")
    assert [item.units[0].flags for item in read_labelled(path) if isinstance(item.units[0], Claim)] == [("vague",), ("vague",)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": "Rain fell. More."}, "do not tile"),
        ({"units": [{"start": 0, "end": 99, "kind": "heading"}]}, "outside its text"),
        ({"units": [{"start": 0, "end": 10, "kind": "title"}]}, "kind 'title'"),
        ({"units": [{"start": 0, "end": 10, "kind": "claim", "label": "true"}]}, "label 'true'"),
        ({"units": [{"start": 0, "kind": "heading"}]}, "lacks 'end'"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(RECORD) + "\n" + json.dumps({**RECORD, **change}) + "\n", encoding="utf-8")
    with pytest.raises(LabelledError, match=reason) as caught:
        list(read_labelled(path))
    assert str(caught.value).startswith(f"{path}:2: ")
