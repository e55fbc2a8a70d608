"""Labels that stand off from texts which are not ours to keep."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from attribution.claims import Claim
from attribution.labelled import LabelledError, read_labelled
from attribution.training.corpora import READINGS, read_readings, training_examples

TEXT = "Dam shut\nIt is believed to leak. Divers found cracks, Smith said. Why?"
UNITS = [[0, 8, "H"], [9, 32, "V"], [33, 65, "A", 54, 59, "named"], [66, 70, "N"]]


def written(folder: Path, **changes: object) -> Path:
    record = {"id": "a", "sha256": sha256(TEXT.encode()).hexdigest()[:16], "units": UNITS} | changes
    path = folder / "readings.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return path


def test_a_reading_and_its_text_are_a_labelled_article(tmp_path: Path) -> None:
    (item,) = read_readings(written(tmp_path), {"a": TEXT})
    assert [unit.label if isinstance(unit, Claim) else unit.kind for unit in item.units] == [
        "heading",
        "unattributed",
        "attributed",
        "non_assertive",
    ]
    vague, sourced = (unit for unit in item.units if isinstance(unit, Claim))
    assert vague.flags == ("vague",)
    assert sourced.source is not None
    assert (sourced.source.text, sourced.source.kind) == ("Smith", "named")


def test_a_text_that_has_changed_or_is_not_at_hand_is_left_out(tmp_path: Path) -> None:
    assert list(read_readings(written(tmp_path), {"a": TEXT + " "})) == []
    assert list(read_readings(written(tmp_path), {"b": TEXT})) == []


def test_units_that_do_not_tile_the_text_are_named_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(LabelledError, match=r"readings\.jsonl:1: .*tile"):
        list(read_readings(written(tmp_path, units=UNITS[:2]), {"a": TEXT}))


@pytest.mark.parametrize("unit", [[33, 65, "A"], [33, 65, "A", 54, 59], [33, 65, "U", 54, 59, "named"], [33, 65, "X"], [33]])
def test_a_unit_that_is_none_is_named_with_its_line(unit: list[object], tmp_path: Path) -> None:
    with pytest.raises(LabelledError, match=r"readings\.jsonl:1: "):
        list(read_readings(written(tmp_path, units=[*UNITS[:2], unit, UNITS[3]]), {"a": TEXT}))


def test_an_article_labelled_twice_is_refused(tmp_path: Path) -> None:
    items = list(read_readings(written(tmp_path), {"a": TEXT}))
    assert len(training_examples(items, [], [], {}, 0)) == 1
    with pytest.raises(LabelledError, match="labelled twice"):
        training_examples(items * 2, [], [], {}, 0)


def test_our_readings_hold_no_text() -> None:
    for line in READINGS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        assert set(record) == {"id", "sha256", "units"}
        for start, end, tag, *source in record["units"]:
            assert start < end
            assert tag in "AOUVHFN"
            assert len(source) == (3 if tag in "AO" else 0)


def test_what_we_wrote_to_train_on_is_none_of_what_we_score_on() -> None:
    scored = {item.article.text for item in read_labelled(Path(__file__).parents[2] / "eval" / "sets" / "newsroom.jsonl")}
    written = [item.article.text for item in read_labelled(READINGS.with_name("written.jsonl"))]
    assert len(written) >= 40
    assert scored.isdisjoint(written)
