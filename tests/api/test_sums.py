"""No sum that is written as JSON can pass what every language holds exactly, whatever the bounds allow."""

import pytest

from protocol.encodings import MAX_DEBT_FEN, MAX_FEN, MAX_JSON_INTEGER
from protocol.messages.plans import MAX_INSTALMENTS
from protocol.messages.rules import PER_MILLION, LateFeeRules
from protocol.messages.tallies import MAX_CARRIERS, MAX_ELEMENTS
from protocol.wire.codec import Malformed, read
from registry.domain.money import owed


def test_what_is_owed_on_one_record_stays_within_the_bounds_of_a_statement() -> None:
    beyond = {"daily_ppm": 0, "cap_ppm": PER_MILLION + 1}
    with pytest.raises(Malformed):  # the fee would pass the principal
        read(LateFeeRules, beyond)
    for largest in (MAX_DEBT_FEN, MAX_FEN):
        assert owed(largest, largest, largest, 0).total_fen <= 3 * MAX_FEN <= MAX_JSON_INTEGER


def test_what_was_paid_on_a_record_stays_within_53_bits() -> None:
    """The last payment closes the record, so less than what is owed was paid before it."""
    assert 3 * MAX_FEN + MAX_FEN <= MAX_JSON_INTEGER


def test_the_instalments_of_a_plan_together_stay_within_53_bits() -> None:
    assert MAX_INSTALMENTS * MAX_FEN <= MAX_JSON_INTEGER


def test_the_elements_of_a_custodians_day_together_stay_within_53_bits() -> None:
    assert MAX_CARRIERS * MAX_ELEMENTS <= MAX_JSON_INTEGER
