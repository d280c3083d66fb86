"""Judges how the registry stands to its database, and begins the next incarnation where it is an older one."""

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
"""Two processes may declare at once; whoever comes second looks again."""


def standing(registry: Registry) -> Standing:
    """How the registry stands, looked at once a second at most; an older database begins the next incarnation.

    So nobody takes a chunk, a page or a key of before for one of now, even if nobody has declared the restore. Raises
    Refusal UNAVAILABLE while the database cannot answer, or the number cannot be kept outside of it.
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
    """How the registry stands at this moment; nothing is changed."""
    # In this order: what the outside knows of a sound database, the database knew before.
    outside = registry.watch.outside()
    return registry.store.read(lambda tx: standing_of(tx, outside))


def standing_of(tx: Transaction, outside: Outside) -> Standing:
    """How a database stands to what is remembered outside of it.

    An older database shows by its smaller number, or by a tree that does not go on from a published head. The heads
    that were known when a restore was declared say nothing new about it.
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
    # If we die after this line, the number outside is the larger one, and whoever looks next declares the next.
    registry.watch.remember(number)
    try:
        declare_restore(registry, number, outside.heads)
    except Refusal as refused:
        if refused.problem is not Problem.ALREADY_EXISTS:
            raise


def _contradicted(tx: Transaction, heads: Mapping[int, bytes]) -> dict[int, LogFaultCode]:
    """The years of which a head was published that the database's tree does not begin with."""
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
            continue  # a damaged tree: the integrator tells of it, and refuses the year itself
    return found


def _known(newest: Incarnation | None, year: int, note: bytes) -> bool:
    return newest is not None and newest.knew(year, note)
