"""The made-up values that the OpenAPI document shows; a test loads each through its schema."""

from typing import Any, Final

ELEMENT: Final = "4vKuuWbGBPRm7bAmF2a2ygVNLmN6p8dUKOrJQ6dcGls"
ACCOUNT: Final = "mlDhUr6wzGHpbVJO7PMUfdXzWhv0s9SRWyZbSYlAAzE"
JWS: Final = "eyJhbGciOiJFZERTQSJ9.eyJ2IjoxfQ.c2lnbmF0dXJl"
RECORD_ID: Final = "019a1b2c-3d4e-7f50-8a61-b2c3d4e5f607"
OTHER_ID: Final = "019a1b2c-3d4e-7f50-8a61-b2c3d4e5f608"
REFERENCE: Final = "q2Zl1r8nV0yJ3xK5tB7wPA"
AT: Final = "2026-11-21T08:00:00.000000Z"

TOKENS: Final[dict[str, Any]] = {"epoch": 1, "subject": ELEMENT}
REPORT: Final[dict[str, Any]] = {
    "row_id": "row-1",
    "tokens": TOKENS,
    "account_ref": ACCOUNT,
    "service_class": "MOBILE",
    "category": "MALICIOUS",
    "principal_fen": 35_800,
    "due_date": "2026-03-31",
    "debtor_of_age": True,
    "notice_date": "2026-07-01",
    "notice_channel": "SMS",
}
VERDICT: Final[dict[str, Any]] = {
    "row_id": "row-1",
    "verdict": "ACTIVE",
    "record_id": RECORD_ID,
    "enforceable_from": "2026-07-31",
    "rules_version": "2026-01",
}
RECORD: Final[dict[str, Any]] = {
    "record_id": RECORD_ID,
    "state": "ACTIVE",
    "version": 2,
    "service_class": "MOBILE",
    "category": "MALICIOUS",
    "principal_fen": 35_800,
    "costs_fen": 0,
    "paid_fen": 0,
    "due_date": "2026-03-31",
    "notice_date": "2026-07-01",
    "enforceable_from": "2026-07-31",
    "origin_record_id": None,
    "rules_version": "2026-01",
    "received_at": AT,
    "state_since": AT,
}
WITHDRAWAL: Final[dict[str, Any]] = {"reason": "REPORTED_IN_ERROR", "expected_version": 2}
PROGRESS: Final[dict[str, Any]] = {"batch_key": "report-2026-11-21", "chunks": 12, "rows": 6_000}
ROWS: Final = '{"row_id":"row-1","tokens":{"epoch":1,"subject":"..."},"...":"..."}\n'
VERDICT_ROWS: Final = (
    '{"enforceable_from":"2026-07-31","record_id":"' + RECORD_ID + '","row_id":"row-1","rules_version":"2026-01",'
    '"verdict":"ACTIVE"}\n{"row_id":"line-2","verdict":"REJ_MALFORMED_ROW"}\n{"chunks":1,"end":true,"rows":2}\n'
)
INQUIRY: Final[dict[str, Any]] = {"inquiry_ref": "counter-17", "tokens": TOKENS, "service_class": "BROADBAND"}
INQUIRY_BATCH: Final[dict[str, Any]] = {"inquiries": [INQUIRY]}
INQUIRY_ANSWER: Final[dict[str, Any]] = {
    "inquiry_ref": "counter-17",
    "inquiry_id": RECORD_ID,
    "decision": "PAY_FIRST",
    "reasons": ["OWN_ARREARS"],
    "remedies": ["PAY_QUOTE", "DISPUTE_RECORD"],
    "rules_version": "2026-01",
    "decided_at": AT,
    "decision_token": JWS,
    "quote": {
        "reference": REFERENCE,
        "service_classes": ["MOBILE"],
        "creditors": 1,
        "principal_fen": 35_800,
        "late_fee_fen": 25_239,
        "costs_fen": 0,
        "total_fen": 61_039,
        "valid_until": "2026-11-24T08:00:00.000000Z",
    },
}
INQUIRY_ANSWERS: Final[dict[str, Any]] = {"answers": [INQUIRY_ANSWER]}
QUOTE: Final[dict[str, Any]] = {
    "reference": REFERENCE,
    "quoted_at": AT,
    "valid_until": "2026-11-24T08:00:00.000000Z",
    "lines": [
        {
            "creditor": "carrier-a",
            "creditor_name": "Carrier A",
            "how_to_pay": "Any shop of Carrier A, or 10000",
            "service_class": "MOBILE",
            "principal_fen": 35_800,
            "late_fee_fen": 25_239,
            "costs_fen": 0,
            "settled": False,
        }
    ],
    "total_fen": 61_039,
}
ORDER: Final[dict[str, Any]] = {
    "tokens": TOKENS,
    "account_ref": ACCOUNT,
    "kind": "FULL",
    "amount_fen": 61_039,
    "settled_at": AT,
    "statement": JWS,
}
RECEIPT: Final[dict[str, Any]] = {
    "settlement_id": OTHER_ID,
    "record_id": RECORD_ID,
    "state": "CLEARED",
    "outstanding_fen": 0,
    "clearance_id": OTHER_ID,
    "clearance": JWS,
}
CLEARANCE: Final[dict[str, Any]] = {
    "clearance_id": OTHER_ID,
    "issued_at": AT,
    "state": "VALID",
    "revoked_at": None,
    "clearance": JWS,
}
REVERSAL_PROPOSAL: Final[dict[str, Any]] = {"reason": "CHARGEBACK", "evidence_digest": ACCOUNT}
REVERSAL: Final[dict[str, Any]] = {
    "reversal_id": OTHER_ID,
    "settlement_id": OTHER_ID,
    "record_id": RECORD_ID,
    "reason": "CHARGEBACK",
    "evidence_digest": ACCOUNT,
    "proposed_at": AT,
    "proposed_key_id": "carrier-a-1",
    "confirmed_at": AT,
    "confirmed_key_id": "carrier-a-2",
    "rules_version": "2026-01",
}
RED_LIST_PROPOSAL: Final[dict[str, Any]] = {
    "tokens": TOKENS,
    "organisation": True,
    "ground": "HOSPITAL",
    "expires_on": "2027-11-01",
}
RED_LIST_ENTRY: Final[dict[str, Any]] = {
    "entry_id": OTHER_ID,
    "state": "EFFECTIVE",
    "ground": "HOSPITAL",
    "proposed_by": "carrier-a",
    "proposed_at": AT,
    "expires_on": "2027-11-01",
    "rules_version": "2026-01",
    "approvals": [
        {"participant_id": "operator", "approved_at": AT},
        {"participant_id": "regulator", "approved_at": AT},
    ],
    "revoked_at": None,
}
EVENTS: Final[dict[str, Any]] = {
    "events": [
        {
            "position": 41,
            "event_id": OTHER_ID,
            "kind": "RECORD_WITHDRAWN",
            "record_id": None,
            "inquiry_id": OTHER_ID,
            "facts": {"blocks": False},
            "created_at": AT,
        }
    ],
    "next": 41,
    "more": False,
    "oldest": 3,
}
INSTALMENTS: Final = [
    {"due_date": "2026-12-21", "amount_fen": 30_520},
    {"due_date": "2027-01-21", "amount_fen": 30_519},
]
PLAN_ARRANGEMENT: Final[dict[str, Any]] = {"record_id": RECORD_ID, "instalments": INSTALMENTS}
PLAN: Final[dict[str, Any]] = {
    "plan_id": OTHER_ID,
    "record_id": RECORD_ID,
    "state": "RUNNING",
    "instalments": INSTALMENTS,
    "broken_from": "2026-12-27",
    "arranged_at": AT,
    "ended_at": None,
    "rules_version": "2026-01",
}
DISPUTE_FILING: Final[dict[str, Any]] = {"tokens": TOKENS, "ground": "ALREADY_PAID", "creditor": "carrier-a"}
DISPUTE: Final[dict[str, Any]] = {
    "dispute_id": OTHER_ID,
    "state": "OPEN",
    "version": 1,
    "ground": "ALREADY_PAID",
    "creditor": "carrier-a",
    "service_class": "MOBILE",
    "principal_fen": 35_800,
    "record_state": "DISPUTED",
    "filed_by": "carrier-b",
    "filed_at": AT,
    "answer_due": "2026-12-06",
    "close_due": "2026-12-11",
    "lapse_due": "2027-01-05",
    "answer": None,
    "answered_at": None,
    "outcome": None,
    "closed_at": None,
    "rules_version": "2026-01",
}
DISPUTES: Final[dict[str, Any]] = {"disputes": [DISPUTE]}
DISPUTE_PAGE: Final[dict[str, Any]] = {"disputes": [DISPUTE], "next": None}
DISPUTE_ANSWER: Final[dict[str, Any]] = {"answer": "PAYMENT_NOT_RECEIVED", "expected_version": 1}
DISPUTE_DECISION: Final[dict[str, Any]] = {"decision": "UPHOLD", "expected_version": 2}
NEW_DISPUTE_DOCUMENT: Final[dict[str, Any]] = {"side": "FILER", "content": "JVBERi0xLjcg"}
DISPUTE_DOCUMENT: Final[dict[str, Any]] = {
    "document_id": OTHER_ID,
    "dispute_id": OTHER_ID,
    "side": "FILER",
    "media_type": "application/pdf",
    "content_bytes": 9,
    "added_at": AT,
}
DISPUTE_DOCUMENTS: Final[dict[str, Any]] = {"documents": [DISPUTE_DOCUMENT]}
OPENED_DOCUMENT: Final[dict[str, Any]] = {**DISPUTE_DOCUMENT, "content": "JVBERi0xLjcg"}
NEW_REBUTTAL: Final[dict[str, Any]] = {
    "tokens": {**TOKENS, "household_address": ELEMENT},
    "ground": "MOVED_AWAY",
    "evidence_digest": ACCOUNT,
}
REBUTTAL: Final[dict[str, Any]] = {
    "rebuttal_id": OTHER_ID,
    "state": "HOLDS",
    "households": ["ADDRESS"],
    "ground": "MOVED_AWAY",
    "filed_by": "carrier-b",
    "filed_at": AT,
    "until": "2028-11-21",
    "withdrawn_at": None,
    "rules_version": "2026-01",
}
STATEMENT_REQUEST: Final[dict[str, Any]] = {"tokens": TOKENS}
STATEMENT: Final[dict[str, Any]] = {
    "statement_id": OTHER_ID,
    "asked_through": "carrier-b",
    "given_at": AT,
    "given_on": "2026-11-21",
    "free": True,
    "free_left": 1,
    "rules_version": "2026-01",
    "terms": {
        "free_statements_a_year": 2,
        "dispute_answer_days": 15,
        "dispute_close_days": 20,
        "record_years": 5,
        "rebuttal_months": 24,
    },
    "records": [
        {
            "number": 1,
            "creditor": "carrier-a",
            "service_class": "MOBILE",
            "category": "MALICIOUS",
            "state": "ACTIVE",
            "blocks": True,
            "principal_fen": 35_800,
            "paid_fen": 0,
            "owed": {"principal_fen": 35_800, "late_fee_fen": 25_239, "costs_fen": 0, "total_fen": 61_039},
            "due_date": "2026-03-31",
            "notice_date": "2026-07-01",
            "notice_channel": "SMS",
            "enforceable_from": "2026-07-31",
            "listed_on": "2026-08-02",
            "expires_on": "2031-08-02",
            "rules_version": "2026-01",
            "history": [
                {
                    "at": AT,
                    "action": "ACCEPT",
                    "state": "PENDING",
                    "party": "REGISTRY",
                    "by": "carrier-a",
                    "reason": "reported",
                }
            ],
        }
    ],
    "inquiries": [
        {
            "participant": "carrier-b",
            "at": AT,
            "service_class": "BROADBAND",
            "decision": "PAY_FIRST",
            "reasons": ["OWN_ARREARS"],
        }
    ],
    "weighed_for_others": [{"record": 1, "participant": "carrier-b", "on": "2026-11-20"}],
    "disputes": [],
    "plans": [],
    "collections": [],
    "clearances": [],
    "archived": [],
    "victim_markers": [],
    "rebuttals": [REBUTTAL],
    "red_list": [],
    "earlier_statements": [],
    "participants": [
        {"participant_id": "carrier-a", "name": "Carrier A", "contact": "Any shop of Carrier A, or 10000"},
        {"participant_id": "carrier-b", "name": "Carrier B", "contact": "Any shop of Carrier B, or 10001"},
    ],
}
VICTIM_RENEWAL: Final[dict[str, Any]] = {"tokens": TOKENS}
VICTIM_MARKER: Final[dict[str, Any]] = {"until": "2028-11-21"}
NEW_WEBHOOK: Final[dict[str, Any]] = {"url": "https://events.carrier-a.example/clearline", "after": 0}
WEBHOOK: Final[dict[str, Any]] = {
    "participant_id": "carrier-a",
    "url": "https://events.carrier-a.example/clearline",
    "registered_at": AT,
    "position": 140,
    "attempts": 0,
    "next_attempt_at": AT,
    "dead_letters": [
        {"first_position": 41, "last_position": 140, "attempts": 12, "reason": "timeout", "given_up_at": AT}
    ],
}
NEW_KEY: Final[dict[str, Any]] = {"key_id": "carrier-a-2", "public_key": ACCOUNT}
NEW_PARTICIPANT: Final[dict[str, Any]] = {
    "participant_id": "carrier-a",
    "name": "Carrier A",
    "roles": ["REPORTER", "INQUIRER"],
    "contact": "Any shop of Carrier A, or 10000",
    "key_id": "carrier-a-1",
    "public_key": ACCOUNT,
}
PARTICIPANT: Final[dict[str, Any]] = {
    "participant_id": "carrier-a",
    "name": "Carrier A",
    "roles": ["INQUIRER", "REPORTER"],
    "contact": "Any shop of Carrier A, or 10000",
    "created_at": AT,
    "left_at": None,
    "keys": [{"key_id": "carrier-a-1", "public_key": ACCOUNT, "added_at": AT, "revoked_at": None}],
}
PARTICIPANTS: Final[dict[str, Any]] = {"participants": [PARTICIPANT], "next": None}
