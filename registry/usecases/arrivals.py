"""Uses up a request's nonce and keeps the request, in the transaction that does its work or in one of its own."""

from collections.abc import Sequence

from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.context import Registry


def arrive(registry: Registry, tx: Transaction, actor: Actor) -> None:
    """Let the request in, first of all in the transaction that does its work.

    Raises Refusal: KEY_UNKNOWN for a key that was revoked meanwhile, SIGNATURE_REPLAYED for a used nonce.
    """
    arrival = actor.arrival
    if arrival is None:
        return
    if actor.key_id not in tx.participants.good_keys((actor.key_id,)):
        registry.known_keys.forget(actor.key_id)
        raise Refusal(Problem.KEY_UNKNOWN)
    if not tx.requests.use_nonce(actor.key_id, arrival.nonce, arrival.kept.received_at):
        raise Refusal(Problem.SIGNATURE_REPLAYED)
    tx.requests.keep(arrival.kept)


def refusals_of(registry: Registry, tx: Transaction, actors: Sequence[Actor]) -> list[Refusal | None]:
    """Tell for each of several requests why it may not come in, as ``arrive`` would; nothing is written."""
    good = tx.participants.good_keys({each.key_id for each in actors})
    nonces = [(each.key_id, each.arrival.nonce) for each in actors if each.arrival is not None]
    used = set(tx.requests.used_nonces(nonces))
    found: list[Refusal | None] = []
    for each in actors:
        if each.arrival is None:
            found.append(None)
            continue
        nonce = (each.key_id, each.arrival.nonce)
        if each.key_id not in good:
            registry.known_keys.forget(each.key_id)
            found.append(Refusal(Problem.KEY_UNKNOWN))
        else:
            found.append(Refusal(Problem.SIGNATURE_REPLAYED) if nonce in used else None)
            used.add(nonce)
    return found


def let_in(tx: Transaction, actors: Sequence[Actor]) -> None:
    """Let several requests in for which ``refusals_of`` found nothing in this transaction."""
    arrivals = [each.arrival for each in actors if each.arrival is not None]
    tx.requests.use_nonces([(each.kept.key_id, each.nonce, each.kept.received_at) for each in arrivals])
    tx.requests.keep(*(each.kept for each in arrivals))


def arrive_alone(registry: Registry, actor: Actor) -> None:
    """Let a request in whose work was refused, unless its work committed all the same; a refused one is kept as well.

    Raises Refusal like ``arrive``. If we die before it, nothing was done, and the same request may be sent again.
    """
    arrival = actor.arrival
    if arrival is None:
        return

    def work(tx: Transaction) -> None:
        if not tx.requests.find(actor.participant_id, (arrival.kept.request_id,)):
            arrive(registry, tx, actor)

    registry.store.write(work)
