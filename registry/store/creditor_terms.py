"""Creditors' own late fees, each set kept: a reference table, small and on every node."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.fee_terms import FeeTerms
from registry.store.schema import creditor_terms
from registry.store.statements import Insert

_INSERT: Final = Insert(creditor_terms)
_OF_CREDITOR: Final = (
    sa.select(creditor_terms)
    .where(creditor_terms.c.creditor_id == sa.bindparam("creditor"))
    .order_by(creditor_terms.c.effective_from, creditor_terms.c.terms_id)
)


class CreditorTerms:
    """A reference table: no distribution key."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: FeeTerms) -> None:
        _INSERT.run(self._connection, [new])

    def of_creditor(self, creditor_id: str) -> tuple[FeeTerms, ...]:
        """All terms that a creditor ever set, by date."""
        rows = self._connection.execute(_OF_CREDITOR, {"creditor": creditor_id}).mappings()
        return tuple(FeeTerms(**row) for row in rows)
