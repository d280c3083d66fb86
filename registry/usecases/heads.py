"""Give named people their keys, and lock their `subject` rows; makes what is missing of both."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from registry.domain.subjects import Person, PersonKeys
from registry.store.columns import KEY_BYTES
from registry.usecases.act import Act
from registry.usecases.pseudonyms import Pseudonyms, subject_row

_NONE: Final[Mapping[bytes, bytes]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The people whose rows a transaction holds."""

    keys: Mapping[bytes, bytes] = field(repr=False)
    """The key of each named person, by its index key."""
    made: frozenset[bytes] = field(repr=False)
    """Keys that this transaction drew: nothing lies under them yet, and nobody else can hold their `subject` rows."""


def hold_subjects(act: Act, named: Collection[Pseudonyms], people: PersonKeys, others: Collection[bytes] = ()) -> Held:
    """Lock the `subject` row of each named person, made now if missing, and those of ``others``, all in one order.

    ``people`` is a look-up of the named ones in this transaction; who has no key yet is given one.
    """
    names = {each.index_key: each for each in named}
    keys = {each: people.key_of(each) for each in names if people.has(each)}
    new, made = _make(act, [each for index_key, each in names.items() if index_key not in keys])
    keys |= new
    gone = set(keys.values()) - made - act.tx.subjects.hold({*keys.values(), *others} - made)
    if gone:
        # Forgotten since the look-up, perhaps with the way to the key, or before it, so that a tombstone is all that
        # is left of the person: the same key serves again, unless another transaction has given a new one.
        former = {index_key: key for index_key, key in keys.items() if key in gone}
        again, _ = _make(act, [names[each] for each in former], former)
        act.tx.people.stay(former)
        act.tx.subjects.hold(again.values())
        keys |= again
    return Held(keys=keys, made=made)


def _make(
    act: Act, missing: Collection[Pseudonyms], former: Mapping[bytes, bytes] = _NONE
) -> tuple[dict[bytes, bytes], frozenset[bytes]]:
    """Make the people's keys, or take their ``former`` ones, and the `subject` rows under them.

    Returns the keys by index key, and those drawn here: of two transactions that list a person first, the second one
    waits for the first, and takes the key of the first.
    """
    random = act.registry.random
    people = [
        Person(
            index_key=each.index_key,
            epoch=each.tokens.epoch,
            subject_key=former.get(each.index_key) or random(KEY_BYTES),
        )
        for each in missing
    ]
    keys = act.tx.people.ensure(people)
    act.tx.subjects.ensure([subject_row(act.registry, each, keys[each.index_key], act.now) for each in missing])
    return keys, frozenset(each.subject_key for each in people if keys[each.index_key] == each.subject_key)
