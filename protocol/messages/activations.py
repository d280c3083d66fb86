"""Reports of activations: the outcome of an order, tied to the decision that its token carries."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from uuid import UUID

from protocol.activations import (
    ActivationNote,
    ActivationOutcome,
    ActivationReason,
    ActivationVerdict,
    Basis,
    Obeyed,
    UncheckedCause,
)
from protocol.codes import ServiceClass
from protocol.context import MOST_LINES, Channel
from protocol.messages.context import ONE_LINE, PlaceCode
from protocol.values import quick
from protocol.wire.fields import Count, Jws, Octets16, RowId, Sum
from protocol.wire.kinds import Items, OpenObject, Text, Whole

MOST_PARTS: Final = 99
MOST_REVISIONS: Final = 99
MOST_DEPOSIT_FEN: Final = 100_000_000
MOST_FAULTS: Final = 20
"""A row's verdict names at most so many of its faults."""
Lines = Annotated[int, Whole(least=1, most=MOST_LINES)]
_Path = Annotated[str, Text(r"[a-z0-9_.\[\]*]{1,64}", most=64)]
_FaultCode = Annotated[str, Text("[A-Za-z0-9_-]{1,64}", most=64)]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationReport:
    """The outcome of one part of an order, as one revision of it.

    ``order``, ``agent`` and ``approved_by`` are keyed references of the carrier's own. ``decision_token`` is absent of
    an order without a decision, and then ``unchecked`` says why. Place and clerk are those of the inquiry where they
    are absent.
    """

    row_id: RowId
    order: Octets16 = field(repr=False)
    service_class: ServiceClass
    outcome: ActivationOutcome
    at: dt.datetime
    """The moment at which it was done."""
    decision_token: Jws | None = field(default=None, repr=False)
    unchecked: UncheckedCause | None = None
    part: Annotated[int, Whole(least=1, most=MOST_PARTS)] = 1
    revision: Annotated[int, Whole(least=1, most=MOST_REVISIONS)] = 1
    lines: Lines = ONE_LINE
    """The lines that this part is about."""
    reason: ActivationReason | None = None
    """Of the outcome's own (protocol.activations.REASONS)."""
    channel: Channel | None = None
    outlet: PlaceCode | None = None
    dealer: PlaceCode | None = None
    agent: Octets16 | None = field(default=None, repr=False)
    approved_by: Octets16 | None = field(default=None, repr=False)
    """Of OVERRIDDEN alone: the second person, who is not ``agent``."""
    deposit_fen: Annotated[int, Whole(least=1, most=MOST_DEPOSIT_FEN)] | None = None
    """Of DEPOSIT_TAKEN alone."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationAnswer:
    """A report that the registry took: its ground, how it stands to the decision, and its log entry."""

    row_id: RowId
    activation_id: UUID
    basis: Basis
    obeyed: Obeyed
    unchecked_lines: Annotated[int, Whole(least=0, most=MOST_LINES)]
    """Lines of this part for which nobody asked."""
    notes: Annotated[tuple[ActivationNote, ...], Items(least=0, most=len(ActivationNote))]
    log_entry_id: UUID
    recorded_at: dt.datetime


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """One member of a row that does not hold, as in the ``errors`` of a problem document."""

    field: _Path
    code: _FaultCode


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationRowVerdict:
    """The verdict on one row; what was taken has the members of an ActivationAnswer, a refused row its faults.

    ``activation_id`` of REJ_ALREADY_REPORTED names the report that stands.
    """

    row_id: RowId
    verdict: ActivationVerdict
    activation_id: UUID | None = None
    basis: Basis | None = None
    obeyed: Obeyed | None = None
    unchecked_lines: Annotated[int, Whole(least=0, most=MOST_LINES)] | None = None
    notes: Annotated[tuple[ActivationNote, ...], Items(least=0, most=len(ActivationNote))] = ()
    log_entry_id: UUID | None = None
    recorded_at: dt.datetime | None = None
    errors: Annotated[tuple[RowFault, ...], Items(least=0, most=MOST_FAULTS)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationLine:
    """One line of a batch's answer: a verdict, or one of the two closing lines (docs/spec/record-batches.md)."""

    row_id: RowId | None = None
    verdict: ActivationVerdict | None = None
    activation_id: UUID | None = None
    basis: Basis | None = None
    obeyed: Obeyed | None = None
    unchecked_lines: Annotated[int, Whole(least=0, most=MOST_LINES)] | None = None
    notes: Annotated[tuple[ActivationNote, ...], Items(least=0, most=len(ActivationNote))] = ()
    log_entry_id: UUID | None = None
    recorded_at: dt.datetime | None = None
    errors: Annotated[tuple[RowFault, ...], Items(least=0, most=MOST_FAULTS)] = ()
    end: bool = False
    rows: Sum | None = None
    chunks: Count | None = None
    problem: Annotated[dict[str, Any], OpenObject()] | None = None
