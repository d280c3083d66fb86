"""Keep every late fee that a creditor set for itself, in a reference table."""

from typing import Final

import sqlalchemy as sa

from registry.domain.creditor_terms import FeeTerms
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository

creditor_terms: Final = sa.Table(
    "creditor_terms",
    columns.metadata,
    columns.text("creditor_id", 64),
    columns.uuid("terms_id"),
    columns.day("effective_from"),
    columns.integer("daily_ppm"),
    columns.integer("cap_ppm"),
    columns.time("set_at"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("creditor_id", "terms_id"),
    columns.references(["creditor_id"], "participant", ["participant_id"]),
    columns.at_least("daily_ppm", 0),
    columns.at_least("cap_ppm", 0),
    info=columns.REFERENCE,
)

_INSERT: Final = Insert(creditor_terms)
_OF_CREDITOR: Final = (
    sa.select(creditor_terms)
    .where(creditor_terms.c.creditor_id == sa.bindparam("creditor"))
    .order_by(creditor_terms.c.effective_from, creditor_terms.c.terms_id)
)


class CreditorTerms(Repository):
    """A reference table: no distribution key."""

    def add(self, new: FeeTerms) -> None:
        _INSERT.run(self._connection, [new])

    def of_creditor(self, creditor_id: str) -> tuple[FeeTerms, ...]:
        """Read all terms that a creditor ever set, by date."""
        return self._all(FeeTerms, _OF_CREDITOR, creditor=creditor_id)
