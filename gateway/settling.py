"""A debt is settled: the creditor's signed word for it, and the check of the clearance that may come back."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto.errors import BadKey, SignatureRefused
from crypto.signing.jws import MAX_TOKEN_CHARACTERS, sign_compact, verify_compact
from gateway.accounts import account_ref
from gateway.documents import RawIdentity, SubjectInputs, read_identity
from gateway.errors import ApplicationInvalid, GatewayError
from gateway.peer import Signer
from gateway.tools import Tools
from protocol import strict_json
from protocol.codes import SettlementKind
from protocol.encodings import b64url_decode, canonical_json, parse_time
from protocol.identifiers import InvalidDocument
from protocol.messages import ACCOUNT_REF_BYTES, SettlementOrder, SettlementReceipt, statement_claims

STATEMENT_TYPE: Final = "clearline-settlement+jws"
CLEARANCE_TYPE: Final = "clearline-clearance+jws"

KeyOf = Callable[[str, str], Ed25519PublicKey]
"""(participant, key id) to its public key; raises when there is none."""


class ClearanceInvalid(GatewayError):
    """A clearance that proves nothing; ``code`` says why: malformed, key-unknown, invalid or claims."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the clearance is not valid: {code}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What was paid, waived or settled on an account of this carrier; fen, and a UTC time (None: now)."""

    identity: RawIdentity
    account: str = field(repr=False)
    kind: SettlementKind
    amount_fen: int
    settled_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedClearance:
    """What a verified clearance says, with both signatures checked: the registry's and the creditor's inside it."""

    clearance_id: UUID
    issuer: str
    issued_at: dt.datetime
    settlement_id: UUID
    creditor: str
    account_ref: bytes = field(repr=False)
    kind: SettlementKind
    amount_fen: int
    settled_at: dt.datetime


class Settler:
    """Reports settlements under the carrier's own key."""

    def __init__(self, tools: Tools, signer: Signer, *, carrier: str) -> None:
        self._tools = tools
        self._signer = signer
        self._carrier = carrier

    def settle(self, payment: Payment, *, today: dt.date, idempotency_key: str | None = None) -> SettlementReceipt:
        """Settle one account; with a key and a settlement time of its own a caller may safely repeat it."""
        try:
            _, inputs = read_identity(payment.identity, today=today)
        except InvalidDocument as invalid:
            raise ApplicationInvalid("document.number", invalid.code.value) from None
        if not payment.account.strip():
            raise ApplicationInvalid("account", "EMPTY")
        [tokens] = self._tools.tokeniser.tokens([SubjectInputs(subject=inputs.subject)])
        reference = account_ref(payment.account, self._tools.account_key)
        settled_at = payment.settled_at or self._signer.clock()
        claims = statement_claims(
            creditor=self._carrier,
            account_ref=reference,
            kind=payment.kind,
            amount_fen=payment.amount_fen,
            settled_at=settled_at,
        )
        statement = sign_compact(
            canonical_json(claims),
            typ=STATEMENT_TYPE,
            key_id=self._signer.key_id,
            private_key=self._signer.private_key,
        )
        order = SettlementOrder(
            tokens=tokens,
            account_ref=reference,
            kind=payment.kind,
            amount_fen=payment.amount_fen,
            settled_at=settled_at,
            statement=statement,
        )
        return self._tools.registry.settle(order, idempotency_key=idempotency_key)


def verify_clearance(
    token: str, *, registry_key: Callable[[str], Ed25519PublicKey], key_of: KeyOf
) -> VerifiedClearance:
    """Check a clearance offline: the registry's signature, then the creditor's statement that it carries."""
    try:
        _, payload = verify_compact(token, typ=CLEARANCE_TYPE, resolve=registry_key)
        claims = _claims(payload)
        statement = str(claims["settlement"])
        creditor = str(_claims(_unverified_payload(statement))["creditor"])
        # Only a key of the creditor that the statement names can make it verify.
        _, said = verify_compact(statement, typ=STATEMENT_TYPE, resolve=lambda key_id: key_of(creditor, key_id))
        return _verified(claims, _claims(said))
    except SignatureRefused as refused:
        raise ClearanceInvalid(refused.code) from None
    except BadKey:
        raise ClearanceInvalid("key-unknown") from None
    except (LookupError, TypeError, ValueError):
        raise ClearanceInvalid("claims") from None


def _claims(payload: bytes) -> dict[str, Any]:
    claims = strict_json.load_object(payload, max_bytes=MAX_TOKEN_CHARACTERS)
    if canonical_json(claims) != payload or claims.get("v") != 1:
        raise ValueError
    return claims


def _unverified_payload(token: str) -> bytes:
    return b64url_decode(token.split(".")[1])


def _verified(claims: dict[str, Any], said: dict[str, Any]) -> VerifiedClearance:
    return VerifiedClearance(
        clearance_id=UUID(claims["clearance_id"]),
        issuer=str(claims["issuer"]),
        issued_at=parse_time(claims["issued_at"]),
        settlement_id=UUID(claims["settlement_id"]),
        creditor=str(said["creditor"]),
        account_ref=b64url_decode(said["account_ref"], length=ACCOUNT_REF_BYTES),
        kind=SettlementKind(said["kind"]),
        amount_fen=int(said["amount_fen"]),
        settled_at=parse_time(said["settled_at"]),
    )
