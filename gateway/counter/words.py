"""The words for every code of a check, in Simplified Chinese and English: its name, and what clerk and applicant hear.

The registry sends codes only. Statement, local service and pages take their words from here. Placeholders are filled
by gateway/counter/check_text.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from protocol.alternatives import AlternativeKind
from protocol.codes import DecisionCode, ReasonCode, Remedy
from protocol.states import HouseholdKeyState


class Language(StrEnum):
    """The languages of people at a counter."""

    EN = "en"
    ZH = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words for one code: its name in a list, and a sentence for the clerk and for the applicant."""

    name: str
    clerk: str
    applicant: str


InBoth = Mapping[Language, Words]
_Three = tuple[str, str, str]


def yuan(fen: int) -> str:
    """Write fen as yuan with two decimals."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def _said(*, zh: _Three, en: _Three) -> InBoth:
    """Take name, clerk's sentence and applicant's sentence in each language."""
    return {
        language: Words(name=name, clerk=clerk, applicant=applicant)
        for language, (name, clerk, applicant) in ((Language.ZH, zh), (Language.EN, en))
    }


DECISIONS: Final[Mapping[DecisionCode, InBoth]] = {
    DecisionCode.ALLOW: _said(
        zh=("可以办理", "可以办理。", "可以为您办理。"),
        en=("yes", "Go ahead with the order.", "You can have the service."),
    ),
    DecisionCode.DEPOSIT: _said(
        zh=("须交押金", "收取押金后办理。", "交纳押金后即可为您办理。"),
        en=("with a deposit", "Take the deposit, then go ahead.", "You can have the service with a deposit."),
    ),
    DecisionCode.PREPAID_ONLY: _said(
        zh=("仅限预付费", "只办理预付费业务。", "目前可以为您办理预付费业务。"),
        en=("prepaid only", "Offer prepaid service only.", "You can have a prepaid line."),
    ),
    DecisionCode.REVIEW: _said(
        zh=(
            "须进一步了解",
            "先向申请人了解情况；没有问题的可以办理，并注明原因。",
            "我们先向您了解一下情况，没有问题即可办理。",
        ),
        en=(
            "to be looked into",
            "Ask the applicant first. If nothing speaks against it, go ahead and note why.",
            "We have a question first. If all is well, you will be served.",
        ),
    ),
    DecisionCode.VERIFY_ID: _said(
        zh=("须当面核验身份", "核验通过后可以办理；未通过的，不得办理。", "身份核验通过后即可办理。"),
        en=(
            "check the identity in person",
            "Go ahead once the identity is verified, and not otherwise.",
            "You will be served once your identity is verified.",
        ),
    ),
    DecisionCode.PAY_FIRST: _said(
        zh=("先缴清欠费", "欠费结清后再办理；结清后重新查询，当即可办。", "结清后可立即办理。"),
        en=(
            "pay first",
            "Serve the applicant once the debt is paid: ask again then, the new answer is immediate.",
            "Pay and be served at once.",
        ),
    ),
}
REASONS: Final[Mapping[ReasonCode, InBoth]] = {
    ReasonCode.NO_ARREARS: _said(
        zh=("无欠费", "没有查到欠费。", "没有查到未结清的通信费用。"),
        en=("no arrears", "No arrears were found.", "No unpaid telephone bills were found."),
    ),
    ReasonCode.OWN_ARREARS: _said(
        zh=("本人欠费", "申请人本人有未结清的欠费。", "您名下有未结清的通信费用。"),
        en=("your own arrears", "The applicant has unpaid bills.", "You have unpaid bills for telephone service."),
    ),
    ReasonCode.HOUSEHOLD_FIXED_LINE_ARREARS: _said(
        zh=(
            "同户固定线路欠费",
            "同户有人的固定业务欠费未结清；再办固定业务，须先结清。",
            "与您同户的人有未结清的固定业务费用（固定电话、宽带或 IPTV）。",
        ),
        en=(
            "arrears of the household for a fixed line",
            "Somebody of the household has unpaid bills for a fixed line; they are paid before another fixed line.",
            "Somebody of your household has unpaid bills for a fixed line (telephone, broadband or IPTV).",
        ),
    ),
    ReasonCode.HOUSEHOLD_ARREARS: _said(
        zh=(
            "同户欠费",
            "同户有人欠费：这只是线索，不得单凭这一点拒绝办理。",
            "与您同户的人有未结清的通信费用；单凭这一点，我们不会拒绝您。",
        ),
        en=(
            "arrears of the household",
            "Somebody of the household has unpaid bills: a hint, and by itself no ground to refuse.",
            "Somebody of your household has unpaid bills; we do not refuse you for that alone.",
        ),
    ),
    ReasonCode.RED_LIST: _said(
        zh=(
            "红名单",
            "该单位在红名单内：欠费不妨碍本次办理，但仍请其结清。",
            "贵单位在红名单内，欠费不妨碍本次办理，但仍应结清。",
        ),
        en=(
            "red list",
            "The organisation is on the red list: its debts do not hold up this order, and remain to be paid.",
            "Your organisation is on the red list: its debts do not hold up this order, and remain to be paid.",
        ),
    ),
    ReasonCode.LOW_GRADE: _said(
        zh=(
            "信用等级偏低",
            "申请人没有未结清的欠费；按信用等级，收取押金，或先办理预付费业务。",
            "您没有未结清的欠费；按您目前的信用等级，需先交押金，或先办理预付费业务。",
        ),
        en=(
            "low grade",
            "Nothing is owed; by the grade the service is had with a deposit, or prepaid.",
            "You owe nothing; by your present grade you can have the service with a deposit, or prepaid.",
        ),
    ),
    ReasonCode.VICTIM_MARKER: _said(
        zh=(
            "身份被冒用",
            "该证件曾被他人冒用：来办理的可能是本人，也可能是冒用者。",
            "为保护证件本人，办理前须当面核验身份。",
        ),
        en=(
            "stolen identity",
            "This identity was stolen once: the bearer may be its owner, or the thief.",
            "To protect the owner of this document, the identity is verified in person first.",
        ),
    ),
}
REMEDIES: Final[Mapping[Remedy, InBoth]] = {
    Remedy.NONE_NEEDED: _said(
        zh=("无需处理", "照常受理。", "您无需另办手续。"),
        en=("nothing to do", "Nothing else is needed.", "You need to do nothing else."),
    ),
    Remedy.PAY_QUOTE: _said(
        zh=(
            "缴清欠费",
            "请申请人本人打开报价页，由其查看欠哪家、怎么缴；打开之前，不要说出是哪家企业。本厅办理代收的，按报价一次收清。",
            "请您本人打开报价页，查看欠哪家、怎么缴；本厅办理代收的，也可在这里一次缴清。",
        ),
        en=(
            "pay",
            (
                "Let the applicant open the quote's page, which shows whom to pay and how; name no company before. "
                "Where this counter takes payments for others, take the whole quote."
            ),
            (
                "Open the quote's page to see whom to pay and how. Where this counter takes payments for others, "
                "you can pay it all here."
            ),
        ),
    ),
    Remedy.DISPUTE_RECORD: _said(
        zh=(
            "提出异议",
            "欠费人本人有异议的，当场免费受理，然后重新查询。",
            "如有异议，可当场在本厅免费提出；处理期间不影响您办理，同一欠费已有结论的除外。",
        ),
        en=(
            "dispute",
            "If the debtor objects, file the dispute here, for nothing, and ask again.",
            (
                "If you think it is wrong, say so here, for nothing; you will be served while it is looked into, "
                "unless the same debt was decided on before."
            ),
        ),
    ),
    Remedy.REBUT_HOUSEHOLD: _said(
        zh=(
            "更正住户",
            "申请人称不属于该住户的，查验证明，当场为其分开，然后重新查询。",
            "如果您不属于该住户，请出示证明，当场即可为您分开，再行办理。",
        ),
        en=(
            "wrong household",
            "If the applicant does not belong to the household, look at the proof, keep them apart here and ask again.",
            "If you do not belong to that household, show a proof: you are kept apart from it at once.",
        ),
    ),
    Remedy.VERIFY_AT_COUNTER: _said(
        zh=(
            "当面核验",
            "先请申请人出示证件原件，人证比对一致后再往下办；预付费业务也一样。",
            "请出示证件原件，由工作人员当面核对。",
        ),
        en=(
            "verify at the counter",
            "First compare the person with the original document; nothing is opened before that, prepaid included.",
            "Please show your original document, to be compared in person.",
        ),
    ),
    Remedy.PAY_DEPOSIT: _said(
        zh=("交纳押金", "收取押金的，当场开具收据；到期主动退还。", "交纳的押金会退还给您，请保管好收据。"),
        en=("pay a deposit", "Give a receipt for a deposit; it is given back unasked.", "Keep the deposit's receipt."),
    ),
    Remedy.TAKE_PREPAID: _said(
        zh=("选择预付费", "交押金还是办预付费，由申请人选择。", "交押金还是办预付费，由您选择。"),
        en=("take prepaid", "Deposit or prepaid: the applicant chooses.", "Deposit or prepaid: you choose."),
    ),
    Remedy.ASK_REVIEW: _said(
        zh=(
            "要求人工复核",
            "申请人要求复核的，当场登记，由工作人员按期复核并答复。",
            "您不同意这一等级的，可要求人工复核；事实有误的，可当场提出异议。都不收费。",
        ),
        en=(
            "ask for a review",
            "If the applicant asks for a review, note it here; a person looks at the grade and answers in time.",
            "If you disagree, ask for a review by a person; if a fact is wrong, dispute it here. Both cost nothing.",
        ),
    ),
}
ALTERNATIVES: Final[Mapping[AlternativeKind, InBoth]] = {
    AlternativeKind.PREPAID_ONLY: _said(
        zh=("预付费", "申请人愿意的，可先办理预付费业务。", "也可现在先办理预付费业务。"),
        en=("prepaid", "Offer a prepaid line meanwhile.", "Or take a prepaid line now."),
    ),
    AlternativeKind.DEPOSIT: _said(
        zh=("押金", "申请人愿意的，收取押金 {amount} 元后办理。", "也可交纳押金 {amount} 元后办理。"),
        en=("deposit", "Offer the service with a deposit of {amount} yuan.", "Or leave a deposit of {amount} yuan."),
    ),
}
KEY_STATES: Final[Mapping[HouseholdKeyState, InBoth]] = {
    HouseholdKeyState.GIVEN: _said(
        zh=("已核对", "已按{key}核对同户欠费。", "本次按您提供的{key}核对了同户欠费。"),
        en=("checked", "The household was checked by {key}.", "Your household was checked by {key}."),
    ),
    HouseholdKeyState.NOT_GIVEN: _said(
        zh=("未提供", "未提供{key}，没有按{key}核对。", "您没有提供{key}，本次未按{key}核对。"),
        en=("not given", "Not checked by {key}: none was given.", "You were not checked by {key}: you gave none."),
    ),
    HouseholdKeyState.NOT_CANONICAL: _said(
        zh=(
            "不完整",
            "{key}不完整或看不清，没有按{key}核对；请补全后重新查询。",
            "您的{key}不完整，本次未按{key}核对。",
        ),
        en=(
            "incomplete",
            "Not checked by {key}: it is incomplete or unclear. Complete it and ask again.",
            "You were not checked by {key}: it is incomplete.",
        ),
    ),
    HouseholdKeyState.COLLECTIVE: _said(
        zh=("集体户", "集体户不算同户，没有按{key}核对。", "集体户不算同户，本次未按{key}核对。"),
        en=(
            "collective household",
            "Not checked by {key}: a collective household is no family.",
            "You were not checked by {key}: a collective household is no family.",
        ),
    ),
    HouseholdKeyState.NOT_APPLICABLE: _said(
        zh=("不适用", "单位办理，不核对{key}。", "单位办理，不核对{key}。"),
        en=("not applicable", "Firms are not checked by {key}.", "Firms are not checked by {key}."),
    ),
    HouseholdKeyState.NOT_ASKED: _said(
        zh=("未告知", "查询未说明{key}的情况，没有按{key}核对。", "本次未按{key}核对。"),
        en=("not told", "Not checked by {key}: the inquiry did not say why.", "You were not checked by {key}."),
    ),
}
