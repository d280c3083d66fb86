"""Receipts: fetched at a grade, verified with the leaf hash that the entry's own opening gives, offline at any time."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auditlog.errors import LogRefused, LogRenamed
from auditlog.names import refusing
from auditlog.openings import Opening, parse_opening, parse_page
from client.errors import RegistryRefused
from client.incarnations import check_incarnations
from crypto.errors import SignatureRefused, TlogRefused
from crypto.signing.jws import verify_compact
from crypto.tlog.bundles import MAX_ENTRY_BYTES
from crypto.tlog.checkpoint import verify_checkpoint
from crypto.tlog.keys import VerifierKey
from crypto.tlog.merkle import leaf_hash
from crypto.tlog.policy import Policy, parse_policy
from crypto.tlog.proof import Receipt, parse_receipt, verify_receipt, verify_witnessed_receipt
from protocol import strict_json
from protocol.incarnation import FIRST
from protocol.log_entries import leaf_data, personal_digest, request_digest
from protocol.problems import Problem
from protocol.receipts import PROMISE_TYPE

MAX_WAIT_SECONDS: Final = 10
MAX_PROMISE_BYTES: Final = 16_384
_ENTRY_BYTES: Final = 33
_MAX_CLAIMS: Final = 4096
_INCARNATION: Final = "incarnation"
_CLAIMS: Final = frozenset({"v", "log", "entry", "leaf", "accepted_at", "integrate_by"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A reader's pins: the log's key, and for the witnessed grade a policy and the latest time (POSIX seconds)."""

    key: VerifierKey
    policy: Policy | None = None
    latest: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedReceipt:
    """A valid receipt as it was read, and the opening that gave its leaf hash (one line of JSON)."""

    raw: bytes
    opening: bytes
    receipt: Receipt


def read_policy(raw: bytes, *, faults: int, key: VerifierKey) -> Policy:
    """Parse the reader's own policy, which has to be about this log; raises LogRefused."""
    with refusing("the policy"):
        policy = parse_policy(raw, faults=faults)
    if key.public_key not in {each.public_key for each in policy.logs}:
        raise LogRefused("policy-foreign", "the policy is about another log")
    return policy


def verify(raw: bytes, leaf: bytes, trust: Trust) -> Receipt:
    """Refuse a receipt unless it proves that the log has this leaf hash and, with a policy, that witnesses saw it."""
    with refusing("the receipt"):
        receipt = parse_receipt(raw)
        _refuse_renamed(receipt, trust.key)
        verify_receipt(receipt, leaf, origin=trust.key.name, log_keys=[trust.key])
        if trust.policy is not None:
            # A policy may name the key under the origin of another year: the pinned key identifies the log.
            policy = Policy(logs=(trust.key,), quorum=trust.policy.quorum)
            verify_witnessed_receipt(receipt, leaf, origin=trust.key.name, policy=policy, latest=trust.latest)
    return receipt


def _refuse_renamed(receipt: Receipt, key: VerifierKey) -> None:
    """Raise LogRenamed for a checkpoint that the pinned key signed under another name for the same year."""
    origin = receipt.signed.checkpoint.origin
    if origin == key.name or origin.rpartition("/")[2] != key.name.rpartition("/")[2]:
        return
    with suppress(TlogRefused):
        verify_checkpoint(receipt.signed, origin=origin, log_keys=[replace(key, name=origin)])
        raise LogRenamed


def leaf_of(raw: bytes) -> bytes:
    """Compute the leaf hash of an entry, from its 33 public bytes or from its opening as one line of JSON.

    Refuses an opening with a part that its core does not name: the leaf hash would not cover that part.
    """
    if len(raw) == _ENTRY_BYTES:
        return leaf_hash(raw)
    opening = parse_opening(raw.removesuffix(b"\n")) if len(raw) < MAX_ENTRY_BYTES else None
    if opening is None:
        raise LogRefused("entry-malformed", "this is neither an entry of 33 bytes nor an opening")
    _check_parts(opening)
    return _leaf(opening)


