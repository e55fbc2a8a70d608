"""Scores, on cases small enough to count by hand."""

import pytest

from attribution.labelled import Labelled, labelled
from attribution.metrics import ArticleScores, bootstrap, by_confidence, compare, compare_roles, scores

TEXT = "Head\nIt rained all day. Smith said it would snow. He fears floods."


def marked(*units: tuple[str, str, str | None]) -> Labelled:
    """Units as (text, kind or label, source)."""
    records = []
    for part, name, source in units:
        start = TEXT.index(part)
        record: dict[str, object] = {"start": start, "end": start + len(part), "kind": "heading" if name == "heading" else "claim"}
        if name != "heading":
            record["label"] = name
        if source:
            record |= {"source": [TEXT.index(source), TEXT.index(source) + len(source)], "source_kind": "named"}
        records.append(record)
    return labelled({"id": "a", "text": TEXT, "units": records})


GOLD = marked(
    ("Head", "heading", None),
    ("It rained all day.", "unattributed", None),
    ("Smith said it would snow.", "attributed", "Smith"),
    ("He fears floods.", "attributed", "He"),
)


def test_a_perfect_reading_scores_one() -> None:
    found = scores([compare(GOLD.article, GOLD.units, GOLD.units)])
    assert {found[name] for name in ("boundary_f1", "attributed_f1", "unattributed_f1", "macro_f1", "claim_f1", "source_accuracy")} == {1.0}
    assert found["coverage_error"] == 0.0
    assert found["calibration_error"] == 0.0


def test_each_score_counts_what_it_says() -> None:
    other = marked(
        ("Head", "heading", None),
        ("It rained all day.", "attributed", "Smith"),
        ("Smith said it would snow. He fears floods.", "attributed", "Smith"),
    )
    found = scores([compare(GOLD.article, GOLD.units, other.units)])
    assert found["boundary_f1"] == pytest.approx(2 * 2 / (3 + 2))
    assert found["claim_f1"] == 0.0
    assert found["attributed_f1"] == pytest.approx(2 * 8 / (8 + 12))
    assert found["unattributed_f1"] == 0.0
    assert found["coverage_error"] == pytest.approx(1 / 3)
    assert found["source_accuracy"] == 0.5
    assert found["calibration_error"] == pytest.approx(0.5)


def test_a_source_with_the_same_text_elsewhere_is_right() -> None:
    text = "Smith spoke. Smith said no."
    gold = labelled({"id": "a", "text": text, "units": [
        {"start": 0, "end": 12, "kind": "claim", "label": "unattributed"},
        {"start": 13, "end": 27, "kind": "claim", "label": "attributed", "source": [13, 18], "source_kind": "named"},
    ]})  # fmt: skip
    other = labelled({"id": "a", "text": text, "units": [
        {"start": 0, "end": 12, "kind": "claim", "label": "unattributed"},
        {"start": 13, "end": 27, "kind": "claim", "label": "attributed", "source": [0, 5], "source_kind": "named"},
    ]})  # fmt: skip
    assert scores([compare(gold.article, gold.units, other.units)])["source_accuracy"] == 1.0


def test_roles_are_scored_by_token() -> None:
    found = scores([compare_roles("Smith said no.", {"source": [(0, 5)], "cue": [(6, 10)]}, {"source": [(0, 10)], "cue": []})])
    assert found["role_source_f1"] == pytest.approx(2 / 3)
    assert found["role_cue_f1"] == 0.0


def test_the_bootstrap_holds_the_score_and_narrows_to_it_when_articles_agree() -> None:
    same = [compare(GOLD.article, GOLD.units, GOLD.units)] * 5
    assert bootstrap(same, samples=20)["macro_f1"] == (1.0, 1.0)


def test_accuracy_rises_with_the_confidence_asked_for() -> None:
    found = by_confidence(
        [ArticleScores({}, (0.55, 0.75, 0.95), (False, True, True)), ArticleScores({}, (0.65,), (False,))], (0.0, 0.7, 1.0)
    )
    assert [(entry.claims, entry.kept, entry.accuracy, entry.accuracy_below) for entry in found] == [
        (4, 1.0, 0.5, None),
        (2, 0.5, 1.0, 0.0),
        (0, 0.0, None, 0.5),
    ]
