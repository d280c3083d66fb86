"""Seals the case of a decision into its token, and reads it again: whoever shows the token needs no search.

The registry believes the seal, which covers every claim and the signing key's id. It verifies its own signature as well
where it still has the key, so that not one bit of a token can be another; the signature is for others.
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
from crypto.signing.jws import verify_if_known
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
    associated = _associated(claims, act.registry.keys.signing_key_id)
    handle = seal_handle(case, key=key, quarter=quarter, associated=associated, random=act.registry.random)
    return {**claims, "handle": b64url_encode(handle)}


def read_token(registry: Registry, token: str, participant_id: str) -> Decided:
    """Read a token that a participant shows.

    Raises Refusal TOKEN_INVALID (form, version, signature, seal, a bit that changed, a key that was erased) or
    TOKEN_FOREIGN.
    """
    key_id, claims = _signed(registry, token)
    return _unsealed(registry, key_id, claims, participant_id)


def _unsealed(registry: Registry, key_id: str, claims: Claims, participant_id: str) -> Decided:
    if claims.get("v") != VERSION:
        raise Refusal(Problem.TOKEN_INVALID)
    handle = claims.pop("handle", None)
    try:
        sealed = b64url_decode(handle if isinstance(handle, str) else "", length=HANDLE_BYTES)
        key = _key_of(registry, quarter_of(sealed))
        case = open_handle(sealed, key=key, associated=_associated(claims, key_id))
    except (EncodingError, SealBroken):
        raise Refusal(Problem.TOKEN_INVALID) from None
    if claims["participant"] != participant_id:
        raise Refusal(Problem.TOKEN_FOREIGN)
    return Decided(claims=claims, case=case)


def read_any_token(registry: Registry, token: str, participant_id: str) -> tuple[Claims, Case | None]:
    """Read a token as ``read_token`` does, or one without a case, which is believed by its signature alone.

    Raises Refusal as there; also TOKEN_INVALID for a token without a case under a signing key that was replaced.
    """
    key_id, claims = _signed(registry, token)
    if claims.get("v") != _WITHOUT_CASE or "handle" in claims:
        decided = _unsealed(registry, key_id, claims, participant_id)
        return decided.claims, decided.case
    if key_id != registry.keys.signing_key_id:
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


def _signed(registry: Registry, token: str) -> tuple[str, Claims]:
    """Return a token's key id and claims; the signature of a key that was replaced stays unread."""
    keys = registry.keys
    own = {keys.signing_key_id: keys.signing_key.public_key()}
    try:
        key_id, payload = verify_if_known(token, typ=DECISION_TYPE, resolve=own.get)
        return key_id, load_object(payload, max_bytes=_MOST_BYTES)
    except (SignatureRefused, StrictJsonError):
        raise Refusal(Problem.TOKEN_INVALID) from None


def _associated(claims: Mapping[str, Any], key_id: str) -> bytes:
    """Write what the seal covers: all claims, and under ``kid`` the id of the signing key."""
    return canonical_json({**claims, "kid": key_id})


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
