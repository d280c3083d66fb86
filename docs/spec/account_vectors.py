"""Writes vectors of account numbers as exports spell them: their canonical form and references, or the refusal."""

# ruff: noqa: INP001, E501 (a script's part, beside the pages it serves; tables are wide)

import datetime as dt
import hmac
from typing import Final

from docs.spec.fixed import stream
from protocol.accounts import AccountUnreadable, canonical_account
from protocol.identifiers import DocumentKind, oprf_input, parse_document

KEY: Final = stream("account key")(32)
DOMAIN: Final = b"clearline/account-ref/v1\n"
PERSON_DOMAIN: Final = b"clearline/person-ref/v1\n"
PERSONS: Final = [
    ("0012345678", DocumentKind.RESIDENT_ID, "11010519491231002X"), ("0012345678", DocumentKind.RESIDENT_ID, "'11010519491231002x"),
    ("'0012345678", DocumentKind.RESIDENT_ID, "11010519491231002X"), ("12345678", DocumentKind.RESIDENT_ID, "11010519491231002X"),
    ("0012345678", DocumentKind.RESIDENT_ID, "440524188001010014"), ("宽带0012", DocumentKind.ENTERPRISE, "91350100M000100Y43"),
]  # fmt: skip
TODAY: Final = dt.date(2026, 11, 21)

TEXTS: Final = [
    "0012345678", "12345678", "'0012345678", "’0012345678’", "＇0012345678", "´0012345678", '"0012345678"', '="0012345678"', "'=\"0012345678\"",
    "＝“0012345678”", '= " 0012345678 "', '"=""0012345678"""', "\t0012345678", "0012345678\t", "\u001f0012345678", "００１２３４５６７８", " 0012345678\u3000", "0012345678\u00a0",
    "\u200b0012345678", "0012\u200b345678", "\ufeff0012345678", "\u202d0012345678\u202c", "0012345678\u00ad", "0012345678\ufe0f", "0571-88888888", "0571－88888888", "0571−88888888",
    "0571—88888888", "A000000001", "a000000001", "5E12", "12345.1", "12.345.678", "+8613800000000", "宽带0012", "1" * 128,
    "", " ", "'", '=""', "1" * 129, "ﬃ" * 60, "12\u000034", "12\u001f34", "12\ue00034", "١٢٣", "12²", "①23", "12_x000D_", "12345;", "A12,", "(12345)", "12 34", "12\u300034", "=12345678", "=cmd|calc",
    "1.38001E+12", "1.38001e+12", "１．３８Ｅ＋１２", "1E+12", "1.38E12", "1,38E+12", "13.8E+11", "'1.38E+12", "1.38x10^12", "0012345678.0", "0012345678.00", "12345678.", "12345678,00", "1,380,012",
    "1,380,012.00", "1,380", "1'380'012", "3月12日", "12-Mar", "Mar-12", "2026/3/12", "0", "0000", "-", "NULL", "nan", "N/A", "#N/A", "#REF!", "########", "无", "未知", "1380****12", "138？12", "138□12",
    "138\ufffd12", "1380XXXX12", "138##12", "138...12", "138●●12",
]  # fmt: skip


def content() -> dict[str, object]:
    """Write the references' key, each text with its number and reference or its refusal, and persons on accounts."""
    return {
        "key_hex": KEY.hex(),
        "cases": [_case(text) for text in TEXTS],
        "persons": [_person(*each) for each in PERSONS],
    }


def _person(text: str, kind: DocumentKind, number: str) -> dict[str, object]:
    document = oprf_input(parse_document(kind, number, issuer="CHN", today=TODAY))
    message = PERSON_DOMAIN + canonical_account(text).encode("utf-8") + b"\n" + document
    return {
        "account_text": text,
        "kind": kind.value,
        "number_text": number,
        "oprf_input_hex": document.hex(),
        "person_ref_hex": hmac.digest(KEY, message, "sha256").hex(),
    }


def _case(text: str) -> dict[str, object]:
    try:
        account = canonical_account(text)
    except AccountUnreadable as refusal:
        return {"text": text, "refused": refusal.code.value}
    reference = hmac.digest(KEY, DOMAIN + account.encode("utf-8"), "sha256")
    return {"text": text, "account": account, "reference_hex": reference.hex()}
