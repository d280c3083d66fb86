"""Build a listed record at once, with its first transitions: to PENDING and, where the lead time is over, to ACTIVE."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from protocol.listing import enforceable_from
from protocol.messages.rules import LateFeeRules
from protocol.states import Action, Party, RecordState
from protocol.values import quick
from registry.domain.confirmations import first_look
from registry.domain.creditor_terms import fee_when_listed, terms_on
from registry.domain.households import homes_after
from registry.domain.records import Record, RecordTransition, transition
from registry.policy.figures import reported_facts
from registry.policy.reporting import Judgement
from registry.usecases.act import REGISTRY_ACTOR, Act
from registry.usecases.records.files import FiledReport
from registry.usecases.records.homes import homes_given

LEAD_TIME_OVER: Final = "lead-time-over"
_REPORTED: Final = "reported"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A record after its report, and the transitions that led there; all of them name the report's entry."""

    record: Record
    transitions: tuple[RecordTransition, ...]
    path: str
    """The states from the first to the last, as the report's entry names them."""


class Listing:
    """Lists the records of one call; nothing of it is written here."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self._today = act.today
        self._fee: LateFeeRules | None = None

    def list(self, named: FiledReport, judgement: Judgement) -> Listed:
        """Build the record of a report as it will be stored. A debt that was listed before keeps its earlier dates."""
        act, report = self._act, named.report
        if report.notice_date is None:
            raise ValueError("a report without a notice is not listable")
        subject_key, record_id, late_fee = named.subject_key, act.new_id(), self._late_fee()
        blocks_from = enforceable_from(report.notice_date, act.rules.listing)
        taken = self._transitions(subject_key, record_id, blocks=blocks_from <= self._today)
        register_key, address_key = homes_after(homes_given(report, named.names))
        record = Record(
            subject_key=subject_key,
            record_id=record_id,
            creditor_id=act.actor_id,
            account_ref=report.account_ref,
            state=taken[-1].target,
            paid_fen=0,
            enforceable_from=blocks_from,
            clock_on=first_look(blocks_from, self._today, act.rules.confirmation),
            confirmed_on=self._today,
            figures_on=self._today,
            evidence_digest=None if report.evidence is None else report.evidence.digest,
            person_ref=report.person_ref,
            rules_version=act.rules.version,
            late_fee_daily_ppm=late_fee.daily_ppm,
            late_fee_cap_ppm=late_fee.cap_ppm,
            version=len(taken),
            received_at=judgement.listed_at or act.now,
            state_since=act.now,
            log_entry_id=taken[0].log_entry_id,
            register_key=register_key,
            address_key=address_key,
            **reported_facts(report),
        )
        return Listed(
            record=record, transitions=taken, path=">".join((taken[0].source, *(each.target for each in taken)))
        )

    def _transitions(self, subject_key: bytes, record_id: UUID, *, blocks: bool) -> tuple[RecordTransition, ...]:
        """Take the edges of one report: one act, so that all have its one entry, which has the first one's id."""
        act = self._act
        entry_id = act.new_id()
        accepted = transition(
            subject_key=subject_key,
            record_id=record_id,
            source=RecordState.RECEIVED,
            action=Action.ACCEPT,
            party=Party.REGISTRY,
            actor_id=act.actor_id,
            reason=_REPORTED,
            at=act.now,
            rules_version=act.rules.version,
            event_id=entry_id,
            log_entry_id=entry_id,
        )
        if not blocks:
            return (accepted,)
        enforced = transition(
            subject_key=subject_key,
            record_id=record_id,
            source=accepted.target,
            action=Action.ENFORCE,
            party=Party.CLOCK,
            actor_id=REGISTRY_ACTOR,
            reason=LEAD_TIME_OVER,
            at=act.now,
            rules_version=act.rules.version,
            event_id=act.new_id(),
            log_entry_id=entry_id,
        )
        return (accepted, enforced)

    def _late_fee(self) -> LateFeeRules:
        """The fee that the creditor charges on records that it lists today; read when the first record needs it."""
        if self._fee is None:
            terms = self._act.tx.creditor_terms.of_creditor(self._act.actor_id)
            self._fee = fee_when_listed(terms_on(terms, self._today), self._act.rules.late_fee)
        return self._fee
