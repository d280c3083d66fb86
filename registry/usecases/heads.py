"""Locks the `subject` rows of named subjects, and makes the missing ones."""

from collections.abc import Collection, Mapping

from registry.usecases.act import Act
from registry.usecases.pseudonyms import Pseudonyms, subject_row


def hold_subjects(act: Act, named: Mapping[bytes, Pseudonyms], others: Collection[bytes] = ()) -> frozenset[bytes]:
    """Lock the `subject` row of each subject, made now if missing, and those of ``others``, all in one order.

    Returns subjects whose rows this transaction made: nothing refers to them yet, and nobody else can hold them.
    """
    known = act.tx.subjects.known(named)
    made = _make(act, named, named.keys() - known)
    forgotten = named.keys() - made - act.tx.subjects.lock({*named, *others} - made)
    if forgotten:  # deleted between the look and the lock
        _make(act, named, forgotten)
        act.tx.subjects.lock(forgotten)
    return made


def _make(act: Act, named: Mapping[bytes, Pseudonyms], missing: Collection[bytes]) -> frozenset[bytes]:
    """Make rows; returns the keys of those made here: none where another transaction made some of them."""
    made = act.tx.subjects.make([subject_row(act.registry, named[key], act.now) for key in missing])
    return frozenset(missing) if made == len(missing) else frozenset()
