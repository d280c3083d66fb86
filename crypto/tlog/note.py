"""Reads, signs and verifies signed notes (c2sp.org/signed-note): text, an empty line, and signature lines.

The format demands that a reader ignores the lines of unknown keys: so a log can rotate keys and add witnesses. A
line of a known key is verified, and a line that fails refuses the note.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.errors import TlogRefused
from crypto.signing.keys import public_bytes
from crypto.tlog.keys import KEY_ID_BYTES, SignatureKind, VerifierKey, check_name, key_id
from crypto.tlog.text import base64_decode, base64_encode

MAX_NOTE_BYTES: Final = 1 << 18
MAX_SIGNATURES: Final = 100
"""signed-note wants at least 16, of which a post-quantum one has nearly 7 KB in base64."""

_SPLIT: Final = "\n\n"
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LINE: Final = re.compile("\u2014 ([^ \n]+) ([A-Za-z0-9+/=]+)\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line, not verified yet: only its key can verify it."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.key_id) != KEY_ID_BYTES or not self.signature:
            raise TlogRefused("malformed", "a note signature is a key id of 4 bytes and what follows")

    @property
    def line(self) -> str:
        """Write em dash, space, key name, space, base64, newline."""
        return f"\u2014 {self.name} {base64_encode(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and its signature lines, in the one form that can be written and read."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        check_text(self.text)
        if not self.signatures:
            raise TlogRefused("malformed", "a note has at least one signature")
        if len(self.signatures) > MAX_SIGNATURES:
            raise TlogRefused("too-large", "a note has too many signatures")

    def encode(self) -> bytes:
        """Write the bytes that are published."""
        return (self.text + "\n" + "".join(each.line for each in self.signatures)).encode()

    def signature_of(self, key: VerifierKey) -> bytes | None:
        """Return the unverified signature under this key's name and id, or None; refuse two lines of one key."""
        own = [each.signature for each in self.signatures if (each.name, each.key_id) == (key.name, key.key_id)]
        if len(own) > 1:
            raise TlogRefused("signature-repeated", "a known key signed a note twice")
        return own[0] if own else None


def parse_note(raw: bytes) -> Note:
    """Read the bytes of `Note.encode`. No signature is verified yet: the caller must not trust the text."""
    if len(raw) > MAX_NOTE_BYTES:
        raise TlogRefused("too-large", "a note is too long")
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise TlogRefused("malformed", "a note is not UTF-8") from None
    split = whole.rfind(_SPLIT)
    if split < 0:
        raise TlogRefused("malformed", "a note has no empty line before its signatures")
    return Note(text=whole[: split + 1], signatures=parse_signature_lines(whole[split + len(_SPLIT) :]))


def parse_signature_lines(text: str) -> tuple[NoteSignature, ...]:
    """Read signature lines without a text, as a witness answers them (tlog-witness, add-checkpoint)."""
    if len(text) > MAX_NOTE_BYTES:
        raise TlogRefused("too-large", "the signature lines are too long")
    signatures = []
    at = 0
    while match := _LINE.match(text, at):
        raw = base64_decode(match[2])
        signatures.append(NoteSignature(name=match[1], key_id=raw[:KEY_ID_BYTES], signature=raw[KEY_ID_BYTES:]))
        at = match.end()
    if at != len(text):
        raise TlogRefused("malformed", "not a signature line")
    return tuple(signatures)


def sign_note(text: str, *, name: str, private_key: Ed25519PrivateKey) -> NoteSignature:
    """Sign the text with its last newline, without the empty line (signed-note, Ed25519 signatures)."""
    check_text(text)
    kind = SignatureKind.NOTE
    return NoteSignature(
        name=name,
        key_id=key_id(name, kind, public_bytes(private_key)),
        signature=private_key.sign(text.encode()),
    )


def verify_note(note: Note, keys: Sequence[VerifierKey]) -> None:
    """Refuse a note that none of `keys` signed, or that carries a bad signature of one of them."""
    signed = False
    for key in keys:
        if key.kind is not SignatureKind.NOTE:
            raise TlogRefused("policy-unsound", "a key for cosignatures does not sign notes")
        signature = note.signature_of(key)
        if signature is not None:
            key.verify(note.text.encode(), signature)
            signed = True
    if not signed:
        raise TlogRefused("no-known-signature", "no key that is known signed this note")


def check_text(text: str) -> None:
    """Refuse a text that does not end in a newline or has other ASCII control characters (signed-note, Format)."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise TlogRefused("malformed", "a note's text ends in a newline and has no control characters")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise TlogRefused("malformed", "a note's text is not Unicode") from None
    if size > MAX_NOTE_BYTES:
        raise TlogRefused("too-large", "a note is too long")
