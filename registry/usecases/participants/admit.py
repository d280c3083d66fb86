"""Admit participants and their keys, and revoke keys, as the operator."""

from crypto.errors import BadKey
from crypto.signing.keys import load_public
from protocol.log_entries import EntryKind
from protocol.messages import participants as messages
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.participants import Actor, Participant, ParticipantKey
from registry.usecases.act import REGISTRY_ACTOR, Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.participants.read import existing, participant_message


def register_participant(
    registry: Registry, actor: Actor, call: IdempotentCall, admission: messages.NewParticipant
) -> Outcome:
    """Admit a participant with its first key; raises Refusal ALREADY_EXISTS, INVALID_FIELD (bad key, reserved id)."""

    def work(act: Act) -> tuple[int, messages.Participant]:
        participant = admit(act, admission)
        key = store_key(act, admission.participant_id, admission.key_id, admission.public_key)
        return 201, participant_message(participant, (key,))

    return answer_once(registry, actor, call, work)


def add_key(
    registry: Registry, actor: Actor, call: IdempotentCall, *, participant_id: str, new: messages.NewKey
) -> Outcome:
    """Add a further key for a participant; its other keys stay valid.

    Raises Refusal NOT_FOUND, EDGE_NOT_ALLOWED (it has left), ALREADY_EXISTS, INVALID_FIELD.
    """

    def work(act: Act) -> tuple[int, messages.Participant]:
        participant = existing(act.tx, participant_id)
        if participant.left_at is not None:
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The participant has left.")
        store_key(act, participant_id, new.key_id, new.public_key)
        return 201, participant_message(participant, act.tx.participants.keys(participant_id))

    return answer_once(registry, actor, call, work)


def revoke_key(registry: Registry, actor: Actor, call: IdempotentCall, *, participant_id: str, key_id: str) -> Outcome:
    """Take a key out of use, from the next request on.

    Raises Refusal NOT_FOUND, or EDGE_NOT_ALLOWED for the sender's own last key: nobody could admit another.
    """

    def work(act: Act) -> tuple[int, messages.Participant]:
        act.tx.participants.hold(participant_id)
        participant = existing(act.tx, participant_id)
        found = act.tx.participants.key(key_id)
        if found is None or found[0].participant_id != participant_id:
            raise Refusal(Problem.NOT_FOUND)
        if participant_id == act.actor_id and not _is_left_with_a_key(act, participant_id, key_id):
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The operator's last key stays. Add another one first.")
        take_out_of_use(act, key_id)
        return 200, participant_message(participant, act.tx.participants.keys(participant_id))

    return answer_once(registry, actor, call, work)


def admit(act: Act, admission: messages.NewParticipant) -> Participant:
    """Store and log a participant, without its key; raises Refusal ALREADY_EXISTS or INVALID_FIELD."""
    if admission.participant_id == REGISTRY_ACTOR:
        # What the registry does by itself is logged under this name: somebody of that name would read it as its own.
        raise Refusal(Problem.INVALID_FIELD, fields={"participant_id": FieldCode.RESERVED})
    if act.tx.participants.get(admission.participant_id) is not None:
        raise Refusal(Problem.ALREADY_EXISTS)
    participant = Participant(
        participant_id=admission.participant_id,
        name=admission.name,
        roles=frozenset(admission.roles),
        contact=admission.contact,
        created_at=act.now,
        log_entry_id=act.new_id(),
    )
    facts = {"participant": participant.participant_id, "roles": "+".join(sorted(participant.roles))}
    act.log(EntryKind.PARTICIPANT_ADDED, participant.log_entry_id, facts)
    act.tx.participants.add(participant)
    return participant


def store_key(act: Act, participant_id: str, key_id: str, public_key: bytes) -> ParticipantKey:
    """Store and log a key.

    Raises Refusal ALREADY_EXISTS when any participant has the id, and INVALID_FIELD for no key, or one that was
    admitted before: a revoked key must not come back under another name, nor one key pass for two people.
    """
    try:
        load_public(public_key)
    except BadKey:
        raise Refusal(Problem.INVALID_FIELD, fields={"public_key": FieldCode.UNUSABLE_KEY}) from None
    if act.tx.participants.key(key_id) is not None:
        raise Refusal(Problem.ALREADY_EXISTS)
    if act.tx.participants.knows(public_key):
        raise Refusal(Problem.INVALID_FIELD, fields={"public_key": FieldCode.KEY_KNOWN})
    key = ParticipantKey(
        key_id=key_id,
        participant_id=participant_id,
        public_key=public_key,
        added_at=act.now,
        revoked_at=None,
        log_entry_id=act.new_id(),
    )
    facts = {"participant": participant_id, "key": key_id, "public_key": public_key.hex()}
    act.log(EntryKind.KEY_ADDED, key.log_entry_id, facts)
    act.tx.participants.add_key(key)
    return key


def take_out_of_use(act: Act, key_id: str) -> None:
    """Revoke a key that is not revoked yet; of two simultaneous calls the second finds it revoked."""
    key = act.tx.participants.hold_key(key_id)
    if key is not None and key.revoked_at is None:
        entry_id = act.new_id()
        act.log(EntryKind.KEY_REVOKED, entry_id, {"participant": key.participant_id, "key": key.key_id})
        act.tx.participants.revoke_key(key.key_id, act.now, entry_id)


def _is_left_with_a_key(act: Act, participant_id: str, key_id: str) -> bool:
    keys = act.tx.participants.keys(participant_id)
    return any(key.revoked_at is None and key.key_id != key_id for key in keys)
