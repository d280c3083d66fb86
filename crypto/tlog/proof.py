"""Reads, writes and verifies receipts (c2sp.org/tlog-proof@v1): a place, its inclusion proof and the checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import SignedCheckpoint, parse_signed_checkpoint, verify_checkpoint
from crypto.tlog.keys import VerifierKey
from crypto.tlog.merkle import MAX_PROOF_HASHES, verify_inclusion
from crypto.tlog.note import MAX_NOTE_BYTES
from crypto.tlog.policy import Policy
from crypto.tlog.quorum import verify_quorum
from crypto.tlog.text import base64_decode, base64_encode, parse_decimal, parse_hash

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_EXTRA_BYTES: Final = 1 << 16
MAX_RECEIPT_BYTES: Final = MAX_NOTE_BYTES + (1 << 17)
_EXTRA: Final = "extra "
_INDEX: Final = "index "
_SPLIT: Final = b"\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A tlog-proof; no signature covers `extra`, so that it proves nothing."""

    index: int
    hashes: tuple[bytes, ...]
    signed: SignedCheckpoint
    extra: bytes = b""

    def __post_init__(self) -> None:
        if len(self.extra) > MAX_EXTRA_BYTES or len(self.hashes) > MAX_PROOF_HASHES:
            raise TlogRefused("too-large", "a proof has too many hashes or too much extra data")
        if not 0 <= self.index < self.signed.checkpoint.size:
            raise TlogRefused("out-of-range", "the index is not in the tree")

    def encode(self) -> bytes:
        """Write the bytes of a `.tlog-proof` file."""
        lines = [HEADER, *([_EXTRA + base64_encode(self.extra)] if self.extra else []), f"{_INDEX}{self.index}"]
        lines += [base64_encode(each) for each in self.hashes]
        return "".join(f"{line}\n" for line in lines).encode("ascii") + b"\n" + self.signed.note.encode()


def parse_receipt(raw: bytes) -> Receipt:
    """Read the bytes of `Receipt.encode`; nothing is verified yet."""
    if len(raw) > MAX_RECEIPT_BYTES:
        raise TlogRefused("too-large", "a proof is too long")
    head, split, note = raw.partition(_SPLIT)
    lines = _ascii(head).split("\n")
    if not split or lines.pop(0) != HEADER:
        raise TlogRefused("malformed", f"not a {HEADER}")
    extra = _extra(lines.pop(0)) if lines and lines[0].startswith(_EXTRA) else b""
    if not lines or not lines[0].startswith(_INDEX):
        raise TlogRefused("malformed", "a proof has no index")
    return Receipt(
        index=parse_decimal(lines[0].removeprefix(_INDEX)),
        hashes=tuple(parse_hash(line) for line in lines[1:]),
        signed=parse_signed_checkpoint(note),
        extra=extra,
    )


def verify_receipt(receipt: Receipt, leaf: bytes, *, origin: str, log_keys: Sequence[VerifierKey]) -> None:
    """Refuse unless the log `origin` signed a tree in which entry `index` has the leaf hash `leaf`."""
    verify_checkpoint(receipt.signed, origin=origin, log_keys=log_keys)
    checkpoint = receipt.signed.checkpoint
    verify_inclusion(leaf=leaf, index=receipt.index, size=checkpoint.size, proof=receipt.hashes, root=checkpoint.root)


def verify_witnessed_receipt(receipt: Receipt, leaf: bytes, *, origin: str, policy: Policy, latest: int) -> None:
    """Do as `verify_receipt`, and refuse unless a quorum cosigned the tree no later than `latest` (POSIX seconds)."""
    verify_receipt(receipt, leaf, origin=origin, log_keys=policy.logs)
    verify_quorum(receipt.signed, policy.quorum, latest=latest)


def _extra(line: str) -> bytes:
    extra = base64_decode(line.removeprefix(_EXTRA))
    if not extra:
        raise TlogRefused("malformed", "a proof without extra data has no line for it")
    return extra


def _ascii(head: bytes) -> str:
    try:
        return head.decode("ascii")
    except UnicodeDecodeError:
        raise TlogRefused("malformed", "a proof is not ASCII before its checkpoint") from None
