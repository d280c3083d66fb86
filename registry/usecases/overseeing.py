"""Log each reading of an office about others, in the transaction that reads."""

import uuid
from collections.abc import Callable, Sequence
from typing import TypeVar

from protocol.log_entries import EntryKind, Facts
from registry.domain.participants import Actor
from registry.policy.offices import OFFICES
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry

T = TypeVar("T")


def read_as(registry: Registry, actor: Actor, work: Callable[[Transaction], T]) -> T:
    """Run ``work``, which logs an office's reading; for other participants it only reads."""
    holds_office = not actor.roles.isdisjoint(OFFICES)
    return registry.store.write(work) if holds_office else registry.store.read(work)


def note_reading(
    registry: Registry, tx: Transaction, actor: Actor, *, what: str, of: uuid.UUID, subject_key: bytes
) -> None:
    """Log that an office read one resource of a participant."""
    act = act_in(registry, tx, actor)
    act.log(
        EntryKind.OVERSIGHT_READ,
        act.new_id(),
        {"what": what, "of": str(of)},
        subject_key=subject_key,
        personal={"subject": subject_key.hex()},
    )


def note_page(registry: Registry, tx: Transaction, actor: Actor, *, what: str, shown: Sequence[uuid.UUID]) -> None:
    """Log that an office read a page of resources, in the order of their ids; an empty page is logged too."""
    act = act_in(registry, tx, actor)
    facts: Facts = {"what": what, "count": len(shown)}
    if shown:
        facts = {**facts, "first": str(shown[0]), "last": str(shown[-1])}
    act.log(EntryKind.OVERSIGHT_READ, act.new_id(), facts)
