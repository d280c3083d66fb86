"""The access log of a world, driven from a test: rounds of the real integrator, and witnesses."""

from pathlib import Path

from crypto.signing.keys import public_bytes, save_private_key
from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint
from crypto.tlog.cosignature import cosign
from crypto.tlog.keys import SignatureKind, VerifierKey
from crypto.tlog.note import Note
from protocol.codes import Role
from protocol.messages.log import NewWitness
from registry.usecases.log.cosign import propose_candidates
from registry.usecases.log.witnesses import admit_witness
from registry.work.heads import LogHeads
from registry.work.integrator import Integrator
from registry.work.signer import LogSigner
from tests.support.builders import NOW
from tests.support.logs import seeded_key
from tests.support.world import World

YEAR = NOW.year


def integrator(world: World, folder: Path) -> Integrator:
    """An integrator whose key and published heads lie in ``folder``."""
    key = folder / "log.pem"
    if not key.exists():
        save_private_key(world.signing_keys["log"], key)
    registry = world.registry
    return Integrator(registry, LogHeads(folder / "log-heads", registry.log), LogSigner(key, registry.log.public_key))


def integrate_all(world: World, folder: Path) -> Checkpoint:
    """Give everything that waits its place and publish it; the head of the test's year."""
    done = integrator(world, folder).round()
    assert done.faults == ()
    return published(world)


def published(world: World) -> Checkpoint:
    """The published head of the test's year."""
    head = world.registry.store.read(lambda tx: tx.trees.head(YEAR))
    assert head is not None
    assert head.published is not None
    return parse_signed_checkpoint(head.published).checkpoint


def propose(world: World) -> Checkpoint:
    """Ask the witnesses for a head, if that is due; what they are asked for now."""
    propose_candidates(world.registry)
    state = world.registry.store.read(lambda tx: tx.witnesses.state(YEAR))
    assert state is not None
    assert state.candidate is not None
    return parse_signed_checkpoint(state.candidate).checkpoint


def witness_name(label: str) -> str:
    return f"{label}.example/witness"


def witness_key(label: str) -> VerifierKey:
    """The key of the witness of this label, which everybody can compute."""
    key = public_bytes(seeded_key(f"witness {label}"))
    return VerifierKey(name=witness_name(label), kind=SignatureKind.COSIGNATURE, public_key=key)


def admit_witnesses(world: World, *labels: str, url: str | None = None, **bounds: int) -> None:
    """The operator admits a witness for each label, all of carrier-a; ``bounds`` are those of ``admit_witness``."""
    for label in labels:
        key = witness_key(label)
        operator = world.actor("operator", Role.OPERATOR)
        admit_witness(
            world.registry,
            operator,
            world.call(),
            NewWitness(participant_id="carrier-a", name=key.name, public_key=key.public_key, url=url),
            **bounds,
        )


def cosigned_note(world: World, checkpoint: Checkpoint, *labels: str, seconds: int = 0) -> bytes:
    """The checkpoint with a line of each witness, cosigned ``seconds`` after the test's time."""
    timestamp = int(world.clock.now.timestamp()) + seconds
    lines = tuple(
        cosign(
            checkpoint,
            name=witness_name(label),
            private_key=seeded_key(f"witness {label}"),
            timestamp=timestamp,
        )
        for label in labels
    )
    return Note(text=checkpoint.text, signatures=lines).encode()
