"""Verifies a participant's declaration in its request: a compact JWS by a live key over the request's own facts."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto.errors import SignatureRefused
from crypto.signing.jws import verify_compact
from crypto.signing.keys import load_public
from protocol.encodings import canonical_json
from protocol.problems import Problem, Refusal
from registry.usecases.act import Act

CLOCK_SKEW: Final = dt.timedelta(minutes=5)
"""A participant's clock may differ from ours by this."""


def check_signed(act: Act, statement: str, *, typ: str, claims: Mapping[str, str | int]) -> None:
    """Raise Refusal STATEMENT_INVALID unless the actor signed ``claims`` as canonical JSON under ``typ``."""
    if signed_payload(act, statement, typ=typ) != canonical_json(claims):
        raise Refusal(Problem.STATEMENT_INVALID)


def signed_payload(act: Act, statement: str, *, typ: str) -> bytes:
    """Return the actor's signed payload under ``typ``; raises Refusal STATEMENT_INVALID unless a live key signed it."""

    def resolve(key_id: str) -> Ed25519PublicKey:
        found = act.tx.participants.key(key_id)
        if found is None or found[0].participant_id != act.actor_id or found[1].revoked_at is not None:
            raise Refusal(Problem.STATEMENT_INVALID)
        return load_public(found[1].public_key)

    try:
        _, payload = verify_compact(statement, typ=typ, resolve=resolve)
    except SignatureRefused:
        raise Refusal(Problem.STATEMENT_INVALID) from None
    return payload
