"""Files a subject's dispute: the document is shown at this carrier's counter and nothing but its token leaves."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from gateway.documents import RawIdentity, SubjectInputs, read_identity
from gateway.errors import ApplicationInvalid
from gateway.tools import Tools
from protocol.codes import DisputeGround, ServiceClass
from protocol.disputes import DisputeFiling
from protocol.identifiers import InvalidDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Who disputes, on what ground, and which of their records: all, or those of a creditor and a service."""

    identity: RawIdentity
    ground: DisputeGround
    creditor: str | None = None
    service_class: ServiceClass | None = None


def file(tools: Tools, complaint: Complaint, *, today: dt.date, idempotency_key: str | None = None) -> dict[str, Any]:
    """The registry's cases, one a record; raises ``ApplicationInvalid`` for a document that is none."""
    try:
        _, inputs = read_identity(complaint.identity, today=today)
    except InvalidDocument as invalid:
        raise ApplicationInvalid("document.number", invalid.code.value) from None
    [tokens] = tools.tokeniser.tokens([SubjectInputs(subject=inputs.subject)])
    filing = DisputeFiling(
        tokens=tokens,
        ground=complaint.ground,
        creditor=complaint.creditor,
        service_class=complaint.service_class,
    )
    return tools.registry.file_dispute(filing, idempotency_key=idempotency_key)
