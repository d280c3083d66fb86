"""An attestation speaks of a span, counts by its date, and is contradicted by a debt of its own carrier alone."""

import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.attestations import ConsentMethod, band_of
from protocol.grades import ATTESTED, Tenure
from protocol.states import RecordState
from registry.domain.attestations import Attestation, contradicts, ends_on, mark_of, span_begins, tenure_of
from tests.support.builders import NOW, TODAY, a_record

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31))
BANDS = st.sampled_from([int(each) for each in ATTESTED])
DAY = dt.timedelta(days=1)


def attested(**changes: Any) -> Attestation:
    values: dict[str, Any] = {
        "subject_key": a_record().subject_key,
        "participant_id": "carrier-a",
        "account_ref": b"a" * 32,
        "attestation_id": uuid.UUID(int=1),
        "band": 12,
        "as_of": TODAY,
        "until": TODAY + 30 * DAY,
        "ending_on": TODAY,
        "consent_ref": b"c" * 16,
        "consent_text": "standard-1",
        "consent_method": ConsentMethod.PAPER,
        "consent_given_at": NOW,
        "consent_ends": TODAY + 30 * DAY,
        "document_digest": b"d" * 32,
        "told_at": NOW,
        "log_entry_id": uuid.UUID(int=1),
    }
    return Attestation(**(values | changes))


@pytest.mark.parametrize(
    ("due", "is_within"),
    [
        (TODAY, True),
        (TODAY + DAY, False),
        (dt.date(2025, 11, 21), True),
        (dt.date(2025, 11, 20), False),
    ],
)
def test_both_ends_of_the_span_belong_to_it(due: dt.date, *, is_within: bool) -> None:
    assert attested().is_contradicted_by(a_record(due_date=due)) is is_within


def test_a_debt_of_another_carrier_or_person_contradicts_nothing() -> None:
    assert attested().is_contradicted_by(a_record(due_date=TODAY))
    assert not attested(participant_id="carrier-b").is_contradicted_by(a_record(due_date=TODAY))
    assert not attested(subject_key=b"z" * 16).is_contradicted_by(a_record(due_date=TODAY))


def test_what_was_never_a_debt_of_the_subject_contradicts_nothing() -> None:
    never = {state for state in RecordState if not contradicts(a_record(state=state), as_of=TODAY, band=36)}
    assert never == {
        RecordState.RECEIVED,
        RecordState.REJECTED,
        RecordState.WITHDRAWN,
        RecordState.VOID_IDENTITY_THEFT,
    }


@given(as_of=DAYS, consent=DAYS, most=st.integers(30, 365))
def test_an_attestation_outlives_neither_its_consent_nor_its_age(as_of: dt.date, consent: dt.date, most: int) -> None:
    until = ends_on(as_of, consent, most)
    assert until <= consent
    assert until <= as_of + most * DAY
    assert until in (consent, as_of + most * DAY)


@given(as_of=DAYS, band=BANDS)
def test_a_longer_span_begins_earlier(as_of: dt.date, band: int) -> None:
    assert 360 <= (as_of - span_begins(as_of, 12)).days <= 366
    assert span_begins(as_of, band) <= span_begins(as_of, 12) < as_of


@given(held=st.lists(st.tuples(BANDS, st.integers(-5, 5)), max_size=6))
def test_the_tenure_is_the_best_band_that_counts_and_one_more_never_lowers_it(held: list[tuple[int, int]]) -> None:
    given_now = [attested(band=band, until=TODAY + days * DAY) for band, days in held]
    best = max((band for band, days in held if days > 0), default=0)
    assert tenure_of(given_now, TODAY) == Tenure(best)
    assert all(tenure_of(given_now[:place], TODAY) <= Tenure(best) for place in range(len(given_now)))


@given(months=st.integers(0, 1_000))
def test_a_band_is_never_longer_than_the_months(months: int) -> None:
    assert band_of(months) <= months
    assert months < 12 or band_of(months) >= Tenure.YEAR
    assert band_of(months) <= band_of(months + 1)


def test_a_mark_is_one_persons_at_one_carrier_and_for_one_consent() -> None:
    marks = {
        mark_of(key, carrier, reference)
        for key in (b"k" * 16, b"l" * 16)
        for carrier in ("carrier-a", "carrier-b")
        for reference in (b"r" * 16, b"s" * 16)
    }
    assert len(marks) == 8
    assert {len(each) for each in marks} == {16}
