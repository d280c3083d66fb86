"""A subject's statement."""

from typing import Any, Final

from api.examples.disassociations import REBUTTAL
from api.examples.values import AT, OTHER_ID, TOKENS

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
            "turn_to": None,
            "service_class": "MOBILE",
            "category": "MALICIOUS",
            "state": "ACTIVE",
            "blocks": True,
            "principal_fen": 35_800,
            "paid_fen": 5_000,
            "owed": {"principal_fen": 35_800, "late_fee_fen": 20_239, "costs_fen": 0, "total_fen": 56_039},
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
            "payments": [
                {
                    "kind": "PARTIAL",
                    "amount_fen": 5_000,
                    "waived_fen": 0,
                    "settled_at": AT,
                    "received_at": AT,
                    "reversed_at": None,
                }
            ],
        }
    ],
    "households": [
        {"record": 1, "kind": "ADDRESS", "since": "2026-08-02", "ended_on": "2026-10-01"},
        {"record": 1, "kind": "ADDRESS", "since": "2026-10-01", "ended_on": None},
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
    "transfers": [],
    "disputes": [],
    "evidence_demands": [],
    "plans": [],
    "collections": [],
    "clearances": [],
    "deposits": [],
    "archived": [],
    "victim_markers": [],
    "rebuttals": [REBUTTAL],
    "red_list": [],
    "attestations": [
        {
            "by": "carrier-a",
            "band": 24,
            "as_of": "2026-10-31",
            "until": "2027-10-31",
            "told_at": AT,
            "consent_ref": "AAECAwQFBgcICQoLDA0ODw",
            "text": "standard-1",
            "method": "APP",
            "consent_given_at": AT,
            "consent_until": "2027-11-01",
        }
    ],
    "attestation_demands": [],
    "earlier_statements": [],
    "participants": [
        {"participant_id": "carrier-a", "name": "Carrier A", "contact": "Any shop of Carrier A, or 10000"},
        {"participant_id": "carrier-b", "name": "Carrier B", "contact": "Any shop of Carrier B, or 10001"},
    ],
}
