"""Read the entries that rows name where no trigger of a spread database can look: not on the row's own node."""

import uuid
from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from registry.store.columns import metadata
from registry.store.distribution import SUBJECT, group_of
from registry.store.log.openings import Openings
from registry.store.log.personal import log_personal
from registry.store.repository import Repository, fan_out

_PAGE: Final = 5_000


def compared_tables() -> Mapping[str, str]:
    """Name the tables whose rows name an entry that the node of the row need not have, each with the naming column.

    The rows of a subject name an entry in ``log_personal`` on their own node, and its rows name the opening.
    """
    tables = [
        table.name for table in metadata.sorted_tables if "log_entry_id" in table.c and group_of(table) != SUBJECT
    ]
    return {log_personal.name: "entry_id"} | dict.fromkeys(tables, "log_entry_id")


class Naming(Repository):
    """Every look asks all nodes."""

    @fan_out
    def without_entry(self, name: str) -> int:
        """Count the entries that rows of a table name and that the log does not have; it reads all rows, in parts."""
        column = metadata.tables[name].c[compared_tables()[name]]
        missing, after = 0, uuid.UUID(int=0)
        while ids := self._page(column, after):
            found = Openings(self._connection).cores([each.bytes for each in ids])
            missing += len(ids) - len(found)
            after = ids[-1]
        return missing

    def _page(self, named: "sa.Column[uuid.UUID]", after: uuid.UUID) -> list[uuid.UUID]:
        page = sa.select(named).distinct().where(named > after).order_by(named).limit(_PAGE)
        return list(self._connection.execute(page).scalars())
