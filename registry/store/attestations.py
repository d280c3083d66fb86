"""Keep the attestations that count, the marks of withdrawn consents, and the subjects' demands for attestations."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa

from protocol.attestations import ConsentMethod, DemandReply
from registry.domain.attestations import Attestation, AttestationDemand, WithdrawnConsent
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import ByKeys, Insert
from registry.store.repository import Repository, fan_out

IS_ENDING: Final = "ending_on IS NOT NULL"
"""Equal to the query's condition word for word: SQLite takes a partial index only then."""

# No amount and no bill is in it; a row that has ended is deleted.
attestation: Final = sa.Table(
    "attestation",
    columns.metadata,
    columns.key(),
    columns.text("participant_id", 64),
    columns.octets("account_ref", 32),
    columns.uuid("attestation_id"),
    columns.integer("band"),
    columns.day("as_of"),
    columns.day("until"),
    columns.day("ending_on", nullable=True),
    columns.octets("consent_ref", 16),
    columns.text("consent_text", 16),
    columns.coded("consent_method", ConsentMethod, 16),
    columns.time("consent_given_at"),
    columns.day("consent_ends"),
    columns.octets("document_digest", 32),
    columns.time("told_at"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "participant_id", "account_ref"),
    columns.references(["subject_key"], "subject"),
    columns.references(["participant_id"], "participant"),
    columns.length("account_ref", 32),
    columns.length("consent_ref"),
    columns.length("document_digest", 32),
    columns.at_least("band", 1),
    sa.Index(None, "attestation_id"),
    sa.Index(None, "until"),
    columns.partial(None, "ending_on", where=IS_ENDING),
    info=columns.BY_SUBJECT,
)

# A mark and a day: without it the carrier's next batch would attest under a consent that is over.
withdrawn_consent: Final = sa.Table(
    "withdrawn_consent",
    columns.metadata,
    columns.key(),
    columns.octets("mark", 16),
    columns.day("until"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "mark"),
    columns.references(["subject_key"], "subject"),
    columns.length("mark"),
    sa.Index(None, "until"),
    info=columns.BY_SUBJECT,
)

attestation_demand: Final = sa.Table(
    "attestation_demand",
    columns.metadata,
    columns.key(),
    columns.uuid("demand_id"),
    columns.text("participant_id", 64),
    columns.text("demanded_through", 64),
    columns.time("demanded_at"),
    columns.day("answer_due"),
    sa.Column("attested", sa.Boolean(), nullable=False),
    columns.coded("reply", DemandReply, 24, nullable=True),
    columns.time("answered_at", nullable=True),
    columns.day("answered_on", nullable=True),
    columns.day("until"),
    columns.text("rules_version", 32),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "demand_id"),
    columns.references(["subject_key"], "subject"),
    columns.references(["participant_id"], "participant"),
    columns.references(["demanded_through"], "participant", ["participant_id"]),
    sa.Index(None, "demand_id"),
    sa.Index(None, "participant_id"),
    sa.Index(None, "until"),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(attestation)
_DELETE: Final = Change(attestation)
_TELL: Final = Change(attestation, ("ending_on",))
OF_SUBJECTS: Final = ByKeys(
    sa.select(attestation),
    attestation.c.subject_key,
    order=(attestation.c.subject_key, attestation.c.told_at, attestation.c.attestation_id),
)
_FIND: Final = sa.select(attestation).where(attestation.c.attestation_id == sa.bindparam("id"))
_OVER: Final = (
    sa.select(attestation)
    .where(attestation.c.until <= sa.bindparam("day"))
    .order_by(attestation.c.until)
    .limit(sa.bindparam("most"))
)
_ENDING: Final = (
    sa.select(attestation)
    .where(sa.text(IS_ENDING), attestation.c.ending_on <= sa.bindparam("day"))
    .order_by(attestation.c.ending_on)
    .limit(sa.bindparam("most"))
)
_MARK: Final = Insert(withdrawn_consent, renewing=("until", "log_entry_id"))
_MARKS: Final = ByKeys(sa.select(withdrawn_consent.c.mark), withdrawn_consent.c.subject_key, withdrawn_consent.c.mark)
_DEMAND: Final = Insert(attestation_demand)
_ANSWER: Final = Change(attestation_demand, ("attested", "reply", "answered_at", "answered_on", "log_entry_id"))
_DEMANDS: Final = ByKeys(
    sa.select(attestation_demand),
    attestation_demand.c.subject_key,
    order=(attestation_demand.c.subject_key, attestation_demand.c.demanded_at, attestation_demand.c.demand_id),
)
_FIND_DEMAND: Final = sa.select(attestation_demand).where(attestation_demand.c.demand_id == sa.bindparam("id"))
_IN_TIME: Final = attestation_demand.c.answered_on <= attestation_demand.c.answer_due
_DUE_STILL: Final = attestation_demand.c.answer_due >= sa.bindparam("day")
_COUNT: Final = sa.select(
    sa.func.count().filter(attestation_demand.c.answered_on.is_(None), _DUE_STILL),
    sa.func.count().filter(_IN_TIME),
    sa.func.count().filter(sa.not_(_IN_TIME)),
    sa.func.count().filter(attestation_demand.c.answered_on.is_(None), sa.not_(_DUE_STILL)),
).where(attestation_demand.c.participant_id == sa.bindparam("by"))
_ENDED: Final = {
    table.name: (
        sa.select(*table.primary_key.columns)
        .where(table.c.until <= sa.bindparam("day"))
        .order_by(table.c.until)
        .limit(sa.bindparam("most")),
        Change(table),
    )
    for table in (withdrawn_consent, attestation_demand)
}


