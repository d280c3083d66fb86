"""Write the lines of a file of outcomes of payments, with the words for each verdict in English and in Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from auditlog.receipt_book import Noted
from client.errors import RegistryRefused
from gateway.bulk.payments import FaultyPayment
from gateway.bulk.summary import REFUSED
from gateway.bulk.verdict_words import Cause
from protocol.messages.settlements import SettlementReceipt
from protocol.problems import Problem

HEADER: Final = (
    "row",
    "account",
    "verdict",
    "record_id",
    "state",
    "outstanding_fen",
    "waived_fen",
    "missing_fen",
    "settlement_id",
    "clearance_id",
    "receipt",
    "field",
    "code",
    "cause",
    "cause_zh",
)
_PENDING: Final = "PENDING"


class PaymentVerdict(StrEnum):
    """The outcome of a row; those that begin with REJ_ settled nothing."""

    SETTLED = "SETTLED"
    ALREADY_SETTLED = "ALREADY_SETTLED"
    REJ_MALFORMED_ROW = "REJ_MALFORMED_ROW"
    REJ_ACCOUNT_UNREADABLE = "REJ_ACCOUNT_UNREADABLE"
    REJ_INVALID_DOCUMENT = "REJ_INVALID_DOCUMENT"
    REJ_INVALID_AMOUNT = "REJ_INVALID_AMOUNT"
    REJ_INVALID_DATE = "REJ_INVALID_DATE"
    REJ_PAYMENT_REPEATED = "REJ_PAYMENT_REPEATED"
    REJ_NO_RECORD = "REJ_NO_RECORD"
    REJ_CLOSED = "REJ_CLOSED"
    REJ_TRANSFERRED = "REJ_TRANSFERRED"
    REJ_NOT_IN_FULL = "REJ_NOT_IN_FULL"


CAUSES: Final[Mapping[PaymentVerdict, Cause]] = {
    PaymentVerdict.SETTLED: Cause(
        en="Settled; `state` and `outstanding_fen` say what is left of the debt.",
        zh="已入账；剩余欠费见 state 与 outstanding_fen 列。",
    ),
    PaymentVerdict.ALREADY_SETTLED: Cause(
        en="This payment was reported before, and is not counted again.", zh="该笔缴费此前已报送，不重复入账。"
    ),
    PaymentVerdict.REJ_MALFORMED_ROW: Cause(
        en="A cell is missing or cannot be read; `field` and `code` name it.",
        zh="有单元格缺失或无法识别，见 field 与 code 列。",
    ),
    PaymentVerdict.REJ_ACCOUNT_UNREADABLE: Cause(
        en="The account number was damaged or has no form; take it from the billing system as text.",
        zh="账户号码已损坏或格式不符，请以文本格式重新导出。",
        field="account",
    ),
    PaymentVerdict.REJ_INVALID_DOCUMENT: Cause(
        en="The identity document cannot be read; correct it, or name the record by record_id.",
        zh="证件号码无法识别，请更正，或改填 record_id。",
        field="document_number",
    ),
    PaymentVerdict.REJ_INVALID_AMOUNT: Cause(
        en="The amount cannot be read, or nothing was paid: a debt is given up with WAIVER.",
        zh="金额无法识别或为零；放弃欠费请用 WAIVER。",
    ),
    PaymentVerdict.REJ_INVALID_DATE: Cause(
        en="The time cannot be read, is in the future, or is before the debt was due.",
        zh="时间无法识别、晚于现在，或早于欠费到期日。",
        field="settled_at",
    ),
    PaymentVerdict.REJ_PAYMENT_REPEATED: Cause(
        en="An earlier row has the same account, kind, amount and time. If this is another payment, give this row its "
        "number in `payment` and send it alone.",
        zh="前面已有账户、类型、金额、时间均相同的行。如确系另一笔缴费，请在 payment 列填写其流水号后单独报送该行。",
        field="payment",
    ),
    PaymentVerdict.REJ_NO_RECORD: Cause(
        en="No record of this carrier is on this account for this person or id.",
        zh="登记处没有该账户下与此人或此编号对应的本企业记录。",
        field="account",
    ),
    PaymentVerdict.REJ_CLOSED: Cause(
        en="The record is closed already: paid, withdrawn or ended.", zh="该记录已结清、撤回或终止。", field="account"
    ),
    PaymentVerdict.REJ_TRANSFERRED: Cause(
        en="The debt has another creditor by now; send the payer there.",
        zh="该欠费已转让给其他债权人，请缴费人与其联系。",
        field="account",
    ),
    PaymentVerdict.REJ_NOT_IN_FULL: Cause(
        en="The amount does not cover what was owed that day; `missing_fen` is short. Say PARTIAL, or waive_rest YES.",
        zh="金额不足以结清当日欠费，差额见 missing_fen 列；请改为 PARTIAL，或在 waive_rest 列填 YES。",
    ),
}
_OF_FIELD: Final = {
    "account": PaymentVerdict.REJ_ACCOUNT_UNREADABLE,
    "document_kind": PaymentVerdict.REJ_INVALID_DOCUMENT,
    "document_number": PaymentVerdict.REJ_INVALID_DOCUMENT,
    "document_issuer": PaymentVerdict.REJ_INVALID_DOCUMENT,
    "amount_yuan": PaymentVerdict.REJ_INVALID_AMOUNT,
    "amount_fen": PaymentVerdict.REJ_INVALID_AMOUNT,
    "settled_at": PaymentVerdict.REJ_INVALID_DATE,
}
_OF_PROBLEM: Final = {
    Problem.NOT_FOUND.value.name: PaymentVerdict.REJ_NO_RECORD,
    Problem.EDGE_NOT_ALLOWED.value.name: PaymentVerdict.REJ_CLOSED,
    Problem.RECORD_TRANSFERRED.value.name: PaymentVerdict.REJ_TRANSFERRED,
    Problem.NOT_IN_FULL.value.name: PaymentVerdict.REJ_NOT_IN_FULL,
    Problem.IDEMPOTENCY_KEY_REUSED.value.name: PaymentVerdict.ALREADY_SETTLED,
}
_INVALID: Final = Problem.INVALID_FIELD.value.name
REPEATED: Final = FaultyPayment(field="payment", code="REPEATED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of one row: the registry's acknowledgement with the log's receipt, or a refusal."""

    verdict: PaymentVerdict
    settled: SettlementReceipt | None = None
    noted: Noted | None = None
    field: str = ""
    code: str = ""
    missing_fen: int | str = ""

    @property
    def is_rejected(self) -> bool:
        """Tell whether the row settled nothing and is to be mended."""
        return self.verdict.value.startswith(REFUSED)


