"""The words for every code of an activation, in Simplified Chinese and English: its name, and the clerk's sentence.

An applicant is served by then and hears none of them. Placeholders are filled by gateway/counter/activation_text.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.counter.activations import LocalVerdict
from gateway.counter.words import Language
from protocol.activations import (
    ActivationNote,
    ActivationOutcome,
    ActivationReason,
    ActivationVerdict,
    Basis,
    Obeyed,
    UncheckedCause,
)


@dataclass(frozen=True, slots=True)
class ClerkWords:
    """The name of a code in a list, and the sentence for the clerk."""

    name: str
    clerk: str


ForClerks = Mapping[Language, ClerkWords]
_Two = tuple[str, str]


def _said(*, zh: _Two, en: _Two) -> ForClerks:
    """Take name and sentence in each language."""
    return {Language.ZH: ClerkWords(*zh), Language.EN: ClerkWords(*en)}


def _named(*, zh: str, en: str) -> ForClerks:
    """Take the name of a reason or a cause in each language; the sentence is the same for all of them."""
    return _said(zh=(zh, f"原因：{zh}。"), en=(en, f"Reason: {en}."))


OUTCOMES: Final[Mapping[ActivationOutcome, ForClerks]] = {
    ActivationOutcome.ACTIVATED: _said(
        zh=("已开通", "已登记：按申请开通（后付费）。"),
        en=("opened", "Noted: opened as asked, postpaid."),
    ),
    ActivationOutcome.DEPOSIT_TAKEN: _said(
        zh=("收押金开通", "已登记：收取押金后开通。"),
        en=("opened with a deposit", "Noted: opened with a deposit."),
    ),
    ActivationOutcome.PREPAID: _said(
        zh=("预付费开通", "已登记：开通预付费业务。"),
        en=("opened prepaid", "Noted: opened prepaid."),
    ),
    ActivationOutcome.DECLINED: _said(
        zh=("未开通", "已登记：没有开通。"),
        en=("not opened", "Noted: nothing was opened."),
    ),
    ActivationOutcome.OVERRIDDEN: _said(
        zh=("特批开通", "已登记：未按决定办理，经第二人批准开通。"),
        en=("opened by override", "Noted: opened against the decision, approved by a second person."),
    ),
    ActivationOutcome.CANCELLED_LATER: _said(
        zh=("事后撤销", "已登记：开通后又撤销。"),
        en=("cancelled later", "Noted: opened first, and closed again."),
    ),
}
ACTIVATION_REASONS: Final[Mapping[ActivationReason, ForClerks]] = {
    ActivationReason.REVIEWED: _named(zh="已了解情况", en="looked into"),
    ActivationReason.VERIFIED: _named(zh="已当面核验身份", en="identity verified in person"),
    ActivationReason.APPLICANT_LEFT: _named(zh="申请人放弃办理", en="the applicant left"),
    ActivationReason.NOT_PAID: _named(zh="欠费未结清", en="the debt was not paid"),
    ActivationReason.NOT_VERIFIED: _named(zh="身份核验未通过", en="the identity was not verified"),
    ActivationReason.NO_RESOURCE: _named(zh="没有可用资源", en="no line or number was free"),
    ActivationReason.OTHER: _named(zh="其他", en="another one"),
    ActivationReason.PROOF_OF_PAYMENT: _named(zh="出示了缴费凭证", en="proof of payment was shown"),
    ActivationReason.DISPUTED_IN_GOOD_FAITH: _named(zh="善意提出异议", en="disputed in good faith"),
    ActivationReason.NOT_THE_PERSON: _named(zh="欠费人并非申请人", en="the debtor is somebody else"),
    ActivationReason.EMERGENCY: _named(zh="紧急情况", en="an emergency"),
    ActivationReason.ORDER_OF_COURT_OR_REGULATOR: _named(
        zh="法院或主管部门要求", en="ordered by a court or the regulator"
    ),
    ActivationReason.KEY_ACCOUNT: _named(zh="重要客户", en="a key account"),
    ActivationReason.RETENTION_OFFER: _named(zh="挽留客户", en="an offer to keep the customer"),
    ActivationReason.MANAGER: _named(zh="主管决定", en="a manager's decision"),
    ActivationReason.LATE_HIT: _named(zh="开通后才查到欠费", en="a debt was found afterwards"),
    ActivationReason.AFTER_BYPASS: _named(zh="补查后撤销", en="checked afterwards"),
    ActivationReason.APPLICANT: _named(zh="申请人要求", en="the applicant's wish"),
    ActivationReason.FRAUD: _named(zh="欺诈", en="fraud"),
}
CAUSES: Final[Mapping[UncheckedCause, ForClerks]] = {
    UncheckedCause.NOT_ASKED: _named(zh="没有查询", en="nobody asked"),
    UncheckedCause.SYSTEM_FAULT: _named(zh="系统故障", en="a fault of our systems"),
    UncheckedCause.MIGRATED: _named(zh="从旧系统迁移", en="brought over from an older system"),
    UncheckedCause.QUEUE_LOST: _named(zh="待查队列丢失", en="the queue of postponed checks was lost"),
}
BASES: Final[Mapping[Basis, ForClerks]] = {
    Basis.CHECKED: _said(
        zh=("查询有效", "办理时查询结果在有效期内。"),
        en=("checked", "The decision was valid when it was done."),
    ),
    Basis.STALE: _said(
        zh=("查询过期", "办理时查询结果已过有效期；以后请先再次核对，再开通。"),
        en=("out of date", "The decision was no longer valid. Check again next time before you open the line."),
    ),
    Basis.UNCHECKED: _said(
        zh=("未查询", "没有对应的查询，按未查询登记。"),
        en=("not checked", "Noted as an order without a check."),
    ),
}
OBEYED: Final[Mapping[Obeyed, ForClerks]] = {
    Obeyed.YES: _said(zh=("符合决定", "办理与决定一致。"), en=("as decided", "It was done as decided.")),
    Obeyed.NO: _said(
        zh=("不符合决定", "办理与决定不一致，已如实登记。"),
        en=("not as decided", "It was not done as decided, and is noted as that."),
    ),
    Obeyed.NOT_BOUND: _said(
        zh=("没有决定", "没有可以对照的决定。"),
        en=("no decision", "There was no decision to keep to."),
    ),
}
NOTES: Final[Mapping[ActivationNote, ForClerks]] = {
    ActivationNote.LATE: _said(
        zh=("迟报", "办理后超过 24 小时才上报。"),
        en=("late", "It was reported more than 24 hours after it was done."),
    ),
    ActivationNote.MOVED: _said(
        zh=("换点办理", "办理地点与查询地点不同。"),
        en=("elsewhere", "It was done at another outlet than it was asked from."),
    ),
    ActivationNote.CORRECTED: _said(
        zh=("已更正", "这次登记更正了先前的登记。"),
        en=("corrected", "It corrects what was reported before."),
    ),
    ActivationNote.TOO_MANY_LINES: _said(
        zh=("超出查询", "开通的线路多于查询的线路，其中 {lines} 条按未查询登记。"),
        en=("more than checked", "More lines than were asked about: {lines} of them are noted as not checked."),
    ),
}
VERDICTS: Final[Mapping[ActivationVerdict, ForClerks]] = {
    ActivationVerdict.RECORDED: _said(zh=("已登记", "已上报。"), en=("recorded", "It is reported.")),
    ActivationVerdict.CORRECTED: _said(
        zh=("已作更正登记", "已作为更正上报。"), en=("recorded as a correction", "It is reported as a correction.")
    ),
    ActivationVerdict.DUPLICATE: _said(
        zh=("此前已登记", "此前已上报，没有重复登记。"),
        en=("recorded before", "It was reported before, and is not reported twice."),
    ),
    ActivationVerdict.REJ_TOKEN_INVALID: _said(
        zh=("凭据无效", "未登记：网关保存的决定凭据不是该登记系统签发的，请联系管理员。"),
        en=("token invalid", "Not reported: the kept decision is not of this registry. Tell your operator."),
    ),
    ActivationVerdict.REJ_TOKEN_FOREIGN: _said(
        zh=("凭据属于他人", "未登记：网关保存的决定凭据属于另一家企业，请联系管理员。"),
        en=("token of another carrier", "Not reported: the kept decision is of another carrier. Tell your operator."),
    ),
    ActivationVerdict.REJ_TOKEN_EXPIRED: _said(
        zh=("凭据过期", "未登记：距决定已超过规定的上报期限，请按未查询上报。"),
        en=("token expired", "Not reported: the decision is too old. Report the order as one without a check."),
    ),
    ActivationVerdict.REJ_OTHER_ORDER: _said(
        zh=("与查询的订单不符", "未登记：业务或订单与查询时不同，请先查询该业务。"),
        en=("of another order", "Not reported: the check was about another service or order. Check this one first."),
    ),
    ActivationVerdict.REJ_ALREADY_REPORTED: _said(
        zh=("已有不同登记", "未登记：这一修订号已有不同的登记；确需更正的，请使用下一个修订号。"),
        en=(
            "reported otherwise",
            "Not reported: this revision says something else. A correction is the next revision.",
        ),
    ),
    ActivationVerdict.REJ_EDGE: _said(
        zh=("顺序不符", "未登记：与该订单先前的登记不衔接。"),
        en=("out of order", "Not reported: it does not follow from what was reported of this order before."),
    ),
    ActivationVerdict.REJ_SECOND_PERSON: _said(
        zh=("缺少第二人", "未登记：特批须写明经办人和批准人。"),
        en=("second person missing", "Not reported: an override names who did it and who approved it."),
    ),
    ActivationVerdict.REJ_SAME_PERSON: _said(
        zh=("经办与批准为同一人", "未登记：经办人和批准人不能是同一人。"),
        en=("same person", "Not reported: nobody approves an override of their own."),
    ),
    ActivationVerdict.REJ_MALFORMED_ROW: _said(
        zh=("内容有误", "未登记：内容缺失或有误，请按 errors 所列更正。"),
        en=("malformed", "Not reported: something is missing or wrong; `errors` names it."),
    ),
}
"""The verdicts on outcomes that are reported together."""
LOCAL_VERDICTS: Final[Mapping[LocalVerdict, ForClerks]] = {
    LocalVerdict.REJ_ORDER_UNKNOWN: _said(
        zh=("查无此订单", "未登记：本网关没有该订单的决定；请到查询处上报，或注明未查询的原因。"),
        en=("order unknown", "Not reported: no decision on the order is kept here. Say why nobody asked, if so."),
    ),
}
