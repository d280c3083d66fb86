"""Settle a debt under the creditor's signed word, and check the clearance that may come back."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from client.errors import ClientError, RegistryRefused
from client.peer import Signer
from client.resources import settlements
from crypto.errors import BadKey, SignatureRefused
from crypto.signing.jws import MAX_TOKEN_CHARACTERS, sign_compact, verify_compact
from gateway.errors import ApplicationInvalid
from gateway.identity.accounts import AccountInvalid
from gateway.identity.documents import RawIdentity, SubjectInputs, identify
from gateway.tools import Tools
from protocol import strict_json
from protocol.accounts import REFERENCE_BYTES
from protocol.codes import SettlementKind
from protocol.encodings import b64url_decode, b64url_encode, canonical_json, parse_moment
from protocol.messages.collected import COLLECTION_TYPE, QUOTE_DIGEST_BYTES
from protocol.messages.settlements import SettlementOrder, SettlementReceipt, statement_claims
from protocol.messages.tokens import SubjectTokens
from protocol.problems import Problem

STATEMENT_TYPE: Final = "clearline-settlement+jws"
CLEARANCE_TYPE: Final = "clearline-clearance+jws"
_NOT_FOUND: Final = Problem.NOT_FOUND.value.name

KeyOf = Callable[[str, str], Ed25519PublicKey]
"""(participant, key id) to its public key; raises when there is none."""


class ClearanceInvalid(ClientError):
    """An invalid clearance; ``code`` says why: malformed, key-unknown, invalid or claims."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the clearance is not valid: {code}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """An amount paid, waived or settled on an account of this carrier; fen, and a UTC time (None: now).

    The debtor's ``identity`` finds the record, or ``record_id`` names it: one of the two.
    """

    identity: RawIdentity | None = None
    record_id: UUID | None = None
    account: str = field(repr=False)
    kind: SettlementKind
    amount_fen: int
    settled_at: dt.datetime | None = None
    waive_rest: bool = False
    """Only with FULL: give up the rest of the debt beyond the amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedClearance:
    """The claims of a verified clearance, with both signatures checked: the registry's and the one inside it.

    Inside is the creditor's word on one account, or a collector's on a whole quote: then ``collector`` and
    ``quote_digest`` stand in place of ``creditor`` and ``account_ref``.
    """

    clearance_id: UUID
    issuer: str
    issued_at: dt.datetime
    settlement_id: UUID
    kind: SettlementKind
    amount_fen: int
    settled_at: dt.datetime
    waive_rest: bool = False
    """The amount was less than the debt, and the creditor gave up the rest."""
    creditor: str | None = None
    account_ref: bytes | None = field(default=None, repr=False)
    collector: str | None = None
    quote_digest: bytes | None = field(default=None, repr=False)


