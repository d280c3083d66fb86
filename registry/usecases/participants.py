"""The operator admits participants and their keys; everybody may read who takes part."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from crypto.errors import BadKey
from crypto.signing.keys import load_public
from protocol.codes import Role
from protocol.encodings import b64url_encode, format_time
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.ids import uuid7
from registry.domain.participant import Actor, Participant, ParticipantKey
from registry.store.transactions import Transaction
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.journal import log_entry


def register_participant(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    *,
    participant_id: str,
    name: str,
    roles: Collection[Role],
    contact: str | None,
    key_id: str,
    public_key: bytes,
) -> Outcome:
    """Admit a participant with its first key; raises Refusal ALREADY_EXISTS or INVALID_FIELD (unusable key)."""
    _check_key(public_key)

    def work(tx: Transaction, now: dt.datetime) -> tuple[int, Mapping[str, Any]]:
        participant = add_participant(registry, tx, actor, participant_id, name, roles, contact, now)
        key = add_key_to(registry, tx, actor, participant_id, key_id, public_key, now)
        return 201, _document(participant, (key,))

    return answer_once(registry, actor, call, work)


def add_key(
    registry: Registry, actor: Actor, call: IdempotentCall, participant_id: str, key_id: str, public_key: bytes
) -> Outcome:
    """A further key for a participant; raises Refusal NOT_FOUND, ALREADY_EXISTS, INVALID_FIELD."""
    _check_key(public_key)

    def work(tx: Transaction, now: dt.datetime) -> tuple[int, Mapping[str, Any]]:
        participant = _existing(tx, participant_id)
        add_key_to(registry, tx, actor, participant_id, key_id, public_key, now)
        return 201, _document(participant, tx.participants.keys(participant_id))

    return answer_once(registry, actor, call, work)


def revoke_key(registry: Registry, actor: Actor, call: IdempotentCall, participant_id: str, key_id: str) -> Outcome:
    """Take a key out of use, from the next request on; raises Refusal NOT_FOUND."""

    def work(tx: Transaction, now: dt.datetime) -> tuple[int, Mapping[str, Any]]:
        participant = _existing(tx, participant_id)
        found = tx.participants.key(key_id)
        if found is None or found[0].participant_id != participant_id:
            raise Refusal(Problem.NOT_FOUND)
        entry_id = uuid7(now, registry.random)
        if tx.participants.revoke_key(key_id, now, entry_id):
            facts = {"participant": participant_id, "key": key_id}
            tx.log.append(
                (log_entry(registry, EntryKind.KEY_REVOKED, entry_id=entry_id, at=now, actor=actor, facts=facts),)
            )
        return 200, _document(participant, tx.participants.keys(participant_id))

    return answer_once(registry, actor, call, work)


def read_participant(registry: Registry, actor: Actor, participant_id: str) -> dict[str, Any]:
    """One participant with its keys; raises Refusal NOT_FOUND."""
    del actor  # public among participants

    def work(tx: Transaction) -> dict[str, Any]:
        return _document(_existing(tx, participant_id), tx.participants.keys(participant_id))

    return registry.store.read(work)


def list_participants(registry: Registry, actor: Actor, after: str | None, limit: int) -> dict[str, Any]:
    """A page of participants in the order of their ids; ``next`` is what to pass as ``after``, null on the last."""
    del actor  # public among participants

    def work(tx: Transaction) -> dict[str, Any]:
        page = tx.participants.page(after, limit + 1)
        shown = page[:limit]
        return {
            "participants": [_document(each, tx.participants.keys(each.participant_id)) for each in shown],
            "next": shown[-1].participant_id if len(page) > limit else None,
        }

    return registry.store.read(work)


def add_participant(
    registry: Registry,
    tx: Transaction,
    actor: Actor | None,
    participant_id: str,
    name: str,
    roles: Collection[Role],
    contact: str | None,
    now: dt.datetime,
) -> Participant:
    """Store and log a participant; ``actor`` is None when the registry is being founded."""
    if tx.participants.get(participant_id) is not None:
        raise Refusal(Problem.ALREADY_EXISTS)
    participant = Participant(
        participant_id=participant_id,
        name=name,
        roles=frozenset(roles),
        contact=contact,
        created_at=now,
        log_entry_id=uuid7(now, registry.random),
    )
    tx.participants.add(participant)
    entry = log_entry(
        registry,
        EntryKind.PARTICIPANT_ADDED,
        entry_id=participant.log_entry_id,
        at=now,
        actor=actor,
        facts={"participant": participant_id, "roles": "+".join(sorted(participant.roles))},
    )
    tx.log.append((entry,))
    return participant


def add_key_to(
    registry: Registry,
    tx: Transaction,
    actor: Actor | None,
    participant_id: str,
    key_id: str,
    public_key: bytes,
    now: dt.datetime,
) -> ParticipantKey:
    """Store and log a key; raises Refusal ALREADY_EXISTS when the id is taken, by whomever."""
    if tx.participants.key(key_id) is not None:
        raise Refusal(Problem.ALREADY_EXISTS)
    key = ParticipantKey(
        key_id=key_id,
        participant_id=participant_id,
        public_key=public_key,
        added_at=now,
        revoked_at=None,
        log_entry_id=uuid7(now, registry.random),
    )
    tx.participants.add_key(key)
    entry = log_entry(
        registry,
        EntryKind.KEY_ADDED,
        entry_id=key.log_entry_id,
        at=now,
        actor=actor,
        facts={"participant": participant_id, "key": key_id, "public_key": public_key.hex()},
    )
    tx.log.append((entry,))
    return key


def _check_key(public_key: bytes) -> None:
    try:
        load_public(public_key)
    except BadKey:
        raise Refusal(Problem.INVALID_FIELD, fields={"public_key": "unusable-key"}) from None


def _existing(tx: Transaction, participant_id: str) -> Participant:
    participant = tx.participants.get(participant_id)
    if participant is None:
        raise Refusal(Problem.NOT_FOUND)
    return participant


def _document(participant: Participant, keys: Collection[ParticipantKey]) -> dict[str, Any]:
    return {
        "participant_id": participant.participant_id,
        "name": participant.name,
        "roles": sorted(role.value for role in participant.roles),
        "contact": participant.contact,
        "created_at": format_time(participant.created_at),
        "keys": [
            {
                "key_id": key.key_id,
                "public_key": b64url_encode(key.public_key),
                "added_at": format_time(key.added_at),
                "revoked_at": None if key.revoked_at is None else format_time(key.revoked_at),
            }
            for key in keys
        ],
    }
