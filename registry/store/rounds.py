"""Keep the end of each loop's last round, and the alarms that stood in it."""

from typing import Any, Final

import sqlalchemy as sa

from registry.domain.rounds import Loop, WorkRound
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository

work_round: Final = sa.Table(
    "work_round",
    columns.metadata,
    columns.text("loop", 32),
    columns.time("finished_at", nullable=True),
    columns.integer("every_seconds"),
    columns.text("faults", 500),
    sa.PrimaryKeyConstraint("loop"),
    columns.at_least("every_seconds", 1),
    info=columns.REFERENCE,
)

_PROBE: Final = "readiness"
"""The row that is written only to test that the database takes it."""
_MOST_FAULTS: Final = 500
_ALL: Final = sa.select(work_round)
_BEGIN: Final = Insert(work_round, new_only=True)
_AT: Final = work_round.c.loop == sa.bindparam("at_loop")
_TELL: Final[dict[str, Any]] = {name: sa.bindparam(f"to_{name}") for name in ("every_seconds", "faults")}
_LASTS: Final = sa.update(work_round).where(_AT).values(_TELL)
_DONE: Final = (
    sa.update(work_round)
    .where(_AT)
    .values(_TELL | {"finished_at": sa.bindparam("to_finished_at", type_=work_round.c.finished_at.type)})
)
_TOUCH: Final = (
    sa.update(work_round)
    .where(work_round.c.loop == _PROBE)
    .values(every_seconds=sa.case((work_round.c.every_seconds == 1, 2), else_=1))
)


class Rounds(Repository):
    """One small table, which every node has."""

    def all(self) -> dict[Loop, WorkRound]:
        """Read the last round of each loop that ever finished one."""
        known = {each.value: each for each in Loop}
        return {
            known[row.loop]: WorkRound(
                loop=known[row.loop],
                finished_at=row.finished_at,
                every_seconds=row.every_seconds,
                faults=tuple(row.faults.split()),
            )
            for row in self._connection.execute(_ALL)
            if row.loop in known
        }

    def tell(self, loop_round: WorkRound) -> None:
        """Keep a round in place of the loop's last one; a round without an end keeps the earlier end."""
        _BEGIN.run_rows(self._connection, [(loop_round.loop.value, None, loop_round.every_seconds, "")])
        values = {
            "at_loop": loop_round.loop.value,
            "to_every_seconds": loop_round.every_seconds,
            "to_faults": " ".join(sorted(loop_round.faults))[:_MOST_FAULTS],
        }
        if loop_round.finished_at is None:
            self._connection.execute(_LASTS, values)
        else:
            self._connection.execute(_DONE, values | {"to_finished_at": loop_round.finished_at})

    def touch(self) -> None:
        """Write a row without a meaning, to test that the database takes it."""
        _BEGIN.run_rows(self._connection, [(_PROBE, None, 1, "")])
        self._connection.execute(_TOUCH)
