"""Hold the names of codes that have no sentence of their own, and the sentences of a check that belong to no code."""

from collections.abc import Mapping
from typing import Final

from gateway.counter.words import DECISIONS, REASONS, Language
from protocol.codes import ServiceClass
from protocol.context import Channel, Purpose, TokenName
from protocol.states import HouseholdKind

NAMES: Final[Mapping[ServiceClass | HouseholdKind | Purpose | Channel | TokenName, Mapping[Language, str]]] = {
    ServiceClass.MOBILE: {Language.ZH: "移动电话", Language.EN: "mobile"},
    ServiceClass.FIXED_VOICE: {Language.ZH: "固定电话", Language.EN: "fixed telephone"},
    ServiceClass.BROADBAND: {Language.ZH: "宽带", Language.EN: "broadband"},
    ServiceClass.IPTV: {Language.ZH: "IPTV", Language.EN: "IPTV"},
    HouseholdKind.REGISTER: {Language.ZH: "户口簿", Language.EN: "household register"},
    HouseholdKind.ADDRESS: {Language.ZH: "地址", Language.EN: "address"},
    Purpose.NEW_LINE: {Language.ZH: "办理新业务", Language.EN: "a new line"},
    Purpose.ADD_LINE: {Language.ZH: "加办业务", Language.EN: "a further line"},
    Purpose.DEVICE_CREDIT: {Language.ZH: "合约机分期", Language.EN: "a device on credit"},
    Purpose.OWNERSHIP_CHANGE: {Language.ZH: "过户", Language.EN: "taking a line over"},
    Purpose.REINSTATEMENT: {Language.ZH: "复机", Language.EN: "reinstating a line"},
    Channel.OUTLET: {Language.ZH: "营业厅", Language.EN: "outlet"},
    Channel.DEALER: {Language.ZH: "代理点", Language.EN: "dealer"},
    Channel.ONLINE: {Language.ZH: "网上", Language.EN: "online"},
    Channel.TELEPHONE: {Language.ZH: "电话", Language.EN: "by telephone"},
    Channel.DOOR_TO_DOOR: {Language.ZH: "上门", Language.EN: "at the door"},
    Channel.SELF_SERVICE: {Language.ZH: "自助终端", Language.EN: "self-service"},
    TokenName.SUBJECT: {Language.ZH: "证件", Language.EN: "document"},
    TokenName.HOUSEHOLD_REGISTER: {Language.ZH: "户口簿", Language.EN: "household register"},
    TokenName.HOUSEHOLD_ADDRESS: {Language.ZH: "地址", Language.EN: "address"},
}
PHRASES: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.ZH: {
        "quote": "合计 {total} 元，涉及 {companies} 家企业（{services}）。",
        "quote-of-one": "合计 {total} 元，涉及 {companies} 家企业（{services}）。",
        "dispute-of-another": "欠费人如有异议，可在任一营业厅免费提出；处理期间不影响您办理，同一欠费已有结论的除外。",
        "and": "、",
        "grade-to-clerk": "信用等级 {grade}{reasons}。",
        "grade-to-applicant": "您的信用等级为 {grade}{reasons}。",
        "limit": "参考信用额度 {limit} 元，是否采用由本企业决定。",
        "deposit-to-clerk": "押金为 {amount} 元。",
        "deposit-to-applicant": "押金为 {amount} 元：连续 {bills} 期按时缴费即退还，最迟满 {months} 个月退还。",
    },
    Language.EN: {
        "quote": "The total is {total} yuan, owed to {companies} companies ({services}).",
        "quote-of-one": "The total is {total} yuan, owed to {companies} company ({services}).",
        "dispute-of-another": "Whoever owes it and thinks it wrong says so at any counter, for nothing; you will be "
        "served while it is looked into, unless the same debt was decided on before.",
        "and": ", ",
        "grade-to-clerk": "Grade {grade}{reasons}.",
        "grade-to-applicant": "Your grade is {grade}{reasons}.",
        "limit": "Credit limit {limit} yuan, as advice.",
        "deposit-to-clerk": "The deposit is {amount} yuan.",
        "deposit-to-applicant": "Your deposit: {amount} yuan. It comes back after {bills} bills in a row paid in time, "
        "and after {months} months at the latest.",
    },
}
"""Sentences of no single code; ``dispute-of-another``: the debts are another's, of the applicant's household."""


def names(language: Language) -> dict[str, str]:
    """Map the codes that a statement prints as well to their names."""
    spoken = {code.value: words[language].name for table in (DECISIONS, REASONS) for code, words in table.items()}
    return spoken | {code.value: name[language] for code, name in NAMES.items()}
