"""The feed of events at the registry."""

from client.registry import RegistryClient
from protocol.messages.events import MAX_EVENTS, EventsQuery, FeedPage


def read_page(registry: RegistryClient, after: int, *, limit: int = MAX_EVENTS) -> FeedPage:
    """Read the sender's events behind a position."""
    return registry.get("/v1/events", FeedPage, EventsQuery(after=after, limit=limit))
