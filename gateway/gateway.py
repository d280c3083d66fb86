"""Offer all of the gateway's work to the carrier's systems and the command line, as one object."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auditlog.receipt_book import Noted, ReceiptBook
from client.deadline import Deadline
from client.registry import RegistryClient
from client.resources import inquiries, participants, settlements
from crypto.errors import BadKey
from crypto.signing.keys import load_public
from gateway.bulk import activate as activating
from gateway.bulk import mapping as mapping_files
from gateway.bulk import report as reporting
from gateway.bulk.activate import ActivationSummary
from gateway.bulk.applications import Application, Checked
from gateway.bulk.check import Checker, CheckSummary
from gateway.bulk.file_guards import NOTHING_KNOWN, Consent
from gateway.bulk.report import ReportSummary
from gateway.counter import disassociations as rebutting
from gateway.counter import disputes as disputing
from gateway.counter import events as following
from gateway.counter import grades as reviewing
from gateway.counter import inquiries as asking
from gateway.counter import red_list as red_listing
from gateway.counter import settlements as settling
from gateway.counter import statements as stating
from gateway.counter.activation_batches import Judged, UnreadRow, report_many
from gateway.counter.activations import Activator, ToldOutcome, ToldReport
from gateway.counter.collected import Till
from gateway.counter.deposits import ReturnOfOrder, give_back_of_order
from gateway.counter.disassociations import Separation
from gateway.counter.disputes import Complaint
from gateway.counter.grades import ToldReview
from gateway.counter.red_list import Candidate
from gateway.counter.settlements import ClearanceInvalid, Payment, Settler, VerifiedClearance
from gateway.identity.documents import RawIdentity, read_identity
from gateway.pins.pool import PinnedPool
from gateway.tools import Tools
from protocol.codes import ServiceClass
from protocol.messages.deposits import Deposit
from protocol.messages.disassociations import Rebuttal
from protocol.messages.disputes import Disputes, VictimMarker
from protocol.messages.grades import GradeReview
from protocol.messages.inquiries import InquiryAnswer, Quote
from protocol.messages.red_list import RedListEntry
from protocol.messages.settlements import Clearance, SettlementReceipt
from protocol.messages.statements import Statement
from protocol.messages.tokens import SubjectTokens

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One carrier's gateway. Thread-safe; ``close`` gives its connections back (it is a context manager)."""

    carrier: str
    registry_key_id: str
    registry_public_key: bytes
    pool: PinnedPool
    tools: Tools
    checker: Checker
    activator: Activator
    """Reports what became of orders, by the tokens that the file of orders keeps."""
    settler: Settler
    till: Till
    """Reports the payments that this carrier's counters take for others."""
    receipts: ReceiptBook | None
    """The log's receipts of this carrier's entries; None where it did not pin the log."""
    today: Callable[[], dt.date]
    """The Beijing date."""
    resources: ExitStack = field(repr=False)

    @property
    def registry(self) -> RegistryClient:
        """The registry's typed calls, for work without a shorter method here."""
        return self.tools.registry

    def within(self, deadline: Deadline) -> Self:
        """Return the same gateway, all of whose calls to custodians and registry are over by the deadline.

        The log's receipts have a limit of their own: they only follow an act that the registry has acknowledged.
        """
        tools = self.tools.within(deadline)
        return replace(
            self,
            tools=tools,
            checker=Checker(tools),
            activator=Activator(tools),
            settler=self.settler.over(tools),
            till=self.till.over(tools.registry),
        )

    def report_file(
        self,
        *,
        source: Path,
        mapping: Path,
        output: Path,
        since: Path | None = None,
        only_rejected: Path | None = None,
        restart: bool = False,
        consent: Consent = NOTHING_KNOWN,
        on_progress: OnProgress | None = None,
    ) -> ReportSummary:
        """Report an export and write a verdict for each row; the same call again resumes an interrupted run.

        Rows that are unchanged ``since`` the output of an earlier run are confirmed by their records.
        """
        return reporting.report_file(
            self.tools,
            source=source,
            mapping=mapping_files.load(mapping, mapping_files.Layout.ARREARS),
            output=output,
            today=self.today(),
            since=since,
            only_rejected=only_rejected,
            restart=restart,
            consent=consent,
            on_progress=on_progress,
        )

    def check_file(
        self,
        *,
        source: Path,
        mapping: Path,
        output: Path,
        only_carrier: str | None = None,
        consent: Consent = NOTHING_KNOWN,
        on_progress: OnProgress | None = None,
    ) -> CheckSummary:
        """Check a CSV of applicants and write a decision for each row."""
        return self.checker.check_file(
            source=source,
            mapping=mapping_files.load(mapping, mapping_files.Layout.APPLICANTS),
            output=output,
            today=self.today(),
            only_carrier=only_carrier,
            consent=consent,
            on_progress=on_progress,
        )

    def activate_file(
        self, *, source: Path, output: Path, restart: bool = False, on_progress: OnProgress | None = None
    ) -> ActivationSummary:
        """Report what became of the orders of a file of decisions; the same call again resumes an interrupted run."""
        return activating.activate_file(
            self.tools, self.activator, source=source, output=output, restart=restart, on_progress=on_progress
        )

    def check(self, application: Application) -> InquiryAnswer:
        """Check one applicant."""
        return self.check_and_tell(application).answer

    def check_and_tell(self, application: Application) -> Checked:
        """Check one applicant, and tell the state of each household key."""
        return self.checker.check(application, today=self.today())

    def check_all(self, applications: Sequence[Application]) -> list[Checked]:
        """Check some applications in one call, one inquiry each."""
        return self.checker.check_all(applications, today=self.today())

    def recheck(self, order: str, service_class: ServiceClass | None = None) -> Checked:
        """Ask whether anything has changed since the newest decision on an order; raises OrderUnknown."""
        return asking.recheck(self.tools, order, service_class)

    def activate(self, told: ToldOutcome, *, idempotency_key: str | None = None) -> ToldReport:
        """Report what became of an order, or of a part of it; raises OrderUnknown."""
        return self.activator.report(told, idempotency_key=idempotency_key)

    def activate_many(self, told: Sequence[ToldOutcome | UnreadRow]) -> list[Judged]:
        """Report what became of many orders, in order: a verdict for each, and a bad one stops none of the others."""
        return report_many(self.tools, self.activator, told)

    def settle(self, payment: Payment, *, idempotency_key: str | None = None) -> SettlementReceipt:
        """Report that a debt to this carrier is settled."""
        return self.settler.settle(payment, today=self.today(), idempotency_key=idempotency_key)

    def return_deposit(self, told: ReturnOfOrder, *, idempotency_key: str | None = None) -> Deposit:
        """Report that a deposit of an order was given back; raises OrderUnknown."""
        return give_back_of_order(self.tools, told, idempotency_key=idempotency_key)

    def alarms(self) -> tuple[str, ...]:
        """The alarms that a person has to look at, by code; of them ``key-changed`` alone stops requests."""
        wrong = {"custodian-wrong"} if self.custodian_faults() else set()
        full = {"receipts-unwritable"} if self.receipts is not None and not self.receipts.takes_writes() else set()
        lost = set() if self.tools.orders.takes_writes(now=self.tools.clock()) else {"orders-unwritable"}
        return tuple(sorted(wrong | full | lost | self.pool.alarms()))

    def note_receipt(self, entry_id: UUID) -> Noted | None:
        """Keep the log's receipt of an acknowledged act, such as a settlement by its id; None without a pinned log."""
        return None if self.receipts is None else self.receipts.note(entry_id)

    def propose_red_list(self, candidate: Candidate, *, idempotency_key: str | None = None) -> RedListEntry:
        """Propose an organisation for the red list."""
        return red_listing.propose(self.tools, candidate, today=self.today(), idempotency_key=idempotency_key)

    def file_dispute(self, complaint: Complaint, *, idempotency_key: str | None = None) -> Disputes:
        """File a dispute for the subject who stands at the counter."""
        return disputing.file(self.tools, complaint, today=self.today(), idempotency_key=idempotency_key)

    def renew_marker(self, identity: RawIdentity) -> VictimMarker:
        """Renew the marker of a stolen identity for the victim who stands at the counter."""
        return disputing.renew_marker(self.tools, identity, today=self.today())

    def rebut(self, separation: Separation, *, idempotency_key: str | None = None) -> Rebuttal:
        """Keep the subject who stands at the counter apart from a household."""
        return rebutting.rebut(self.tools, separation, today=self.today(), idempotency_key=idempotency_key)

    def review_grade(self, told: ToldReview, *, idempotency_key: str | None = None) -> GradeReview:
        """Tell that a person of this carrier reviewed the decision that a grade made on an order."""
        return reviewing.review(self.tools, told, idempotency_key=idempotency_key)

    def statement(self, identity: RawIdentity, *, idempotency_key: str | None = None) -> Statement:
        """Ask for the statement of the subject at the counter; ``statement_text.render`` prints it."""
        return stating.give(self.tools, identity, today=self.today(), idempotency_key=idempotency_key)

    def quote(self, reference: str) -> Quote:
        """Fetch the quote under its reference."""
        return inquiries.read_quote(self.registry, reference)

    def clearance(self, clearance_id: UUID) -> Clearance:
        """Fetch a clearance by its id, as the registry has it."""
        return settlements.read_clearance(self.registry, clearance_id)

    def events(self, cursor: Path) -> Iterator[dict[str, Any]]:
        """Follow the events that this carrier must act on, behind the cursor file; each at least once and in order."""
        return following.follow(self.registry, cursor)

    def verify_clearance(
        self, token: str, *, creditor_keys: Mapping[str, Mapping[str, bytes]] | None = None
    ) -> VerifiedClearance:
        """Check a clearance; offline with ``creditor_keys`` (participant to key id to 32 bytes), else asks for them."""

        def key_of(participant: str, key_id: str) -> Ed25519PublicKey:
            if creditor_keys is None:
                return participants.read_key(self.registry, participant, key_id)
            return load_public(_pinned(creditor_keys.get(participant, {}).get(key_id)))

        return settling.verify_clearance(token, registry_key=self._registry_key, key_of=key_of)

    def tokenise(self, identities: Sequence[RawIdentity]) -> list[SubjectTokens]:
        """Compute the tokens of some subjects; they are bearer secrets: use them and forget them."""
        today = self.today()
        return self.tools.tokeniser.tokens([read_identity(each, today=today)[1] for each in identities])

    def custodian_faults(self) -> dict[int, str]:
        """Custodians that answered wrongly since the start, by index."""
        return self.pool.faults

    def close(self) -> None:
        self.resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _registry_key(self, key_id: str) -> Ed25519PublicKey:
        if key_id != self.registry_key_id:
            raise ClearanceInvalid("key-unknown")
        return load_public(self.registry_public_key)


def _pinned(key: bytes | None) -> bytes:
    if key is None:
        raise BadKey("no such key of the creditor is known here")
    return key
