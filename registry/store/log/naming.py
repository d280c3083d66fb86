"""Read the entries that rows name where no trigger of a spread database can look: tables not led by a subject."""

import uuid
from typing import Final

import sqlalchemy as sa

from registry.store.columns import metadata
from registry.store.distribution import SUBJECT, group_of
from registry.store.log.openings import Openings
from registry.store.repository import Repository, fan_out

_PAGE: Final = 5_000


def compared_tables() -> tuple[str, ...]:
    """Name the tables whose rows name an entry that the node of the row need not have."""
    return tuple(
        table.name for table in metadata.sorted_tables if "log_entry_id" in table.c and group_of(table) != SUBJECT
    )


class Naming(Repository):
    """Every look asks all nodes."""

    @fan_out
    def without_entry(self, name: str) -> int:
        """Count the entries that rows of a table name and that the log does not have; it reads all rows, in parts."""
        table = metadata.tables[name]
        missing, after = 0, uuid.UUID(int=0)
        while ids := self._page(table, after):
            found = Openings(self._connection).cores([each.bytes for each in ids])
            missing += len(ids) - len(found)
            after = ids[-1]
        return missing

    def _page(self, table: sa.Table, after: uuid.UUID) -> list[uuid.UUID]:
        named = table.c.log_entry_id
        page = sa.select(named).distinct().where(named > after).order_by(named).limit(_PAGE)
        return list(self._connection.execute(page).scalars())
