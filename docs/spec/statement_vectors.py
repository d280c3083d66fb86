"""Writes the vectors of docs/spec/statements.md: signed declarations and clearances, and refused clearances."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.envelope.handle import Case, seal_handle
from crypto.errors import BadKey
from crypto.signing.jws import sign_compact
from crypto.signing.keys import public_bytes
from crypto.tlog.merkle import leaf_hash
from docs.spec.fixed import NOW, signing_key, stream
from gateway.counter.settlements import CLEARANCE_TYPE, STATEMENT_TYPE, ClearanceInvalid, verify_clearance
from protocol.codes import DecisionCode, ServiceClass, SettlementKind
from protocol.encodings import b64url_encode, canonical_json, format_time
from protocol.incarnation import FIRST
from protocol.log_entries import leaf_data
from protocol.messages.collected import COLLECTION_TYPE, collection_claims
from protocol.messages.settlements import statement_claims
from protocol.receipts import PROMISE_TYPE, promise_claims
from registry.domain.handles import quarter_at

DECISION_TYPE: Final = "clearline-decision+jws"
HOLDERS: Final = {"carrier-a-1": "carrier-a", "carrier-b-1": "carrier-b", "registry-1": "registry"}
"""Key ids by holder."""
QUOTE_REFERENCE: Final = b64url_encode(stream("quote reference")(16))
LOG_ORIGIN: Final = f"registry.example/log/{NOW.year}"
_IDS: Final = "019aa57b-2c0{}-7000-8000-000000000001"
_LIFE: Final = dt.timedelta(minutes=30)


def content() -> dict[str, object]:
    """Write one token of each type, then refused clearances with their codes."""
    return {
        "keys": [
            {
                "key_id": key_id,
                "holder": holder,
                "seed_hex": _private(key_id).private_bytes_raw().hex(),
                "public_hex": public_bytes(_private(key_id)).hex(),
            }
            for key_id, holder in HOLDERS.items()
        ],
        "statements": [
            _statement(STATEMENT_TYPE, "carrier-a-1", settled()),
            _statement(COLLECTION_TYPE, "carrier-b-1", collected()),
            _statement(CLEARANCE_TYPE, "registry-1", cleared()),
            _statement(DECISION_TYPE, "registry-1", decided()),
            _statement(PROMISE_TYPE, "registry-1", promised()),
        ],
        "settlement_that_waives_the_rest": _statement(STATEMENT_TYPE, "carrier-a-1", settled(waive_rest=True)),
        "clearance_of_a_collection": _statement(CLEARANCE_TYPE, "registry-1", cleared(_collected_by("carrier-b-1"))),
        "promise_of_the_second_incarnation": _statement(PROMISE_TYPE, "registry-1", promised(incarnation=2)),
        "decision_with_its_case": _decided_with_its_case(),
        "refused_clearances": _refused(),
    }


def _decided_with_its_case() -> dict[str, object]:
    """Write a decision on an inquiry with a context, and what its handle holds."""
    case = Case(epoch=1, subject=stream("subject key")(16), register=None, address=stream("address key")(16))
    key, quarter = stream("quarter key")(32), quarter_at(NOW)
    claims: dict[str, Any] = {
        **decided(),
        "v": 2,
        "order": b64url_encode(stream("order reference")(16)),
        "lines": 1,
        "outlet": "SH-PD-0123",
        "checked": ["subject", "household_address"],
        "first": DecisionCode.ALLOW.value,
        "check": 0,
        "alternatives": [],
        "report_by": format_time(NOW + dt.timedelta(days=90)),
    }
    associated = canonical_json({**claims, "kid": "registry-1"})
    handle = seal_handle(case, key=key, quarter=quarter, associated=associated, random=stream("handle nonce"))
    return {
        "key_hex": key.hex(),
        "quarter": quarter,
        "case": {"epoch": 1, "subject_hex": case.subject.hex(), "address_hex": stream("address key")(16).hex()},
        "associated": associated.decode("utf-8"),
        "handle_hex": handle.hex(),
        **_statement(DECISION_TYPE, "registry-1", {**claims, "handle": b64url_encode(handle)}),
    }


def settled(*, waive_rest: bool = False) -> dict[str, str | int]:
    """Make carrier A's declaration: 252.96 yuan were paid in full, or the rest was waived."""
    return statement_claims(
        creditor="carrier-a",
        account_ref=stream("account reference")(32),
        kind=SettlementKind.FULL,
        amount_fen=252_96,
        settled_at=NOW - dt.timedelta(minutes=1),
        waive_rest=waive_rest,
    )


def collected() -> dict[str, str | int]:
    """Make carrier B's declaration: a quote of 252.96 yuan was paid whole at its counter."""
    return collection_claims(
        collector="carrier-b",
        quote_reference=QUOTE_REFERENCE,
        amount_fen=252_96,
        collected_at=NOW - dt.timedelta(minutes=1),
    )


def _collected_by(key_id: str, typ: str = COLLECTION_TYPE) -> str:
    return _signed(typ, key_id, collected())


def cleared(settlement: str | None = None) -> dict[str, str | int]:
    """Make the registry's clearance of it."""
    return {
        "v": 1,
        "clearance_id": _IDS.format(3),
        "issuer": "clearline-example",
        "issued_at": format_time(NOW),
        "rules_version": "2026-01",
        "settlement_id": _IDS.format(2),
        "settlement": settlement or _signed(STATEMENT_TYPE, "carrier-a-1", settled()),
    }


