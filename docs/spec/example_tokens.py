"""Sign the tokens of openapi.yaml's examples with the vectors' keys: ``python -m docs.spec.example_tokens``.

Each token says what its example says around it. tests/api/test_example_tokens.py fails when the module differs.
"""

# ruff: noqa: INP001, T201 (a script beside the pages it serves; it prints what it wrote)

import datetime as dt
import pathlib
import uuid
from collections.abc import Mapping
from typing import Any, Final

from api.examples import collected, inquiries, log, settlements, tallies
from api.examples.values import AT, ELEMENT, LEAF, OTHER_ID, RECORD_ID, REFERENCE
from crypto.envelope.handle import Case, seal_handle
from crypto.signing.jws import sign_compact
from docs.spec import tally_vectors
from docs.spec.fixed import signing_key, stream
from gateway.counter.settlements import CLEARANCE_TYPE, STATEMENT_TYPE
from protocol.codes import SettlementKind
from protocol.encodings import b64url_decode, b64url_encode, canonical_json, format_time, parse_time
from protocol.messages.collected import COLLECTION_TYPE, collection_claims
from protocol.messages.settlements import statement_claims
from protocol.messages.tallies import TALLY_TYPE, EvaluationTally, tally_payload
from protocol.receipts import PROMISE_TYPE, promise_claims
from registry.domain.handles import quarter_at
from registry.usecases.inquiries.handles import DECISION_TYPE

MODULE: Final = pathlib.Path(__file__).parents[2] / "api" / "examples" / "tokens.py"
_LABELS: Final = {
    "carrier-a-1": "carrier a",
    "carrier-b-1": "carrier b",
    "registry-1": "registry",
    tally_vectors.KEY_ID: "custodian 2",
}
"""The labels of the vectors' keys, see ``fixed.py``."""
_HEAD: Final = '''"""The tokens of the examples, written by ``python -m docs.spec.example_tokens``.

They are signed, with the keys of docs/spec/vectors/statements.json and of tallies.json, over what the examples say.
"""

from typing import Final

'''


def tokens() -> dict[str, str]:
    """Return each token of the examples by its name."""
    settlement, collection = _settlement(), _collection()
    return {
        "SETTLEMENT": settlement,
        "COLLECTION": collection,
        "CLEARANCE": _clearance(settlement),
        "CLEARANCE_OF_COLLECTION": _clearance(collection),
        "DECISION": _decision(check=0),
        "RECHECKED": _decision(check=1),
        "PROMISE": _promise(),
        "TALLY": _tally(),
    }


def render() -> str:
    """Write the module that has them."""
    return _HEAD + "".join(_constant(name, token) for name, token in tokens().items())


def _constant(name: str, token: str) -> str:
    pieces = [token[start : start + 96] for start in range(0, len(token), 96)]
    return f"{name}: Final = (\n" + "".join(f'    "{piece}"\n' for piece in pieces) + ")\n"


def _signed(typ: str, key_id: str, claims: Mapping[str, Any]) -> str:
    return sign_compact(canonical_json(dict(claims)), typ=typ, key_id=key_id, private_key=signing_key(_LABELS[key_id]))


def _settlement() -> str:
    order = settlements.ORDER
    claims = statement_claims(
        creditor="carrier-a",
        account_ref=b64url_decode(order["account_ref"]),
        kind=SettlementKind(order["kind"]),
        amount_fen=order["amount_fen"],
        settled_at=parse_time(order["settled_at"]),
    )
    return _signed(STATEMENT_TYPE, "carrier-a-1", claims)


def _collection() -> str:
    order = collected.COLLECTION_ORDER
    claims = collection_claims(
        collector="carrier-b",
        quote_reference=REFERENCE,
        amount_fen=order["amount_fen"],
        collected_at=parse_time(order["collected_at"]),
    )
    return _signed(COLLECTION_TYPE, "carrier-b-1", claims)


def _clearance(settlement: str) -> str:
    claims = {
        "v": 1,
        "clearance_id": OTHER_ID,
        "issuer": "clearline",
        "issued_at": AT,
        "rules_version": "2026-01",
        "settlement_id": OTHER_ID,
        "settlement": settlement,
    }
    return _signed(CLEARANCE_TYPE, "registry-1", claims)


def _decision(*, check: int) -> str:
    answer, context = inquiries.INQUIRY_ANSWER, inquiries.CONTEXT
    decided_at = parse_time(answer["decided_at"])
    claims: dict[str, Any] = {
        "v": 2,
        "inquiry_id": answer["inquiry_id"],
        "participant": "carrier-b",
        "decision": answer["decision"],
        "service_class": inquiries.INQUIRY["service_class"],
        "rules_version": answer["rules_version"],
        "decided_at": answer["decided_at"],
        "expires_at": answer["valid_until"],
        "log": f"{log.LOG['name']}/{decided_at.year}",
        "leaf": LEAF,
        "order": context["order"],
        "lines": 1,
        "outlet": context["outlet"],
        "checked": answer["checked"],
        "first": answer["decision"],
        "check": check,
        "alternatives": answer["alternatives"],
        "report_by": format_time(decided_at + dt.timedelta(days=90)),
    }
    subject = stream(f"example {ELEMENT}")(16)
    handle = seal_handle(
        Case(epoch=1, subject=subject, register=None, address=None),
        key=stream("quarter key")(32),
        quarter=quarter_at(decided_at),
        associated=canonical_json({**claims, "kid": "registry-1"}),
        random=stream(f"example handle nonce {check}"),
    )
    return _signed(DECISION_TYPE, "registry-1", {**claims, "handle": b64url_encode(handle)})


def _promise() -> str:
    claims = promise_claims(
        origin=f"{log.LOG['name']}/{parse_time(AT).year}",
        entry_id=uuid.UUID(RECORD_ID),
        leaf=b64url_decode(LEAF),
        accepted_at=parse_time(AT),
        incarnation=log.LOG["incarnation"],
    )
    return _signed(PROMISE_TYPE, "registry-1", claims)


def _tally() -> str:
    counted = tallies.TALLY
    tally = EvaluationTally(
        custodian=counted["custodian"],
        epoch=counted["epoch"],
        share_index=counted["share_index"],
        day=dt.date.fromisoformat(counted["day"]),
        carriers={each["carrier"]: each["elements"] for each in counted["carriers"]},
    )
    return sign_compact(
        tally_payload(tally), typ=TALLY_TYPE, key_id=tally_vectors.KEY_ID, private_key=signing_key("custodian 2")
    )


if __name__ == "__main__":
    MODULE.write_text(render(), encoding="utf-8")
    print(f"{MODULE.name}: {len(tokens())} tokens")
