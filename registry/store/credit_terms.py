"""Keep all terms that carriers set for low grades in their tariffs, in a reference table."""

from typing import Final

import sqlalchemy as sa

from protocol.alternatives import AlternativeKind
from protocol.codes import ServiceClass
from protocol.grades import GradeUse
from registry.domain import grades as values
from registry.store import columns
from registry.store.prepared import ByKeys, Insert
from registry.store.repository import Repository

credit_terms: Final = sa.Table(
    "credit_terms",
    columns.metadata,
    columns.text("participant_id", 64),
    columns.uuid("terms_id"),
    columns.coded("service_class", ServiceClass, 16),
    columns.text("tariff", 16),
    columns.fen("average_bill_fen"),
    columns.integer("deposit_permille_of_bill"),
    sa.Column("prepaid", sa.Boolean(), nullable=False),
    columns.coded("use", GradeUse, 16),
    columns.coded("asks", AlternativeKind, 16),
    columns.day("effective_from"),
    columns.time("set_at"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("participant_id", "terms_id"),
    columns.references(["participant_id"], "participant"),
    columns.at_least("average_bill_fen", 1),
    columns.at_least("deposit_permille_of_bill", 0),
    info=columns.REFERENCE,
)

_INSERT: Final = Insert(credit_terms)
_OF_PARTICIPANT: Final = (
    sa.select(credit_terms)
    .where(credit_terms.c.participant_id == sa.bindparam("participant"))
    .order_by(credit_terms.c.effective_from, credit_terms.c.terms_id)
)
OF_TARIFFS: Final = ByKeys(
    sa.select(credit_terms),
    credit_terms.c.participant_id,
    credit_terms.c.tariff,
    order=(credit_terms.c.effective_from, credit_terms.c.terms_id),
)
"""The terms that a participant ever set for some tariffs; those of a whole service have DEFAULT_TARIFF as theirs."""


class CreditTerms(Repository):
    """A reference table: no distribution key."""

    def add(self, new: values.CreditTerms) -> None:
        _INSERT.run(self._connection, [new])

    def of_participant(self, participant_id: str) -> tuple[values.CreditTerms, ...]:
        """Read all terms that a carrier ever set, by date."""
        return self._all(values.CreditTerms, _OF_PARTICIPANT, participant=participant_id)