def decided() -> dict[str, str | int]:
    """Make the registry's decision for carrier B."""
    return {
        "v": 1,
        "inquiry_id": _IDS.format(4),
        "participant": "carrier-b",
        "decision": DecisionCode.ALLOW.value,
        "service_class": ServiceClass.BROADBAND.value,
        "rules_version": "2026-01",
        "decided_at": format_time(NOW),
        "expires_at": format_time(NOW + _LIFE),
        "log": LOG_ORIGIN,
        "leaf": b64url_encode(leaf_hash(leaf_data(b"{}", stream("core salt")(32)))),
    }


def promised(*, incarnation: int = FIRST) -> dict[str, str | int]:
    """Make the registry's promise of that inquiry's entry."""
    return promise_claims(
        origin=LOG_ORIGIN,
        entry_id=uuid.UUID(_IDS.format(4)),
        leaf=leaf_hash(leaf_data(b"{}", stream("core salt")(32))),
        accepted_at=NOW,
        incarnation=incarnation,
    )


def _statement(typ: str, key_id: str, claims: Mapping[str, Any]) -> dict[str, object]:
    token = _signed(typ, key_id, claims)
    payload = canonical_json(dict(claims))
    return {
        "typ": typ,
        "key_id": key_id,
        "claims": claims,
        "header": _header(typ, key_id).decode("ascii"),
        "payload": payload.decode("utf-8"),
        "signing_input": token.rpartition(".")[0],
        "token": token,
    }


def _signed(typ: str, key_id: str, claims: Mapping[str, Any]) -> str:
    return sign_compact(canonical_json(dict(claims)), typ=typ, key_id=key_id, private_key=_private(key_id))


def _private(key_id: str) -> Ed25519PrivateKey:
    return signing_key({"carrier-a-1": "carrier a", "carrier-b-1": "carrier b", "registry-1": "registry"}[key_id])


def _header(typ: str, key_id: str, alg: str = "Ed25519") -> bytes:
    return canonical_json({"alg": alg, "kid": key_id, "typ": typ})


def _by_hand(header: bytes, payload: bytes, signer: str = "registry-1") -> str:
    """Sign any header and payload with a right signature."""
    signing_input = f"{b64url_encode(header)}.{b64url_encode(payload)}"
    return f"{signing_input}.{b64url_encode(_private(signer).sign(signing_input.encode('ascii')))}"


def _refused() -> list[dict[str, object]]:
    good, header, payload = cleared(), _header(CLEARANCE_TYPE, "registry-1"), canonical_json(cleared())
    token = _signed(CLEARANCE_TYPE, "registry-1", good)
    head, body, signature = token.split(".")
    by_another = _signed(STATEMENT_TYPE, "carrier-b-1", settled())
    cases = {
        "alg is EdDSA": _by_hand(_header(CLEARANCE_TYPE, "registry-1", "EdDSA"), payload),
        "alg is none, no signature": f"{b64url_encode(_header(CLEARANCE_TYPE, 'registry-1', 'none'))}.{body}.",
        "another typ": _by_hand(_header(STATEMENT_TYPE, "registry-1"), payload),
        "the header's members are in another order": _by_hand(
            b'{"kid":"registry-1","alg":"Ed25519","typ":"' + CLEARANCE_TYPE.encode("ascii") + b'"}', payload
        ),
        "padded base64url": f"{head}.{body}.{signature}==",
        "spare bits of the signature's last character": f"{head}.{body}.{signature[:-1]}{_next(signature[-1])}",
        "signed by a carrier under the registry's key id": _by_hand(header, payload, "carrier-b-1"),
        "the key id of nobody": _by_hand(_header(CLEARANCE_TYPE, "registry-9"), payload),
        "the payload is changed": f"{head}.{b64url_encode(payload.replace(b'2026-01', b'2026-02'))}.{signature}",
        "the payload is not canonical JSON": _by_hand(header, payload.replace(b'":', b'": ', 1)),
        "version 2": _by_hand(header, canonical_json(good | {"v": 2})),
        "no settlement": _by_hand(header, canonical_json({k: v for k, v in good.items() if k != "settlement"})),
        "the settlement is signed by another carrier than its creditor": _by_hand(
            header, canonical_json(cleared(by_another))
        ),
        "the collection is signed by another carrier than its collector": _by_hand(
            header, canonical_json(cleared(_collected_by("carrier-a-1")))
        ),
        "the collection is signed under the type of a settlement": _by_hand(
            header, canonical_json(cleared(_collected_by("carrier-b-1", STATEMENT_TYPE)))
        ),
    }
    return [_refused_clearance(why, token) for why, token in cases.items()]


def _next(character: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(character) + 1]


def _refused_clearance(why: str, token: str) -> dict[str, object]:
    try:
        verify_clearance(token, registry_key=lambda key_id: key_of("registry", key_id), key_of=key_of)
    except ClearanceInvalid as refused:
        return {"why": why, "token": token, "refused": refused.code}
    raise ValueError(f"a clearance that has to be refused is not: {why}")


def key_of(holder: str, key_id: str) -> Ed25519PublicKey:
    """Return a holder's public key from the vectors; raise BadKey if the holder has no such key."""
    if HOLDERS.get(key_id) != holder:
        raise BadKey("the holder has no such key")
    return _private(key_id).public_key()
