"""Orders and findings on a record, and a sealed record opened."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from protocol.messages.steps import Versioned
from protocol.states import CLOSED_STATES, RecordState
from protocol.wire.fields import Octets32, ParticipantId
from protocol.wire.kinds import Code, Note, OpenObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Versioned):
    """An order on a record.

    ``order_reference`` is the SHA-256 of the order itself, which the regulator keeps; with ``expected_version`` only if
    nobody changed the record meanwhile.
    """

    order_reference: Octets32 = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Versioned):
    """An adjudicator's finding that an identity was stolen.

    ``finding_digest`` is the SHA-256 of the finding itself, which the adjudicator keeps; with ``expected_version`` only
    if nobody changed the record meanwhile.
    """

    finding_digest: Octets32 = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRecord:
    """A sealed record, opened: every row that there was, by table and without the pseudonym."""

    record_id: UUID
    creditor: ParticipantId
    state: Annotated[RecordState, Code(sorted(CLOSED_STATES))]
    listed_on: dt.date
    closed_at: dt.datetime
    sealed_at: dt.datetime
    purge_on: dt.date
    tables: Annotated[
        dict[str, Any],
        OpenObject(of_lists=True),
        Note("Bytes are hexadecimal. Documents were destroyed when the record was sealed."),
    ]
