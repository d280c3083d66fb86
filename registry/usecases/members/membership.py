"""Whether who acts is still a member, seen from inside its transaction."""

from protocol.problems import Problem, Refusal
from registry.usecases.act import Act


def check_member(act: Act) -> None:
    """Raise Refusal KEY_UNKNOWN when the actor has left since its request was let in.

    Call it after records of the actor were written: they refer to its row, which who leaves holds. So either its
    leaving waits and counts them, or it is committed and seen here.
    """
    participant = act.tx.participants.get(act.actor_id)
    if participant is None or participant.left_at is not None:
        raise Refusal(Problem.KEY_UNKNOWN)
