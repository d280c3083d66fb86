"""Examples of reports of activations."""

from typing import Any, Final

from api.examples.tokens import DECISION
from api.examples.values import AT, RECORD_ID

REPORT: Final[dict[str, Any]] = {
    "row_id": "order-17-1",
    "order": "Y2xlYXJsaW5lLW9yZGVyMQ",
    "service_class": "BROADBAND",
    "outcome": "OVERRIDDEN",
    "at": AT,
    "decision_token": DECISION,
    "reason": "PROOF_OF_PAYMENT",
    "agent": "Y2xlYXJsaW5lLWFnZW50MQ",
    "approved_by": "Y2xlYXJsaW5lLWFnZW50Mg",
}
ANSWER: Final[dict[str, Any]] = {
    "row_id": "order-17-1",
    "activation_id": RECORD_ID,
    "basis": "CHECKED",
    "obeyed": "NO",
    "unchecked_lines": 0,
    "notes": [],
    "log_entry_id": RECORD_ID,
    "recorded_at": AT,
}
ROWS: Final = '{"row_id":"order-17-1","outcome":"ACTIVATED","...":"..."}\n'
VERDICT_ROWS: Final = (
    '{"activation_id":"' + RECORD_ID + '","basis":"CHECKED","log_entry_id":"' + RECORD_ID + '","obeyed":"YES",'
    '"recorded_at":"2026-11-21T08:00:00.000000Z","row_id":"order-17-1","unchecked_lines":0,"verdict":"RECORDED"}\n'
    '{"errors":[{"code":"required","field":"reason"}],"row_id":"line-2","verdict":"REJ_MALFORMED_ROW"}\n'
    '{"chunks":1,"end":true,"rows":2}\n'
)
PROGRESS: Final[dict[str, Any]] = {"batch_key": "activations-2026-11-21", "chunks": 2, "rows": 900, "incarnation": 1}
