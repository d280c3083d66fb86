"""Choose the ids of a page of a list that an office reads: in an order that stays, and bounded."""

import uuid
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

WINDOW: Final = 10_000
"""A page looks at so many rows at most, however few of them fit its conditions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdPage:
    """The ids of a page, in their order; the next page is behind ``next``, None on the last one."""

    ids: tuple[uuid.UUID, ...]
    next: uuid.UUID | None


def ids_behind(
    connection: Connection,
    column: "sa.Column[Any]",
    after: uuid.UUID | None,
    limit: int,
    *conditions: "sa.ColumnElement[bool]",
) -> IdPage:
    """Choose up to ``limit`` ids behind ``after`` whose rows fit the conditions, from a window of rows by their ids.

    Where the window holds fewer, ``next`` is its end. The caller's method is a fan-out.
    """
    behind = column > (uuid.UUID(int=0) if after is None else after)
    ids = sa.select(column).where(behind).order_by(column)
    end = connection.execute(ids.offset(WINDOW - 1).limit(1)).scalar_one_or_none()
    within = ids if end is None else ids.where(column <= end)
    found = tuple(connection.execute(within.where(*conditions).distinct().limit(limit + 1)).scalars())
    if len(found) > limit:
        return IdPage(ids=found[:limit], next=found[limit - 1])
    return IdPage(ids=found, next=end)
