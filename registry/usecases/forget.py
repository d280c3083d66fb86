"""Forgets what has served its time: nonces of signatures that are too old to be accepted anyway."""

from registry.usecases.authenticate import NONCE_LIFE
from registry.usecases.context import Registry


def forget_nonces(registry: Registry) -> int:
    """Delete the nonces that no acceptable signature can carry any more; returns how many."""
    before = registry.clock() - NONCE_LIFE
    return registry.store.write(lambda tx: tx.requests.forget_nonces(before))
