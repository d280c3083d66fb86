"""The words of attestations in English and Simplified Chinese, for the statement that a subject reads."""

from collections.abc import Mapping
from typing import Final

from gateway.counter.words import Language
from protocol.attestations import ConsentMethod, DemandReply, StandingDemandState

SENTENCES: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.EN: {
        "attestations": "Attestations of payment in time",
        "attestation": "{who}: {band} months or more of bills paid in time, as of {as_of}; counts until {until} "
        "(not included)",
        "attestation-consent": 'Your consent {ref} to text "{text}": {method}, given {given}, until {ends} '
        "(not included)",
        "attestation-end": "You may end this consent at any counter of any member, and need give no reason: the "
        "attestation is deleted at once. Answers that were given before keep the grade and its reasons until they "
        "are deleted by their age.",
        "attestation_demands": "Attestations that you demanded",
        "attestation-demand": "From {who}, on {at} through {through}, due {due}: {state}",
    },
    Language.ZH: {
        "attestations": "按时缴费证明",
        "attestation": "{who}：截至 {as_of}，连续 {band} 个月以上按时缴费；有效至 {until}（不含当日）",
        "attestation-consent": "您的同意书 {ref}，文本“{text}”：{method}，{given} 作出，至 {ends}（不含当日）",
        "attestation-end": "您可在任一成员的任一营业厅撤回该同意，无需说明理由：证明立即删除。"
        "此前已作出的查询答复，其等级及理由保留至按期删除为止。",
        "attestation_demands": "您要求出具的证明",
        "attestation-demand": "{at} 通过 {through} 向 {who} 提出，期限 {due}：{state}",
    },
}
METHODS: Final[Mapping[ConsentMethod, Mapping[Language, str]]] = {
    ConsentMethod.PAPER: {Language.EN: "on paper", Language.ZH: "书面"},
    ConsentMethod.COUNTER: {Language.EN: "at the counter", Language.ZH: "营业厅"},
    ConsentMethod.APP: {Language.EN: "in the carrier's app", Language.ZH: "运营商应用内"},
    ConsentMethod.SMS_CODE: {Language.EN: "by a code sent to your phone", Language.ZH: "短信验证码"},
}
STATES: Final[Mapping[StandingDemandState, Mapping[Language, str]]] = {
    StandingDemandState.OPEN: {Language.EN: "waiting for the answer", Language.ZH: "等待答复"},
    StandingDemandState.ATTESTED: {Language.EN: "attested", Language.ZH: "已出具"},
    StandingDemandState.REFUSED: {Language.EN: "not attested", Language.ZH: "未出具"},
    StandingDemandState.OVERDUE: {Language.EN: "not answered in time", Language.ZH: "逾期未答复"},
}
REPLIES: Final[Mapping[DemandReply, Mapping[Language, str]]] = {
    DemandReply.NOT_IDENTIFIED: {
        Language.EN: "nobody named the number of the demand to the carrier, so that it does not know whom it is about",
        Language.ZH: "无人向该运营商提供要求编号，无法确定所涉用户",
    },
    DemandReply.NO_CONTRACT: {Language.EN: "you have no contract there", Language.ZH: "您在该处没有合同"},
    DemandReply.NO_CONSENT: {Language.EN: "you were asked, and did not consent", Language.ZH: "已征询，您未同意"},
    DemandReply.NOT_IN_GOOD_STANDING: {
        Language.EN: "bills were paid late; ask the carrier which, and dispute what is wrong",
        Language.ZH: "存在未按时缴纳的账单；可向该运营商查询，如有错误可提出异议",
    },
}
