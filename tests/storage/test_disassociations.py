"""Rebuttals come back with their household, by their id and by their subject, on both databases."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from protocol.codes import RebuttalGround
from protocol.states import HouseholdKind
from registry.domain.disassociations import Rebuttal
from registry.store.errors import StoreFailure
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.support.builders import TODAY

HOME, REGISTER = 101, 102


def a_rebuttal(household: int, subject: int, number: int, **changes: Any) -> Rebuttal:
    values: dict[str, Any] = {
        "household_key": v.key(household),
        "subject_key": v.key(subject),
        "rebuttal_id": v.an_id(number),
        "kind": HouseholdKind.ADDRESS,
        "ground": RebuttalGround.NEVER_LIVED_THERE,
        "evidence_digest": b"e" * 32,
        "filed_by": "carrier-b",
        "filed_at": v.LATER,
        "until": TODAY + dt.timedelta(days=730),
        "rules_version": "2026-01",
        "log_entry_id": v.an_id(number),
    }
    return Rebuttal(**(values | changes))


@pytest.fixture
def homes(store: Store) -> Store:
    v.founded(store, 1, 2)
    store.write(lambda tx: tx.households.ensure([v.a_household(HOME), v.a_household(REGISTER)]))
    return store


def test_a_rebuttal_is_found_by_household_by_filing_and_by_subject(homes: Store) -> None:
    first, second, other = a_rebuttal(HOME, 1, 30), a_rebuttal(REGISTER, 1, 30), a_rebuttal(HOME, 2, 31)
    homes.write(lambda tx: tx.disassociations.add([first, second, other]))
    assert homes.read(lambda tx: tx.disassociations.of_households([v.key(HOME)])) == (first, other)
    assert homes.read(lambda tx: tx.disassociations.of_households([v.key(9)])) == ()
    assert homes.read(lambda tx: tx.disassociations.of_households([])) == ()
    assert homes.read(lambda tx: tx.disassociations.find(v.an_id(30))) == (first, second)
    assert homes.read(lambda tx: tx.disassociations.of_subject(v.key(2))) == (other,)


def test_the_end_of_a_rebuttal_is_kept_beside_it_and_touches_no_other(homes: Store) -> None:
    first, other = a_rebuttal(HOME, 1, 30), a_rebuttal(HOME, 1, 31)
    ended = replace(first, withdrawn_at=v.LATER, withdrawn_by="court", log_entry_id=v.an_id(40))

    def work(tx: Transaction) -> None:
        tx.disassociations.add([first, other])
        tx.disassociations.end(ended)

    homes.write(work)
    assert homes.read(lambda tx: tx.disassociations.of_subject(v.key(1))) == (ended, other)


def test_a_rebuttal_needs_the_household_that_seals_the_token(homes: Store) -> None:
    with pytest.raises(StoreFailure):
        homes.write(lambda tx: tx.disassociations.add([a_rebuttal(103, 1, 30)]))
