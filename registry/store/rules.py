"""Keep the versions of the rules, proposed and approved, in a reference table."""

import uuid
from typing import Final

import sqlalchemy as sa

from protocol.problems import Problem, Refusal
from registry.domain.rules import RulesVersion
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import ByKeys, Insert
from registry.store.repository import Repository

rules_version: Final = sa.Table(
    "rules_version",
    columns.metadata,
    columns.text("version", 32),
    columns.day("effective_from"),
    columns.octets("document"),
    columns.text("proposed_by", 64),
    columns.text("proposed_key_id", 64),
    columns.time("proposed_at"),
    columns.text("approved_by", 64, nullable=True),
    columns.text("approved_key_id", 64, nullable=True),
    columns.time("approved_at", nullable=True),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("version"),
    columns.references(["proposed_by"], "participant", ["participant_id"]),
    columns.references(["approved_by"], "participant", ["participant_id"]),
    sa.CheckConstraint("approved_by <> proposed_by", name="approved_by_another"),
    # One version a day: with two the one in force would be undefined.
    columns.partial("ix_rules_version_approved", "effective_from", where="approved_at IS NOT NULL", unique=True),
    info=columns.REFERENCE,
)

Approvals = tuple[tuple[str, uuid.UUID], ...]
"""Names of approved versions, each with the id of its approval's entry."""

_INSERT: Final = Insert(rules_version, new_only=True)
_FIND: Final = sa.select(rules_version).where(rules_version.c.version == sa.bindparam("name"))
_APPROVED: Final = rules_version.c.approved_at.is_not(None)
APPROVALS: Final = ByKeys(
    sa.select(rules_version.c.version, rules_version.c.log_entry_id).where(_APPROVED),
    order=(rules_version.c.version,),
)
"""The approved versions by name, each with the entry of its approval: together they name one book."""
_DOCUMENTS: Final = ByKeys(
    sa.select(rules_version.c.effective_from, rules_version.c.document).where(_APPROVED),
    order=(rules_version.c.effective_from,),
)
_LOCK: Final = sa.select(rules_version.c.version).order_by(rules_version.c.version).with_for_update()
_APPROVE: Final = Change(rules_version, ("approved_by", "approved_key_id", "approved_at", "log_entry_id"))


class Rules(Repository):
    """A reference table: no distribution key."""

    def add(self, new: RulesVersion) -> None:
        """Store a proposal; refuses with ALREADY_EXISTS when its name is taken."""
        if _INSERT.run(self._connection, [new]) == 0:
            raise Refusal(Problem.ALREADY_EXISTS)

    def lock(self) -> None:
        """Lock the rules so that nobody else approves a version before this transaction ends."""
        self._connection.execute(_LOCK)

    def find(self, version: str) -> RulesVersion | None:
        return self._one(RulesVersion, _FIND, name=version)

    def approve(self, approved: RulesVersion) -> None:
        """Write the approval of a proposal; it needs the lock."""
        _APPROVE.run(self._connection, [approved])

    def approvals(self) -> Approvals:
        """Read the approved versions; each act does."""
        return tuple(map(tuple, APPROVALS.rows(self._connection)))

    def approved_documents(self) -> tuple[bytes, ...]:
        """Read the documents of all approved versions, by date."""
        return tuple(document for _, document in _DOCUMENTS.rows(self._connection))
