"""Writes the vectors of docs/spec/ceremonies.md: whole ceremonies from fixed secrets, and transcripts to refuse."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from ceremony.board import Board
from ceremony.canonical import canonical_bytes
from ceremony.committee import committee_of
from ceremony.errors import CeremonyRefused
from ceremony.judge import deals_of, judge
from ceremony.party import Confirmation, Participant, make_secrets
from ceremony.standing import Formed
from ceremony.steps import PartySigner, StepReader
from ceremony.terms import committee_digest, parties
from ceremony.verify import verify_transcript
from crypto.dkg import possession
from crypto.dkg.polynomial import ZERO, Polynomial, random_polynomial
from crypto.dkg.possession import Prover
from crypto.dkg.sealing import Route, SealingKey, public_half
from crypto.oprf.canary import canary_element, canary_input
from crypto.signing.keys import public_bytes
from docs.spec.fixed import scalar, signing_key, stream
from protocol.messages.ceremonies import CeremonyKind, Proposal, Seat, Transcript
from protocol.wire.codec import read

ENDS_AT: Final = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)
NAMES: Final = ("custodian-1", "custodian-2", "custodian-3", "custodian-4")
_KEM: Final = b"KEM\x00\x20"
_SUITE: Final = b"HPKE\x00\x20\x00\x01\x00\x02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A ceremony of the vectors: what was formed, each member's share, and every sealed part."""

    formed: Formed
    shares: Mapping[str, bytes] = field(repr=False)
    board: Board


def content() -> dict[str, object]:
    """Write the parts first, then three ceremonies that follow each other, then what to refuse."""
    first = _hold(_genesis(), None)
    refreshed = _hold(_refresh(first), first)
    reshared = _hold(_resharing(refreshed), refreshed)
    return {
        "canaries": [
            {
                "epoch": epoch,
                "input_hex": canary_input(epoch).hex(),
                "element_hex": canary_element(epoch).hex(),
            }
            for epoch in (1, 2, 65536)
        ],
        "possession": _possession(),
        "sealed_part": _sealed_part(first),
        "ceremonies": [_ceremony(held) for held in (first, refreshed, reshared)],
        "refused_transcripts": _refused(first.formed.transcript),
    }


def _seat(name: str, index: int) -> Seat:
    key = signing_key(f"ceremony {name}")
    return Seat(
        index=index,
        custodian=name,
        url=f"https://{name}.example",
        key_id=f"{name}-1",
        public_key=public_bytes(key),
    )


def _genesis() -> Proposal:
    members = tuple(_seat(name, index) for index, name in enumerate(NAMES[:3], start=1))
    return Proposal(
        kind=CeremonyKind.GENESIS,
        epoch=1,
        committee=1,
        threshold=2,
        least=2,
        members=members,
        dealers=NAMES[:3],
        keep_days=7,
        ends_at=ENDS_AT,
        nonce=stream("ceremony genesis")(16),
    )


def _refresh(held: Held) -> Proposal:
    return _following(held, CeremonyKind.REFRESH, held.formed.proposal.members, NAMES[:3], 2)


def _resharing(held: Held) -> Proposal:
    members = (_seat("custodian-2", 2), _seat("custodian-3", 3), _seat("custodian-4", 7))
    return _following(held, CeremonyKind.RESHARING, members, ("custodian-1", "custodian-3"), 3)


def _following(
    held: Held, kind: CeremonyKind, members: tuple[Seat, ...], dealers: tuple[str, ...], threshold: int
) -> Proposal:
    former = held.formed.committee
    return replace(
        held.formed.proposal,
        kind=kind,
        committee=former.committee + 1,
        threshold=threshold,
        least=threshold,
        members=members,
        dealers=dealers,
        former=former,
        former_canary=held.formed.canary,
        nonce=stream(f"ceremony {kind}")(16),
    )


