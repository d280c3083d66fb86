"""Compares the database with the facts outside it, and begins the next incarnation if the database is older."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import parse_signed_checkpoint
from protocol.incarnation import FIRST
from protocol.problems import Problem, Refusal
from registry.domain.incarnations import Incarnation, Outside, Standing
from registry.domain.log_faults import LogFault, LogFaultCode, LogForked
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.tree import check_extends, empty_head
from registry.usecases.restores.declare_restore import declare_restore, next_incarnation

_MOST_TURNS: Final = 3
"""Two processes may declare at once; the second compares again."""


def standing(registry: Registry) -> Standing:
    """Compare once a second at most; an older database begins the next incarnation.

    So no client takes a chunk, a page or a key from before the restore for a present one, even if the restore was not
    declared. Raises Refusal UNAVAILABLE while the database does not answer, or the number cannot be stored outside.
    """
    watch = registry.watch
    if (seen := watch.last()) is not None:
        return seen
    found = look(registry)
    if found.undeclared is None:
        return watch.keep(found)
    try:
        with watch.turn():
            for _ in range(_MOST_TURNS):
                found = look(registry)
                if found.undeclared is None:
                    break
                _declare(registry)
    except (LogFault, OSError):
        raise Refusal(Problem.UNAVAILABLE, detail="the incarnation cannot be kept outside the database") from None
    return watch.keep(found)


def look(registry: Registry) -> Standing:
    """Compare at this moment; nothing is changed."""
    # Read the outside first: a sound database knew each of its facts before.
    outside = registry.watch.outside()
    return registry.store.read(lambda tx: standing_of(tx, outside))


def standing_of(tx: Transaction, outside: Outside) -> Standing:
    """Compare a database with the facts outside it.

    An older database has a smaller number, or a tree that does not extend a published head. Heads that were known when
    a restore was declared do not count.
    """
    newest = tx.restores.newest()
    number = FIRST if newest is None else newest.number
    found = _contradicted(tx, outside.heads)
    undeclared = next((code for year, code in found.items() if not _known(newest, year, outside.heads[year])), None)
    if outside.incarnation is not None and outside.incarnation > number:
        undeclared = "incarnation-behind"
    refused = tx.restores.refused() | found
    return Standing(incarnation=number, undeclared=undeclared, refused=MappingProxyType(refused))


def _declare(registry: Registry) -> None:
    outside = registry.watch.outside()
    number = next_incarnation(registry, outside.incarnation or FIRST)
    # After a crash behind this line the number outside is the larger one, and the next comparison declares again.
    registry.watch.remember(number)
    try:
        declare_restore(registry, number, outside.heads)
    except Refusal as refused:
        if refused.problem is not Problem.ALREADY_EXISTS:
            raise


def _contradicted(tx: Transaction, heads: Mapping[int, bytes]) -> dict[int, LogFaultCode]:
    """Return the years whose published head the database's tree does not extend."""
    found: dict[int, LogFaultCode] = {}
    for year, note in sorted(heads.items()):
        head = tx.trees.head(year) or empty_head(year)
        if note in (head.note, head.published):
            continue
        try:
            check_extends(tx, head, parse_signed_checkpoint(note).checkpoint)
        except LogForked as fork:
            found[year] = fork.code
        except (LogFault, TlogRefused):
            continue  # a damaged tree: the integrator raises the alarm, and refuses the year itself
    return found


def _known(newest: Incarnation | None, year: int, note: bytes) -> bool:
    return newest is not None and newest.knew(year, note)
