"""Deletes nonces that are too old to be accepted, and rows of statements that were given years ago."""

from protocol.beijing import beijing_date
from registry.usecases.authenticate import NONCE_LIFE
from registry.usecases.context import Registry


def forget_nonces(registry: Registry) -> int:
    """Delete the nonces that no acceptable signature can carry any more; returns their number."""
    before = registry.clock() - NONCE_LIFE
    return registry.store.write(lambda tx: tx.requests.forget_nonces(before))


def forget_statements(registry: Registry) -> int:
    """Delete the rows of statements of years before the last one; returns their number."""
    last_year = beijing_date(registry.clock()).year - 1
    return registry.store.write(lambda tx: tx.statements.forget(last_year))
