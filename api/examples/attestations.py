"""Examples of attestations, of the withdrawal of a consent, and of a demand."""

from typing import Any, Final

from api.examples.values import ACCOUNT, AT, OTHER_ID, RECORD_ID, TOKENS

CONSENT_REF: Final = "AAECAwQFBgcICQoLDA0ODw"
ROW: Final[dict[str, Any]] = {
    "row_id": "7",
    "tokens": TOKENS,
    "account_ref": ACCOUNT,
    "band": 24,
    "as_of": "2026-10-31",
    "consent": {
        "consent_ref": CONSENT_REF,
        "text": "standard-1",
        "purpose": "GRADE",
        "given_at": AT,
        "method": "APP",
        "document_sha256": ACCOUNT,
        "until": "2027-11-20",
    },
}
ROWS: Final = '{"row_id":"7","band":24,"as_of":"2026-10-31","...":"..."}\n'
VERDICT_ROWS: Final = (
    '{"attestation_id":"' + RECORD_ID + '","row_id":"7","until":"2027-10-31","verdict":"ACCEPTED"}\n'
    '{"row_id":"8","verdict":"ATT_NO_CONSENT"}\n'
    '{"chunks":1,"end":true,"rows":2}\n'
)
PROGRESS: Final[dict[str, Any]] = {"batch_key": "attestations-2026-11", "chunks": 2, "rows": 900, "incarnation": 1}
ENDED: Final[dict[str, Any]] = {"attestation_id": RECORD_ID, "state": "WITHDRAWN"}
WITHDRAWAL: Final[dict[str, Any]] = {"tokens": TOKENS, "consent_ref": CONSENT_REF}
WITHDRAWN: Final[dict[str, Any]] = {"attestations": 1, "withdrawn_at": AT}
NEW_DEMAND: Final[dict[str, Any]] = {"tokens": TOKENS, "participant": "carrier-a"}
DEMAND: Final[dict[str, Any]] = {
    "demand_id": OTHER_ID,
    "participant": "carrier-a",
    "demanded_at": AT,
    "answer_due": "2026-12-04",
    "state": "OPEN",
    "reply": None,
    "answered_at": None,
    "rules_version": "2027-01",
}
REFUSED: Final[dict[str, Any]] = {**DEMAND, "state": "REFUSED", "reply": "NOT_IDENTIFIED", "answered_at": AT}
REPLY: Final[dict[str, Any]] = {"reply": "NOT_IDENTIFIED"}
COUNTS: Final[dict[str, Any]] = {"open": 3, "in_time": 118, "late": 4, "overdue": 1}
