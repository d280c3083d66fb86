"""Declares that the database was restored: the registry goes on under the next incarnation, with a log entry."""

from collections.abc import Mapping
from dataclasses import dataclass

from protocol.incarnation import FIRST, MOST
from protocol.log_entries import EntryKind
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.incarnations import Incarnation, digests_of
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The incarnation that began, and the one that the database held before."""

    number: int
    before: int


def next_incarnation(registry: Registry, known: int) -> int:
    """Return a number above the database's and above ``known`` from outside; raises Refusal INVALID_FIELD."""
    newest = registry.store.read(lambda tx: tx.restores.newest())
    number = max(FIRST if newest is None else newest.number, known) + 1
    if number > MOST:
        raise Refusal(Problem.INVALID_FIELD, fields={"incarnation": FieldCode.OUT_OF_RANGE})
    return number


def declare_restore(registry: Registry, number: int, heads: Mapping[int, bytes]) -> Declared:
    """Begin the incarnation ``number``; the caller has written it to the file outside the database.

    ``heads`` are the published heads outside: the declaration records that the database may lack them. After a crash
    before the commit the number outside is the larger one, which shows an undeclared restore.
    Raises Refusal ALREADY_EXISTS if the database has this number, or a larger one.
    """

    def work(tx: Transaction) -> Declared:
        act = act_in(registry, tx, None)
        newest = tx.restores.newest()
        before = FIRST if newest is None else newest.number
        if number <= before:
            raise Refusal(Problem.ALREADY_EXISTS)
        begun = Incarnation(number=number, began_at=act.now, heads=digests_of(heads), log_entry_id=act.new_id())
        act.log(EntryKind.REGISTRY_RESTORED, begun.log_entry_id, {"incarnation": number, "before": before})
        tx.restores.add(begun)
        return Declared(number=number, before=before)

    return registry.store.write(work)


def is_declared_since_the_loss(registry: Registry) -> bool:
    """Tell whether the newest declaration still waits for its place, since the log took no entries when it was made."""

    def work(tx: Transaction) -> bool:
        newest = tx.restores.newest()
        return newest is not None and tx.trees.place(newest.log_entry_id.bytes) is None

    return registry.store.read(work)
