"""Check inside a transaction that the actor is still a member."""

from protocol.problems import Problem, Refusal
from registry.usecases.act import Act


def check_member(act: Act) -> None:
    """Raise Refusal KEY_UNKNOWN when the actor has left since its request was let in.

    Call it after records of the actor were written: they refer to its row, which a leaving locks. So either its
    leaving waits and counts them, or it is committed and seen here.
    """
    if not is_member(act, act.actor_id):
        raise Refusal(Problem.KEY_UNKNOWN)


def is_member(act: Act, participant_id: str) -> bool:
    """Tell whether a participant is a member; call it after records of its own were written, as ``check_member``."""
    participant = act.tx.participants.get(participant_id)
    return participant is not None and participant.left_at is None
