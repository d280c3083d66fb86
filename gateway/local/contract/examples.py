"""An example of each body and answer, by operation. The person and all numbers are made up."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.local.contract import tmf_examples, tokens

_AT: Final = "2026-11-29T06:03:01.000000Z"
_PERSON: Final = {"kind": "RESIDENT_ID", "number": "11010519491231002X"}
_REFERENCE: Final = "q2Zl1r8nV0yJ3xK5tB7wPA"
_ID: Final = "019accd8-2b00-7aaa-8aaa-00000000000a"
_DIGEST: Final = "mlDhUr6wzGHpbVJO7PMUfdXzWhv0s9SRWyZbSYlAAzE"

_DECISION: Final = {
    "inquiry_id": _ID,
    "decision": "PAY_FIRST",
    "reasons": ["OWN_ARREARS"],
    "remedies": ["PAY_QUOTE", "DISPUTE_RECORD"],
    "rules_version": "2026-01",
    "decided_at": _AT,
    "decision_token": tokens.DECISION,
    "quote": {
        "reference": _REFERENCE,
        "service_classes": ["MOBILE"],
        "creditors": 1,
        "principal_fen": 35800,
        "late_fee_fen": 25239,
        "costs_fen": 0,
        "total_fen": 61039,
        "valid_until": "2026-12-02T06:03:01.000000Z",
    },
    "checked": ["subject"],
    "unchecked": {"household_register": "NOT_GIVEN", "household_address": "NOT_GIVEN"},
    "valid_until": "2026-11-29T06:33:01.000000Z",
    "alternatives": [{"kind": "PREPAID_ONLY"}],
    "household_keys": {"register": "NOT_GIVEN", "address": "NOT_GIVEN"},
    "order_kept": True,
    "texts": {
        "en": {
            "clerk": ["The applicant has unpaid bills."],
            "applicant": ["You have unpaid bills for telephone service."],
        }
    },
}
_CASE: Final = {
    "dispute_id": _ID,
    "state": "OPEN",
    "version": 1,
    "ground": "ALREADY_PAID",
    "creditor": "carrier-a",
    "service_class": "MOBILE",
    "principal_fen": 35800,
    "costs_fen": 0,
    "paid_fen": 0,
    "record_state": "DISPUTED",
    "stops_enforcement": True,
    "filed_by": "carrier-b",
    "filed_at": _AT,
    "answer_due": "2026-12-14",
    "close_due": "2026-12-29",
    "lapse_due": "2027-01-28",
    "answer": None,
    "answered_at": None,
    "outcome": None,
    "closed_at": None,
    "rules_version": "2026-01",
}
_PAPER: Final = {
    "document_id": _ID,
    "dispute_id": _ID,
    "side": "FILER",
    "media_type": "application/pdf",
    "content_bytes": 9,
    "added_at": _AT,
}
_TAKEN: Final = {
    "collection_id": _ID,
    "collector": "carrier-b",
    "creditor": "carrier-a",
    "record_id": None,
    "settlement_id": _ID,
    "amount_fen": 61039,
    "collected_at": _AT,
    "received_at": _AT,
    "confirm_due": "2026-12-04",
    "state": "TO_CONFIRM",
    "refusal": None,
    "answered_at": None,
    "reversed_at": None,
    "rules_version": "2026-01",
}
_OWED: Final = {
    "creditor": "carrier-a",
    "creditor_name": "Carrier A",
    "how_to_pay": "at any counter",
    "principal_fen": 35800,
    "late_fee_fen": 25239,
    "costs_fen": 0,
}

BODIES: Final[Mapping[str, dict[str, Any]]] = {
    "checkApplicant": {
        "document": _PERSON,
        "service_class": "MOBILE",
        "purpose": "NEW_LINE",
        "channel": "OUTLET",
        "outlet": "SH-PD-0123",
        "identity": "READER",
        "consent_text": "standard-1",
        "consent": "C-2026-77",
        "order": "2026-000123",
        "agent": "A-017",
        "languages": ["en"],
    },
    "recheckOrder": {"order": "2026-000123", "languages": ["en"]},
    "reportOutcome": {
        "order": "2026-000123",
        "outcome": "OVERRIDDEN",
        "reason": "PROOF_OF_PAYMENT",
        "agent": "A-017",
        "approved_by": "B-002",
        "languages": ["en"],
    },
    "reportOutcomes": {
        "outcomes": [
            {"order": "2026-000123", "outcome": "ACTIVATED"},
            {"order": "2026-000124", "outcome": "DECLINED", "reason": "NOT_PAID"},
        ],
        "languages": ["en"],
    },
    "returnDeposit": {"order": "2026-000123", "fen": 11800, "at": _AT},
    "reviewGrade": {
        "order": "2026-000123",
        "outcome": "LIFTED",
        "reason": "GOOD_RECORD_HERE",
        "asked_at": _AT,
        "agent": "A-017",
        "approved_by": "B-002",
        "languages": ["en"],
    },
    "fileDispute": {"document": _PERSON, "ground": "ALREADY_PAID", "creditor": "carrier-a"},
    "addDisputeDocument": {"side": "FILER", "content": "JVBERi0xLjcg"},
    "giveStatement": {"document": _PERSON, "language": "en"},
    "withdrawConsent": {"document": _PERSON, "consent_ref": "AAECAwQFBgcICQoLDA0ODw"},
    "demandAttestation": {"document": _PERSON, "participant": "carrier-a"},
    "rebutHousehold": {
        "document": _PERSON,
        "household_register": "4201060011665",
        "ground": "NEVER_LIVED_THERE",
        "evidence_digest": _DIGEST,
    },
    "reportSettlement": {
        "document": _PERSON,
        "account": "A-5521",
        "kind": "FULL",
        "amount_fen": 61039,
        "settled_at": _AT,
    },
    "collectQuote": {"quote_reference": _REFERENCE, "amount_fen": 61039, "collected_at": _AT},
    **tmf_examples.BODIES,
}
ANSWERS: Final[Mapping[str, dict[str, Any]]] = {
    "checkApplicant": _DECISION,
    "recheckOrder": _DECISION | {"changed": False},
    "reportOutcome": {
        "activation_id": _ID,
        "part": 1,
        "revision": 1,
        "basis": "CHECKED",
        "obeyed": "NO",
        "unchecked_lines": 0,
        "notes": ["MOVED"],
        "recorded_at": _AT,
        "log_entry_id": _ID,
        "texts": {"en": {"clerk": ["Recorded: opened against the decision."]}},
    },
    "reportOutcomes": {
        "verdicts": [
            {
                "verdict": "RECORDED",
                "part": 1,
                "revision": 1,
                "activation_id": _ID,
                "basis": "CHECKED",
                "obeyed": "YES",
                "unchecked_lines": 0,
                "recorded_at": _AT,
                "log_entry_id": _ID,
                "texts": {"en": {"clerk": ["It is reported.", "Noted: opened as asked, postpaid."]}},
            },
            {
                "verdict": "REJ_ORDER_UNKNOWN",
                "texts": {"en": {"clerk": ["Not reported: no decision on the order is kept here."]}},
            },
        ]
    },
    "reviewGrade": {
        "review_id": _ID,
        "inquiry_id": _ID,
        "outcome": "LIFTED",
        "reason": "GOOD_RECORD_HERE",
        "asked_at": _AT,
        "due_on": "2026-12-02",
        "late": False,
        "reviewed_at": _AT,
        "log_entry_id": _ID,
        "texts": {
            "en": {
                "clerk": [
                    "Noted: the order may be done as asked. Report it as ACTIVATED, with the reason REVIEWED.",
                    "The applicant's ground: a good record at this carrier.",
                ]
            }
        },
    },
    "readQuote": {
        "reference": _REFERENCE,
        "quoted_at": _AT,
        "valid_until": "2026-12-02T06:03:01.000000Z",
        "records": 1,
        "creditors": [_OWED | {"records": 1, "total_fen": 61039}],
        "lines": [_OWED | {"service_class": "MOBILE", "settled": False}],
        "total_fen": 61039,
    },
    "readCustodians": {"custodian_faults": []},
    "fileDispute": {"disputes": [_CASE]},
    "readDispute": _CASE,
    "listDisputeDocuments": {"documents": [_PAPER]},
    "addDisputeDocument": _PAPER,
    "withdrawConsent": {"attestations": 1, "withdrawn_at": _AT},
    "demandAttestation": {
        "demand_id": _ID,
        "participant": "carrier-a",
        "demanded_at": _AT,
        "answer_due": "2026-12-11",
        "state": "OPEN",
        "reply": None,
        "answered_at": None,
        "rules_version": "2026-01",
    },
    "rebutHousehold": {
        "rebuttal_id": _ID,
        "state": "HOLDS",
        "households": ["REGISTER"],
        "ground": "NEVER_LIVED_THERE",
        "filed_by": "carrier-b",
        "filed_at": _AT,
        "until": "2027-11-29",
        "withdrawn_at": None,
        "rules_version": "2026-01",
    },
    "reportSettlement": {
        "settlement_id": _ID,
        "record_id": _ID,
        "state": "CLEARED",
        "outstanding_fen": 0,
        "clearance_id": _ID,
        "clearance": tokens.CLEARANCE,
        "receipt": None,
        "receipt_pending": True,
    },
    "collectQuote": {
        "amount_fen": 61039,
        "collected_at": _AT,
        "collections": [_TAKEN],
        "clearances": [{"clearance_id": _ID, "clearance": tokens.CLEARANCE_OF_COLLECTION}],
    },
    "readHealth": {"status": "ok"},
    "readReadiness": {
        "ready": True,
        "registry": "OK",
        "custodians": [{"index": 1, "state": "OK"}, {"index": 2, "state": "SLOW"}],
        "alarms": [],
    },
    "returnDeposit": {
        "activation_id": _ID,
        "part": 1,
        "service_class": "MOBILE",
        "state": "RETURNED",
        "fen": 11800,
        "returned_fen": 11800,
        "kept_fen": 0,
        "left_fen": 0,
        "taken_on": "2025-11-29",
        "service_ended_on": None,
        "due_on": "2026-11-29",
        "returned_on": "2026-11-29",
        "overdue": False,
    },
    **tmf_examples.ANSWERS,
}
"""Without a statement, which is too long for an example, and without this document itself."""
