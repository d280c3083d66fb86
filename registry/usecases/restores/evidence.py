"""Reads and verifies outside evidence of the log: a checkpoint, a receipt with its opening, or a promise."""

import binascii
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto.errors import SignatureRefused, TlogRefused
from crypto.signing.jws import verify_compact
from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint, verify_checkpoint
from crypto.tlog.merkle import leaf_hash
from crypto.tlog.proof import HEADER, parse_receipt, verify_receipt
from protocol import strict_json
from protocol.encodings import EncodingError, b64url_decode, parse_time
from protocol.log_entries import SALT_BYTES, leaf_data
from protocol.receipts import PROMISE_TYPE
from registry.domain.log import shard_of
from registry.domain.log_faults import HeadFileRefused
from registry.usecases.context import Registry

MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEntry:
    """A proven or promised entry; a receipt without its opening gives only the place."""

    year: int
    entry_id: uuid.UUID | None = None
    place: int | None = None
    participant: str | None = None
    kind: str | None = None
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The content of one piece of evidence."""

    head: Checkpoint | None = None
    entry: SeenEntry | None = None


def read_evidence(registry: Registry, raw: bytes, opening: bytes | None) -> Seen:
    """Read one file of evidence; ``opening`` opens the entry of a receipt.

    Raises HeadFileRefused: `evidence-malformed`, or `heads-foreign` for evidence of another registry.
    """
    try:
        if raw.startswith(HEADER.encode()):
            return _read_receipt(registry, raw, opening)
        if raw.startswith(b"ey"):
            return _read_promise(registry, raw)
        signed = parse_signed_checkpoint(raw)
        year = _year_of(registry, signed.checkpoint.origin)
        _verified(
            lambda: verify_checkpoint(signed, origin=registry.log.origin(year), log_keys=[registry.log.key(year)])
        )
        return Seen(head=signed.checkpoint)
    except (TlogRefused, strict_json.StrictJsonError, EncodingError, binascii.Error, KeyError, TypeError, ValueError):
        raise HeadFileRefused("evidence-malformed", "this is no head, receipt or promise") from None


def _read_receipt(registry: Registry, raw: bytes, opening: bytes | None) -> Seen:
    receipt = parse_receipt(raw)
    head = receipt.signed.checkpoint
    year = _year_of(registry, head.origin)
    keys = [registry.log.key(year)]
    if opening is None:
        _verified(lambda: verify_checkpoint(receipt.signed, origin=head.origin, log_keys=keys))
        return Seen(head=head, entry=SeenEntry(year=year, place=receipt.index))
    line = strict_json.load_object(opening.removesuffix(b"\n"), max_bytes=MOST_BYTES)
    core = str(line["core"]).encode("utf-8")
    leaf = leaf_hash(leaf_data(core, b64url_decode(line["core_salt"], length=SALT_BYTES)))
    _verified(lambda: verify_receipt(receipt, leaf, origin=head.origin, log_keys=keys))
    return Seen(head=head, entry=_opened(year, receipt.index, strict_json.load_object(core, max_bytes=MOST_BYTES)))


def _opened(year: int, place: int, core: dict[str, Any]) -> SeenEntry:
    return SeenEntry(
        year=year,
        entry_id=uuid.UUID(core["id"]),
        place=place,
        participant=str(core["by"]),
        kind=str(core["kind"]),
        at=parse_time(core["at"]),
    )


def _read_promise(registry: Registry, raw: bytes) -> Seen:
    token = raw.decode("ascii").removesuffix("\n")

    def resolve(key_id: str) -> Ed25519PublicKey:
        if key_id != registry.keys.signing_key_id:
            raise SignatureRefused("invalid", "the promise is under another key")
        return registry.keys.signing_key.public_key()

    try:
        _, payload = verify_compact(token, typ=PROMISE_TYPE, resolve=resolve)
    except SignatureRefused:
        raise _foreign() from None
    claims = strict_json.load_object(payload, max_bytes=MOST_BYTES)
    year = _year_of(registry, claims["log"])
    entry_id = uuid.UUID(claims["entry"])
    if shard_of(entry_id) != year:
        raise _foreign()
    return Seen(entry=SeenEntry(year=year, entry_id=entry_id, at=parse_time(claims["accepted_at"])))


def _year_of(registry: Registry, origin: str) -> int:
    name, _, year = origin.rpartition("/")
    if name != registry.log.name or not (year.isascii() and year.isdigit() and len(year) == len("2026")):
        raise _foreign()
    return int(year)


def _verified(verify: Any) -> None:
    try:
        verify()
    except TlogRefused:
        raise _foreign() from None


def _foreign() -> HeadFileRefused:
    return HeadFileRefused("heads-foreign", "this is of another registry's log, or not signed by this one")
