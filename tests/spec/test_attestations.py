"""docs/spec/attestations.md: a second implementation of bands, spans and ends says what the vectors say."""

import calendar
import datetime as dt
import json
from pathlib import Path

from protocol.attestations import MOST_AGE_DAYS, PAID_WITHIN_DAYS, AttestationVerdict, ConsentMethod, DemandReply

SPEC = Path(__file__).parents[2] / "docs/spec"
VECTORS = json.loads((SPEC / "vectors/attestations.json").read_bytes())
PAGE = (SPEC / "attestations.md").read_text(encoding="utf-8")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_the_largest_band_that_is_reached_is_attested() -> None:
    for case in VECTORS["bands"]:
        assert case["band"] == [0, 12, 24, 36][min(case["months"] // 12, 3)]


def test_a_span_begins_on_the_same_day_so_many_months_before() -> None:
    for case in VECTORS["spans"]:
        as_of = day(case["as_of"])
        year = as_of.year - case["band"] // 12
        lacks = as_of.day > calendar.monthrange(year, as_of.month)[1]
        begins = dt.date(year, as_of.month + 1, 1) if lacks else as_of.replace(year=year)
        assert day(case["begins"]) == begins


def test_an_attestation_ends_with_its_age_or_its_consent() -> None:
    for case in VECTORS["ends"]:
        by_age = day(case["as_of"]).toordinal() + case["most_days"]
        assert day(case["until"]).toordinal() == min(by_age, day(case["consent_until"]).toordinal())


def test_the_page_names_every_word_and_the_bounds_of_the_code() -> None:
    for word in (*AttestationVerdict, *ConsentMethod, *DemandReply):
        assert f"`{word.value}`" in PAGE
    assert f"**{PAID_WITHIN_DAYS} days**" in PAGE
    assert f"at most {MOST_AGE_DAYS} days ago" in PAGE