def _hold(proposal: Proposal, former: Held | None) -> Held:
    """Hold a ceremony whose every random number follows from a label."""
    board, reader, shares = Board(proposal=proposal), StepReader(proposal), dict[str, bytes]()
    participants = [_participant(proposal, name, former) for name in parties(proposal)]
    while not isinstance(judge(board), Formed):
        for participant in participants:
            due = participant.due_step(board)
            if isinstance(due, Confirmation) and due.share is not None:
                shares[participant.secrets.party] = due.share
            if due is not None:
                board = board.adding(reader.read(due.step if isinstance(due, Confirmation) else due))
    formed = judge(board)
    if not isinstance(formed, Formed):
        raise TypeError("the ceremony of the vectors forms nothing")
    return Held(formed=formed, shares=shares, board=board)


def _participant(proposal: Proposal, name: str, former: Held | None) -> Participant:
    label = f"ceremony {proposal.kind} {name}"
    share = None if former is None else former.shares.get(name)
    made = make_secrets(proposal, name, former_share=share, random=stream(label))
    if made.polynomial is not None:
        made = replace(made, polynomial=_polynomial(proposal, label, made.polynomial))
    keys = tuple(_sealing_key(f"{label} from {dealer}") for dealer in proposal.dealers)
    return Participant(
        secrets=replace(made, sealing_keys=keys if made.sealing_keys else ()),
        signer=PartySigner(key_id=f"{name}-1", private_key=signing_key(f"ceremony {name}")),
        former_share=share,
        random=stream(f"{label} proof"),
        seal=seal_with(lambda route: stream(f"{label} to {route.receiver}")(32)),
    )


def _polynomial(proposal: Proposal, label: str, made: Polynomial) -> Polynomial:
    """Keep a constant that is given, and take each other coefficient from a label of its own."""
    constant = scalar(f"{label} a0") if proposal.kind is CeremonyKind.GENESIS else made.coefficients[0]
    others = tuple(scalar(f"{label} a{power}") for power in range(1, proposal.threshold))
    return Polynomial(coefficients=(constant, *others))


def _sealing_key(label: str) -> SealingKey:
    private_key = stream(label)(32)
    return SealingKey(private_key=private_key, public_key=public_half(private_key))


def seal_with(ephemeral: Callable[[Route], bytes]) -> Callable[[bytes, bytes, Route], bytes]:
    """Return HPKE's SealBase (RFC 9180, section 6.1) with an ephemeral private key of the caller's.

    It is written out from the RFC, for the library takes no key; so it checks the library as well.
    """

    def seal(part: bytes, public_key: bytes, route: Route) -> bytes:
        private = X25519PrivateKey.from_private_bytes(ephemeral(route))
        enc = private.public_key().public_bytes_raw()
        dh = private.exchange(X25519PublicKey.from_public_bytes(public_key))
        shared = _expand(_extract(_KEM, b"", b"eae_prk", dh), _KEM, b"shared_secret", enc + public_key)
        psk_id_hash = _extract(_SUITE, b"", b"psk_id_hash", b"")
        context = b"\x00" + psk_id_hash + _extract(_SUITE, b"", b"info_hash", route.info())
        secret = _extract(_SUITE, shared, b"secret", b"")
        key = _expand(secret, _SUITE, b"key", context)
        nonce = _expand(secret, _SUITE, b"base_nonce", context, length=12)
        return enc + AESGCM(key).encrypt(nonce, part, b"")

    return seal


def _extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    mac = hmac.HMAC(salt or bytes(32), hashes.SHA256())
    mac.update(b"HPKE-v1" + suite + label + ikm)
    return mac.finalize()


def _expand(prk: bytes, suite: bytes, label: bytes, info: bytes, *, length: int = 32) -> bytes:
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(algorithm=hashes.SHA256(), length=length, info=labeled).derive(prk)


