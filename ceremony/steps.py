"""Signs a party's steps, and reads the steps of others: one spelling, one ceremony, the key of the party's own seat."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ceremony.canonical import canonical_bytes, read_canonical
from ceremony.errors import CeremonyRefused, RefusalCode
from ceremony.terms import ceremony_id, seats
from crypto.errors import CryptoRefusal, SignatureRefused
from crypto.signing.jws import sign_compact, verify_compact
from crypto.signing.keys import load_public
from protocol.messages.ceremonies import (
    MAX_STEP,
    STEP_MESSAGES,
    STEP_TYPES,
    AnyStep,
    Deal,
    Proposal,
    SignedStep,
    Step,
)

_STEP_OF: Final = {message: step for step, message in STEP_MESSAGES.items()}
_COMMITMENTS_TAG: Final = b"clearline/ceremony/commitments/v1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartySigner:
    """A custodian's signing key under its name in the proposal."""

    key_id: str
    private_key: Ed25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStep:
    """A step whose signature verified, with its text and, of a DEAL on its way, the sealed parts."""

    step: Step
    party: str
    message: AnyStep = field(repr=False)
    jws: str = field(repr=False)
    sealed: tuple[bytes, ...] = field(default=(), repr=False)

    def signed(self) -> SignedStep:
        """Return the step as custodians pass it on."""
        return SignedStep(step=self.step, jws=self.jws, sealed=self.sealed)


def sign_step(message: AnyStep, signer: PartySigner, *, sealed: tuple[bytes, ...] = ()) -> SignedStep:
    """Sign one's own step; Ed25519 gives the same text for the same step."""
    step = _STEP_OF[type(message)]
    jws = sign_compact(
        canonical_bytes(message), typ=STEP_TYPES[step], key_id=signer.key_id, private_key=signer.private_key
    )
    return SignedStep(step=step, jws=jws, sealed=sealed)


class StepReader:
    """Reads the steps of one ceremony."""

    def __init__(self, proposal: Proposal) -> None:
        self._ceremony = ceremony_id(proposal)
        self._seats = seats(proposal)
        self._keys = {seat.key_id: load_public(seat.public_key) for seat in self._seats.values()}

    def read(self, signed: SignedStep, *, with_parts: bool = True) -> ReadStep:
        """Read and verify a step; raises CeremonyRefused. ``with_parts``: a DEAL has to bring its sealed parts."""
        key_id, payload = self._verified(signed)
        message = cast("AnyStep", read_canonical(STEP_MESSAGES[signed.step], payload, max_bytes=MAX_STEP))
        if message.ceremony != self._ceremony:
            raise CeremonyRefused(RefusalCode.OTHER_CEREMONY, "a step of another ceremony")
        seat = self._seats.get(message.party)
        if seat is None or seat.key_id != key_id:
            raise CeremonyRefused(RefusalCode.NOT_A_PARTY, "a step of nobody who takes part")
        if with_parts and not _brings_its_parts(message, signed.sealed):
            raise CeremonyRefused(RefusalCode.PARTS_MISSING, "a step without exactly the sealed parts that it names")
        return ReadStep(step=signed.step, party=message.party, message=message, jws=signed.jws, sealed=signed.sealed)

    def _verified(self, signed: SignedStep) -> tuple[str, bytes]:
        try:
            return verify_compact(signed.jws, typ=STEP_TYPES[signed.step], resolve=self._key)
        except SignatureRefused as refused:
            raise CeremonyRefused(RefusalCode.SIGNATURE_INVALID, f"a step's signature: {refused}") from None
        except CryptoRefusal:
            raise CeremonyRefused(RefusalCode.NOT_A_PARTY, "a step under a key of nobody who takes part") from None

    def _key(self, key_id: str) -> Ed25519PublicKey:
        key = self._keys.get(key_id)
        if key is None:
            raise CeremonyRefused(RefusalCode.NOT_A_PARTY, "a step under a key of nobody who takes part")
        return key


def steps_digest(steps: Iterable[ReadStep]) -> str:
    """Return the SHA-256 over the texts of steps, each ended by a line feed, in the order of parties' names."""
    texts = [each.jws + "\n" for each in sorted(steps, key=lambda each: each.party)]
    return hashlib.sha256("".join(texts).encode("ascii")).hexdigest()


def commitments_digest(ceremony: str, party: str, commitments: Iterable[bytes]) -> str:
    """Return the SHA-256 by which a JOIN commits to commitments that nobody has seen yet.

    So the last dealer cannot choose its own by the others', which would bias the key.
    """
    digest = hashlib.sha256(_COMMITMENTS_TAG + bytes.fromhex(ceremony))
    digest.update(len(party).to_bytes(2, "big") + party.encode("ascii"))
    for commitment in commitments:
        digest.update(commitment)
    return digest.hexdigest()


def part_digest(sealed: bytes) -> str:
    """Return the SHA-256 of a sealed part."""
    return hashlib.sha256(sealed).hexdigest()


def _brings_its_parts(message: AnyStep, sealed: tuple[bytes, ...]) -> bool:
    named = message.sealed if isinstance(message, Deal) else ()
    return tuple(part_digest(part) for part in sealed) == named
