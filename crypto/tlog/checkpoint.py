"""Reads, signs and verifies checkpoints (c2sp.org/tlog-checkpoint): a log's name, size and root in a signed note."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.errors import TlogRefused
from crypto.tlog.keys import VerifierKey
from crypto.tlog.merkle import EMPTY_ROOT, check_size
from crypto.tlog.note import Note, check_text, parse_note, sign_note, verify_note
from crypto.tlog.text import HASH_BYTES, base64_encode, parse_decimal, parse_hash

_MANDATORY_LINES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A tree head under its log's name, without signatures."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_size(self.size)
        if len(self.root) != HASH_BYTES:
            raise TlogRefused("malformed", "a hash does not have 32 bytes")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise TlogRefused("malformed", "the root of the empty tree is SHA-256 of nothing")
        if any(not line or "\n" in line for line in (self.origin, *self.extensions)):
            raise TlogRefused("malformed", "the lines of a checkpoint are not empty")
        check_text(self.text)

    @property
    def text(self) -> str:
        """Write origin, size in decimal, root in base64, and extension lines if any."""
        lines = (self.origin, str(self.size), base64_encode(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A checkpoint and the note it came in, with every signature line."""

    checkpoint: Checkpoint
    note: Note


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of `Checkpoint.text`."""
    check_text(text)
    lines = text.split("\n")[:-1]
    if len(lines) < _MANDATORY_LINES:
        raise TlogRefused("malformed", "a checkpoint has at least three lines")
    origin, size, root, *extensions = lines
    return Checkpoint(origin=origin, size=parse_decimal(size), root=parse_hash(root), extensions=tuple(extensions))


def parse_signed_checkpoint(raw: bytes) -> SignedCheckpoint:
    """Read a note whose text is a checkpoint; nothing is verified yet."""
    note = parse_note(raw)
    return SignedCheckpoint(checkpoint=parse_checkpoint(note.text), note=note)


def sign_checkpoint(checkpoint: Checkpoint, *, name: str, private_key: Ed25519PrivateKey) -> Note:
    """Sign a checkpoint as its log; the name should be the origin (tlog-checkpoint, Signatures)."""
    return Note(text=checkpoint.text, signatures=(sign_note(checkpoint.text, name=name, private_key=private_key),))


def open_checkpoint(raw: bytes, *, origin: str, log_keys: Sequence[VerifierKey]) -> SignedCheckpoint:
    """Read a checkpoint of the log `origin`; refuse it unless one of its keys signed it."""
    signed = parse_signed_checkpoint(raw)
    verify_checkpoint(signed, origin=origin, log_keys=log_keys)
    return signed


def verify_checkpoint(signed: SignedCheckpoint, *, origin: str, log_keys: Sequence[VerifierKey]) -> None:
    """Refuse a checkpoint of another log, or one that its log did not sign."""
    if signed.checkpoint.origin != origin:
        raise TlogRefused("origin-unknown", "the checkpoint is that of another log")
    verify_note(signed.note, log_keys)
