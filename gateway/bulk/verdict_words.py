"""The words for every verdict on a row, in Simplified Chinese and English: the cause, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from protocol.codes import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The words for one verdict; ``field`` is the field of the row that it speaks of, if one can be named."""

    en: str
    zh: str
    field: str = ""


CAUSES: Final[Mapping[Verdict, Cause]] = {
    Verdict.ACTIVE: Cause(en="Listed; the record blocks from now on.", zh="已列入，即日生效。"),
    Verdict.PENDING: Cause(
        en="Listed; the record blocks from the day in enforceable_from.",
        zh="已列入，自 enforceable_from 所示日期起生效。",
    ),
    Verdict.DUPLICATE: Cause(en="Known already; nothing changed.", zh="此前已报送，无变化。"),
    Verdict.UPDATED: Cause(en="Known already; the record was changed.", zh="此前已报送，已更新。"),
    Verdict.WITHDRAWN: Cause(
        en="The row speaks against its record, which left the list; `reason` says why.",
        zh="该行表明记录不应保留，记录已移出；原因见 reason 列。",
    ),
    Verdict.REJ_INVALID_DOCUMENT: Cause(
        en="The identity document cannot be read; correct it in the billing system.",
        zh="证件号码无法识别，请在计费系统中更正。",
        field="document_number",
    ),
    Verdict.REJ_INVALID_AMOUNT: Cause(
        en="The amount cannot be read, or nothing is owed.", zh="金额无法识别，或并无欠费。", field="principal"
    ),
    Verdict.REJ_INVALID_DATE: Cause(
        en="A date is missing, cannot be read, or the dates contradict each other.",
        zh="日期缺失、无法识别，或前后矛盾。",
        field="due_date",
    ),
    Verdict.REJ_BELOW_MINIMUM: Cause(
        en="The debt is below the least amount that the rules list.",
        zh="欠费低于规则规定的最低金额。",
        field="principal",
    ),
    Verdict.REJ_TOO_RECENT: Cause(
        en="The debt is not old enough yet; report it again later.", zh="欠费时间尚短，请日后再报。", field="due_date"
    ),
    Verdict.REJ_TIME_BARRED: Cause(
        en="The debt is older than the period of limitation.", zh="欠费已超过诉讼时效。", field="due_date"
    ),
    Verdict.REJ_NO_NOTICE: Cause(
        en="The debtor was not told before: give the notice first.",
        zh="列入前未通知欠费人，请先通知。",
        field="notice_date",
    ),
    Verdict.REJ_NO_EVIDENCE: Cause(
        en="The documents of the debt are missing.", zh="缺少该笔欠费的证明材料。", field="account"
    ),
    Verdict.REJ_OPEN_DISPUTE: Cause(
        en="The debt is under dispute, and is not listed meanwhile.",
        zh="该笔欠费有争议，期间不予列入。",
        field="category",
    ),
    Verdict.REJ_CARRIER_CAUSED: Cause(
        en="The carrier caused the debt; it is never listed.", zh="欠费由运营商原因造成，不予列入。", field="category"
    ),
    Verdict.REJ_STOLEN_IDENTITY: Cause(
        en="The identity was stolen; the debt is never listed.", zh="身份被盗用，不予列入。", field="category"
    ),
    Verdict.REJ_SP_FEE: Cause(
        en="Fees of third-party services are never listed.", zh="第三方增值业务费用不予列入。", field="category"
    ),
    Verdict.REJ_MINOR: Cause(
        en="The debtor was a minor when the debt became due.", zh="欠费到期时欠费人未成年。", field="document_number"
    ),
    Verdict.REJ_ACCOUNT_IN_USE: Cause(
        en="Another person has an open record on this account over an earlier debt: settle or withdraw that one first.",
        zh="该账户上另有他人较早的未结记录，请先结清或撤回。",
        field="account",
    ),
    Verdict.REJ_ACCOUNT_REPEATED: Cause(
        en="An earlier row of the file is about this account with other figures: one row an account.",
        zh="同一文件中前面的行已涉及该账户且数据不同，每个账户只能一行。",
        field="account",
    ),
    Verdict.REJ_ACCOUNT_UNREADABLE: Cause(
        en="The account number was lost or has another form: export it as text.",
        zh="账户编号已损坏或格式不符，请以文本形式导出。",
        field="account",
    ),
    Verdict.REJ_TOO_MANY_RECORDS: Cause(
        en="There are as many records of this person or firm as one creditor may have.",
        zh="对该个人或单位的记录已达上限。",
        field="account",
    ),
    Verdict.REJ_WITHDRAWAL_HELD: Cause(
        en="The row would take a record out beyond the day's bound: another key has to confirm first "
        "(`clearline gateway take-outs confirm`), then report the row again.",
        zh="该行将使移出记录数超过当日上限，须由另一密钥先行确认，然后重新报送。",
        field="account",
    ),
    Verdict.REJ_MALFORMED_ROW: Cause(
        en="A cell is missing or its word is unknown to the mapping: correct the row or the mapping.",
        zh="单元格缺失，或其内容不在映射文件的词表中，请更正该行或映射文件。",
    ),
}
"""The words of each verdict. Statements and pages for people take theirs from gateway/counter."""
