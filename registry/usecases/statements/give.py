"""Give a subject, at any counter or kiosk, its statement: all data held about it, inquiries included."""

from protocol.log_entries import EntryKind
from protocol.messages.tokens import SubjectTokens
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.statements import StatementGiven, free_left
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.pseudonyms import pseudonyms
from registry.usecases.statements.holdings import Holding, hold
from registry.usecases.statements.sections import statement_message


def give_statement(registry: Registry, actor: Actor, call: IdempotentCall, tokens: SubjectTokens) -> Outcome:
    """Give the statement, and count it; an unknown subject gets an empty one.

    An unknown subject leaves the row that counts and its log entry, as an inquiry does: no subject row is made, and
    the row is deleted in the year after the next. Without a subject row there is nothing to lock: of two statements at
    once both may be free. Raises Refusal EPOCH_UNKNOWN, BAD_ELEMENT or INVALID_FIELD (a household's token).
    """
    if tokens.household_register is not None or tokens.household_address is not None:
        raise Refusal(Problem.INVALID_FIELD, fields={"tokens": FieldCode.HAS_A_HOUSEHOLD})
    names = pseudonyms(registry, tokens)

    def work(act: Act) -> tuple[int, object]:
        subject_key = act.key_of(names)
        act.tx.subjects.lock((subject_key,))
        holding = hold(act, subject_key, names.index_key)
        statement = _count(act, holding)
        left = free_left((*holding.statements, statement), statement.year, act.rules.free_statements_a_year)
        return 201, statement_message(holding, statement, left)

    return answer_once(registry, actor, call, work, names=(names,))


def _count(act: Act, holding: Holding) -> StatementGiven:
    """Write the row and the log entry of this statement."""
    statement_id, subject_key = act.new_id(), holding.subject_key
    year = act.today.year
    statement = StatementGiven(
        subject_key=subject_key,
        statement_id=statement_id,
        asked_through=act.actor_id,
        given_at=act.now,
        year=year,
        free=free_left(holding.statements, year, act.rules.free_statements_a_year) > 0,
        log_entry_id=statement_id,
    )
    act.log(
        EntryKind.STATEMENT_GIVEN,
        statement_id,
        {"rules": act.rules.version},
        subject_key=subject_key,
        personal={"subject": subject_key.hex(), "free": int(statement.free)},
    )
    act.tx.statements.add(statement)
    return statement
