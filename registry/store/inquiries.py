"""Inquiries as they were decided."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from protocol.codes import DecisionCode, ReasonCode, ServiceClass
from registry.domain.inquiry import Inquiry
from registry.store.schema import inquiry
from registry.store.statements import run_each

_INSERT: Final = sa.insert(inquiry)
_OF_SUBJECT: Final = (
    sa.select(inquiry)
    .where(inquiry.c.subject_key == sa.bindparam("key"))
    .order_by(inquiry.c.month, inquiry.c.inquiry_id)
)


def _values(each: Inquiry) -> dict[str, Any]:
    return {
        "subject_key": each.subject_key,
        "month": each.month,
        "inquiry_id": each.inquiry_id,
        "participant_id": each.participant_id,
        "service_class": each.service_class.value,
        "decision": each.decision.value,
        "reasons": ",".join(each.reasons),
        "rules_version": each.rules_version,
        "decided_at": each.decided_at,
        "quote_id": each.quote_id,
        "log_entry_id": each.log_entry_id,
    }


def _inquiry(row: Mapping[Any, Any]) -> Inquiry:
    return Inquiry(
        **{
            **row,
            "service_class": ServiceClass(row["service_class"]),
            "decision": DecisionCode(row["decision"]),
            "reasons": tuple(ReasonCode(each) for each in row["reasons"].split(",") if each),
        }
    )


class Inquiries:
    """Distribution key: ``subject_key``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, inquiries: Sequence[Inquiry]) -> None:
        run_each(self._connection, _INSERT, [_values(each) for each in inquiries])

    def of_subject(self, subject_key: bytes) -> tuple[Inquiry, ...]:
        """Who asked about the subject, oldest first."""
        return tuple(_inquiry(row) for row in self._connection.execute(_OF_SUBJECT, {"key": subject_key}).mappings())
