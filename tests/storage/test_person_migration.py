"""Records from before they had a reference of their person are listed without one, on both databases."""

from contextlib import closing

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

REVISION = "0032"


def test_a_record_from_before_has_no_reference_of_its_person_and_may_get_one(empty_url: str) -> None:
    upgrade_to(empty_url, before(REVISION))
    with closing(make_engines(empty_url)) as engines, exclusive(engines) as connection:
        insert_entries(connection, v.a_log_entry(1), v.a_log_entry(10))
        insert(connection, participant, v.a_participant("carrier-a"))
        insert(connection, key_epoch, v.an_epoch())
        insert(connection, subject, v.a_subject(1), **SEALED)
        insert(connection, record, v.record_of(1, 10))
    upgrade(empty_url)
    with closing(Store(make_engines(empty_url))) as store:
        [old] = store.read(lambda tx: tx.records.of_subjects([v.key(1)]))[v.key(1)]
        assert old == v.record_of(1, 10)
        assert old.person_ref is None
