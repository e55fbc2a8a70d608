"""The JSON report: the schema's keys, in both formats, there and back."""

import json

from hypothesis import given
from hypothesis import strategies as st

from attribution import Article, Checker
from attribution.labelled import labelled
from attribution.reports import Options, writer
from attribution.reports.json import from_dict, to_dict
from tests.conftest import STORY


def test_the_report_has_the_keys_of_version_1(checker: Checker) -> None:
    found = to_dict(checker.check(Article(STORY, id="story.txt", path="story.txt")))
    assert list(found) == [
        "schema_version", "id", "path", "title", "text", "model", "min_confidence", "coverage", "word_coverage", "counts", "sources",
        "units", "warnings",
    ]  # fmt: skip
    claim = next(unit for unit in found["units"] if unit["kind"] == "claim")
    assert set(claim) == {
        "start", "end", "kind", "label", "confidence", "text", "line", "column", "source", "cue", "flags", "duplicate_of",
    }  # fmt: skip
    heading = next(unit for unit in found["units"] if unit["kind"] == "heading")
    assert set(heading) == {"start", "end", "kind", "text"}
    assert found["title"] == "Dam to stay shut after cracks found"


@given(st.text(alphabet=st.sampled_from("aA .,\n“”ß😀said"), max_size=80))
def test_reports_round_trip(checker: Checker, text: str) -> None:
    found = to_dict(checker.check(Article(text)))
    again = json.loads(json.dumps(found))
    assert to_dict(from_dict(again)) == found
    if found["units"]:
        assert [unit.start for unit in labelled(again).units] == [unit["start"] for unit in found["units"]]


def test_what_breaks_lines_or_encodings_is_escaped(checker: Checker) -> None:
    text = "Rain\u2028fell \ud800 in\x85Oslo."
    (line,) = "".join(writer("jsonl")([checker.check(Article(text))], Options())).splitlines()
    assert json.loads(line.encode("utf-8"))["text"] == text


def test_json_is_one_list_and_jsonl_one_line_an_article(checker: Checker) -> None:
    reports = list(checker.check_many([Article("Rain fell.", id="a"), Article(STORY, id="b")]))
    listed = json.loads("".join(writer("json")(reports, Options())))
    lines = [json.loads(line) for line in "".join(writer("jsonl")(reports, Options())).splitlines()]
    assert [entry["id"] for entry in listed] == ["a", "b"]
    assert lines == listed
    assert json.loads("".join(writer("json")([], Options()))) == []
