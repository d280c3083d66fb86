"""Counts the due work of a round, and lists the kinds that are so large that a person must confirm them first."""

from collections.abc import Mapping
from typing import Final

from registry.policy.clock import is_confirmed, is_too_much
from registry.policy.retention import DAY, start_of
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.archive.shared import over_before, terms_of
from registry.usecases.context import Registry

_COUNTED: Final = 10_000_000
"""Due items are counted up to this number."""


def too_large(registry: Registry) -> Mapping[str, int]:
    """Read the kinds of work that wait for the operator's confirmation, with the number of due items of each.

    A confirmation of the time releases them for a day, so that one confirmation covers the catch-up after an outage.
    """
    terms = registry.guard.terms

    def work(tx: Transaction) -> dict[str, int]:
        act = act_in(registry, tx, None)
        many = [kind for kind, count in due_now(act, terms.round_count + 1).items() if count > terms.round_count]
        counts = due_now(act) if many else {}
        # Count no further: more makes no difference to the share.
        most = {kind: counts[kind] * 100 // max(terms.round_percent, 1) + 1 for kind in many}
        found = {
            kind: counts[kind] for kind in many if is_too_much(counts[kind], tx.due_work.total(kind, most[kind]), terms)
        }
        return {} if found and is_confirmed(registry.guard.known(tx, act.now), act.now, terms) else found

    return registry.store.read(work)


def due_now(act: Act, most: int = _COUNTED) -> dict[str, int]:
    """Count the due work of each kind, up to ``most`` of each."""
    return act.tx.due_work.counts(
        day=act.today,
        listed_before=over_before(act),
        closed_before=start_of(act.today - (terms_of(act).seal_days - 1) * DAY),
        most=most,
    )
