"""Give an operator whose keys are stolen or lost a new one, from the registry's own machine."""

from protocol.codes import Role
from protocol.problems import Problem, Refusal
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.participants.admit import store_key, take_out_of_use
from registry.usecases.participants.read import existing


def recover_operator(registry: Registry, operator_id: str, *, key_id: str, public_key: bytes) -> tuple[str, ...]:
    """Add a key and revoke every other one of the operator; returns the ids of those that are revoked now.

    The log names the registry itself as the actor, since nobody signed a request. The same again changes nothing.
    Raises Refusal NOT_FOUND, EDGE_NOT_ALLOWED (no operator, or it has left), ALREADY_EXISTS, INVALID_FIELD.
    """

    def work(tx: Transaction) -> tuple[str, ...]:
        act = act_in(registry, tx, None)
        tx.participants.hold(operator_id)
        participant = existing(tx, operator_id)
        if Role.OPERATOR not in participant.roles or participant.left_at is not None:
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="Only an operator's keys are replaced here.")
        keys = tx.participants.keys(operator_id)
        same = next((each for each in keys if (each.key_id, each.public_key) == (key_id, public_key)), None)
        if same is None or same.revoked_at is not None:
            store_key(act, operator_id, key_id, public_key)
        others = [each.key_id for each in keys if each.key_id != key_id]
        for each in others:
            take_out_of_use(act, each)
        return tuple(others)

    return registry.store.write(work)
