"""A quorum is k of n witnesses such that two forks of a log cannot both find k, even if f of the witnesses lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import SignedCheckpoint
from crypto.tlog.cosignature import verify_cosignature
from crypto.tlog.keys import SignatureKind, VerifierKey
from crypto.tlog.note import Note, NoteSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """`threshold` (k) of `witnesses` (n), of whom up to `faults` (f) may sign anything.

    Two sets of k have at least 2k - n members in common. If that is more than f, one of them is honest and does not
    cosign two heads that contradict each other. While n - k witnesses are silent, a quorum can still be found.
    """

    witnesses: tuple[VerifierKey, ...]
    threshold: int
    faults: int

    def __post_init__(self) -> None:
        n, k, f = len(self.witnesses), self.threshold, self.faults
        if f < 0 or not 1 <= k <= n or 2 * k - n <= f:
            raise TlogRefused("policy-unsound", "a quorum needs k of n with 2k - n > f")
        if any(key.kind is not SignatureKind.COSIGNATURE for key in self.witnesses):
            raise TlogRefused("policy-unsound", "a witness has a key for cosignatures")
        # The signed message does not name the witness: under two names one key would count twice.
        if len({key.public_key for key in self.witnesses}) != n or len({key.name for key in self.witnesses}) != n:
            raise TlogRefused("policy-unsound", "two witnesses share a key or a name")

    @property
    def spare(self) -> int:
        """Return the number of witnesses that may be silent: n - k."""
        return len(self.witnesses) - self.threshold


def add_cosignatures(
    signed: SignedCheckpoint, lines: Sequence[NoteSignature], quorum: Quorum, *, latest: int
) -> SignedCheckpoint:
    """Verify the lines of known witnesses and add them to the checkpoint; a line replaces its witness's older one.

    Lines of unknown keys are dropped (tlog-witness: the client must ignore them), so that they cannot fill a note.
    """
    answered = Note(text=signed.note.text, signatures=tuple(lines)) if lines else None
    signatures = list(signed.note.signatures)
    for key in quorum.witnesses:
        signature = None if answered is None else answered.signature_of(key)
        if signature is not None:
            verify_cosignature(signed.checkpoint, signature, key, latest=latest)
            signatures = [each for each in signatures if (each.name, each.key_id) != (key.name, key.key_id)]
            signatures.append(NoteSignature(name=key.name, key_id=key.key_id, signature=signature))
    return SignedCheckpoint(
        checkpoint=signed.checkpoint, note=Note(text=signed.note.text, signatures=tuple(signatures))
    )


def cosigned_by(signed: SignedCheckpoint, quorum: Quorum, *, latest: int) -> Mapping[str, int]:
    """Return the known witnesses that cosigned, with their times; a bad line of one of them refuses the checkpoint."""
    times = {}
    for key in quorum.witnesses:
        signature = signed.note.signature_of(key)
        if signature is not None:
            times[key.name] = verify_cosignature(signed.checkpoint, signature, key, latest=latest)
    return times


def verify_quorum(signed: SignedCheckpoint, quorum: Quorum, *, latest: int) -> Mapping[str, int]:
    """Do as `cosigned_by`, and refuse the checkpoint with fewer than `threshold` witnesses."""
    times = cosigned_by(signed, quorum, latest=latest)
    if len(times) < quorum.threshold:
        raise TlogRefused("quorum-missing", "too few witnesses cosigned the checkpoint")
    return times
