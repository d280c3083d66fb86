"""The words of a review of a grade: every code has them in both languages."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.counter.activation_words import ForClerks
from gateway.counter.review_words import REVIEW_OUTCOMES, REVIEW_REASONS
from gateway.counter.words import Language
from protocol.grades import ReviewOutcome, ReviewReason


@pytest.mark.parametrize(
    ("table", "vocabulary"),
    [(REVIEW_OUTCOMES, ReviewOutcome), (REVIEW_REASONS, ReviewReason)],
    ids=["outcomes", "reasons"],
)
def test_every_code_has_a_name_and_a_sentence_in_both_languages(
    table: Mapping[Any, ForClerks], vocabulary: type[ReviewOutcome | ReviewReason]
) -> None:
    assert set(table) == set(vocabulary)
    for words in table.values():
        assert set(words) == set(Language)
        for text in (words[Language.ZH].name, words[Language.ZH].clerk):
            assert re.search("[\u4e00-\u9fff]", text)
        for text in (words[Language.EN].name, words[Language.EN].clerk):
            assert text
            assert text.isascii()
