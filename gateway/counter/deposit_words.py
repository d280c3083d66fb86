"""The words of deposits in English and Simplified Chinese, for the statement that a customer reads."""

from collections.abc import Mapping
from typing import Final

from gateway.counter.words import Language

SENTENCES: Final[Mapping[Language, dict[str, str]]] = {
    Language.EN: {
        "deposits": "Deposits that you paid",
        "deposit": "{day}: {amount} yuan to {who} for {service}, due back by {due}; {left} yuan are held",
        "deposit-over": "{day}: {amount} yuan to {who} for {service}; nothing of it is held any more",
        "deposit-not": "{day}: {amount} yuan to {who} for {service}, the carrier says by now that it took none",
        "deposit-back": "; {amount} yuan given back by {day}",
        "deposit-kept": "; {amount} yuan kept for bills",
        "deposit-overdue": "; overdue: ask for it",
    },
    Language.ZH: {
        "deposits": "您缴纳的押金",
        "deposit": "{day}：为{service}向 {who} 缴纳押金 {amount} 元，最迟 {due} 退还；现有 {left} 元未退",
        "deposit-over": "{day}：为{service}向 {who} 缴纳押金 {amount} 元；已全部处理完毕",
        "deposit-not": "{day}：为{service}向 {who} 缴纳押金 {amount} 元；该企业现称未收取押金",
        "deposit-back": "；截至 {day} 已退还 {amount} 元",
        "deposit-kept": "；抵扣账单 {amount} 元",
        "deposit-overdue": "；已逾期，请要求退还",
    },
}
