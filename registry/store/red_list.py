"""Keep the red list; the approvals of an entry are read with it."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import replace
from operator import attrgetter
from typing import Final

import sqlalchemy as sa

from protocol.codes import RedListGround
from registry.domain.red_list import Approval, RedListEntry
from registry.store import columns
from registry.store.changes import Change
from registry.store.pages import ids_behind
from registry.store.prepared import ByKeys, Insert, Row, grouped
from registry.store.repository import Repository, fan_out

# An organisation without any record has a subject too: a change of the key epoch finds its sealed token.
red_list: Final = sa.Table(
    "red_list",
    columns.metadata,
    columns.key(),
    columns.uuid("entry_id"),
    columns.coded("ground", RedListGround, 24),
    columns.text("proposed_by", 64),
    columns.time("proposed_at"),
    columns.day("expires_on"),
    columns.text("rules_version", 32),
    columns.time("revoked_at", nullable=True),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "entry_id"),
    columns.references(["subject_key"], "subject"),
    columns.references(["proposed_by"], "participant", ["participant_id"]),
    sa.Index(None, "entry_id"),
    info=columns.BY_SUBJECT,
)

# The key lets a participant approve an entry once; the domain sets their number and excludes the proposer.
red_list_approval: Final = sa.Table(
    "red_list_approval",
    columns.metadata,
    columns.key(),
    columns.uuid("entry_id"),
    columns.text("approver_id", 64),
    columns.time("approved_at"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "entry_id", "approver_id"),
    columns.references(["subject_key", "entry_id"], "red_list"),
    columns.references(["approver_id"], "participant", ["participant_id"]),
    info=columns.BY_SUBJECT,
)

_COLUMNS: Final = tuple(red_list.c)
_NAMES: Final = tuple(each.name for each in _COLUMNS)
_APPROVAL: Final = (
    red_list_approval.c.approver_id,
    red_list_approval.c.approved_at,
    red_list_approval.c.log_entry_id.label("approval_log_entry_id"),
)
_APPROVAL_NAMES: Final = ("approver_id", "approved_at", "log_entry_id")
_WITH_APPROVALS: Final = sa.select(*_COLUMNS, *_APPROVAL).select_from(
    red_list.outerjoin(
        red_list_approval,
        sa.and_(
            red_list.c.subject_key == red_list_approval.c.subject_key,
            red_list.c.entry_id == red_list_approval.c.entry_id,
        ),
    )
)
_INSERT: Final = Insert(red_list)
_INSERT_APPROVAL: Final = Insert(red_list_approval)
OF_SUBJECTS: Final = ByKeys(
    _WITH_APPROVALS,
    red_list.c.subject_key,
    order=(red_list.c.entry_id, red_list_approval.c.approved_at, red_list_approval.c.approver_id),
)
_FIND: Final = _WITH_APPROVALS.where(red_list.c.entry_id == sa.bindparam("id")).order_by(
    red_list_approval.c.approved_at, red_list_approval.c.approver_id
)
_REVOKE: Final = Change(red_list, ("revoked_at", "log_entry_id"))


def entries_of(rows: Iterable[Row]) -> tuple[RedListEntry, ...]:
    """Build entries in the order of their ids from joined rows, one for each approval (or one with none)."""
    entries: dict[uuid.UUID, RedListEntry] = {}
    for row in rows:
        own, approval = row[: len(_NAMES)], row[len(_NAMES) :]
        fresh = RedListEntry(**dict(zip(_NAMES, own, strict=True)))
        entry = entries.get(fresh.entry_id, fresh)
        if approval[0] is not None:
            approved = Approval(**dict(zip(_APPROVAL_NAMES, approval, strict=True)))
            entry = replace(entry, approvals=(*entry.approvals, approved))
        entries[entry.entry_id] = entry
    return tuple(entries.values())


class RedList(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def add(self, new: RedListEntry) -> None:
        """Store a proposal; an entry begins without approvals."""
        _INSERT.run(self._connection, [new])

    def approve(self, entry: RedListEntry, approval: Approval) -> None:
        row = (entry.subject_key, entry.entry_id, approval.approver_id, approval.approved_at, approval.log_entry_id)
        _INSERT_APPROVAL.run_rows(self._connection, [row])

    def revoke(self, revoked: RedListEntry) -> None:
        _REVOKE.run(self._connection, [revoked])

    def of_subjects(self, keys: Collection[bytes]) -> dict[bytes, tuple[RedListEntry, ...]]:
        """Read all entries of the subjects that have one, in any state: on the hot path of an inquiry."""
        return grouped(entries_of(OF_SUBJECTS.rows(self._connection, keys)), attrgetter("subject_key"))

    @fan_out
    def find(self, entry_id: uuid.UUID) -> RedListEntry | None:
        entries = entries_of(tuple(row) for row in self._connection.execute(_FIND, {"id": entry_id}))
        return entries[0] if entries else None

    @fan_out
    def page(self, after: uuid.UUID | None, limit: int) -> tuple[tuple[RedListEntry, ...], uuid.UUID | None]:
        """Read entries behind an id, by id, and the id behind which the next page is."""
        chosen = ids_behind(self._connection, red_list.c.entry_id, after, limit)
        statement = _WITH_APPROVALS.where(red_list.c.entry_id.in_(chosen.ids)).order_by(
            red_list.c.entry_id, red_list_approval.c.approved_at, red_list_approval.c.approver_id
        )
        return entries_of(tuple(row) for row in self._connection.execute(statement)), chosen.next
