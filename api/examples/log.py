"""The access log as everybody reads it, receipts, openings and witnesses."""

from typing import Any, Final

from api.examples.tokens import PROMISE as SIGNED
from api.examples.values import AT, RECORD_ID

CHECKPOINT: Final = (
    "registry.example/log/2026\n"
    "300\n"
    "+oKT332BRW+F1Vu9ZRT/zCZjzGDKXdVB+mOW4eQLc48=\n"
    "\n"
    "— registry.example/log/2026 "
    "jXyhBp0n3Inwayd3TEq44+KmKrrZcNFQ4MXc2y2NgqCUOTrERxxKH/sfRWK/mTu/ImOFP8v5+HPC5XKP0Uyjk5A7qQA=\n"
)
LOG: Final[dict[str, Any]] = {
    "name": "registry.example/log",
    "incarnation": 1,
    "trees": [{"year": 2026, "size": 300, "refused": None}],
}
POLICY: Final = (
    "log registry.example/log/2026+8d7ca106+AYICmpSTzuSMs0k8oz872q/TqjUUNXPZIkRu1U2IleRv\n"
    "witness carrier-a.example/witness "
    "carrier-a.example/witness+71ae4266+BG2bxsanQk1ApRV+cks++56lMMUKQgKRmUfQ4CIsXQsL\n"
    "group clearline-witnesses 1 carrier-a.example/witness\n"
    "quorum clearline-witnesses\n"
)
PROOF: Final = "KPI0PCfKk4vIM/E/9t+m1WgAhwVn59q6YDpOdAb1SW4=\n"
RECEIPT: Final = f"c2sp.org/tlog-proof@v1\nindex 17\n{PROOF}\n{CHECKPOINT}"
PROMISE: Final = SIGNED
TILE: Final = "32 octets for each hash"
OPENINGS: Final = (
    f'{{"core":"{{\\"at\\":\\"{AT}\\",...}}","core_salt":"mlDhUr6wzGHpbVJO7PMUfdXzWhv0s9SRWyZbSYlAAzE",'
    f'"id":"{RECORD_ID}","index":299}}\n{{"end":true,"next":300,"size":300}}\n'
)
COSIGNED: Final[dict[str, Any]] = {"size": 300, "cosigned_by": ["carrier-a.example/witness"], "quorum": True}
NEW_WITNESS: Final[dict[str, Any]] = {
    "participant_id": "carrier-a",
    "name": "carrier-a.example/witness",
    "public_key": "bZvGxqdCTUClFX5ySz77nqUwxQpCApGZR9DgIixdCws",
    "url": "https://witness.carrier-a.example",
}
WITNESS: Final[dict[str, Any]] = NEW_WITNESS | {
    "vkey": "carrier-a.example/witness+71ae4266+BG2bxsanQk1ApRV+cks++56lMMUKQgKRmUfQ4CIsXQsL",
    "added_at": AT,
    "removed_at": None,
}
REMOVED_WITNESS: Final[dict[str, Any]] = WITNESS | {"removed_at": AT}
WITNESSES: Final[dict[str, Any]] = {"witnesses": [WITNESS]}
