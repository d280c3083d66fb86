"""Read the participants and their keys, which every participant may see."""

from collections.abc import Iterable

from protocol.messages import participants as messages
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor, Participant, ParticipantKey
from registry.store.transactions import Transaction
from registry.usecases.context import Registry


def read_participant(registry: Registry, actor: Actor, participant_id: str) -> messages.Participant:
    """Read one participant with its keys; raises Refusal NOT_FOUND."""
    del actor  # public among participants

    def work(tx: Transaction) -> messages.Participant:
        return participant_message(existing(tx, participant_id), tx.participants.keys(participant_id))

    return registry.store.read(work)


def list_participants(registry: Registry, actor: Actor, query: messages.PageQuery) -> messages.ParticipantPage:
    """Read a page of participants in the order of their ids."""
    del actor  # public among participants

    def work(tx: Transaction) -> messages.ParticipantPage:
        page = tx.participants.page(query.after, query.limit + 1)
        shown = page[: query.limit]
        return messages.ParticipantPage(
            participants=tuple(
                participant_message(member, tx.participants.keys(member.participant_id)) for member in shown
            ),
            next=shown[-1].participant_id if len(page) > query.limit else None,
        )

    return registry.store.read(work)


def existing(tx: Transaction, participant_id: str) -> Participant:
    """Find the participant, also one that has left; raises Refusal NOT_FOUND."""
    participant = tx.participants.get(participant_id)
    if participant is None:
        raise Refusal(Problem.NOT_FOUND)
    return participant


def participant_message(participant: Participant, keys: Iterable[ParticipantKey]) -> messages.Participant:
    """Build the message of a participant as every other one sees it."""
    return messages.Participant(
        participant_id=participant.participant_id,
        name=participant.name,
        roles=tuple(sorted(participant.roles)),
        contact=participant.contact,
        created_at=participant.created_at,
        left_at=participant.left_at,
        keys=tuple(
            messages.ParticipantKey(
                key_id=key.key_id, public_key=key.public_key, added_at=key.added_at, revoked_at=key.revoked_at
            )
            for key in keys
        ),
    )
