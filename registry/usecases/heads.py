"""Locks the `subject` rows of named subjects, and makes the missing ones."""

from collections.abc import Collection, Mapping

from registry.usecases.act import Act
from registry.usecases.pseudonyms import Pseudonyms, subject_row


def hold_subjects(act: Act, named: Mapping[bytes, Pseudonyms], others: Collection[bytes] = ()) -> None:
    """Lock the `subject` row of each subject, made now if missing, and those of ``others``, all in one order."""
    known = act.tx.subjects.known(named)
    _make(act, named, named.keys() - known)
    forgotten = named.keys() - act.tx.subjects.lock({*named, *others})
    if forgotten:  # deleted between the look and the lock
        _make(act, named, forgotten)
        act.tx.subjects.lock(forgotten)


def _make(act: Act, named: Mapping[bytes, Pseudonyms], missing: set[bytes]) -> None:
    act.tx.subjects.ensure([subject_row(act.registry, named[key], act.now) for key in missing])
