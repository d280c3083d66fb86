"""Keep custodians' tallies, and count the same in the registry's own log."""

import datetime as dt
from collections import defaultdict
from typing import Final

import sqlalchemy as sa

from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.ids import first_uuid7
from registry.domain.tallies import CountedCarrier, KeptTally
from registry.store import columns
from registry.store.log.openings import log_opening
from registry.store.prepared import Insert
from registry.store.repository import Repository, fan_out

evaluation_tally: Final = sa.Table(
    "evaluation_tally",
    columns.metadata,
    columns.text("participant_id", 64),
    columns.day("day"),
    columns.integer("epoch"),
    columns.big_integer("total"),
    columns.text("statement", None),
    columns.time("received_at"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("participant_id", "day", "epoch"),
    columns.references(["participant_id"], "participant"),
    columns.references(["epoch"], "key_epoch"),
    columns.at_least("total", 0),
    sa.Index(None, "day"),
    info=columns.BY_PARTICIPANT,
)

_REPORTS: Final = (
    EntryKind.REPORT_LISTED,
    EntryKind.REPORT_REJECTED,
    EntryKind.REPORT_REPEATED,
    EntryKind.RECORD_UPDATED,
)
"""Every reported row has one entry, of one of these kinds."""
_INSERT: Final = Insert(evaluation_tally, new_only=True)
_FIND: Final = sa.select(evaluation_tally).where(
    evaluation_tally.c.participant_id == sa.bindparam("custodian"),
    evaluation_tally.c.day == sa.bindparam("day"),
    evaluation_tally.c.epoch == sa.bindparam("epoch"),
)
_OF_DAY: Final = (
    sa.select(evaluation_tally)
    .where(evaluation_tally.c.day == sa.bindparam("day"))
    .order_by(evaluation_tally.c.participant_id, evaluation_tally.c.epoch)
)
_COUNTED: Final = (
    sa.select(log_opening.c.participant_id, log_opening.c.kind, sa.func.count())
    .where(
        log_opening.c.entry_id >= sa.bindparam("first"),
        log_opening.c.entry_id < sa.bindparam("end"),
        log_opening.c.kind.in_([each.value for each in (EntryKind.INQUIRY, *_REPORTS)]),
    )
    .group_by(log_opening.c.participant_id, log_opening.c.kind)
)


class Tallies(Repository):
    """Distribution key: ``participant_id``, the custodian's, but where marked as a fan-out."""

    def add(self, new: KeptTally) -> None:
        """Keep a tally; refuses with IN_FLIGHT when one of that day and epoch was committed meanwhile."""
        if _INSERT.run(self._connection, [new]) == 0:
            raise Refusal(Problem.IN_FLIGHT)

    def find(self, custodian: str, day: dt.date, epoch: int) -> KeptTally | None:
        return self._one(KeptTally, _FIND, custodian=custodian, day=day, epoch=epoch)

    @fan_out
    def of_day(self, day: dt.date) -> tuple[KeptTally, ...]:
        """Read the tallies of all custodians for one day."""
        return self._all(KeptTally, _OF_DAY, day=day)

    @fan_out
    def counted(self, first: dt.datetime, end: dt.datetime) -> tuple[CountedCarrier, ...]:
        """Count inquiries and reported rows by sender, as the log has them from one moment to before another.

        It counts the log and not the business tables: entries stay when records are sealed, rejected rows leave nothing
        else, and readers of the openings can count the same.
        """
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        bounds = {"first": first_uuid7(first), "end": first_uuid7(end)}
        for sender, kind, count in self._connection.execute(_COUNTED, bounds):
            counts[sender][kind] = count
        return tuple(
            CountedCarrier(
                participant_id=sender,
                inquiries=of_sender.get(EntryKind.INQUIRY.value, 0),
                reports=sum(of_sender.get(each.value, 0) for each in _REPORTS),
            )
            for sender, of_sender in sorted(counts.items())
        )
