"""An auditor or a regulator holds a day's evaluations against its inquiries; each reading is in the log."""

import datetime as dt
from typing import Any, Final

from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.tallies.keep import tally_document

_EARLIEST: Final = dt.date(2000, 1, 1)


def read_tallies(registry: Registry, actor: Actor, day: dt.date) -> dict[str, Any]:
    """Every custodian's tally of a UTC day, and what the registry counted of each carrier on that day.

    Raises Refusal INVALID_FIELD for a day that is not over: half a day's counts would be taken for a whole one's.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        act = act_in(registry, tx, actor)
        if day >= act.now.astimezone(dt.UTC).date():
            raise Refusal(Problem.INVALID_FIELD, fields={"day": "not-over"})
        if day < _EARLIEST:
            raise Refusal(Problem.INVALID_FIELD, fields={"day": "too-long-ago"})
        midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
        tallies = tx.tallies.of_day(day)
        counted = tx.tallies.counted(midnight, midnight + dt.timedelta(days=1))
        act.log(EntryKind.TALLIES_READ, act.new_id(), {"day": day.isoformat(), "tallies": len(tallies)})
        return {
            "day": day.isoformat(),
            "tallies": [tally_document(each) | {"statement": each.statement} for each in tallies],
            "counted": [
                {"carrier": each.participant_id, "inquiries": each.inquiries, "reports": each.reports}
                for each in counted
            ],
        }

    return registry.store.write(work)
