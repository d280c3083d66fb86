"""Seals the case of a decision into its token, and reads it again: whoever shows the token needs no search.

The registry believes the seal, which covers every claim, and not its own signature: the signature is for others.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from crypto.envelope.handle import (
    HANDLE_BYTES,
    KEY_BYTES,
    Case,
    open_handle,
    quarter_of,
    seal_handle,
    unwrap_key,
    wrap_key,
)
from crypto.errors import SealBroken, SignatureRefused
from crypto.signing.jws import peek_payload, verify_compact
from protocol.encodings import EncodingError, b64url_decode, b64url_encode, canonical_json
from protocol.problems import Problem, Refusal
from protocol.states import HouseholdKind
from protocol.strict_json import StrictJsonError, load_object
from registry.domain.handles import HandleKey, is_over, quarter_at
from registry.store.transactions import Transaction
from registry.usecases.act import Act
from registry.usecases.context import Registry
from registry.usecases.pseudonyms import Names

DECISION_TYPE: Final = "clearline-decision+jws"
VERSION: Final = 2
"""The version of the tokens that carry their case."""
_WITHOUT_CASE: Final = 1
"""That of an inquiry without a context."""
_MOST_BYTES: Final = 4_096
_AHEAD: Final = dt.timedelta(days=1)
"""The key of the next quarter is there before the quarter begins."""

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision that somebody shows: its claims, which the seal covers, and the people that it was about."""

    claims: Claims = field(repr=False)
    case: Case

    @property
    def inquiry_id(self) -> uuid.UUID:
        return uuid.UUID(self.claims["inquiry_id"])


def make_handle_keys(registry: Registry) -> None:
    """Have the keys of today's quarter and tomorrow's at hand, made and committed before any token depends on them."""
    now = registry.clock()
    for quarter in {quarter_at(now), quarter_at(now + _AHEAD)}:
        if registry.known_handles.find(quarter, now.date()) is None:
            _make(registry, quarter, now)


def _make(registry: Registry, quarter: int, now: dt.datetime) -> None:
    key = registry.store.read(lambda tx: tx.handle_keys.find(quarter))
    if key is None:
        key = registry.store.write(lambda tx: _made(registry, tx, quarter, now))
    registry.known_handles.keep(quarter, _unwrapped(registry, key))


def _made(registry: Registry, tx: Transaction, quarter: int, now: dt.datetime) -> HandleKey:
    """Make the quarter's key, or take the one that another process has made meanwhile."""
    epoch = registry.keys.current_key_encryption_epoch
    wrapped = wrap_key(registry.random(KEY_BYTES), registry.keys.key_encryption_keys[epoch])
    tx.handle_keys.ensure(HandleKey(quarter=quarter, kek_epoch=epoch, wrapped_key=wrapped, created_at=now))
    found = tx.handle_keys.find(quarter)
    if found is None:
        raise Refusal(Problem.UNAVAILABLE)
    return found


def _unwrapped(registry: Registry, key: HandleKey) -> bytes:
    return unwrap_key(key.wrapped_key, registry.keys.key_encryption_keys[key.kek_epoch])


def with_handle(act: Act, names: Names, claims: Mapping[str, Any]) -> Claims:
    """Add the sealed case to the claims; raises Refusal UNAVAILABLE in the moment in which a quarter has no key yet."""
    quarter = quarter_at(act.now)
    key = act.registry.known_handles.find(quarter, act.now.date())
    if key is None:
        raise Refusal(Problem.UNAVAILABLE)
    homes = dict(names.households)
    case = Case(
        epoch=names.epoch,
        subject=names.index_key,
        register=homes.get(HouseholdKind.REGISTER),
        address=homes.get(HouseholdKind.ADDRESS),
    )
    associated = canonical_json(dict(claims))
    handle = seal_handle(case, key=key, quarter=quarter, associated=associated, random=act.registry.random)
    return {**claims, "handle": b64url_encode(handle)}


def read_token(registry: Registry, token: str, participant_id: str) -> Decided:
    """Read a token that a participant shows; its signature is not needed.

    Raises Refusal TOKEN_INVALID (form, version, seal, a claim that changed, a key that was erased) or TOKEN_FOREIGN.
    """
    claims = _claims(_payload_of(token))
    if claims.get("v") != VERSION:
        raise Refusal(Problem.TOKEN_INVALID)
    handle = claims.pop("handle", None)
    try:
        sealed = b64url_decode(handle if isinstance(handle, str) else "", length=HANDLE_BYTES)
        key = _key_of(registry, quarter_of(sealed))
        case = open_handle(sealed, key=key, associated=canonical_json(claims))
    except (EncodingError, SealBroken):
        raise Refusal(Problem.TOKEN_INVALID) from None
    if claims["participant"] != participant_id:
        raise Refusal(Problem.TOKEN_FOREIGN)
    return Decided(claims=claims, case=case)


def read_any_token(registry: Registry, token: str, participant_id: str) -> tuple[Claims, Case | None]:
    """Read a token as ``read_token`` does, or one without a case, which is believed by its signature alone.

    Raises Refusal as there; also TOKEN_INVALID for a token without a case under a signing key that was replaced.
    """
    if _claims(_payload_of(token)).get("v") != _WITHOUT_CASE:
        decided = read_token(registry, token, participant_id)
        return decided.claims, decided.case
    keys = registry.keys
    try:
        key_id, payload = verify_compact(token, typ=DECISION_TYPE, resolve=lambda _: keys.signing_key.public_key())
    except SignatureRefused:
        raise Refusal(Problem.TOKEN_INVALID) from None
    claims = _claims(payload)
    if key_id != keys.signing_key_id:
        raise Refusal(Problem.TOKEN_INVALID)
    if claims["participant"] != participant_id:
        raise Refusal(Problem.TOKEN_FOREIGN)
    return claims, None


def names_of(registry: Registry, case: Case) -> Names:
    """Name the people of a case; raises Refusal EPOCH_UNKNOWN for a key epoch that is no longer served."""
    if case.epoch not in registry.keys.peppers:
        raise Refusal(Problem.EPOCH_UNKNOWN)
    return people_of(case)


def people_of(case: Case) -> Names:
    """Name the people of a case of any epoch, for whom nobody computes a key any more."""
    homes = ((HouseholdKind.REGISTER, case.register), (HouseholdKind.ADDRESS, case.address))
    households = tuple((kind, key) for kind, key in homes if key is not None)
    return Names(index_key=case.subject, epoch=case.epoch, households=households)


def _payload_of(token: str) -> bytes:
    try:
        return peek_payload(token, typ=DECISION_TYPE)
    except SignatureRefused:
        raise Refusal(Problem.TOKEN_INVALID) from None


def _claims(payload: bytes) -> Claims:
    try:
        return load_object(payload, max_bytes=_MOST_BYTES)
    except StrictJsonError:
        raise Refusal(Problem.TOKEN_INVALID) from None


def _key_of(registry: Registry, quarter: int) -> bytes:
    """Find the key of a handle; raises SealBroken where there is none, or none any more."""
    today = registry.clock().date()
    key = registry.known_handles.find(quarter, today)
    if key is None and not is_over(quarter, today):
        found = registry.store.read(lambda tx: tx.handle_keys.find(quarter))
        if found is not None:
            key = _unwrapped(registry, found)
            registry.known_handles.keep(quarter, key)
    if key is None:
        raise SealBroken("the key of this quarter is not kept")
    return key
