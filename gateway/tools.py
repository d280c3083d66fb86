"""Hold the tools of the gateway's jobs, put together once in wiring.py."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

from client.deadline import Deadline
from client.registry import RegistryClient
from crypto.references import References
from gateway.identity.accounts import Accounts
from gateway.identity.context import ContextDefaults
from gateway.identity.tokeniser import Tokeniser
from gateway.orders.book import OrderBook
from gateway.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Shared by reporting, checking and settling; thread-safe."""

    target: Target
    """Registry, key epoch and carrier: an interrupted run does not resume towards another target."""
    account_key: bytes = field(repr=False)
    accounts: Accounts = field(repr=False)
    references: References = field(repr=False)
    tokeniser: Tokeniser
    registry: RegistryClient
    orders: OrderBook
    """The tokens of this carrier's orders, and what was reported of them."""
    context: ContextDefaults
    """The parts of an inquiry's context that hold where nobody says anything."""
    clock: Callable[[], dt.datetime]
    random: Callable[[int], bytes]
    monotonic: Callable[[], float]
    chunk_rows: int
    parallel_chunks: int
    deadline: Deadline | None = None
    """The end of the time of the act for which these tools were bound."""

    def within(self, deadline: Deadline) -> Self:
        """Return the same tools, whose calls to custodians and registry share a deadline."""
        tokeniser, registry = self.tokeniser.within(deadline), self.registry.within(deadline)
        return replace(self, tokeniser=tokeniser, registry=registry, deadline=deadline)
