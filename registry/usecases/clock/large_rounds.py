"""Counts what a round would do at once, and tells which kinds are so many that a person has to see them first."""

from collections.abc import Mapping
from typing import Final

from registry.policy.clock import is_confirmed, is_too_much
from registry.policy.retention import DAY, start_of
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.archive.shared import over_before, terms_of
from registry.usecases.context import Registry

_COUNTED: Final = 10_000_000
"""Nobody needs to know how many more there are."""


def too_large(registry: Registry) -> Mapping[str, int]:
    """The kinds of work that wait for the operator's word, with how much of each is due; only read.

    A confirmation of the time lets them go for a day: the catch-up after an outage is confirmed once.
    """
    terms = registry.guard.terms

    def work(tx: Transaction) -> dict[str, int]:
        act = act_in(registry, tx, None)
        many = [kind for kind, count in due_now(act, terms.round_count + 1).items() if count > terms.round_count]
        counts = due_now(act) if many else {}
        # More than this makes no difference to the share, and is not counted.
        most = {kind: counts[kind] * 100 // max(terms.round_percent, 1) + 1 for kind in many}
        found = {
            kind: counts[kind] for kind in many if is_too_much(counts[kind], tx.due_work.total(kind, most[kind]), terms)
        }
        return {} if found and is_confirmed(registry.guard.known(tx, act.now), act.now, terms) else found

    return registry.store.read(work)


def due_now(act: Act, most: int = _COUNTED) -> dict[str, int]:
    """How much of each kind the clock would do now; of each counted up to ``most``."""
    return act.tx.due_work.counts(
        day=act.today,
        listed_before=over_before(act),
        closed_before=start_of(act.today - (terms_of(act).seal_days - 1) * DAY),
        most=most,
    )