class Attestations(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def add(self, new: Sequence[Attestation]) -> None:
        _INSERT.run(self._connection, new)

    def remove(self, ended: Sequence[Attestation]) -> None:
        """Delete the rows of attestations that ended; the caller has the subjects' locks."""
        _DELETE.run(self._connection, ended)

    def told(self, ending: Sequence[Attestation]) -> None:
        """Write that the attesters were told of the end; the caller has the subjects' locks."""
        _TELL.run(self._connection, ending)

    def of_subjects(self, keys: Collection[bytes]) -> tuple[Attestation, ...]:
        """Read the attestations of the subjects, each subject's oldest first."""
        return tuple(self._of(Attestation, OF_SUBJECTS, keys))

    @fan_out
    def find(self, attestation_id: uuid.UUID) -> Attestation | None:
        return self._one(Attestation, _FIND, id=attestation_id)

    @fan_out
    def over(self, day: dt.date, limit: int) -> tuple[Attestation, ...]:
        """Find attestations that no longer count on a day, the longest over first."""
        return self._all(Attestation, _OVER, day=day, most=limit)

    @fan_out
    def ending(self, day: dt.date, limit: int) -> tuple[Attestation, ...]:
        """Find attestations of whose end their attesters are to be told by a day."""
        return self._all(Attestation, _ENDING, day=day, most=limit)

    def mark(self, withdrawn: Sequence[WithdrawnConsent]) -> None:
        """Remember withdrawn consents by their marks."""
        _MARK.run(self._connection, withdrawn)

    def marked(self, keys: Collection[bytes], marks: Collection[bytes]) -> frozenset[bytes]:
        """Find those of the marks whose consents were withdrawn."""
        return frozenset(row[0] for row in _MARKS.rows(self._connection, keys, marks))

    def demand(self, new: AttestationDemand) -> None:
        _DEMAND.run(self._connection, [new])

    def answer(self, answered: Sequence[AttestationDemand]) -> None:
        """Write the answers to demands; the caller has the subjects' locks."""
        _ANSWER.run(self._connection, answered)

    def demands_of(self, keys: Collection[bytes]) -> tuple[AttestationDemand, ...]:
        """Read the demands of the subjects, each subject's oldest first."""
        return tuple(self._of(AttestationDemand, _DEMANDS, keys))

    @fan_out
    def find_demand(self, demand_id: uuid.UUID) -> AttestationDemand | None:
        return self._one(AttestationDemand, _FIND_DEMAND, id=demand_id)

    @fan_out
    def count_demands(self, participant_id: str, today: dt.date) -> tuple[int, int, int, int]:
        """Count a carrier's demands: open, answered in time, answered late, and overdue on a Beijing date."""
        row = self._connection.execute(_COUNT, {"by": participant_id, "day": today}).one()
        return row[0], row[1], row[2], row[3]

    @fan_out
    def drop_ended(self, day: dt.date, limit: int) -> frozenset[bytes]:
        """Delete marks and demands whose time is over, up to ``limit`` of each; returns the keys of their subjects."""
        keys: set[bytes] = set()
        for chosen, change in _ENDED.values():
            rows = [tuple(row) for row in self._connection.execute(chosen, {"day": day, "most": limit})]
            change.run_rows(self._connection, rows)
            keys.update(row[0] for row in rows)
        return frozenset(keys)
