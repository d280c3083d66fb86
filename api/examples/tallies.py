"""A custodian's tally, and a day as an auditor sees it."""

from typing import Any, Final

from api.examples.tokens import TALLY as SIGNED
from api.examples.values import AT, OTHER_ID

NEW_TALLY: Final[dict[str, Any]] = {"statement": SIGNED}
TALLY: Final[dict[str, Any]] = {
    "custodian": "custodian-2",
    "day": "2026-11-20",
    "epoch": 1,
    "share_index": 2,
    "carriers": [{"carrier": "carrier-a", "elements": 402_117}, {"carrier": "carrier-b", "elements": 18_250}],
    "total": 420_367,
    "received_at": AT,
    "log_entry_id": OTHER_ID,
}
TALLIES: Final[dict[str, Any]] = {
    "day": "2026-11-20",
    "tallies": [TALLY | {"statement": SIGNED}],
    "counted": [
        {"carrier": "carrier-a", "inquiries": 51_204, "reports": 338_190},
        {"carrier": "carrier-b", "inquiries": 17_995, "reports": 0},
    ],
}