def verify_promise(
    raw: bytes, *, entry_id: UUID, origin: str, resolve: Callable[[str], Ed25519PublicKey]
) -> Mapping[str, Any]:
    """Verify the registry's word on an entry that is not in the tree yet; refuses one about another entry.

    Raises LogRenamed where only the name of the log is another one: after a restore a log may have to begin anew.
    """
    try:
        _, payload = verify_compact(raw.decode("ascii", "replace"), typ=PROMISE_TYPE, resolve=resolve)
        claims = strict_json.load_object(payload, max_bytes=_MAX_CLAIMS)
    except SignatureRefused as refused:
        raise LogRefused(f"promise-{refused.code}", "the promise proves nothing") from None
    except strict_json.StrictJsonError:
        raise LogRefused("promise-malformed", "the promise is not of the agreed form") from None
    if claims.keys() - {_INCARNATION} != _CLAIMS or claims["entry"] != str(entry_id):
        raise LogRefused("promise-foreign", "the promise is not about this entry")
    try:
        check_incarnations(claims.get(_INCARNATION, FIRST))
        name, year = str(claims["log"]).rsplit("/", 1)
    except ValueError:
        raise LogRefused("promise-malformed", "the promise is not of the agreed form") from None
    if year != origin.rpartition("/")[2] or not name:
        raise LogRefused("promise-foreign", "the promise is about the log of another year")
    if claims["log"] != origin:
        raise LogRenamed(claims)
    return claims


def wait_for_receipt(
    ask: Callable[[int], bytes], *, wait_seconds: float, monotonic: Callable[[], float], sleep: Callable[[float], None]
) -> bytes:
    """Ask until there is one; ``ask`` is given the seconds that the registry may take. Raises RegistryRefused."""
    end = monotonic() + wait_seconds
    while True:
        left = max(0.0, end - monotonic())
        try:
            return ask(min(MAX_WAIT_SECONDS, int(left)))
        except RegistryRefused as refused:
            if refused.problem != Problem.RECEIPT_PENDING.value.name or monotonic() >= end:
                raise
        sleep(min(1.0, max(0.0, end - monotonic())))


def verify_own(
    raw: bytes, *, entry_id: UUID, trust: Trust, fetch_openings: Callable[[int, int], bytes]
) -> VerifiedReceipt:
    """Verify a receipt with the opening that the sender may read at the place that the receipt names."""
    with refusing("the receipt"):
        index = parse_receipt(raw).index
    page = fetch_openings(index, 1)
    opening = next(iter(parse_page(page).lines), None)
    if opening is None or (opening.index, opening.entry_id) != (index, entry_id):
        raise LogRefused("opening-mismatch", "the entry at the receipt's place is another one")
    return verify_kept(raw, page.partition(b"\n")[0] + b"\n", entry_id=entry_id, trust=trust)


def verify_kept(raw: bytes, opening: bytes, *, entry_id: UUID, trust: Trust) -> VerifiedReceipt:
    """Verify a receipt with its entry's opening (one line of JSON), which has to be of this very entry."""
    receipt = verify(raw, leaf_of(opening), trust)
    opened = parse_opening(opening.removesuffix(b"\n"))
    # The leaf covers only the core of the line: nothing proves the id beside it.
    if opened is None or _core_of(opened).get("id") != str(entry_id):
        raise LogRefused("opening-mismatch", "what is in the log is another entry")
    return VerifiedReceipt(raw=raw, opening=opening, receipt=receipt)


def _core_of(opening: Opening) -> dict[str, Any]:
    try:
        return strict_json.load_object(opening.core, max_bytes=MAX_ENTRY_BYTES)
    except strict_json.StrictJsonError:
        raise LogRefused("opening-mismatch", "what is in the log is no entry") from None


def _check_parts(opening: Opening) -> None:
    """Compare personal part and request with their digests in the core; a part may be gone, but not replaced."""
    core, given = _core_of(opening), {}
    if opening.personal is not None and opening.personal_salt is not None:
        given["personal"] = personal_digest(opening.personal, opening.personal_salt).hex()
    elif opening.personal is not None or opening.personal_salt is not None:
        raise LogRefused("opening-mismatch", "a personal part and its salt go together")
    if opening.request is not None:
        given["request"] = request_digest(opening.request.signature_base, opening.request.signature).hex()
    if any(core.get(name) != digest for name, digest in given.items()):
        raise LogRefused("opening-mismatch", "a part of the opening is not the one that was logged")


def _leaf(opening: Opening) -> bytes:
    return leaf_hash(leaf_data(opening.core, opening.core_salt))
