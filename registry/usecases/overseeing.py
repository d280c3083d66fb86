"""Log each reading of an office about others, in the transaction that reads: what, for which purpose, and by whom.

Purpose is core and stays for ever; the member of staff is in the part that is erased by its age.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from protocol.encodings import EncodingError, b64url_encode
from protocol.log_entries import EntryKind, Facts
from protocol.problems import Problem, Refusal
from protocol.readings import AGENT_HEADER, PURPOSE_HEADER, UNTOLD, Reading, ReadingPurpose, read_agent
from registry.domain.participants import Actor
from registry.domain.readings import reader_key
from registry.policy.context import is_untold
from registry.policy.offices import OFFICES, OVERSEERS
from registry.policy.rules import context_terms
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry

T = TypeVar("T")
_PURPOSES: Final = ", ".join(ReadingPurpose)


def reading_of(actor: Actor, headers: Mapping[str, str]) -> Reading:
    """Read the context of an office's reading from a verified request's headers, named in lower case.

    Raises Refusal BAD_REQUEST, which names the header and never its value, also for a sender that is no office:
    nothing would keep the word that it signed.
    """
    purpose, agent = headers.get(PURPOSE_HEADER.lower()), headers.get(AGENT_HEADER.lower())
    if purpose is None and agent is None:
        return UNTOLD
    if actor.roles.isdisjoint(OFFICES):
        header = AGENT_HEADER if purpose is None else PURPOSE_HEADER
        raise Refusal(Problem.BAD_REQUEST, detail=f"{header} is for readings by an office.")
    try:
        told = None if purpose is None else ReadingPurpose(purpose)
    except ValueError:
        raise Refusal(Problem.BAD_REQUEST, detail=f"{PURPOSE_HEADER} is not one of {_PURPOSES}.") from None
    try:
        named = None if agent is None else read_agent(agent)
    except EncodingError:
        raise Refusal(Problem.BAD_REQUEST, detail=f"{AGENT_HEADER} is not 32 bytes in base64url.") from None
    return Reading(purpose=told, agent=named)


def holds_office(actor: Actor) -> bool:
    """Tell whether the actor's readings of others' affairs are logged."""
    return not actor.roles.isdisjoint(OFFICES)


def oversees(actor: Actor) -> bool:
    """Tell whether the actor reads records, and what belongs to them, of every participant."""
    return not actor.roles.isdisjoint(OVERSEERS)


def read_as(registry: Registry, actor: Actor, work: Callable[[Transaction], T]) -> T:
    """Run ``work``, which logs an office's reading; for other participants it only reads."""
    return registry.store.write(work) if holds_office(actor) else registry.store.read(work)


def require_context(act: Act, reading: Reading) -> None:
    """Raise Refusal CONTEXT_REQUIRED for an office's reading that lacks a purpose or an agent by now."""
    if is_untold(reading, context_terms(act.rules), act.today):
        raise Refusal(Problem.CONTEXT_REQUIRED)


def log_reading(act: Act, reading: Reading, kind: EntryKind, facts: Facts, *, subject_key: bytes | None = None) -> None:
    """Log a reading. Its subject, and the member of staff with the salt that its digest was signed with, are erasable.

    A part about no subject lies under a key of the member of staff. An office is told the entry's id; a party
    that reads its own is not, since gateways of before refuse an answer with another signed header.
    """
    told = facts if reading.purpose is None else {**facts, "purpose": reading.purpose.value}
    personal = {} if subject_key is None else {"subject": subject_key.hex()}
    if reading.agent is not None:
        subject_key = subject_key or reader_key(act.actor_id, reading.agent)
        personal["agent"] = b64url_encode(reading.agent.reference)
        personal["agent_salt"] = b64url_encode(reading.agent.salt)
    entry_id = act.new_id()
    act.log(kind, entry_id, told, subject_key=subject_key, personal=personal or None)
    if act.actor is not None and holds_office(act.actor):
        reading.on_entry(entry_id)


def note_reading(
    registry: Registry,
    tx: Transaction,
    actor: Actor,
    reading: Reading,
    *,
    what: str,
    of: uuid.UUID,
    subject_key: bytes | None,
) -> None:
    """Log that an office read one resource, about a subject or none; raises Refusal CONTEXT_REQUIRED."""
    act = act_in(registry, tx, actor)
    require_context(act, reading)
    log_reading(act, reading, EntryKind.OVERSIGHT_READ, {"what": what, "of": str(of)}, subject_key=subject_key)


def note_month(registry: Registry, tx: Transaction, actor: Actor, reading: Reading, facts: Facts) -> None:
    """Log that an office read a month between two participants; raises Refusal CONTEXT_REQUIRED."""
    act = act_in(registry, tx, actor)
    require_context(act, reading)
    log_reading(act, reading, EntryKind.OVERSIGHT_READ, facts)


def note_page(
    registry: Registry, tx: Transaction, actor: Actor, reading: Reading, *, what: str, shown: Sequence[uuid.UUID]
) -> None:
    """Log that an office read a page of resources, in the order of their ids; an empty page is logged too.

    Raises Refusal CONTEXT_REQUIRED.
    """
    act = act_in(registry, tx, actor)
    require_context(act, reading)
    facts: Facts = {"what": what, "count": len(shown)}
    if shown:
        facts = {**facts, "first": str(shown[0]), "last": str(shown[-1])}
    log_reading(act, reading, EntryKind.OVERSIGHT_READ, facts)
