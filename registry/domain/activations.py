"""Stores each revision of each part of an order as it was reported; nothing of it is ever overwritten."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from protocol.activations import (
    OPENED,
    ActivationNote,
    ActivationOutcome,
    ActivationReason,
    Basis,
    Obeyed,
    UncheckedCause,
)
from protocol.codes import DecisionCode, ServiceClass
from protocol.messages.inquiries import Alternative
from protocol.values import quick

_KEY_TAG: Final = b"clearline/order-key/v1\n"
_KEY_BYTES: Final = 16


def order_key(participant_id: str, order_ref: bytes) -> bytes:
    """Make the key (16 bytes) under which what is erased of an order without a decision lies.

    The carrier chooses the reference: the tag keeps it from filing an order under the key of a person.
    """
    named = participant_id.encode()
    return hashlib.sha256(_KEY_TAG + len(named).to_bytes(2, "big") + named + order_ref).digest()[:_KEY_BYTES]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDecision:
    """The decision whose token a report shows. ``order`` and ``lines`` are None of a token without a context."""

    inquiry_id: uuid.UUID
    service_class: ServiceClass
    decision: DecisionCode
    first: DecisionCode
    """The first decision of the inquiry; a re-check may have changed it."""
    alternatives: tuple[Alternative, ...]
    decided_at: dt.datetime
    valid_until: dt.datetime
    report_by: dt.datetime
    order: bytes | None = field(default=None, repr=False)
    lines: int | None = None
    outlet: str | None = None
    deposit_fen: int = 0
    """The deposit that a grade asks for; 0 where none was read."""
    is_lifted: bool = False
    """A person of the carrier reviewed the grade behind it, and lets the order be done as asked."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """One revision of one part of an order. A report without a decision has neither subject nor inquiry."""

    subject_key: bytes | None = field(default=None, repr=False)
    """The key under which the inquiry lies, for ever: so two reports at once meet at one row."""
    month: int
    """Of the inquiry, or of the report that has none, as 202611: whole months are dropped."""
    inquiry_id: uuid.UUID | None = None
    participant_id: str
    order_ref: bytes = field(repr=False)
    part: int
    revision: int
    service_class: ServiceClass
    outcome: ActivationOutcome
    basis: Basis
    obeyed: Obeyed
    cause: UncheckedCause | None = None
    reason: ActivationReason | None
    lines: int
    unchecked_lines: int
    notes: tuple[ActivationNote, ...]
    done_at: dt.datetime
    reported_at: dt.datetime
    content_digest: bytes = field(repr=False)
    log_entry_id: uuid.UUID

    @property
    def is_open(self) -> bool:
        """Tell whether the applicant has a service by it."""
        return self.outcome in OPENED

    @property
    def checked_lines(self) -> int:
        """Count the lines for which its decision was asked."""
        return self.lines - self.unchecked_lines if self.is_open and self.basis is not Basis.UNCHECKED else 0


@dataclass(frozen=True, slots=True)
class OrderHistory:
    """All revisions of one order of a carrier, for one person, of all its parts."""

    revisions: Sequence[Activation]

    def of_part(self, part: int) -> list[Activation]:
        """Return the revisions of one part, the oldest first; each number once, with a decision before one without."""
        found = sorted(
            (each for each in self.revisions if each.part == part),
            key=lambda each: (each.revision, each.subject_key is None),
        )
        return [each for place, each in enumerate(found) if place == 0 or found[place - 1].revision != each.revision]

    def current(self) -> dict[int, Activation]:
        """Return the newest revision of each part."""
        return {part: self.of_part(part)[-1] for part in sorted({each.part for each in self.revisions})}

    def lines_elsewhere(self, part: int) -> int:
        """Count the lines that other parts have opened on a decision."""
        return sum(each.checked_lines for number, each in self.current().items() if number != part)

    def is_over(self) -> bool:
        """Tell whether a service was opened, even if it was cancelled later: the question is answered then."""
        return any(each.outcome is not ActivationOutcome.DECLINED for each in self.current().values())


def first_opening(revisions: Iterable[Activation]) -> Activation | None:
    """Return the revision with which a part was opened first."""
    return next((each for each in revisions if each.is_open), None)
