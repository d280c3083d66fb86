"""Uses up a request's nonce and keeps the request, in the transaction that does its work or in one of its own."""

from collections.abc import Collection, Sequence

from protocol.problems import Problem, Refusal
from registry.domain.idempotency import StoredAnswer
from registry.domain.participants import Actor
from registry.store.arrivals import Found
from registry.store.transactions import Transaction
from registry.usecases.context import IdempotentCall, Registry
from registry.usecases.pseudonyms import Names

Coming = tuple[Actor, IdempotentCall | None]
"""A signed request, by its sender and, where its work comes with it, its idempotency key."""


class Arrivals:
    """The requests that one transaction lets in; reading what decides it is the transaction's first statement.

    It looks up the keys of the people whom the requests name and, if asked for, the links of their households.
    """

    def __init__(
        self,
        registry: Registry,
        tx: Transaction,
        coming: Sequence[Coming],
        names: Collection[Names] = (),
        *,
        with_households: bool = False,
    ) -> None:
        self._registry = registry
        self._coming = coming
        self.found: Found = tx.arrivals.look(
            keys={actor.key_id for actor, _ in coming},
            nonces=[(actor.key_id, actor.arrival.nonce) for actor, _ in coming if actor.arrival is not None],
            calls=[_pair(actor, call) for actor, call in coming if call is not None],
            people={each.index_key for each in names},
            households={key for each in names for key in each.household_keys} if with_households else (),
        )

    def refusals(self) -> list[Refusal | None]:
        """Tell for each request why it may not come in: nothing of it may be kept then.

        KEY_UNKNOWN for a key that was revoked meanwhile, SIGNATURE_REPLAYED for a used nonce.
        """
        used, refusals = set(self.found.used), list[Refusal | None]()
        for actor, _ in self._coming:
            if actor.arrival is None:
                refusals.append(None)
                continue
            nonce = (actor.key_id, actor.arrival.nonce)
            if actor.key_id not in self.found.good_keys:
                self._registry.known_keys.forget(actor.key_id)
                refusals.append(Refusal(Problem.KEY_UNKNOWN))
            else:
                refusals.append(Refusal(Problem.SIGNATURE_REPLAYED) if nonce in used else None)
                used.add(nonce)
        return refusals

    def has_claimed(self, actor: Actor, call: IdempotentCall) -> bool:
        """Tell whether no other transaction works under this idempotency key."""
        return _pair(actor, call) in self.found.claimed

    def stored(self, actor: Actor, call: IdempotentCall) -> StoredAnswer | None:
        """Return the answer that was stored under this idempotency key."""
        return self.found.stored.get(_pair(actor, call))


def _pair(actor: Actor, call: IdempotentCall) -> tuple[str, str]:
    return actor.participant_id, call.key


def let_in(tx: Transaction, actors: Sequence[Actor]) -> None:
    """Let requests in for which `Arrivals.refusals` found nothing; raises Overtaken if a nonce was used meanwhile."""
    arrivals = [each.arrival for each in actors if each.arrival is not None]
    tx.requests.use_nonces([(each.kept.key_id, each.nonce, each.kept.received_at) for each in arrivals])
    tx.requests.keep(*(each.kept for each in arrivals))


def arrive(registry: Registry, tx: Transaction, actor: Actor) -> None:
    """Let one request in before its work; raises the Refusal that `Arrivals.refusals` finds."""
    (refusal,) = Arrivals(registry, tx, [(actor, None)]).refusals()
    if refusal is not None:
        raise refusal
    with tx.joined():
        let_in(tx, [actor])


def arrive_alone(registry: Registry, actor: Actor) -> None:
    """Let a request in whose work was refused, unless its work committed all the same; a refused one is kept as well.

    Raises Refusal as ``arrive``. If we die before it, nothing was done, and the same request may
    be sent again.
    """
    arrival = actor.arrival
    if arrival is None:
        return

    def work(tx: Transaction) -> None:
        if not tx.requests.find(actor.participant_id, (arrival.kept.request_id,)):
            arrive(registry, tx, actor)

    registry.store.write(work)