def _possession() -> dict[str, object]:
    prover = Prover(ceremony=stream("ceremony id")(32), custodian="custodian-1", epoch=1, threshold=2)
    polynomial = Polynomial(coefficients=(scalar("possession a0"), scalar("possession a1")))
    return {
        "ceremony_hex": prover.ceremony.hex(),
        "custodian": prover.custodian,
        "epoch": prover.epoch,
        "threshold": prover.threshold,
        "context_hex": prover.context().hex(),
        "coefficients_hex": [each.hex() for each in polynomial.coefficients],
        "commitments_hex": [each.hex() for each in polynomial.commitments()],
        "nonce_hex": scalar("possession k").hex(),
        "proof_hex": possession.prove(polynomial.coefficients[0], prover, stream("possession k")).hex(),
        "values": [{"index": index, "value_hex": polynomial.at(index).hex()} for index in (1, 2, 255)],
        "zero_sharing_commitments_hex": [
            each.hex() for each in random_polynomial(3, stream("zero sharing"), constant=ZERO).commitments()
        ],
    }


def _sealed_part(held: Held) -> dict[str, object]:
    """Write the part that custodian-1 sealed for custodian-2."""
    proposal = held.formed.proposal
    route = Route(ceremony=bytes.fromhex(held.formed.ceremony), dealer=NAMES[0], receiver=NAMES[1])
    key = _sealing_key(f"ceremony {proposal.kind} {NAMES[1]} from {NAMES[0]}")
    secrets = _participant(proposal, NAMES[0], None).secrets
    if secrets.polynomial is None:
        raise TypeError("a dealer has a polynomial")
    part = secrets.polynomial.at(2)
    sealed = seal_with(lambda _: stream(f"ceremony {proposal.kind} {NAMES[0]} to {NAMES[1]}")(32))
    return {
        "info_hex": route.info().hex(),
        "private_key_hex": key.private_key.hex(),
        "public_key_hex": key.public_key.hex(),
        "part_hex": part.hex(),
        "sealed_hex": sealed(part, key.public_key, route).hex(),
    }


def _ceremony(held: Held) -> dict[str, object]:
    committee = committee_of(
        held.formed.proposal, {name: deal.commitments for name, deal in deals_of(held.board).items()}
    )
    return {
        "kind": held.formed.proposal.kind,
        "ceremony": held.formed.ceremony,
        "transcript": held.formed.transcript.decode("ascii"),
        "transcript_digest": held.formed.transcript_digest,
        "committee": json.loads(canonical_bytes(committee)),
        "committee_digest": committee_digest(committee),
        "canary_hex": held.formed.canary.hex(),
        "shares_hex": {name: share.hex() for name, share in sorted(held.shares.items())},
    }


def _refused(raw: bytes) -> list[dict[str, object]]:
    whole = read(Transcript, json.loads(raw))
    steps = whole.steps
    changed: dict[str, bytes] = {
        "a step is missing": canonical_bytes(replace(whole, steps=steps[1:])),
        "a step is one too many": canonical_bytes(replace(whole, steps=(*steps, steps[-1]))),
        "two steps are out of order": canonical_bytes(replace(whole, steps=(steps[1], steps[0], *steps[2:]))),
        "a signature is another": canonical_bytes(replace(whole, steps=(steps[0][:-8] + "AAAAAAAA", *steps[1:]))),
        "the terms are others": canonical_bytes(_with_terms(whole, keep_days=8)),
        "the terms contradict themselves": canonical_bytes(_with_terms(whole, dealers=NAMES[:2])),
        "not canonical": raw + b"\n",
        "no transcript": b"{}",
    }
    return [{"why": why, "transcript": text.decode("ascii"), "refused": _code(text)} for why, text in changed.items()]


def _with_terms(whole: Transcript, **members: Any) -> Transcript:
    return replace(whole, proposal=replace(whole.proposal, **members))


def _code(raw: bytes) -> str:
    try:
        verify_transcript(raw)
    except CeremonyRefused as refused:
        return refused.code
    raise AssertionError("a transcript of the vectors has to be refused")
