"""Takes reports of activations: judges each beside what is known of its order, logs it, and keeps it."""

import hashlib
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from protocol.activations import ActivationNote, ActivationVerdict
from protocol.codes import DecisionCode
from protocol.encodings import canonical_json
from protocol.grades import BY_GRADE, ReviewOutcome
from protocol.messages.activations import ActivationAnswer, ActivationReport
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry.domain.activations import Activation, OrderHistory, ShownDecision
from registry.domain.ids import month_of, time_of
from registry.domain.inquiries import Inquiry
from registry.domain.log import LogEntry
from registry.policy.activation import LATE_AFTER, basis, check, follow, obeyed, unchecked_lines
from registry.store.prepared import grouped
from registry.usecases.act import Act
from registry.usecases.activations.entry import Story, activation_entry
from registry.usecases.activations.shown import Sent, keys_of, shown
from registry.usecases.deposits.follow import FollowedDeposits


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A report that was taken, now or before."""

    activation: Activation
    verdict: ActivationVerdict

    def answer(self, report: ActivationReport) -> ActivationAnswer:
        """Answer the sender of a report."""
        told = self.activation
        return ActivationAnswer(
            row_id=report.row_id,
            activation_id=told.log_entry_id,
            basis=told.basis,
            obeyed=told.obeyed,
            unchecked_lines=told.unchecked_lines,
            notes=told.notes,
            log_entry_id=told.log_entry_id,
            recorded_at=told.reported_at,
        )


def take(act: Act, rows: Sequence[Sent | Refusal]) -> list[Taken | Refusal]:
    """Judge reports in their order, each beside those before it, and keep what is taken; a refused one stops nothing.

    The act must have looked up the people whom the tokens name.
    """
    orders = _Orders(act, rows)
    outcomes = [orders.take(row) for row in rows]
    orders.keep()
    return outcomes


def content_digest(report: ActivationReport) -> bytes:
    """Digest what a report says, so that the same again is told from something else.

    Neither the sender's name for the row counts nor the token, of which an order may have several.
    """
    said = {name: value for name, value in write(report).items() if name not in {"row_id", "decision_token"}}
    return hashlib.sha256(canonical_json(said)).digest()


class _Orders:
    """The orders that one call reports on, read by one statement each for inquiries and both kinds of reports."""

    def __init__(self, act: Act, rows: Sequence[Sent | Refusal]) -> None:
        self._act = act
        self._keys: dict[int, frozenset[bytes] | Refusal] = {}
        for row in rows:
            if isinstance(row, Sent):
                self._keys[id(row)] = _keys_or_refusal(act, row)
        keys = {key for found in self._keys.values() if not isinstance(found, Refusal) for key in found}
        orders = {row.report.order for row in rows if isinstance(row, Sent)}
        by = act.actor_id
        # Both are asked in any case, so that the time does not tell whether there was a decision.
        self._inquiries = grouped(act.tx.inquiries.of_orders(keys, by, orders), attrgetter("order_ref"))
        self._lifted = _lifted(act, keys, rows)
        self._revisions: dict[bytes, list[Activation]] = {}
        for each in act.tx.activations.of_orders(keys, by, orders):
            self._revisions.setdefault(each.order_ref, []).append(each)
        for each in act.tx.activations.unchecked_of_orders(by, orders):
            self._revisions.setdefault(each.order_ref, []).append(each)
        self._deposits = FollowedDeposits(act, (each for told in self._revisions.values() for each in told))
        self._bound: dict[uuid.UUID, bytes] = {}
        self._new: list[Activation] = []
        self._entries: list[LogEntry] = []

    def take(self, row: Sent | Refusal) -> Taken | Refusal:
        """Judge one report; a refusal is returned, and nothing of the report is kept."""
        if isinstance(row, Refusal):
            return row
        keys = self._keys[id(row)]
        if isinstance(keys, Refusal):
            return keys
        try:
            return self._take(row, keys)
        except Refusal as refusal:
            return refusal

    def keep(self) -> None:
        """Write the entries, and then the rows that name them."""
        with self._act.tx.joined():
            self._act.tx.openings.append(self._entries)
            self._act.tx.activations.add(self._new)
            self._deposits.keep_new()
        self._deposits.keep_changed()

    def _take(self, row: Sent, keys: frozenset[bytes]) -> Taken:
        act, report = self._act, row.report
        decision = None if row.claims is None else shown(act, row.claims)
        if decision is not None and decision.inquiry_id in self._lifted:
            decision = replace(decision, is_lifted=True)
        check(report, decision, act.now)
        if decision is not None and decision.order is None:
            self._bind(decision.inquiry_id, report.order, keys)
        history = OrderHistory(self._of(report.order, keys))
        digest = content_digest(report)
        for each in history.of_part(report.part):
            if each.revision == report.revision:
                return _again(each, digest)
        corrects = follow(report, history, decision, act.now, act.rules.activation)
        before = history.current().get(report.part)
        new = self._activation(row, keys, decision, history, corrects=corrects)
        closes = () if decision is None else self._closed_by(new, decision, keys)
        story = Story(new=new, report=report, decision=decision, before=before, closes=closes)
        self._entries.append(activation_entry(act, story))
        self._put(new, before)
        self._deposits.follow(new, report, before)
        verdict = ActivationVerdict.CORRECTED if corrects else ActivationVerdict.RECORDED
        return Taken(activation=new, verdict=verdict)

    def _activation(
        self,
        row: Sent,
        keys: frozenset[bytes],
        decision: ShownDecision | None,
        history: OrderHistory,
        *,
        corrects: bool,
    ) -> Activation:
        act, report = self._act, row.report
        before = history.current().get(report.part)
        beyond = unchecked_lines(report, decision, history)
        return Activation(
            subject_key=None if decision is None else self._place_of(row, decision.inquiry_id, keys),
            month=month_of(act.now if decision is None else time_of(decision.inquiry_id)),
            inquiry_id=None if decision is None else decision.inquiry_id,
            participant_id=act.actor_id,
            order_ref=report.order,
            part=report.part,
            revision=report.revision,
            service_class=report.service_class,
            outcome=report.outcome,
            basis=basis(report, decision, before),
            obeyed=obeyed(report, decision, before),
            cause=report.unchecked,
            reason=report.reason,
            lines=report.lines,
            unchecked_lines=beyond,
            notes=self._notes(report, decision, beyond, corrects=corrects),
            done_at=report.at,
            reported_at=act.now,
            content_digest=content_digest(report),
            log_entry_id=act.new_id(),
        )

    def _notes(
        self, report: ActivationReport, decision: ShownDecision | None, beyond: int, *, corrects: bool
    ) -> tuple[ActivationNote, ...]:
        asked_at = None if decision is None else decision.outlet
        holds = {
            ActivationNote.LATE: not corrects and self._act.now - report.at > LATE_AFTER,
            ActivationNote.MOVED: asked_at is not None and report.outlet not in (None, asked_at),
            ActivationNote.CORRECTED: corrects,
            ActivationNote.TOO_MANY_LINES: beyond > 0,
        }
        return tuple(note for note, is_so in holds.items() if is_so)

    def _of(self, order: bytes, keys: frozenset[bytes]) -> list[Activation]:
        """Find what was reported on an order about one person, or without a person."""
        return [each for each in self._revisions.get(order, ()) if each.subject_key is None or each.subject_key in keys]

    def _place_of(self, row: Sent, inquiry_id: uuid.UUID, keys: frozenset[bytes]) -> bytes:
        """Return the key under which the inquiry lies: there a report at the same instant meets this one."""
        for each in self._inquiries.get(row.report.order, ()):
            if each.inquiry_id == inquiry_id:
                return each.subject_key
        # A restore lost the inquiry, or it had no context.
        return next(iter(keys)) if row.names is None else self._act.key_of(row.names)

    def _bind(self, inquiry_id: uuid.UUID, order: bytes, keys: frozenset[bytes]) -> None:
        """Bind a token without an order to that of its first report; raises Refusal TOKEN_OTHER_ORDER for another."""
        if inquiry_id not in self._bound:
            told = self._act.tx.activations.of_subject(keys)
            first = next((each for each in told if each.inquiry_id == inquiry_id), None)
            self._bound[inquiry_id] = order if first is None else first.order_ref
        if self._bound[inquiry_id] != order:
            raise Refusal(Problem.TOKEN_OTHER_ORDER)

    def _closed_by(self, new: Activation, decision: ShownDecision, keys: frozenset[bytes]) -> tuple[Inquiry, ...]:
        """Find the other inquiries of the order that nothing had answered yet: this report answers them as well."""
        told = [each for each in self._of(new.order_ref, keys) if each.inquiry_id is not None]
        last = max((each.reported_at for each in told), default=None)
        return tuple(
            each
            for each in self._inquiries.get(new.order_ref, ())
            if each.subject_key in keys
            and each.inquiry_id != decision.inquiry_id
            and (last is None or each.decided_at > last)
        )

    def _put(self, new: Activation, before: Activation | None) -> None:
        """Keep a report for later rows; one that brings the decision of an unchecked order ends its row there."""
        self._new.append(new)
        if new.subject_key is not None and before is not None and before.subject_key is None:
            closing = replace(new, subject_key=None, inquiry_id=None, cause=before.cause, month=month_of(self._act.now))
            self._new.append(closing)
        self._revisions.setdefault(new.order_ref, []).append(new)


def _again(known: Activation, digest: bytes) -> Taken:
    if known.content_digest != digest:
        raise Refusal(Problem.ALREADY_REPORTED, figures={"activation_id": str(known.log_entry_id)})
    return Taken(activation=known, verdict=ActivationVerdict.DUPLICATE)


def _lifted(act: Act, keys: Collection[bytes], rows: Sequence[Sent | Refusal]) -> frozenset[uuid.UUID]:
    """Find the inquiries whose grade a person lifted, among those that a grade may have decided."""
    claims = (row.claims for row in rows if isinstance(row, Sent) and row.claims is not None)
    graded = {uuid.UUID(each["inquiry_id"]) for each in claims if DecisionCode(each["decision"]) in BY_GRADE}
    reviews = act.tx.grade_reviews.of_inquiries(keys, graded) if graded else ()
    return frozenset(each.inquiry_id for each in reviews if each.outcome is ReviewOutcome.LIFTED)


def _keys_or_refusal(act: Act, row: Sent) -> frozenset[bytes] | Refusal:
    try:
        return keys_of(act, row)
    except Refusal as refusal:
        return refusal
