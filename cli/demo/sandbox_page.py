"""Writes the table of the sandbox's identities: for the terminal, and for docs/sandbox.md in both languages."""

import json
from collections.abc import Iterator
from typing import Any, Final

from cli.demo.identities import IDENTITIES, Identity, Way
from gateway.counter.words import Language
from gateway.identity.documents import HOME_ISSUER
from protocol.codes import DecisionCode
from protocol.context import STANDARD_CONSENT, Channel, HouseholdSource, IdentityCheck, Purpose
from protocol.identifiers import DocumentKind
from protocol.problems import Problem

BEGIN, END = "<!-- identities: written by scripts/sandbox_page.py -->", "<!-- end of identities -->"
_HEADS: Final = {
    Language.EN: ("name", "document", "asks for", "answer of `/check`", "then", "who it is"),
    Language.ZH: ("名称", "证件", "申请", "`/check` 的答复", "之后", "情况"),
}
_WAYS: Final = {
    Way.NOTHING: {Language.EN: "", Language.ZH: ""},
    Way.COLLECT: {
        Language.EN: "`POST /collect` with the quote, `/recheck`: ALLOW",
        Language.ZH: "按报价 `POST /collect`，再 `/recheck`：ALLOW",
    },
    Way.SETTLE: {
        Language.EN: "`POST /settlements` of account {account}, `/recheck`: ALLOW",
        Language.ZH: "按账户 {account} `POST /settlements`，再 `/recheck`：ALLOW",
    },
    Way.REBUT: {
        Language.EN: "`POST /rebut` with the register, `/recheck`: ALLOW",
        Language.ZH: "按户号 `POST /rebut`，再 `/recheck`：ALLOW",
    },
    Way.MEND: {Language.EN: "read the document again", Language.ZH: "重新读取证件"},
}
_REPORTS: Final = {
    DecisionCode.REVIEW: {
        Language.EN: "; or `ACTIVATED` with `REVIEWED`",
        Language.ZH: "；或上报 `ACTIVATED`、`REVIEWED`",
    },
    DecisionCode.VERIFY_ID: {
        Language.EN: "`ACTIVATED` with `VERIFIED`, or `DECLINED` with `NOT_VERIFIED`",
        Language.ZH: "上报 `ACTIVATED`、`VERIFIED`，或 `DECLINED`、`NOT_VERIFIED`",
    },
    DecisionCode.ALLOW: {Language.EN: "`ACTIVATED`", Language.ZH: "上报 `ACTIVATED`"},
}


def body_of(identity: Identity) -> dict[str, Any]:
    """Build the body of ``/check`` for an identity, under an order of its own."""
    document = {"kind": identity.kind.value, "number": identity.number}
    home = {"household_register": identity.household_register, "address": identity.address}
    told = {name: value for name, value in home.items() if value}
    return {
        "document": document | ({} if identity.issuer == HOME_ISSUER else {"issuer": identity.issuer}),
        **told,
        **({"household_source": HouseholdSource.DOCUMENT.value} if told else {}),
        "service_class": identity.service_class.value,
        "purpose": Purpose.NEW_LINE.value,
        "channel": Channel.OUTLET.value,
        "outlet": "SHOP-1",
        "identity": IdentityCheck.READER.value,
        "consent_text": STANDARD_CONSENT,
        "consent": f"C-{identity.name}",
        "order": f"sandbox-{identity.name}",
        "agent": "A-017",
        "languages": [each.value for each in Language],
    }


def body_text(identity: Identity) -> bytes:
    """Write the body as a file to send."""
    return (json.dumps(body_of(identity), ensure_ascii=False, indent=1) + "\n").encode()


def table(language: Language) -> str:
    """Write the table of a page in Markdown."""
    head = _HEADS[language]
    rows = (head, ("---",) * len(head), *(_row(each, language) for each in IDENTITIES))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def lines() -> Iterator[str]:
    """Write the table for a terminal, a line for each identity."""
    for each in IDENTITIES:
        kind = "" if each.kind is DocumentKind.RESIDENT_ID else f" {each.kind.value}"
        yield f"  {each.name:<16} {_answer(each).replace('`', ''):<62} {each.number}{kind}, {each.en}"


def with_table(page: str, language: Language) -> str:
    """Put the table between its marks in a page; raises ValueError where a page has not both of them."""
    before, found, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise ValueError(f"the page needs {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{table(language)}\n{END}{after}"


def _row(identity: Identity, language: Language) -> tuple[str, ...]:
    kind = "" if identity.kind is DocumentKind.RESIDENT_ID else f" {identity.kind.value}"
    issuer = "" if identity.issuer == HOME_ISSUER else f" ({identity.issuer})"
    home = "".join(f"<br>{each}" for each in (identity.household_register, identity.address) if each)
    return (
        f"`{identity.name}`",
        f"{identity.number}{kind}{issuer}{home}",
        identity.service_class.value,
        _answer(identity),
        _then(identity, language),
        getattr(identity, language.value),
    )


def _answer(identity: Identity) -> str:
    if identity.decision is None:
        return f"422 `{Problem.INVALID_FIELD.value.name}`: `document.number` {identity.fault}"
    reasons = ", ".join(identity.reasons)
    offered = ", ".join(identity.alternatives)
    return f"`{identity.decision}` {reasons}" + (f"; alternatives {offered}" if offered else "")


def _then(identity: Identity, language: Language) -> str:
    account = "" if identity.way is not Way.SETTLE else f"`{identity.account(identity.debts[0])}`"
    way = _WAYS[identity.way][language].format(account=account)
    if identity.decision is DecisionCode.ALLOW or identity.decision is None:
        return way if identity.decision is None else _REPORTS[DecisionCode.ALLOW][language]
    return way + _REPORTS.get(identity.decision, {}).get(language, "")
