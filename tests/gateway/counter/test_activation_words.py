"""The words of an activation: every code has them in both languages."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

import pytest

from gateway.counter.activation_text import outcome_texts
from gateway.counter.activation_words import (
    ACTIVATION_REASONS,
    BASES,
    CAUSES,
    LOCAL_VERDICTS,
    NOTES,
    OBEYED,
    OUTCOMES,
    VERDICTS,
    ForClerks,
)
from gateway.counter.activations import LocalVerdict
from gateway.counter.words import Language
from protocol import activations
from protocol.activations import ActivationNote, ActivationOutcome, ActivationReason, Basis, Obeyed
from protocol.messages.activations import ActivationAnswer

TABLES: tuple[Mapping[Any, ForClerks], ...] = (
    OUTCOMES,
    ACTIVATION_REASONS,
    BASES,
    CAUSES,
    OBEYED,
    NOTES,
    VERDICTS,
    LOCAL_VERDICTS,
)
AT = dt.datetime(2026, 11, 29, 6, 0, tzinfo=dt.UTC)
ANSWER = ActivationAnswer(
    row_id="1",
    activation_id=uuid.UUID(int=1),
    basis=Basis.CHECKED,
    obeyed=Obeyed.YES,
    unchecked_lines=0,
    notes=(),
    log_entry_id=uuid.UUID(int=2),
    recorded_at=AT,
)


def test_every_vocabulary_of_activations_has_words() -> None:
    kinds: list[type[StrEnum]] = [
        kind
        for kind in vars(activations).values()
        if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
    ]
    spoken: dict[type[StrEnum], set[StrEnum]] = {type(next(iter(table))): set(table) for table in TABLES}
    assert {*kinds, LocalVerdict} == spoken.keys()
    assert all(set(kind) == codes for kind, codes in spoken.items())


@pytest.mark.parametrize("table", TABLES)
def test_every_code_is_said_in_both_languages(table: Mapping[Any, ForClerks]) -> None:
    for in_both in table.values():
        assert in_both.keys() == set(Language)
        for language, words in in_both.items():
            for text in (words.name, words.clerk):
                assert text == text.strip() != ""
                assert bool(re.search("[\u4e00-\u9fff]", text)) is (language is Language.ZH)
        assert len({"{lines}" in words.clerk for words in in_both.values()}) == 1


def test_a_clerk_hears_what_was_noted_why_and_how_it_stands_to_the_decision() -> None:
    over = replace(
        ANSWER, obeyed=Obeyed.NO, unchecked_lines=3, notes=(ActivationNote.LATE, ActivationNote.TOO_MANY_LINES)
    )
    said = outcome_texts(ActivationOutcome.OVERRIDDEN, ActivationReason.MANAGER, over, Language.EN)
    assert said == {
        "clerk": [
            "Noted: opened against the decision, approved by a second person.",
            "Reason: a manager's decision.",
            "The decision was valid when it was done.",
            "It was not done as decided, and is noted as that.",
            "It was reported more than 24 hours after it was done.",
            "More lines than were asked about: 3 of them are noted as not checked.",
        ]
    }
    plain = outcome_texts(ActivationOutcome.ACTIVATED, None, ANSWER, Language.ZH)
    assert plain == {"clerk": ["已登记：按申请开通（后付费）。", "办理时查询结果在有效期内。", "办理与决定一致。"]}
