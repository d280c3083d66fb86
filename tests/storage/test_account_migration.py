"""Accounts from before they pointed to their records: the newest open record is found, the others are named."""

from contextlib import closing

import pytest

from protocol.beijing import beijing_date
from protocol.states import RecordState
from registry.domain.accounts import AccountPointer
from registry.store.columns import SEALED
from registry.store.engines import make_engines
from registry.store.epochs import key_epoch
from registry.store.migrate import upgrade
from registry.store.participants import participant
from registry.store.records import record
from registry.store.subjects import subject
from registry.store.transactions import Store, exclusive
from tests.storage import values as v
from tests.storage.revisions import before, insert, insert_entries, upgrade_to
from tests.support.builders import NOW

REVISION = "0025"
REF = b"a" * 32


def fill(url: str) -> None:
    """Two people on one account, the second reported a day later; a third whose record there is closed."""
    with closing(make_engines(url)) as engines, exclusive(engines) as connection:
        insert_entries(connection, *(v.a_log_entry(number) for number in (1, 10, 11, 12)))
        insert(connection, participant, v.a_participant("carrier-a"))
        insert(connection, key_epoch, v.an_epoch())
        insert(connection, subject, *(v.a_subject(number) for number in (1, 2, 3)), **SEALED)
        insert(
            connection,
            record,
            v.record_of(1, 10, account_ref=REF, received_at=NOW),
            v.record_of(2, 11, account_ref=REF, received_at=NOW.replace(day=22)),
            v.record_of(3, 12, account_ref=REF, received_at=NOW.replace(day=23), state=RecordState.CLEARED),
        )


@pytest.fixture
def said(empty_url: str, capsys: pytest.CaptureFixture[str]) -> str:
    upgrade_to(empty_url, before(REVISION))
    fill(empty_url)
    capsys.readouterr()
    upgrade(empty_url)
    return capsys.readouterr().out


def test_an_account_points_to_its_newest_open_record_and_the_others_are_named(said: str, empty_url: str) -> None:
    assert said == f"an account of carrier-a has another open record: {v.an_id(10)}\n"
    with closing(Store(make_engines(empty_url))) as store:
        pointers = store.write(lambda tx: tx.accounts.lock("carrier-a", [REF]))
        assert pointers == {
            REF: AccountPointer(account_ref=REF, creditor_id="carrier-a", subject_key=v.key(2), record_id=v.an_id(11))
        }


def test_a_record_from_before_has_the_figures_of_its_listing(said: str, empty_url: str) -> None:
    assert said
    with closing(Store(make_engines(empty_url))) as store:
        found = store.read(lambda tx: tx.records.of_subjects([v.key(1), v.key(2), v.key(3)]))
    assert all(each.figures_on == beijing_date(each.received_at) for owned in found.values() for each in owned)
