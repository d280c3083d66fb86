"""Reads, writes and checks the add-checkpoint request, after which a witness cosigns (c2sp.org/tlog-witness)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import Checkpoint, SignedCheckpoint, parse_signed_checkpoint, verify_checkpoint
from crypto.tlog.keys import VerifierKey
from crypto.tlog.merkle import EMPTY_ROOT, MAX_PROOF_HASHES, check_size, verify_consistency
from crypto.tlog.note import MAX_NOTE_BYTES
from crypto.tlog.text import base64_encode, parse_decimal, parse_hash

MAX_BODY_BYTES: Final = MAX_NOTE_BYTES + (1 << 12)
_OLD: Final = "old "
_SPLIT: Final = b"\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """The size that the sender expects at the witness, a consistency proof from it, and the new checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    signed: SignedCheckpoint

    def __post_init__(self) -> None:
        check_size(self.old_size)
        if len(self.proof) > MAX_PROOF_HASHES:
            raise TlogRefused("too-large", "a consistency proof has at most 63 hashes")

    def encode(self) -> bytes:
        """Write the body of the request (tlog-witness, add-checkpoint)."""
        lines = [f"{_OLD}{self.old_size}", *(base64_encode(each) for each in self.proof)]
        return "".join(f"{line}\n" for line in lines).encode("ascii") + b"\n" + self.signed.note.encode()


def parse_add_checkpoint(raw: bytes) -> AddCheckpoint:
    """Read the bytes of `AddCheckpoint.encode`; nothing is verified yet."""
    if len(raw) > MAX_BODY_BYTES:
        raise TlogRefused("too-large", "the body is too long")
    head, split, note = raw.partition(_SPLIT)
    try:
        old, *proof = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise TlogRefused("malformed", "the body is not ASCII before its checkpoint") from None
    if not split or not old.startswith(_OLD):
        raise TlogRefused("malformed", "the body does not begin with the old size")
    return AddCheckpoint(
        old_size=parse_decimal(old.removeprefix(_OLD)),
        proof=tuple(parse_hash(line) for line in proof),
        signed=parse_signed_checkpoint(note),
    )


def check_submission(
    asked: AddCheckpoint, *, held: Checkpoint | None, origin: str, log_keys: Sequence[VerifierKey]
) -> Checkpoint:
    """Check a request in the specification's order; the witness must store the returned checkpoint, then cosign it.

    `held` is the last checkpoint that this witness cosigned for the log. HTTP says `origin-unknown` as 404,
    `no-known-signature` and `signature-invalid` as 403, `old-above-new` as 400, `stale` (with the held size in the
    body) and `fork` as 409, and `proof-invalid` as 422. A `fork` under the log's signature is evidence against it.
    """
    verify_checkpoint(asked.signed, origin=origin, log_keys=log_keys)
    new = asked.signed.checkpoint
    if asked.old_size > new.size:
        raise TlogRefused("old-above-new", "the old tree is larger than the new one")
    held_size, held_root = (0, EMPTY_ROOT) if held is None else (held.size, held.root)
    if asked.old_size != held_size:
        raise TlogRefused("stale", "the proof is not from the size that the witness holds")
    verify_consistency(old_size=held_size, old_root=held_root, new_size=new.size, new_root=new.root, proof=asked.proof)
    return new
