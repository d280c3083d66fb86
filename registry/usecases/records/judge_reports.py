"""Judge the rows of one call inside a transaction: decide an effect for each, then write all effects at once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from protocol.codes import DisputeOutcome, Verdict, WithdrawalReason
from protocol.messages.records import RowVerdict
from protocol.states import Action, Party
from registry.domain.records import Record
from registry.policy.reporting import (
    Effect,
    Judgement,
    OnAccount,
    Yardstick,
    held_back,
    judge_refused,
    judge_report,
    repeated_rows,
)
from registry.usecases.act import Act
from registry.usecases.leaving import leave
from registry.usecases.records.changes import Effects, RowEffect, write_effects
from registry.usecases.records.files import FiledReport, Files, Row, SentRow, open_files, row_of
from registry.usecases.records.take_outs import Allowance

SAME_ACCOUNT: Final = "SAME_ACCOUNT"
"""The reason for a record that left the list because another record of the account has the same debt."""


def judge(act: Act, rows: Sequence[SentRow]) -> tuple[RowVerdict, ...]:
    """Give a verdict for each row, in order. The first row decides an account that two rows name with other figures."""
    by = Yardstick(rules=act.rules, today=act.today)
    repeated = repeated_rows([row_of(each) for each in rows])
    call = _Call(act, by, open_files(act, rows, by), Effects(act), Allowance(act))
    effects = [
        call.leave_alone(row) if place in repeated else call.judge(row) for place, row in enumerate(call.files.rows)
    ]
    write_effects(act, effects, call.files)
    call.allowance.spend()
    return tuple(effect.verdict for effect in effects)


@dataclass(frozen=True, slots=True)
class _Call:
    """One call: records that leave the list are written at once with their entries, all others at the end."""

    act: Act
    by: Yardstick
    files: Files
    effects: Effects
    allowance: Allowance

    def judge(self, row: Row) -> RowEffect:
        """Judge one row and carry the judgement out, as later rows are to see it."""
        on_account, withdrew = self.files.on_account(row), list[uuid.UUID]()
        if len(on_account.refs) > 1:
            doubles = self.files.doubles(on_account)
            if doubles and not self.allowance.grants(len(doubles)):
                held = held_back(Judgement(effect=Effect.TAKE_OUT, record=on_account.record))
                return self.effects.of_row(row, held, ())
            withdrew = self._end_doubles(doubles)
            self.files.take_over(on_account, row_of(row).account_ref)
            on_account = self.files.on_account(row)
        judgement = self._judgement(row, on_account)
        if judgement.takes_out and not self.allowance.grants():
            judgement = held_back(judgement)
        if judgement.wrong_subject is not None:
            self._withdraw(judgement.wrong_subject, WithdrawalReason.WRONG_SUBJECT.value)
            withdrew.append(judgement.wrong_subject.record_id)
        if judgement.effect is Effect.TAKE_OUT and judgement.record is not None and judgement.code is not None:
            self._withdraw(judgement.record, judgement.code.value)
        effect = self.effects.of_row(row, judgement, withdrew)
        if effect.after is not None:
            self.files.put(effect.after)
        return effect

    def leave_alone(self, row: Row) -> RowEffect:
        """Refuse a row whose account an earlier one named with other figures; it changes nothing."""
        record = self.files.on_account(row).record
        judgement = Judgement(effect=Effect.REJECT, code=Verdict.REJ_ACCOUNT_REPEATED, record=record)
        return self.effects.of_row(row, judgement, ())

    def _judgement(self, row: Row, on_account: OnAccount) -> Judgement:
        if isinstance(row, FiledReport):
            return judge_report(row.report, on_account, self.by)
        return judge_refused(row, on_account)

    def _end_doubles(self, doubles: Sequence[Record]) -> list[uuid.UUID]:
        """Close all but the first listed of the records of one debt under several spellings of its account."""
        for each in doubles:
            self._withdraw(each, SAME_ACCOUNT)
        return [each.record_id for each in doubles]

    def _withdraw(self, record: Record, reason: str) -> None:
        """Take the creditor's edge WITHDRAW; a case or a plan of the record ends with it."""
        left = leave(
            self.act,
            record,
            Action.WITHDRAW,
            party=Party.CREDITOR,
            reason=reason,
            outcome=DisputeOutcome.WITHDRAWN,
        )
        self.files.close(left, reason)
