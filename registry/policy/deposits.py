"""States the terms of deposits for rules that have none, and judges the return of one."""

import datetime as dt
from collections.abc import Iterator
from typing import Final

from protocol.beijing import beijing_date
from protocol.deposits import DepositState, ReturnKind
from protocol.messages.deposits import DepositReturn
from protocol.messages.grades import DepositTerms
from protocol.messages.rules import Rules
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.deposits import Deposit
from registry.policy.activation import MOST_AHEAD

WITHOUT_GRADE: Final = DepositTerms(cap_fen=500_00, months=12, bills_in_time=6, end_days=15, interest_ppm_year=0)
"""The terms of a deposit that was taken under rules without terms for a grade: a later version reaches back to none."""


def deposit_terms(rules: Rules) -> DepositTerms:
    """Return a version's terms of deposits."""
    return WITHOUT_GRADE if rules.grade is None else rules.grade.deposit


def check_return(deposit: Deposit, told: DepositReturn, now: dt.datetime) -> None:
    """Refuse a return that contradicts itself or its deposit.

    Raises Refusal INVALID_FIELD, NOT_A_DEPOSIT, DEPOSIT_RETURNED or SERVICE_NOT_ENDED.
    """
    found = dict(_faults(deposit, told, now))
    if found:
        raise Refusal(Problem.INVALID_FIELD, fields={path: code.value for path, code in found.items()})
    if deposit.state is DepositState.NOT_TAKEN:
        raise Refusal(Problem.NOT_A_DEPOSIT)
    if deposit.state is DepositState.RETURNED:
        raise Refusal(Problem.DEPOSIT_RETURNED)
    if told.kind is ReturnKind.SET_OFF and told.service_ended_on is None and deposit.service_ended_on is None:
        raise Refusal(Problem.SERVICE_NOT_ENDED)


def _faults(deposit: Deposit, told: DepositReturn, now: dt.datetime) -> Iterator[tuple[str, FieldCode]]:
    if not told.fen + told.kept_fen:
        yield "fen", FieldCode.OUT_OF_RANGE
    elif (told.kept_fen > 0) is not (told.kind is ReturnKind.SET_OFF):
        yield "kept_fen", FieldCode.INVALID if told.kept_fen else FieldCode.REQUIRED
    if told.at > now + MOST_AHEAD:
        yield "at", FieldCode.IN_THE_FUTURE
    elif beijing_date(told.at) < deposit.taken_on:
        yield "at", FieldCode.BEFORE_THE_DEPOSIT
    ended = told.service_ended_on
    if ended is not None and ended > beijing_date(now):
        yield "service_ended_on", FieldCode.IN_THE_FUTURE
    elif ended is not None and ended < deposit.taken_on:
        yield "service_ended_on", FieldCode.BEFORE_THE_DEPOSIT


def refuse_more_than_left(deposit: Deposit, told: DepositReturn, terms: DepositTerms) -> None:
    """Raise Refusal MORE_THAN_LEFT, with what is left on the day of the return, for a return of more."""
    left = deposit.left_on(beijing_date(told.at), terms)
    if told.fen + told.kept_fen > left:
        raise Refusal(Problem.MORE_THAN_LEFT, figures={"left_fen": left})
