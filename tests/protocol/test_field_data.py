"""Real exports are read right as people reported them: the cases of tests/vectors/field-data.json."""

import datetime as dt
import json
import pathlib
from typing import Any

import pytest

from gateway.bulk.mapping import date_reader
from protocol.accounts import AccountUnreadable, canonical_account
from protocol.address import canonical_address
from protocol.encodings import AmountError, parse_yuan
from protocol.household import household_address_input
from protocol.identifiers import Document, DocumentKind, InvalidDocument, parse_document

VECTORS = pathlib.Path(__file__).parents[1] / "vectors" / "field-data.json"
CASES = json.loads(VECTORS.read_bytes())["cases"]
TODAY = dt.date(2026, 11, 28)


def cases(*kinds: str) -> list[pytest.ParameterSet]:
    chosen = [each for each in CASES if each["check"] in kinds]
    return [pytest.param(each, id=each["id"]) for each in chosen]


def test_there_are_ninety_nine_cases_each_with_its_source() -> None:
    assert len({each["id"] for each in CASES}) == len(CASES) == 99
    assert all(each["source"] for each in CASES)


@pytest.mark.parametrize("case", cases("same"))
def test_two_spellings_of_one_flat_have_one_key(case: dict[str, Any]) -> None:
    one, other = map(household_address_input, case["input"])
    assert one is not None
    assert one == other


@pytest.mark.parametrize("case", cases("different"))
def test_two_flats_never_share_a_key(case: dict[str, Any]) -> None:
    one, other = map(household_address_input, case["input"])
    assert one is None or one != other


@pytest.mark.parametrize("case", cases("nokey"))
def test_an_address_that_names_no_certain_flat_has_no_key(case: dict[str, Any]) -> None:
    assert canonical_address(*case["input"]) is None


@pytest.mark.parametrize("case", cases("key"))
def test_an_address_is_read_as_it_is_meant(case: dict[str, Any]) -> None:
    place = canonical_address(*case["input"])
    assert {name: getattr(place, name) for name in case["expected"]} == case["expected"]


@pytest.mark.parametrize("case", cases("doc"))
def test_a_document_number_is_read_however_it_was_exported(case: dict[str, Any]) -> None:
    assert document_of(case).number == case["expected"]


@pytest.mark.parametrize("case", cases("doc_refused"))
def test_a_number_that_is_nobodys_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidDocument):
        document_of(case)


def document_of(case: dict[str, Any]) -> Document:
    kind, number, *issuer = case["input"]
    return parse_document(DocumentKind(kind), number, today=TODAY, issuer=issuer[0] if issuer else "CHN")


@pytest.mark.parametrize("case", cases("yuan_refused"))
def test_what_is_no_amount_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(AmountError):
        parse_yuan(*case["input"])


@pytest.mark.parametrize("case", cases("date_refused"))
def test_what_is_no_date_is_refused(case: dict[str, Any]) -> None:
    style, text = case["input"]
    with pytest.raises(ValueError, match=r"^[^0-9]*$"):
        date_reader(style)(text)


@pytest.mark.parametrize("case", cases("account_same"))
def test_two_spellings_of_one_account_are_one_number(case: dict[str, Any]) -> None:
    one, other = map(canonical_account, case["input"])
    assert one == other


@pytest.mark.parametrize("case", cases("account_refused"))
def test_an_account_whose_number_is_lost_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(AccountUnreadable):
        canonical_account(*case["input"])
