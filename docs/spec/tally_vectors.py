"""Writes the vectors of docs/spec/tallies.md: a custodian's signed tallies, and payloads that are no tally."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt
import json
from typing import Any, Final

from crypto.signing.jws import sign_compact
from crypto.signing.keys import public_bytes
from docs.spec.fixed import signing_key
from protocol.encodings import canonical_json
from protocol.messages.tallies import (
    MAX_CARRIERS,
    MAX_ELEMENTS,
    TALLY_TYPE,
    EvaluationTally,
    TallyInvalid,
    read_tally,
    tally_payload,
)

KEY_ID: Final = "custodian-2-1"
_DAY: Final = dt.date(2026, 11, 20)


def content() -> dict[str, object]:
    """Write tallies with their tokens, then payloads that must be refused, with their codes."""
    key = signing_key("custodian 2")
    return {
        "key": {"key_id": KEY_ID, "seed_hex": key.private_bytes_raw().hex(), "public_hex": public_bytes(key).hex()},
        "tallies": [_signed(each) for each in (_busy(), _tally({}), _widest())],
        "refused_payloads": [_refused(why, payload) for why, payload in _wrong().items()],
    }


def _tally(carriers: dict[str, int]) -> EvaluationTally:
    return EvaluationTally(custodian="custodian-2", epoch=1, share_index=2, day=_DAY, carriers=carriers)


def _busy() -> EvaluationTally:
    return _tally({"carrier-b": 18_250, "carrier-a": 402_117, "carrier-c": 1})


def _widest() -> EvaluationTally:
    return _tally({f"{number:03}{'x' * 61}": MAX_ELEMENTS for number in range(MAX_CARRIERS)})


def _signed(tally: EvaluationTally) -> dict[str, object]:
    payload = tally_payload(tally)
    return {
        "claims": tally.to_wire(),
        "payload": payload.decode("ascii"),
        "token": sign_compact(payload, typ=TALLY_TYPE, key_id=KEY_ID, private_key=signing_key("custodian 2")),
    }


def _wrong() -> dict[str, bytes]:
    good = _busy().to_wire()

    def but(**changes: Any) -> bytes:
        return canonical_json(good | changes)

    return {
        "members in another order": json.dumps(good, separators=(",", ":")).encode("ascii"),
        "a blank after a comma": json.dumps(good, sort_keys=True).encode("ascii"),
        "a carrier twice": but().replace(b'{"carrier-a":402117', b'{"carrier-a":1,"carrier-a":402117'),
        "no version": canonical_json({name: value for name, value in good.items() if name != "v"}),
        "a member more": but(elements=1),
        "another version": but(v=2),
        "a version that is true": but(v=True),
        "a custodian in capitals": but(custodian="Custodian-2"),
        "epoch 0": but(epoch=0),
        "share 256": but(share_index=256),
        "a day that is not in the calendar": but(day="2026-02-30"),
        "a day with a time": but(day="2026-11-20T00:00:00.000000Z"),
        "carriers within carriers": but(carriers={"carrier-a": {"carrier-b": 1}}),
        "carriers in a list": but(carriers=["carrier-a"]),
        "a carrier of whom nothing was evaluated": but(carriers={"carrier-a": 0}, total=0),
        "a carrier with an empty name": but(carriers={"": 1}, total=1),
        "more elements than can be": but(carriers={"carrier-a": MAX_ELEMENTS + 1}, total=MAX_ELEMENTS + 1),
        "more carriers than can be": but(
            carriers={f"c{number:03}": 1 for number in range(MAX_CARRIERS + 1)}, total=MAX_CARRIERS + 1
        ),
        "a total that is not the sum": but(total=1),
    }


def _refused(why: str, payload: bytes) -> dict[str, object]:
    try:
        read_tally(payload)
    except TallyInvalid as refusal:
        return {"why": why, "payload": payload.decode("ascii"), "refused": refusal.code.value}
    raise AssertionError(why)