class Settler:
    """Reports settlements under the carrier's own key."""

    def __init__(self, tools: Tools, signer: Signer, *, carrier: str) -> None:
        self._tools = tools
        self._signer = signer
        self._carrier = carrier

    def over(self, tools: Tools) -> Self:
        """Return a settler of the same carrier over other tools."""
        return type(self)(tools, self._signer, carrier=self._carrier)

    def settle(self, payment: Payment, *, today: dt.date, idempotency_key: str | None = None) -> SettlementReceipt:
        """Settle one account; with a key and a settlement time of its own a caller may safely repeat it."""
        inputs = None if payment.identity is None else identify(payment.identity, today=today)[1]
        try:
            account = self._tools.accounts.read(payment.account)
        except AccountInvalid as invalid:
            raise ApplicationInvalid("account", invalid.code) from None
        tokens = None
        if inputs is not None:
            [tokens] = self._tools.tokeniser.tokens([SubjectInputs(subject=inputs.subject)])
        dated = replace(payment, settled_at=payment.settled_at or self._signer.clock())
        try:
            return self.report(dated, account.reference, tokens, idempotency_key=idempotency_key)
        except RegistryRefused as refused:
            if account.former_reference is None or refused.problem != _NOT_FOUND:
                raise
            # A record from before account numbers had one form is found under the former reference.
            key = None if idempotency_key is None else _former_key(idempotency_key)
            return self.report(dated, account.former_reference, tokens, idempotency_key=key)

    def report(
        self, payment: Payment, reference: bytes, tokens: SubjectTokens | None, *, idempotency_key: str | None
    ) -> SettlementReceipt:
        """Sign and report a payment under a reference of its account; ``tokens`` are the debtor's, if one is named."""
        settled_at = payment.settled_at or self._signer.clock()
        claims = statement_claims(
            creditor=self._carrier,
            account_ref=reference,
            kind=payment.kind,
            amount_fen=payment.amount_fen,
            settled_at=settled_at,
            waive_rest=payment.waive_rest,
        )
        statement = sign_compact(
            canonical_json(claims),
            typ=STATEMENT_TYPE,
            key_id=self._signer.key_id,
            private_key=self._signer.private_key,
        )
        order = SettlementOrder(
            tokens=tokens,
            record_id=payment.record_id,
            account_ref=reference,
            kind=payment.kind,
            amount_fen=payment.amount_fen,
            settled_at=settled_at,
            statement=statement,
            waive_rest=payment.waive_rest,
        )
        return settlements.settle(self._tools.registry, order, key=idempotency_key)


def _former_key(idempotency_key: str) -> str:
    """Name the second attempt of a call: it differs from the first attempt, and is the same at each repetition."""
    return f"former-{b64url_encode(hashlib.sha256(idempotency_key.encode()).digest())}"


def verify_clearance(
    token: str, *, registry_key: Callable[[str], Ed25519PublicKey], key_of: KeyOf
) -> VerifiedClearance:
    """Check a clearance offline: the registry's signature, then the statement inside it and its signer."""
    try:
        _, payload = verify_compact(token, typ=CLEARANCE_TYPE, resolve=registry_key)
        claims = _claims(payload)
        statement = str(claims["settlement"])
        unverified = _claims(_unverified_payload(statement))
        collected = "collector" in unverified
        holder = str(unverified["collector" if collected else "creditor"])
        # It verifies only under a key of the holder that it names, and with the type that such a holder signs.
        typ = COLLECTION_TYPE if collected else STATEMENT_TYPE
        _, said = verify_compact(statement, typ=typ, resolve=lambda key_id: key_of(holder, key_id))
        return _collected(claims, _claims(said)) if collected else _settled(claims, _claims(said))
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


def _collected(claims: dict[str, Any], said: dict[str, Any]) -> VerifiedClearance:
    return VerifiedClearance(
        clearance_id=UUID(claims["clearance_id"]),
        issuer=str(claims["issuer"]),
        issued_at=parse_moment(claims["issued_at"]),
        settlement_id=UUID(claims["settlement_id"]),
        collector=str(said["collector"]),
        quote_digest=b64url_decode(said["quote"], length=QUOTE_DIGEST_BYTES),
        kind=SettlementKind.COLLECTED,
        amount_fen=int(said["amount_fen"]),
        settled_at=parse_moment(said["collected_at"]),
    )


def _settled(claims: dict[str, Any], said: dict[str, Any]) -> VerifiedClearance:
    return VerifiedClearance(
        clearance_id=UUID(claims["clearance_id"]),
        issuer=str(claims["issuer"]),
        issued_at=parse_moment(claims["issued_at"]),
        settlement_id=UUID(claims["settlement_id"]),
        creditor=str(said["creditor"]),
        account_ref=b64url_decode(said["account_ref"], length=REFERENCE_BYTES),
        kind=SettlementKind(said["kind"]),
        amount_fen=int(said["amount_fen"]),
        settled_at=parse_moment(said["settled_at"]),
        waive_rest=said.get("waive_rest", False) is True,
    )
