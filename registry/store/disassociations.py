"""Keep the rebuttals of households; an inquiry reads them with the households that it names."""

import uuid
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa

from protocol.codes import RebuttalGround
from protocol.states import HouseholdKind
from registry.domain.disassociations import Rebuttal
from registry.store import columns
from registry.store.changes import Change
from registry.store.pages import ids_behind
from registry.store.prepared import ByKeys, Insert
from registry.store.repository import Repository, fan_out

# Rows are added and ended once; a renewal is a further row, so that the state of any past day stays known.
household_rebuttal: Final = sa.Table(
    "household_rebuttal",
    columns.metadata,
    columns.key("household_key"),
    columns.key(),
    columns.uuid("rebuttal_id"),
    columns.coded("kind", HouseholdKind, 16),
    columns.coded("ground", RebuttalGround, 24),
    columns.octets("evidence_digest"),
    columns.text("filed_by", 64),
    columns.time("filed_at"),
    columns.day("until"),
    columns.time("withdrawn_at", nullable=True),
    columns.text("withdrawn_by", 64, nullable=True),
    columns.text("rules_version", 32),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("household_key", "subject_key", "rebuttal_id"),
    columns.references(["household_key"], "household"),
    columns.references(["filed_by"], "participant", ["participant_id"]),
    columns.length("subject_key"),
    columns.length("evidence_digest", 32),
    sa.Index(None, "rebuttal_id"),
    sa.Index(None, "subject_key"),
    info=columns.BY_HOUSEHOLD,
)

_ALL: Final = sa.select(household_rebuttal).order_by(
    household_rebuttal.c.rebuttal_id, household_rebuttal.c.household_key
)
_INSERT: Final = Insert(household_rebuttal)
OF_HOUSEHOLDS: Final = ByKeys(_ALL, household_rebuttal.c.household_key)
_FIND: Final = _ALL.where(household_rebuttal.c.rebuttal_id == sa.bindparam("id"))
_OF_SUBJECT: Final = _ALL.where(household_rebuttal.c.subject_key == sa.bindparam("key"))
_END: Final = Change(household_rebuttal, ("withdrawn_at", "withdrawn_by", "log_entry_id"))


class Disassociations(Repository):
    """Distribution key: ``household_key``, but where marked as a fan-out."""

    def add(self, new: Sequence[Rebuttal]) -> None:
        _INSERT.run(self._connection, new)

    def end(self, ended: Rebuttal) -> None:
        """Write that a rebuttal was taken back; the caller has the subject's lock."""
        _END.run(self._connection, [ended])

    def of_households(self, keys: Collection[bytes]) -> tuple[Rebuttal, ...]:
        """Read all rebuttals of the households, ended ones included: on the hot path of an inquiry."""
        return tuple(self._of(Rebuttal, OF_HOUSEHOLDS, keys))

    @fan_out
    def find(self, rebuttal_id: uuid.UUID) -> tuple[Rebuttal, ...]:
        """Find the one or two rows of a filing; none where there is no such filing."""
        return self._all(Rebuttal, _FIND, id=rebuttal_id)

    @fan_out
    def of_subject(self, subject_key: bytes) -> tuple[Rebuttal, ...]:
        """Read the subject's rebuttals, oldest first."""
        return self._all(Rebuttal, _OF_SUBJECT, key=subject_key)

    @fan_out
    def page(self, after: uuid.UUID | None, limit: int) -> tuple[tuple[Rebuttal, ...], uuid.UUID | None]:
        """Read the rows of filings behind an id, by id, and the id behind which the next page is."""
        chosen = ids_behind(self._connection, household_rebuttal.c.rebuttal_id, after, limit)
        return self._all(Rebuttal, _ALL.where(household_rebuttal.c.rebuttal_id.in_(chosen.ids))), chosen.next
