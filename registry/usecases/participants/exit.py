"""Let a member without open records leave: its keys are revoked, and its earlier signatures stay valid."""

from protocol.log_entries import EntryKind
from protocol.messages import participants as messages
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.archive.shared import over_before
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.log.witnesses import remove_witnesses_of
from registry.usecases.participants.admit import take_out_of_use
from registry.usecases.participants.read import existing, participant_message


def exit_participant(registry: Registry, actor: Actor, call: IdempotentCall, participant_id: str) -> Outcome:
    """Revoke its keys and remove webhook and witnesses; name and contact stay, for those who paid it.

    Raises Refusal NOT_FOUND or EDGE_NOT_ALLOWED (open records remain, counted by state; it has left; it is the
    operator that asks). Open records have to be transferred or withdrawn first, so that every debt has a creditor.
    """

    def work(act: Act) -> tuple[int, messages.Participant]:
        # Lock the participant, so that no record refers to it between the count and the end: see check_member.
        act.tx.participants.hold(participant_id)
        if existing(act.tx, participant_id).left_at is not None:
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The participant has left.")
        if participant_id == act.actor_id:
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="Who lets members go stays.")
        _check_nothing_open(act, participant_id)
        entry_id = act.new_id()
        act.log(EntryKind.PARTICIPANT_LEFT, entry_id, {"participant": participant_id})
        act.tx.participants.leave(participant_id, act.now, entry_id)
        for key in act.tx.participants.keys(participant_id):
            take_out_of_use(act, key.key_id)
        act.tx.webhooks.remove(participant_id)
        remove_witnesses_of(act, participant_id)
        gone = existing(act.tx, participant_id)
        return 200, participant_message(gone, act.tx.participants.keys(participant_id))

    return answer_once(registry, actor, call, work)


def _check_nothing_open(act: Act, participant_id: str) -> None:
    counts = act.tx.records.open_of(participant_id, over_before(act))
    if counts:
        told = ", ".join(f"{count} {state.value}" for state, count in sorted(counts.items()))
        raise Refusal(
            Problem.EDGE_NOT_ALLOWED,
            detail=f"Open records: {told}. Transfer or withdraw them first.",
            fields={f"records.{state.value}": str(count) for state, count in counts.items()},
        )
