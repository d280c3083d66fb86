"""From what a schema loaded to the values of protocol/ that the use cases take."""

import uuid
from typing import Any

from protocol.messages.collected import CollectionOrder
from protocol.messages.disassociations import HouseholdRebuttal
from protocol.messages.disputes import DisputeFiling
from protocol.messages.evidence import EvidenceManifest
from protocol.messages.inquiries import InquiryRequest, SubjectTokens
from protocol.messages.records import RecordReport
from protocol.messages.red_list import RedListProposal
from protocol.messages.settlements import SettlementOrder
from protocol.problems import Problem, Refusal
from registry.domain.money import LateFeeRules
from registry.domain.plans import Instalment
from registry.usecases.participants.admit import Admission


def subject_tokens(loaded: dict[str, Any]) -> SubjectTokens:
    """Tokens from SubjectTokensSchema."""
    return SubjectTokens(**loaded)


def record_report(loaded: dict[str, Any]) -> RecordReport:
    """A report from RecordReportSchema."""
    given = {**loaded, "tokens": subject_tokens(loaded["tokens"])}
    if "evidence" in given:
        given["evidence"] = EvidenceManifest(**given["evidence"] | {"bills": tuple(given["evidence"]["bills"])})
    return RecordReport(**given)


def inquiry_request(loaded: dict[str, Any]) -> InquiryRequest:
    """An inquiry from InquiryRequestSchema."""
    return InquiryRequest(**{**loaded, "tokens": subject_tokens(loaded["tokens"])})


def settlement_order(loaded: dict[str, Any]) -> SettlementOrder:
    """An order from SettlementOrderSchema."""
    return SettlementOrder(**{**loaded, "tokens": subject_tokens(loaded["tokens"])})


def collection_order(loaded: dict[str, Any]) -> CollectionOrder:
    """An order from CollectionOrderSchema."""
    return CollectionOrder(**loaded)


def red_list_proposal(loaded: dict[str, Any]) -> RedListProposal:
    """A proposal from RedListProposalSchema."""
    return RedListProposal(**{**loaded, "tokens": subject_tokens(loaded["tokens"])})


def instalment(loaded: dict[str, Any]) -> Instalment:
    """An instalment from InstalmentSchema."""
    return Instalment(**loaded)


def dispute_filing(loaded: dict[str, Any]) -> DisputeFiling:
    """A filing from DisputeFilingSchema."""
    return DisputeFiling(**{**loaded, "tokens": subject_tokens(loaded["tokens"])})


def household_rebuttal(loaded: dict[str, Any]) -> HouseholdRebuttal:
    """A rebuttal from NewRebuttalSchema."""
    return HouseholdRebuttal(**{**loaded, "tokens": subject_tokens(loaded["tokens"])})


def late_fee(loaded: dict[str, Any]) -> LateFeeRules:
    """A creditor's own fee from NewCreditorTermsSchema."""
    return LateFeeRules(daily_ppm=loaded["daily_ppm"], cap_ppm=loaded["cap_ppm"])


def admission(loaded: dict[str, Any]) -> Admission:
    """A participant to admit, from NewParticipantSchema; a role named twice counts once."""
    return Admission(**{"contact": None, **loaded, "roles": frozenset(loaded["roles"])})


def new_accounts(loaded: dict[str, Any]) -> dict[uuid.UUID, bytes]:
    """The buyer's accounts, from AcceptanceSchema; raises Refusal INVALID_FIELD where a record stands twice."""
    accounts = {each["record_id"]: each["account_ref"] for each in loaded["accounts"]}
    if len(accounts) != len(loaded["accounts"]):
        raise Refusal(Problem.INVALID_FIELD, fields={"accounts": "repeated"})
    return accounts
