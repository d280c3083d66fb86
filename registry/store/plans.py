"""Keep instalment plans; their instalments are read with them."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from operator import itemgetter
from typing import Final

import sqlalchemy as sa

from protocol.messages.plans import Instalment
from protocol.states import PlanState
from registry.domain.plans import Plan
from registry.store import columns
from registry.store.changes import Change
from registry.store.pages import ids_behind
from registry.store.prepared import ByKeys, Insert, Row, grouped
from registry.store.repository import Repository, fan_out

IS_RUNNING: Final = f"state = '{PlanState.RUNNING}'"
"""Equal to the query's condition word for word: SQLite takes a partial index only then."""

plan: Final = sa.Table(
    "plan",
    columns.metadata,
    columns.key(),
    columns.uuid("plan_id"),
    columns.uuid("record_id"),
    columns.text("creditor_id", 64),
    columns.coded("state", PlanState, 16),
    columns.fen("paid_before_fen"),
    columns.integer("grace_days"),
    columns.day("broken_from", nullable=True),
    columns.time("arranged_at"),
    columns.time("ended_at", nullable=True),
    columns.text("rules_version", 32),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "plan_id"),
    columns.references(["subject_key", "record_id"], "record"),
    columns.references(["creditor_id"], "participant", ["participant_id"]),
    columns.at_least("paid_before_fen", 0),
    sa.Index(None, "subject_key", "record_id"),
    sa.Index(None, "plan_id"),
    columns.partial("ix_plan_running", "broken_from", where=IS_RUNNING),
    info=columns.BY_SUBJECT,
)

plan_instalment: Final = sa.Table(
    "plan_instalment",
    columns.metadata,
    columns.key(),
    columns.uuid("plan_id"),
    columns.integer("number"),
    columns.day("due_date"),
    columns.fen("amount_fen"),
    sa.PrimaryKeyConstraint("subject_key", "plan_id", "number"),
    columns.references(["subject_key", "plan_id"], "plan"),
    sa.CheckConstraint("amount_fen > 0", name="amount_fen_positive"),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(plan)
_INSERT_INSTALMENT: Final = Insert(plan_instalment)
OF_SUBJECTS: Final = ByKeys(
    sa.select(plan), plan.c.subject_key, order=(plan.c.subject_key, plan.c.arranged_at, plan.c.plan_id)
)
_FIND: Final = sa.select(plan).where(plan.c.plan_id == sa.bindparam("id"))
# The state is a literal, or the planner would not use the partial index.
_DUE: Final = (
    sa.select(plan.c.subject_key)
    .where(sa.text(IS_RUNNING), plan.c.broken_from <= sa.bindparam("day"))
    .order_by(plan.c.broken_from)
    .limit(sa.bindparam("most"))
)
INSTALMENTS: Final = ByKeys(
    sa.select(
        plan_instalment.c.plan_id,
        plan_instalment.c.number,
        plan_instalment.c.due_date,
        plan_instalment.c.amount_fen,
    ),
    plan_instalment.c.subject_key,
    order=(plan_instalment.c.plan_id, plan_instalment.c.number),
)
_CHANGE: Final = Change(plan, ("state", "broken_from", "ended_at", "log_entry_id"))


class Plans(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def add(self, new: Plan) -> None:
        _INSERT.run(self._connection, [new])
        rows = [
            (new.subject_key, new.plan_id, number, each.due_date, each.amount_fen)
            for number, each in enumerate(new.instalments, start=1)
        ]
        _INSERT_INSTALMENT.run_rows(self._connection, rows)

    def update(self, changed: Plan) -> None:
        """Write the changeable columns of a plan; the caller has the subject's lock."""
        _CHANGE.run(self._connection, [changed])

    def of_subjects(self, keys: Collection[bytes]) -> tuple[Plan, ...]:
        """Read all plans of the subjects, each subject's oldest first."""
        return plans_of(OF_SUBJECTS.rows(self._connection, keys), INSTALMENTS.rows(self._connection, keys))

    @fan_out
    def find(self, plan_id: uuid.UUID) -> Plan | None:
        row = self._connection.execute(_FIND, {"id": plan_id}).mappings().one_or_none()
        return None if row is None else Plan(**row, instalments=self._instalments(row["subject_key"])[plan_id])

    @fan_out
    def due(self, on: dt.date, limit: int) -> frozenset[bytes]:
        """Find the subjects with a running plan that is broken on ``on``, the longest overdue first."""
        return frozenset(row[0] for row in self._connection.execute(_DUE, {"day": on, "most": limit}))

    @fan_out
    def page(
        self, creditor_id: str | None, states: Collection[PlanState], after: uuid.UUID | None, limit: int
    ) -> tuple[tuple[Plan, ...], uuid.UUID | None]:
        """Read plans that are stored in one of the states, by id, and the id behind which the next page is."""
        wanted: list[sa.ColumnElement[bool]] = [plan.c.state.in_(sorted(states))]
        if creditor_id is not None:
            wanted.append(plan.c.creditor_id == creditor_id)
        chosen = ids_behind(self._connection, plan.c.plan_id, after, limit, *wanted)
        rows = self._connection.execute(sa.select(plan).where(plan.c.plan_id.in_(chosen.ids))).mappings().all()
        parts = _instalments(INSTALMENTS.rows(self._connection, {row["subject_key"] for row in rows}))
        found = {row["plan_id"]: Plan(**row, instalments=parts[row["plan_id"]]) for row in rows}
        return tuple(found[each] for each in chosen.ids if each in found), chosen.next

    def _instalments(self, subject_key: bytes) -> dict[uuid.UUID, tuple[Instalment, ...]]:
        return _instalments(INSTALMENTS.rows(self._connection, (subject_key,)))


def plans_of(rows: Iterable[Row], instalments: Iterable[Row]) -> tuple[Plan, ...]:
    """Make plans of the rows of subjects, in their order, and of the rows of all their instalments."""
    parts = _instalments(instalments)
    named = (dict(zip(OF_SUBJECTS.names, row, strict=True)) for row in rows)
    return tuple(Plan(**each, instalments=parts[each["plan_id"]]) for each in named)


def _instalments(rows: Iterable[Row]) -> dict[uuid.UUID, tuple[Instalment, ...]]:
    return {
        plan_id: tuple(Instalment(due_date=due_date, amount_fen=amount_fen) for _, _, due_date, amount_fen in of_one)
        for plan_id, of_one in grouped(rows, itemgetter(0)).items()
    }
