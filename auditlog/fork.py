"""Write the proof of a forked log: two heads under its signature that cannot both be true, as readable text.

Equal sizes with two roots prove it by themselves. Otherwise the file has the root over the first entries of the larger
tree, as many as the smaller one has, and a consistency proof from that root to the larger head: it cannot be the
beginning of the larger tree unless SHA-256 is broken, and it is not what the smaller head says.
"""

from dataclasses import dataclass
from typing import Final

from auditlog.errors import LogRefused
from auditlog.names import refusing
from crypto.tlog.checkpoint import SignedCheckpoint, parse_signed_checkpoint, verify_checkpoint
from crypto.tlog.keys import VerifierKey
from crypto.tlog.merkle import MAX_PROOF_HASHES, verify_consistency
from crypto.tlog.note import MAX_NOTE_BYTES
from crypto.tlog.text import base64_encode, parse_decimal, parse_hash

MAX_FORK_BYTES: Final = 2 * MAX_NOTE_BYTES + (1 << 14)
_HEADER: Final = b"clearline log fork v1\n"
_SAYS: Final = (
    b"Two heads of one log under its own signature that cannot both be true.\n"
    b"Equal sizes: the roots differ. Otherwise: the proof joins `beginning` to the larger head (RFC 9162, 2.1.4.2),\n"
    b"and `beginning` is not the root of the smaller head. Each note follows its length in bytes, verbatim.\n"
)
_UNPROVEN: Final = (
    b"A head that this log signed and did not show to extend an earlier one: it proves nothing yet, ask again.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """``beginning`` and ``proof`` are there where the sizes differ and the larger tree could be read."""

    smaller: SignedCheckpoint
    larger: SignedCheckpoint
    beginning: bytes | None = None
    proof: tuple[bytes, ...] = ()

    @property
    def sizes(self) -> str:
        return f"{self.smaller.checkpoint.size}-{self.larger.checkpoint.size}"

    @property
    def is_proven(self) -> bool:
        return self.beginning is not None or self.smaller.checkpoint.size == self.larger.checkpoint.size

    def encode(self) -> bytes:
        """Encode the file: a header, the claim, and the parts of the proof."""
        beginning = "-" if self.beginning is None else base64_encode(self.beginning)
        lines = [f"beginning {beginning}", f"proof {len(self.proof)}", *map(base64_encode, self.proof)]
        notes = [("smaller", self.smaller.note.encode()), ("larger", self.larger.note.encode())]
        head = _HEADER + (_SAYS if self.is_proven else _UNPROVEN) + b"\n"
        text = head + "".join(f"{line}\n" for line in lines).encode("ascii")
        return text + b"".join(f"{name} {len(note)}\n".encode() + note for name, note in notes)


def parse_fork(raw: bytes) -> Fork:
    """Parse what `Fork.encode` wrote; nothing is verified yet."""
    head, _, rest = raw.partition(b"\n\n")
    if len(raw) > MAX_FORK_BYTES or not head.startswith(_HEADER.rstrip(b"\n")):
        raise LogRefused("evidence-malformed", "this is no evidence of a fork")
    with refusing("the evidence"):
        word, rest = _line(rest, "beginning")
        beginning = None if word == "-" else parse_hash(word)
        count, rest = _line(rest, "proof")
        proof = []
        for _ in range(min(parse_decimal(count), MAX_PROOF_HASHES)):
            line, _, rest = rest.partition(b"\n")
            proof.append(parse_hash(line.decode("ascii", "replace")))
        smaller, rest = _note(rest, "smaller")
        larger, rest = _note(rest, "larger")
        fork = Fork(smaller=smaller, larger=larger, beginning=beginning, proof=tuple(proof))
    if fork.encode() != raw:
        raise LogRefused("evidence-malformed", "this is no evidence of a fork")
    return fork


def verify_fork(fork: Fork, key: VerifierKey) -> None:
    """Refuse evidence that does not prove that the holder of ``key`` signed two contradicting heads."""
    smaller, larger = fork.smaller.checkpoint, fork.larger.checkpoint
    with refusing("the evidence"):
        verify_checkpoint(fork.smaller, origin=key.name, log_keys=[key])
        verify_checkpoint(fork.larger, origin=key.name, log_keys=[key])
        if smaller.size == larger.size:
            proven = smaller.root != larger.root
        elif fork.beginning is None:
            proven = False
        else:
            verify_consistency(
                old_size=smaller.size,
                old_root=fork.beginning,
                new_size=larger.size,
                new_root=larger.root,
                proof=fork.proof,
            )
            proven = fork.beginning != smaller.root
    if not proven:
        raise LogRefused("evidence-weak", "the two heads do not contradict each other")


def _line(rest: bytes, name: str) -> tuple[str, bytes]:
    line, _, rest = rest.partition(b"\n")
    first, _, word = line.decode("ascii", "replace").partition(" ")
    if first != name:
        raise LogRefused("evidence-malformed", "this is no evidence of a fork")
    return word, rest


def _note(rest: bytes, name: str) -> tuple[SignedCheckpoint, bytes]:
    length, rest = _line(rest, name)
    size = parse_decimal(length)
    return parse_signed_checkpoint(rest[:size]), rest[size:]