def faulty(fault: FaultyPayment) -> Outcome:
    """Judge a row that never leaves."""
    if fault is REPEATED:
        verdict = PaymentVerdict.REJ_PAYMENT_REPEATED
    else:
        verdict = _OF_FIELD.get(fault.field, PaymentVerdict.REJ_MALFORMED_ROW)
    return Outcome(verdict=verdict, field=fault.field, code=fault.code)


def refused(refusal: RegistryRefused) -> Outcome | None:
    """Judge a row that the registry refuses; None where the refusal is not about the row."""
    if refusal.problem == _INVALID and [field for field, _ in refusal.errors] == ["settled_at"]:
        [(field, code)] = refusal.errors
        return Outcome(verdict=PaymentVerdict.REJ_INVALID_DATE, field=field, code=code)
    verdict = _OF_PROBLEM.get(refusal.problem)
    if verdict is None:
        return None
    field, code = (CAUSES[verdict].field, refusal.problem)
    return Outcome(verdict=verdict, field=field, code=code, missing_fen=refusal.figures.get("missing_fen", ""))


def line_of(row: int, label: str, outcome: Outcome) -> tuple[str, ...]:
    """Write the line of a row."""
    settled, cause = outcome.settled, CAUSES[outcome.verdict]
    told = ("",) * 6
    if settled is not None:
        told = (
            str(settled.record_id),
            settled.state.value,
            str(settled.outstanding_fen),
            str(settled.waived_fen or ""),
            str(settled.settlement_id),
            str(settled.clearance_id or ""),
        )
    record_id, state, outstanding, waived, settlement_id, clearance_id = told
    return (
        str(row),
        label,
        outcome.verdict.value,
        record_id,
        state,
        outstanding,
        waived,
        str(outcome.missing_fen),
        settlement_id,
        clearance_id,
        _receipt(outcome.noted),
        outcome.field,
        outcome.code,
        cause.en,
        cause.zh,
    )


def _receipt(noted: Noted | None) -> str:
    """Name the receipt's file; PENDING while there is none, the code of one that is invalid."""
    if noted is None:
        return ""
    return noted.refused or (_PENDING if noted.path is None else noted.path.name)
