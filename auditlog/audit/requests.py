"""Verify signed requests as the registry kept them, years later, under the keys that entries of the log added."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auditlog.openings import KeptRequest
from crypto.errors import CryptoRefusal
from crypto.signing.http_message import FUTURE_TOLERANCE
from crypto.signing.keys import load_public
from crypto.signing.signature_input import LABEL, SignatureClaims, read_claims, write_signature
from protocol.encodings import parse_time

_PARAMETERS: Final = b'"@signature-params": '


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """A participant's key as entries of the log describe it."""

    participant: str
    public_key: bytes
    revoked_at: str | None = None


class KeyBook:
    """The keys that the log added and revoked so far; ids of keys are never given twice."""

    def __init__(self, keys: dict[str, KnownKey] | None = None) -> None:
        self.keys = dict(keys or {})
        self._loaded: dict[str, Ed25519PublicKey] = {}

    def add(self, key_id: str, participant: str, public_key: bytes) -> bool:
        """Add a key; returns False where this id stands for another key already."""
        known = self.keys.setdefault(key_id, KnownKey(participant=participant, public_key=public_key))
        return (known.participant, known.public_key) == (participant, public_key)

    def revoke(self, key_id: str, at: str) -> bool:
        """Revoke a key; returns False where there is no such key."""
        known = self.keys.get(key_id)
        if known is None:
            return False
        self.keys[key_id] = KnownKey(participant=known.participant, public_key=known.public_key, revoked_at=at)
        return True

    def fault(self, request: KeptRequest, participant: str) -> str | None:
        """Return the stable code of the fault in a participant's request; None for a good one."""
        known = self.keys[request.key_id]
        if known.participant != participant:
            return "request-foreign-key"
        try:
            claims = _verified_claims(request, self._public_key(request.key_id))
        except (CryptoRefusal, InvalidSignature):
            return "request-signature"
        if known.revoked_at is not None:
            created = dt.datetime.fromtimestamp(claims.created, tz=dt.UTC)
            # Compare the difference: a sum would overflow for a key revoked in the calendar's last second.
            if created - parse_time(known.revoked_at) > FUTURE_TOLERANCE:
                return "request-key-revoked"
        return None

    def _public_key(self, key_id: str) -> Ed25519PublicKey:
        loaded = self._loaded.get(key_id)
        if loaded is None:
            loaded = self._loaded[key_id] = load_public(self.keys[key_id].public_key)
        return loaded


def _verified_claims(request: KeptRequest, key: Ed25519PublicKey) -> SignatureClaims:
    """Return the signature's parameters (RFC 9421, section 2.5), after it verified over the kept base."""
    key.verify(request.signature, request.signature_base)
    parameters = request.signature_base.rpartition(b"\n")[2]
    if not parameters.startswith(_PARAMETERS):
        raise InvalidSignature
    fields = {
        "signature-input": f"{LABEL}={parameters.removeprefix(_PARAMETERS).decode('ascii', 'replace')}",
        "signature": write_signature(request.signature),
    }
    claims = read_claims(fields)
    if claims.key_id != request.key_id:
        raise InvalidSignature
    return claims
