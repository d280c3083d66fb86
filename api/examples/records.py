"""Records reported, read, taken back and said again, one by one and by the batch."""

from typing import Any, Final

from api.examples.values import ACCOUNT, AT, OTHER_ID, RECORD_ID, TOKENS

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
    "version": 1,
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
SHOWN_RECORD: Final[dict[str, Any]] = RECORD | {
    "creditor": "carrier-a",
    "events": [
        {
            "at": AT,
            "source": "RECEIVED",
            "target": "PENDING",
            "action": "ACCEPT",
            "party": "REGISTRY",
            "actor": "registry",
            "reason": "listed",
            "rules_version": "2026-01",
            "log_entry_id": OTHER_ID,
        }
    ],
}
OVERSEEN_RECORDS: Final[dict[str, Any]] = {"records": [RECORD | {"creditor": "carrier-a"}], "next": None}
WITHDRAWAL: Final[dict[str, Any]] = {"reason": "REPORTED_IN_ERROR", "expected_version": 2}
PROGRESS: Final[dict[str, Any]] = {"batch_key": "report-2026-11-21", "chunks": 12, "rows": 6_000, "incarnation": 1}
BATCH_PAGE: Final[dict[str, Any]] = {
    "batches": [{"batch_key": "report-2026-11-21", "chunks": 12, "rows": 6_000, "completed_at": AT}],
    "next": None,
}
ROWS: Final = '{"row_id":"row-1","tokens":{"epoch":1,"subject":"..."},"...":"..."}\n'
VERDICT_ROWS: Final = (
    '{"enforceable_from":"2026-07-31","record_id":"' + RECORD_ID + '","row_id":"row-1","rules_version":"2026-01",'
    '"verdict":"ACTIVE"}\n{"row_id":"line-2","verdict":"REJ_MALFORMED_ROW"}\n{"chunks":1,"end":true,"rows":2}\n'
)
MANY_WITHDRAWALS: Final[dict[str, Any]] = {"record_ids": [RECORD_ID, OTHER_ID], "reason": "REPORTED_IN_ERROR"}
WITHDRAWAL_OUTCOMES: Final[dict[str, Any]] = {
    "outcomes": [
        {"record_id": RECORD_ID, "outcome": "WITHDRAWN"},
        {"record_id": OTHER_ID, "outcome": "NOT_FOUND"},
    ],
    "withdrawn": 1,
}
BATCH_WITHDRAWAL: Final[dict[str, Any]] = {"reason": "REPORTED_IN_ERROR"}
BATCH_WITHDRAWAL_PROGRESS: Final[dict[str, Any]] = {
    "chunks": 64,
    "done": 10,
    "withdrawn": 9_990,
    "left_alone": 10,
    "finished": False,
}
UNCHANGED_RECORDS: Final[dict[str, Any]] = {
    "records": [{"record_id": RECORD_ID, "version": 2}, {"record_id": OTHER_ID, "version": 1}]
}
UNCHANGED_ANSWERS: Final[dict[str, Any]] = {
    "records": [
        {
            "record_id": RECORD_ID,
            "outcome": "CONFIRMED",
            "state": "ACTIVE",
            "version": 2,
            "enforceable_from": "2026-07-31",
        },
        {
            "record_id": OTHER_ID,
            "outcome": "CHANGED",
            "state": "CLEARED",
            "version": 3,
            "enforceable_from": "2026-07-31",
        },
    ]
}
CONFIRMATIONS: Final[dict[str, Any]] = {"record_ids": [RECORD_ID, OTHER_ID]}
CONFIRMED_RECORDS: Final[dict[str, Any]] = {
    "confirmations": [
        {"record_id": RECORD_ID, "outcome": "CONFIRMED"},
        {"record_id": OTHER_ID, "outcome": "NOT_PENDING"},
    ]
}
