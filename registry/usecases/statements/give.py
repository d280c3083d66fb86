"""A subject learns at any counter or kiosk what is held about it: everything, with who asked, and what it can do."""

from collections.abc import Mapping
from typing import Any

from protocol.encodings import format_time
from protocol.log_entries import EntryKind
from protocol.messages.tokens import SubjectTokens
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.statements import StatementGiven, free_left
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.pseudonyms import pseudonyms
from registry.usecases.statements.holdings import hold
from registry.usecases.statements.sections import SECTIONS


def give_statement(registry: Registry, actor: Actor, call: IdempotentCall, tokens: SubjectTokens) -> Outcome:
    """The statement, and whether it is one of the free ones of the year; who is not known gets an empty one.

    An unknown subject leaves what any inquiry leaves, the row that counts and its log entry: no head row is made, and
    the row is forgotten with the year after next. Without a head row there is nothing to lock: of two statements at
    once both may be free. Raises Refusal EPOCH_UNKNOWN, BAD_ELEMENT or INVALID_FIELD (a household's token).
    """
    if tokens.household_register is not None or tokens.household_address is not None:
        raise Refusal(Problem.INVALID_FIELD, fields={"tokens": "has-a-household"})
    subject_key = pseudonyms(registry, tokens).subject_key

    def work(act: Act) -> tuple[int, Mapping[str, Any]]:
        act.tx.subjects.lock((subject_key,))
        holding = hold(act, subject_key)
        sections = {name: section(holding) for name, section in SECTIONS.items()}
        given = _count(act, subject_key)
        left = free_left(act.tx.statements.of_subject(subject_key), given.year, act.rules.free_statements_a_year)
        return 201, {
            "statement_id": str(given.statement_id),
            "asked_through": holding.who(given.asked_through),
            "given_at": format_time(given.given_at),
            "given_on": act.today.isoformat(),
            "free": given.free,
            "free_left": left,
            "rules_version": act.rules.version,
            "terms": _terms(act),
            **sections,
            "participants": holding.participants(),
        }

    return answer_once(registry, actor, call, work)


def _count(act: Act, subject_key: bytes) -> StatementGiven:
    """The row and the log entry of this statement."""
    statement_id = act.new_id()
    earlier = act.tx.statements.of_subject(subject_key)
    year = act.today.year
    given = StatementGiven(
        subject_key=subject_key,
        statement_id=statement_id,
        asked_through=act.actor_id,
        given_at=act.now,
        year=year,
        free=free_left(earlier, year, act.rules.free_statements_a_year) > 0,
        log_entry_id=statement_id,
    )
    act.log(
        EntryKind.STATEMENT_GIVEN,
        statement_id,
        {"rules": act.rules.version},
        subject_key=subject_key,
        personal={"subject": subject_key.hex(), "free": int(given.free)},
    )
    act.tx.statements.add(given)
    return given


def _terms(act: Act) -> dict[str, int]:
    """The figures that a reader of the statement has to know."""
    rules = act.rules
    return {
        "free_statements_a_year": rules.free_statements_a_year,
        "dispute_answer_days": rules.disputes.answer_days,
        "dispute_close_days": rules.disputes.close_days,
        "record_years": rules.retention.record_years,
        "rebuttal_months": rules.rebuttal_months,
    }
