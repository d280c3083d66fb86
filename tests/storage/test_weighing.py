"""One statement reads what weighs: of applicants also the debts that ended, as long as a grade remembers them."""

import datetime as dt
from dataclasses import fields

from protocol.states import RecordState
from registry.domain.credit import EndedDebt
from registry.domain.records import Record
from registry.store.transactions import Store
from registry.store.weighing import Weight
from tests.storage import values as v
from tests.support.builders import TODAY

DAY = dt.timedelta(days=1)
SINCE = TODAY - 180 * DAY


def ended(record: Record) -> EndedDebt:
    return EndedDebt(**{each.name: getattr(record, each.name) for each in fields(EndedDebt)})


def read(store: Store, since: dt.date | None) -> Weight:
    applicants, held = [v.key(1)], [v.key(1), v.key(2)]
    return store.write(lambda tx: tx.weighing.of(applicants, held, [v.key(9)], since=since))


def test_debts_that_ended_are_read_of_applicants_only_and_as_long_as_they_are_remembered(store: Store) -> None:
    v.founded(store, 1, 2)
    cleared, arranged = {"state": RecordState.CLEARED}, {"state": RecordState.ARRANGED}
    long_ago = SINCE - DAY
    first_day = v.record_of(1, 10, **cleared, settled_on=SINCE, plan_breaks=2, last_break_on=long_ago)
    forgotten = v.record_of(1, 11, **cleared, settled_on=long_ago, plan_breaks=1, last_break_on=long_ago)
    broken_since = v.record_of(1, 12, **cleared, settled_on=long_ago, plan_breaks=1, last_break_on=SINCE)
    under_a_plan = v.record_of(1, 13, **arranged, settled_on=long_ago)
    blocking = v.record_of(1, 14)
    of_a_member = v.record_of(2, 15, **cleared, settled_on=TODAY)
    other = (state for state in RecordState if state not in {"ACTIVE", "ARRANGED", "CLEARED"})
    silent = [v.record_of(1, 20 + number, state=state, settled_on=TODAY) for number, state in enumerate(other)]
    remembered = [first_day, broken_since, under_a_plan]
    store.write(lambda tx: tx.records.add([*remembered, forgotten, blocking, of_a_member, *silent]))
    weight = read(store, SINCE)
    assert weight.active == (blocking,)
    assert set(weight.ended) == {v.key(1)}
    assert set(weight.ended[v.key(1)]) == set(map(ended, remembered))
    assert read(store, None).ended == {}
