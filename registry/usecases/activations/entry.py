"""Writes the log entry of a report: how an order ended is core, whom it concerned and who did it can be erased."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from protocol.activations import ActivationNote
from protocol.codes import DecisionCode
from protocol.encodings import b64url_encode, format_time
from protocol.log_entries import EntryKind, Facts
from protocol.messages.activations import ActivationReport
from registry.domain.activations import Activation, ShownDecision, order_key
from registry.domain.inquiries import Inquiry
from registry.domain.log import LogEntry
from registry.usecases.act import Act

_MOST_CLOSED: Final = 20
"""An entry names so many of the inquiries that its report answers beside its own."""
_PAY_FIRST: Final = "!"
"""Stands behind the id of an inquiry whose first decision was PAY_FIRST."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A report that is taken, with all that it was judged by."""

    new: Activation
    report: ActivationReport
    decision: ShownDecision | None
    before: Activation | None
    """The revision before it."""
    closes: Sequence[Inquiry]
    """Other inquiries of the order, which it answers as well."""


def activation_entry(act: Act, story: Story) -> LogEntry:
    """Make the entry of a report, complete in itself: nobody has to read an earlier one to count it.

    A report without a decision is about nobody: its erasable part lies under a key of the order.
    """
    new = story.new
    return act.entry(
        EntryKind.ACTIVATION,
        new.log_entry_id,
        _core(act, story),
        subject_key=order_key(new.participant_id, new.order_ref) if new.subject_key is None else new.subject_key,
        personal=_personal(story),
    )


def _core(act: Act, story: Story) -> Facts:
    new, report = story.new, story.report
    asked_at = None if story.decision is None else story.decision.outlet
    return _there(
        {
            "inquiry": None if new.inquiry_id is None else str(new.inquiry_id),
            "outcome": new.outcome.value,
            "basis": new.basis.value,
            "obeyed": new.obeyed.value,
            "cause": None if report.unchecked is None else report.unchecked.value,
            "service": new.service_class.value,
            "lines": new.lines,
            "unchecked_lines": new.unchecked_lines or None,
            "part": new.part,
            "revision": new.revision,
            "done_at": format_time(new.done_at),
            "reason": None if new.reason is None else new.reason.value,
            "channel": None if report.channel is None else report.channel.value,
            "outlet": report.outlet or asked_at,
            "dealer": report.dealer,
            "late": 1 if ActivationNote.LATE in new.notes else None,
            "corrects": 1 if ActivationNote.CORRECTED in new.notes else None,
            "moved": asked_at if ActivationNote.MOVED in new.notes else None,
            "rules": act.rules.version,
        }
    )


def _personal(story: Story) -> Facts:
    new, report, decision = story.new, story.report, story.decision
    return _there(
        {
            "subject": None if new.subject_key is None else new.subject_key.hex(),
            "decision": None if decision is None else decision.decision.value,
            "first": None if decision is None else decision.first.value,
            "order": b64url_encode(new.order_ref),
            "agent": None if report.agent is None else b64url_encode(report.agent),
            "approved_by": None if report.approved_by is None else b64url_encode(report.approved_by),
            "deposit_fen": report.deposit_fen,
            "was": None if story.before is None else _told(story.before),
            "closes": "+".join(map(_closed, story.closes[:_MOST_CLOSED])) or None,
        }
    )


def _told(before: Activation) -> str:
    """Write the revision before, which a count has to undo."""
    return "/".join((before.outcome.value, before.basis.value, before.obeyed.value, str(before.lines)))


def _closed(inquiry: Inquiry) -> str:
    return f"{inquiry.inquiry_id}{_PAY_FIRST if inquiry.decision is DecisionCode.PAY_FIRST else ''}"


def _there(facts: Mapping[str, str | int | None]) -> Facts:
    return {name: value for name, value in facts.items() if value is not None}
