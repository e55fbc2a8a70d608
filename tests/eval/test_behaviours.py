"""eval/behaviours: what the released model can do today it still can tomorrow."""

import pytest
from cases import Capability, cases, failure, read_capabilities, read_lexicon
from run import outcome

from attribution import Checker

CAPABILITIES = read_capabilities()
HELD = [capability for capability in CAPABILITIES if capability.floor is not None]


@pytest.mark.parametrize("capability", HELD, ids=lambda capability: capability.name)
def test_what_passes_today_still_passes(capability: Capability, checker: Checker) -> None:
    found = outcome(capability, checker)
    assert capability.floor is not None
    assert found.rate >= capability.floor, "\n".join(f"{reason}\n{case.article.text}" for case, reason in found.failures)


def test_there_are_capabilities_enough_and_most_are_held() -> None:
    assert len(CAPABILITIES) >= 25
    assert len(HELD) >= 25


def test_every_capability_looks_at_something() -> None:
    assert len({capability.name for capability in CAPABILITIES}) == len(CAPABILITIES)
    for capability in CAPABILITIES:
        assert all(case.targets or case.changed is not None for case in cases(capability, read_lexicon(), 2 * len(capability.texts)))


def test_a_seed_gives_the_same_cases_and_another_gives_others() -> None:
    capability, lexicon = CAPABILITIES[0], read_lexicon()
    assert list(cases(capability, lexicon, seed=3)) == list(cases(capability, lexicon, seed=3))
    assert list(cases(capability, lexicon, seed=3)) != list(cases(capability, lexicon, seed=4))


def test_a_wrong_label_and_a_wrong_source_are_failures(checker: Checker) -> None:
    text = "[[The bridge was closed on Monday, according to the harbour authority.]]"
    for label, source, passes in (
        ("attributed", "the harbour authority", True),
        ("unattributed", "the harbour authority", False),
        ("attributed", "Marta Oyelaran", False),
    ):
        capability = Capability("trial", "trial", (text,), label=label, sources=(source,))
        (case,) = cases(capability, read_lexicon(), 1)
        assert (failure(capability, case, checker.check(case.article), None) is None) == passes
