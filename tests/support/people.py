"""The keys under which a registry files people, asked of its own table."""

from collections import Counter

import sqlalchemy as sa

from protocol.messages.tokens import SubjectTokens
from registry.store.people import person_index
from registry.store.subjects import subject
from registry.usecases.context import Registry
from registry.usecases.pseudonyms import pseudonyms
from tests.support.unwatched import unwatched


def index_key_of(registry: Registry, tokens: SubjectTokens) -> bytes:
    """The key that is computed from the person's token."""
    return pseudonyms(registry, tokens).index_key


def subject_key_of(registry: Registry, tokens: SubjectTokens) -> bytes:
    """The key of the person's rows: its own, or the index key of one who was never listed."""
    index_key = index_key_of(registry, tokens)
    return registry.store.read(lambda tx: tx.people.look([index_key])).key_of(index_key)


def astray(registry: Registry) -> set[bytes]:
    """The keys of `subject` rows to which no way leads, or more than one."""
    with unwatched(registry.store._engines.read.url).connect() as connection:
        ways = Counter(connection.execute(sa.select(person_index.c.subject_key)).scalars())
        listed = set(connection.execute(sa.select(subject.c.subject_key)).scalars())
    return {each for each in listed if ways[each] != 1} | {each for each, count in ways.items() if count > 1}
