"""Import all tables; ``info["distribution"]`` names the group in which a distributed engine keeps each.

subject       rows of one subject live together; every key and unique constraint begins with or holds the column
person        the way to one person's key lies under its index key, which a new key epoch changes
household     rows of one household live together
account       rows of one account of one creditor live together
participant   rows of one sender live together
signing_key   a signing key belongs to one sender, so its nonces live together
entry         an entry of the log lives with its place among those that wait, and with the name of its erasure
reference     small, copied to every node
plain         on one node alone: the log's trees, which one integrator at a time extends

The first column of the primary key is the distribution column (``distribution.column_of``). Foreign keys run only
along it, or to a reference table. There is no server default, no sequence and no ``now()``: we bind every value.
"""

# ruff: noqa: F401 - each module adds its tables to ``metadata`` when it is imported

import sqlalchemy as sa

from registry.store import (
    accounts,
    activations,
    archive,
    attestations,
    batches,
    ceremonies,
    clearances,
    clock,
    collected,
    credit_terms,
    creditor_terms,
    deposits,
    disassociations,
    disputes,
    epochs,
    events,
    evidence,
    grade_reviews,
    handle_keys,
    households,
    idempotency,
    inquiries,
    inquiry_hits,
    papers,
    participants,
    people,
    plans,
    quotes,
    rechecks,
    records,
    red_list,
    requests,
    restores,
    reversals,
    rounds,
    rules,
    settlements,
    statements,
    subjects,
    take_outs,
    tallies,
    transfers,
    transitions,
    upkeep,
    victim_markers,
    webhooks,
)
from registry.store.columns import metadata
from registry.store.log import openings, pending, personal, trees, witnesses

__all__ = ["hanging_on", "metadata"]


def hanging_on(root: sa.Table) -> tuple[sa.Table, ...]:
    """List ``root`` and every table whose foreign keys lead to it, directly or not; referred tables come first."""
    tables = [root]
    for table in metadata.sorted_tables:
        if table is not root and any(each.referred_table in tables for each in table.foreign_key_constraints):
            tables.append(table)
    return tuple(tables)
