"""Reads the checkpoints of a year's log: the published one, the candidate, and the witnessed one."""

from protocol.problems import Problem, Refusal
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.published import published


def read_checkpoint(registry: Registry, year: int) -> bytes:
    """Read the newest published note; raises Refusal NOT_FOUND if this year has no log."""
    return registry.store.read(lambda tx: published(tx, year).note)


def read_candidate(registry: Registry, year: int) -> bytes:
    """Read the note that witnesses are asked to cosign, with its lines; raises Refusal NOT_FOUND."""

    def work(tx: Transaction) -> bytes | None:
        state = tx.witnesses.state(year)
        return None if state is None else state.candidate

    return _there(registry.store.read(work))


def read_witnessed(registry: Registry, year: int) -> bytes:
    """Read the newest note with a quorum of cosignatures; raises Refusal NOT_FOUND while there is none."""

    def work(tx: Transaction) -> bytes | None:
        state = tx.witnesses.state(year)
        return None if state is None else state.witnessed

    return _there(registry.store.read(work))


def _there(note: bytes | None) -> bytes:
    if note is None:
        raise Refusal(Problem.NOT_FOUND)
    return note
