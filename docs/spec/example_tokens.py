"""Sign the tokens of the OpenAPI examples with the vectors' keys: ``python -m docs.spec.example_tokens``.

Each token says what its example says around it. tests/api/test_example_tokens.py fails when the module differs.
"""

# ruff: noqa: INP001, T201 (a script beside the pages it serves; it prints what it wrote)

import datetime as dt
import pathlib
import uuid
from collections.abc import Mapping
from typing import Any, Final

from api.examples import collected, inquiries, log, settlements, tallies
from api.examples.values import ACCOUNT, AT, ELEMENT, LEAF, OTHER_ID, RECORD_ID
from crypto.envelope.handle import Case, seal_handle
from crypto.signing.jws import sign_compact
from docs.spec import tally_vectors
from docs.spec.fixed import signing_key, stream
from gateway.counter.settlements import CLEARANCE_TYPE, STATEMENT_TYPE
from gateway.local.contract import examples as contract
from protocol.codes import SettlementKind
from protocol.encodings import b64url_decode, b64url_encode, canonical_json, format_time, parse_time
from protocol.messages.collected import COLLECTION_TYPE, collection_claims
from protocol.messages.settlements import statement_claims
from protocol.messages.tallies import TALLY_TYPE, EvaluationTally, tally_payload
from protocol.receipts import PROMISE_TYPE, promise_claims
from registry.domain.handles import quarter_at
from registry.usecases.inquiries.handles import DECISION_TYPE

_ROOT: Final = pathlib.Path(__file__).parents[2]
MODULE: Final = _ROOT / "api" / "examples" / "tokens.py"
GATEWAYS_MODULE: Final = _ROOT / "gateway" / "local" / "contract" / "tokens.py"
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
    settlement, collection = _settlement(settlements.ORDER), _collection(collected.COLLECTION_ORDER)
    service = inquiries.INQUIRY["service_class"]
    return {
        "SETTLEMENT": settlement,
        "COLLECTION": collection,
        "CLEARANCE": _clearance(settlement, OTHER_ID, AT),
        "CLEARANCE_OF_COLLECTION": _clearance(collection, OTHER_ID, AT),
        "DECISION": _decision(inquiries.INQUIRY_ANSWER, inquiries.CONTEXT, service, check=0),
        "RECHECKED": _decision(inquiries.INQUIRY_ANSWER, inquiries.CONTEXT, service, check=1),
        "PROMISE": _promise(),
        "TALLY": _tally(),
    }


def gateways_tokens() -> dict[str, str]:
    """Return each token of the examples of a gateway's own interface by its name."""
    settled, paid = contract.BODIES["reportSettlement"], contract.BODIES["collectQuote"]
    answer, at = contract.ANSWERS["checkApplicant"], settled["settled_at"]
    context = inquiries.CONTEXT | {"outlet": contract.BODIES["checkApplicant"]["outlet"]}
    return {
        "DECISION": _decision(answer, context, contract.BODIES["checkApplicant"]["service_class"], check=0),
        "CLEARANCE": _clearance(_settlement({"account_ref": ACCOUNT, **settled}), answer["inquiry_id"], at),
        "CLEARANCE_OF_COLLECTION": _clearance(_collection(paid), answer["inquiry_id"], at),
    }


def render(made: Mapping[str, str]) -> str:
    """Write the module that has these tokens."""
    return _HEAD + "".join(_constant(name, token) for name, token in made.items())


def _constant(name: str, token: str) -> str:
    pieces = [token[start : start + 96] for start in range(0, len(token), 96)]
    return f"{name}: Final = (\n" + "".join(f'    "{piece}"\n' for piece in pieces) + ")\n"


def _signed(typ: str, key_id: str, claims: Mapping[str, Any]) -> str:
    return sign_compact(canonical_json(dict(claims)), typ=typ, key_id=key_id, private_key=signing_key(_LABELS[key_id]))


def _settlement(order: Mapping[str, Any]) -> str:
    claims = statement_claims(
        creditor="carrier-a",
        account_ref=b64url_decode(order["account_ref"]),
        kind=SettlementKind(order["kind"]),
        amount_fen=order["amount_fen"],
        settled_at=parse_time(order["settled_at"]),
    )
    return _signed(STATEMENT_TYPE, "carrier-a-1", claims)


def _collection(order: Mapping[str, Any]) -> str:
    claims = collection_claims(
        collector="carrier-b",
        quote_reference=order["quote_reference"],
        amount_fen=order["amount_fen"],
        collected_at=parse_time(order["collected_at"]),
    )
    return _signed(COLLECTION_TYPE, "carrier-b-1", claims)


def _clearance(settlement: str, its_id: str, at: str) -> str:
    claims = {
        "v": 1,
        "clearance_id": its_id,
        "issuer": "clearline",
        "issued_at": at,
        "rules_version": "2026-01",
        "settlement_id": its_id,
        "settlement": settlement,
    }
    return _signed(CLEARANCE_TYPE, "registry-1", claims)


def _decision(answer: Mapping[str, Any], context: Mapping[str, Any], service: str, *, check: int) -> str:
    decided_at = parse_time(answer["decided_at"])
    claims: dict[str, Any] = {
        "v": 2,
        "inquiry_id": answer["inquiry_id"],
        "participant": "carrier-b",
        "decision": answer["decision"],
        "service_class": service,
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
    for module, made in ((MODULE, tokens()), (GATEWAYS_MODULE, gateways_tokens())):
        module.write_text(render(made), encoding="utf-8")
        print(f"{module}: {len(made)} tokens")
