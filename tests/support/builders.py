"""Makes values with visible defaults; a test names only what it is about."""

import datetime as dt
import hashlib
import uuid
from typing import Any

from crypto.oprf.group import hash_to_element
from protocol.beijing import beijing_date
from protocol.codes import Category, DisputeGround, NoticeChannel, ServiceClass
from protocol.messages.evidence import EvidenceManifest, document_digest
from protocol.messages.records import RecordReport
from protocol.messages.rules import DisputeTerms
from protocol.messages.tokens import SubjectTokens
from protocol.states import DisputeState, RecordState
from registry.domain.disputes import Dispute, deadlines
from registry.domain.records import Record

NOW = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)
"""Noon in Beijing."""
TODAY = dt.date(2026, 11, 21)


def a_token(name: str) -> bytes:
    """A valid group element that stands for ``name``: what the custodians would have made of it."""
    return hash_to_element(hashlib.sha512(name.encode()).digest())


def tokens(name: str, *, register: str | None = None, address: str | None = None, epoch: int = 1) -> SubjectTokens:
    return SubjectTokens(
        epoch=epoch,
        subject=a_token("subject/" + name),
        household_register=None if register is None else a_token("register/" + register),
        household_address=None if address is None else a_token("address/" + address),
    )


def account(number: str) -> bytes:
    return hashlib.sha256(b"account/" + number.encode()).digest()


def a_report(name: str = "debtor", number: str = "A1", **changes: Any) -> RecordReport:
    """A listable debt of 120.00 yuan, 200 days past due, noticed 150 days ago."""
    values: dict[str, Any] = {
        "row_id": number,
        "tokens": tokens(name),
        "account_ref": account(number),
        "service_class": ServiceClass.MOBILE,
        "category": Category.MISSED_CYCLE,
        "principal_fen": 120_00,
        "due_date": TODAY - dt.timedelta(days=200),
        "debtor_of_age": True,
        "notice_date": TODAY - dt.timedelta(days=150),
        "notice_channel": NoticeChannel.SMS,
    }
    return RecordReport(**(values | changes))


def a_record(**changes: Any) -> Record:
    """An ACTIVE record of 120.00 yuan at carrier-a."""
    values: dict[str, Any] = {
        "subject_key": b"S" * 16,
        "record_id": uuid.UUID(int=1),
        "creditor_id": "carrier-a",
        "account_ref": account("A1"),
        "state": RecordState.ACTIVE,
        "service_class": ServiceClass.MOBILE,
        "category": Category.MISSED_CYCLE,
        "principal_fen": 120_00,
        "paid_fen": 0,
        "due_date": TODAY - dt.timedelta(days=200),
        "suspended_on": None,
        "ended_on": None,
        "notice_date": TODAY - dt.timedelta(days=150),
        "notice_channel": NoticeChannel.SMS,
        "enforceable_from": TODAY - dt.timedelta(days=120),
        "dealer": None,
        "rules_version": "2026-01",
        "late_fee_daily_ppm": 3_000,
        "late_fee_cap_ppm": 1_000_000,
        "version": 2,
        "received_at": NOW,
        "state_since": NOW,
        "log_entry_id": uuid.UUID(int=2),
    }
    values |= changes
    derived = {"clock_on": values["enforceable_from"], "figures_on": beijing_date(values["received_at"])}
    return Record(**(derived | values))


def a_dispute(**changes: Any) -> Dispute:
    """An open case about the record of ``a_record``, filed today at carrier-b."""
    answer_due, close_due, lapse_due = deadlines(TODAY, DisputeTerms(answer_days=15, close_days=20, lapse_days=30))
    values: dict[str, Any] = {
        "subject_key": b"S" * 16,
        "dispute_id": uuid.UUID(int=5),
        "record_id": uuid.UUID(int=1),
        "creditor_id": "carrier-a",
        "ground": DisputeGround.ALREADY_PAID,
        "principal_fen": 120_00,
        "costs_fen": 0,
        "paid_fen": 0,
        "filed_by": "carrier-b",
        "filed_at": NOW,
        "filed_on": TODAY,
        "stopped_on": TODAY,
        "answer_due": answer_due,
        "close_due": close_due,
        "lapse_due": lapse_due,
        "state": DisputeState.OPEN,
        "rules_version": "2026-01",
        "version": 1,
        "log_entry_id": uuid.UUID(int=5),
    }
    return Dispute(**(values | changes))


def a_document(name: str) -> tuple[bytes, bytes]:
    """A salt and a document that stand for ``name``."""
    return hashlib.sha256(b"salt/" + name.encode()).digest(), b"%PDF-1.7 " + name.encode()


def a_manifest(**changes: Any) -> EvidenceManifest:
    """Two bills, a notice at noon of its day 150 days ago, and a contract of 2024; documents as ``a_document`` has."""
    values: dict[str, Any] = {
        "contract_date": dt.date(2024, 3, 5),
        "notice_at": NOW - dt.timedelta(days=150),
        "bills": tuple(document_digest(*a_document(name)) for name in ("bill-1", "bill-2")),
        "notice": document_digest(*a_document("notice")),
        "contract": document_digest(*a_document("contract")),
    }
    return EvidenceManifest(**(values | changes))
