"""The keys under which a registry files people, asked of its own table."""

from protocol.messages.tokens import SubjectTokens
from registry.usecases.context import Registry
from registry.usecases.pseudonyms import pseudonyms


def index_key_of(registry: Registry, tokens: SubjectTokens) -> bytes:
    """The key that is computed from the person's token."""
    return pseudonyms(registry, tokens).index_key


def subject_key_of(registry: Registry, tokens: SubjectTokens) -> bytes:
    """The key of the person's rows: its own, or the index key of one who was never listed."""
    index_key = index_key_of(registry, tokens)
    return registry.store.read(lambda tx: tx.people.look([index_key])).key_of(index_key)
