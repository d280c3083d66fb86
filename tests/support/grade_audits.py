"""Grades of a real registry, and an auditor who computes them again from its entries."""

import datetime as dt
import json
import uuid
from dataclasses import replace

from auditlog.audit.debts import SLACK
from auditlog.audit.entry_filter import Entry
from auditlog.audit.grades import GradeAudit, GradeCheck
from protocol.messages.rules import Rules
from registry.domain.log import LogEntry
from registry.policy.rules import RuleBook
from tests.support.attestations import rules_with_grades
from tests.support.world import World

GRADING = rules_with_grades()
"""The founding rules with the first scorecard, and with attestations."""


def grades_from_the_beginning(world: World) -> None:
    """Let the founding version grade, so that no story has to wait for another one."""
    world.registry = replace(world.registry, founding_rules=RuleBook((GRADING,)))


def entries(world: World) -> list[Entry]:
    """All entries of the log, as an auditor has them once they were proved."""
    stored = world.registry.store.read(lambda tx: tx.openings.first(1_000_000))
    return [_entry(index, each) for index, each in enumerate(stored)]


def _entry(index: int, stored: LogEntry) -> Entry:
    core = json.loads(stored.core)
    return Entry(
        index=index,
        entry_id=stored.entry_id,
        kind=core["kind"],
        at=stored.at,
        by=core["by"],
        facts=core["facts"],
        personal={} if stored.personal is None else json.loads(stored.personal),
        is_erased="personal" in core and stored.personal is None,
    )


def checked(
    read_entries: list[Entry],
    rules: Rules | None = GRADING,
    only: uuid.UUID | None = None,
    slack: dt.timedelta = SLACK,
) -> list[GradeCheck]:
    """Compute the grades of these entries again."""
    audit = GradeAudit(only=only, slack=slack)
    for each in read_entries:
        audit.take(each)
    return list(audit.checks(lambda version: rules))
