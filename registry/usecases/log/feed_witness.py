"""Find the witnesses that owe a line, make their requests (c2sp.org/tlog-witness), and judge their answers."""

from dataclasses import dataclass, field

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from crypto.tlog.note import Note, parse_signature_lines
from crypto.tlog.proofs import hashes_from_tiles, prove_consistency
from crypto.tlog.text import parse_decimal
from crypto.tlog.witness import AddCheckpoint
from protocol.messages.log import Cosigned
from protocol.problems import Problem, Refusal
from registry.domain.log import Witnessing
from registry.store.transactions import Transaction
from registry.usecases.clock.judge_clock import judge_clock
from registry.usecases.context import Registry
from registry.usecases.log.cosign import count_cosignatures
from registry.usecases.log.published import published
from registry.usecases.log.witnesses import verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One witness that has not cosigned a year's candidate; ``held`` is the last known size of its checkpoint."""

    year: int
    name: str
    url: str
    held: int
    candidate: SignedCheckpoint = field(repr=False)

    @property
    def size(self) -> int:
        return self.candidate.checkpoint.size


def errands(registry: Registry) -> tuple[Errand, ...]:
    """List the witnesses with a URL, for each candidate that lacks their line; none with a clock in doubt."""
    if not judge_clock(registry).acts:
        return ()

    def work(tx: Transaction) -> tuple[Errand, ...]:
        states = [tx.witnesses.state(each.shard) for each in tx.trees.heads()]
        return tuple(errand for state in states if state is not None for errand in _of_year(tx, state))

    return registry.store.read(work)


def submission(registry: Registry, errand: Errand, old_size: int) -> bytes:
    """Write the body of add-checkpoint: the candidate, and the consistency proof from the witness's size."""

    def work(tx: Transaction) -> tuple[bytes, ...]:
        return prove_consistency(
            old_size, errand.size, hashes_from_tiles(errand.size, published(tx, errand.year).tiles)
        )

    return AddCheckpoint(old_size=old_size, proof=registry.store.read(work), signed=errand.candidate).encode()


def held_size(answer: bytes) -> int:
    """Read the size of the witness's checkpoint from its answer; raises Refusal MALFORMED_BODY."""
    try:
        return parse_decimal(answer.decode("ascii", "replace").removesuffix("\n"))
    except TlogRefused as refused:
        raise Refusal(Problem.MALFORMED_BODY, detail=refused.code) from None


def take_lines(registry: Registry, errand: Errand, answer: bytes) -> Cosigned:
    """Store the lines that a witness answered, its own among them; raises Refusal as ``cosign``."""
    try:
        lines = parse_signature_lines(answer.decode("utf-8"))
        note = Note(text=errand.candidate.note.text, signatures=lines)
    except UnicodeDecodeError:
        raise Refusal(Problem.MALFORMED_BODY, detail="malformed") from None
    except TlogRefused as refused:
        raise Refusal(Problem.MALFORMED_BODY, detail=refused.code) from None
    signed = SignedCheckpoint(checkpoint=errand.candidate.checkpoint, note=note)
    now = registry.clock()
    counted = registry.store.write(lambda tx: count_cosignatures(tx, errand.year, signed, now))
    if errand.name not in counted.cosigned_by:
        raise Refusal(Problem.STATEMENT_INVALID, detail="no-known-signature")
    return counted


def _of_year(tx: Transaction, state: Witnessing) -> list[Errand]:
    if state.candidate is None:
        return []
    candidate = parse_signed_checkpoint(state.candidate)
    witnessed = None if state.witnessed is None else parse_signed_checkpoint(state.witnessed)
    found = []
    for witness in tx.witnesses.admitted():
        key = verifier(witness)
        if witness.url is not None and candidate.note.signature_of(key) is None:
            knew = witnessed is not None and witnessed.note.signature_of(key) is not None
            held = witnessed.checkpoint.size if witnessed is not None and knew else 0
            found.append(Errand(year=state.shard, name=witness.name, url=witness.url, held=held, candidate=candidate))
    return found
