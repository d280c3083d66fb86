"""Show a day's evaluations beside its inquiries to an auditor or a regulator; log each reading."""

import datetime as dt
from typing import Final

from protocol.log_entries import EntryKind
from protocol.messages import tallies as messages
from protocol.problems import FieldCode, Problem, Refusal
from protocol.readings import UNTOLD, Reading
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.overseeing import log_reading, require_context
from registry.usecases.tallies.keep import signed_tally_message

_EARLIEST: Final = dt.date(2000, 1, 1)


def read_tallies(registry: Registry, actor: Actor, day: dt.date, *, reading: Reading = UNTOLD) -> messages.Tallies:
    """Read every custodian's tally of a UTC day, and the registry's counts of each carrier on that day.

    Raises Refusal CONTEXT_REQUIRED, or INVALID_FIELD for a day that is not over: half a day's counts would pass for a
    whole one's.
    """

    def work(tx: Transaction) -> messages.Tallies:
        act = act_in(registry, tx, actor)
        if day >= act.now.astimezone(dt.UTC).date():
            raise Refusal(Problem.INVALID_FIELD, fields={"day": FieldCode.NOT_OVER})
        if day < _EARLIEST:
            raise Refusal(Problem.INVALID_FIELD, fields={"day": FieldCode.TOO_LONG_AGO})
        midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
        tallies = tx.tallies.of_day(day)
        counted = tx.tallies.counted(midnight, midnight + dt.timedelta(days=1))
        require_context(act, reading)
        log_reading(act, reading, EntryKind.TALLIES_READ, {"day": day.isoformat(), "tallies": len(tallies)})
        return messages.Tallies(
            day=day,
            tallies=tuple(map(signed_tally_message, tallies)),
            counted=tuple(
                messages.Counted(carrier=sender.participant_id, inquiries=sender.inquiries, reports=sender.reports)
                for sender in counted
            ),
        )

    return registry.store.write(work)
