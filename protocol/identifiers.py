"""Canonical identity documents: one person or firm, one (kind, issuing state, number), or a coded refusal.

docs/spec/identifiers.md states each rule with its source; docs/spec/vectors/identifiers.json has vectors. A name is
never part of a document. Counties are not checked: people keep numbers of counties that are long gone.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from protocol import encodings
from protocol.characters import unified
from protocol.countries import ISSUING_STATES
from protocol.spreadsheet import unmarked

FORM: Final = "identifiers/1"
"""Names the canonical form of documents: a release that reads some text otherwise raises the number."""
MAX_NUMBER_TEXT: Final = 64
"""Longest text that is read, in characters; no document number with all its spaces comes near it."""
EARLIEST_BIRTH: Final = dt.date(1850, 1, 1)
"""A birth date before this is a typing error: its holder could not have got a number of this form."""

_OPRF_DOMAIN: Final = "document"
_HOME: Final = "CHN"
_DIGITS_ALIKE: Final = 6
"""From this many digits on, a number whose digits are all the same is a placeholder."""
_PROVINCE_CODES = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83"
)
_PROVINCES: Final = frozenset(_PROVINCE_CODES.split())
# Registering authorities of the state (10) and of the Xinjiang Production and Construction Corps (66) have no province.
_REGISTRATION_AREAS: Final = _PROVINCES | {"10", "66"}

_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_RESIDENT_LEGACY = re.compile(r"[0-9]{15}")
_FOREIGN_PR = re.compile(r"9[0-9]{16}[0-9X]")
_FOREIGN_PR_LEGACY = re.compile(r"([A-Z]{3})[0-9]{12}")
_PASSPORT = re.compile(r"(?=[A-Z]*[0-9])[0-9A-Z]{5,9}")
# Passports of China have no I and no O: either is a misread 1 or 0.
_PASSPORT_HOME = re.compile(r"[A-HJ-NP-Z][0-9]{7,8}|[A-HJ-NP-Z]{2}[0-9]{7}|1[45][0-9]{7}")
_ENTERPRISE = re.compile(r"[1-9ANY][0-9]([0-9]{2})[0-9]{4}[0-9A-HJ-NP-RTUWXY]{10}")
# Serial numbers of the 15-digit form that were kept for people over a hundred, born before 1900.
_CENTENARIANS: Final = ("996", "997", "998", "999")
# By registering authority, the classes of organisation that it registers.
_CLASSES: Final = {
    "1": "1239", "2": "19", "3": "123459", "4": "19", "5": "12349", "6": "129",
    "7": "129", "8": "19", "9": "1239", "A": "19", "N": "1239", "Y": "1",
}  # fmt: skip
_XIAMEN: Final = "3502"
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


class DocumentKind(StrEnum):
    """The kinds of document that identify a debtor or applicant."""

    RESIDENT_ID = "RESIDENT_ID"
    FOREIGN_PR = "FOREIGN_PR"
    HK_MACAO_PERMIT = "HK_MACAO_PERMIT"
    TAIWAN_PERMIT = "TAIWAN_PERMIT"
    PASSPORT = "PASSPORT"
    MILITARY_ID = "MILITARY_ID"
    ENTERPRISE = "ENTERPRISE"


# The groups stay equal when the document is renewed or written another way; the key leaves the rest out.
_LASTING_PART: Final = {
    DocumentKind.HK_MACAO_PERMIT: re.compile(r"([HM]A[0-9]{7}(?!.)|[HM][0-9]{8})(?:[0-9]{2})?"),
    DocumentKind.TAIWAN_PERMIT: re.compile(r"([0-9]{8})(?:[0-9]{2}(?:\([0-9A-Z]\))?)?"),
    DocumentKind.MILITARY_ID: re.compile(r"((?:(?![字第号])[\u4e00-\u9fff]){1,2})(?:字第?|第)?([0-9]{4,8})号?"),
}


class DocumentCode(StrEnum):
    """The reasons to refuse a number."""

    EMPTY = "EMPTY"
    TOO_LONG = "TOO_LONG"
    FORBIDDEN_CHARACTER = "FORBIDDEN_CHARACTER"
    MALFORMED = "MALFORMED"
    ALL_DIGITS_SAME = "ALL_DIGITS_SAME"
    UNKNOWN_ISSUER = "UNKNOWN_ISSUER"
    UNKNOWN_PROVINCE = "UNKNOWN_PROVINCE"
    IMPOSSIBLE_BIRTH_DATE = "IMPOSSIBLE_BIRTH_DATE"
    FUTURE_BIRTH_DATE = "FUTURE_BIRTH_DATE"
    BAD_CHECK_DIGIT = "BAD_CHECK_DIGIT"


class InvalidDocument(ValueError):
    """An invalid document number; ``code`` has the reason, the number is not repeated."""

    def __init__(self, code: DocumentCode) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document in canonical form; only ``parse_document`` makes one of outside input."""

    kind: DocumentKind
    issuer: str
    number: str = field(repr=False)

    @property
    def is_natural_person(self) -> bool:
        return self.kind is not DocumentKind.ENTERPRISE

    @property
    def birth_date(self) -> dt.date | None:
        """The date of birth where the number has all of it, else None."""
        if self.kind is not DocumentKind.RESIDENT_ID and not (
            self.kind is DocumentKind.FOREIGN_PR and _FOREIGN_PR.fullmatch(self.number)
        ):
            return None
        return dt.date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))

    def age_on(self, day: dt.date) -> int | None:
        """Count the completed years of life on a day; None when the number has no date of birth."""
        born = self.birth_date
        if born is None:
            return None
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def parse_document(kind: DocumentKind, number: str, *, issuer: str = _HOME, today: dt.date) -> Document:
    """Read a typed number as a canonical document; ``today`` bounds the date of birth."""
    text = _normalise(number)
    state = _normalise(issuer)
    if state not in (ISSUING_STATES if kind is DocumentKind.PASSPORT else {_HOME}):
        raise InvalidDocument(DocumentCode.UNKNOWN_ISSUER)
    digits = [each for each in text if "0" <= each <= "9"]
    if len(digits) >= _DIGITS_ALIKE and len(set(digits)) == 1:
        raise InvalidDocument(DocumentCode.ALL_DIGITS_SAME)
    return Document(kind=kind, issuer=state, number=_canonical_number(kind, text, state, today))


def oprf_input(document: Document) -> bytes:
    """Build the OPRF input of a document (docs/spec/oprf-input.md)."""
    return encodings.oprf_input(_OPRF_DOMAIN, document.kind.value, document.issuer, document.number)


def _normalise(text: str) -> str:
    """Normalise each character; drop spaces, tabs and marks of a spreadsheet; put ASCII letters in upper case."""
    if len(text) > MAX_NUMBER_TEXT:
        raise InvalidDocument(DocumentCode.TOO_LONG)
    if text.isascii() and text.isalnum():
        return text.upper()
    bare = unified(unmarked(text))
    kept = "".join(each for each in bare if each != "\t" and unicodedata.category(each) != "Zs")
    if any(unicodedata.category(each).startswith("C") for each in kept):
        raise InvalidDocument(DocumentCode.FORBIDDEN_CHARACTER)
    if not kept:
        raise InvalidDocument(DocumentCode.EMPTY)
    return kept.translate(_UPPER)


def _canonical_number(kind: DocumentKind, text: str, issuer: str, today: dt.date) -> str:
    if kind is DocumentKind.RESIDENT_ID:
        return _resident(text, today)
    if kind is DocumentKind.FOREIGN_PR:
        return _foreign_permanent_resident(text, today)
    if kind is DocumentKind.ENTERPRISE:
        return _enterprise(text)
    if kind is DocumentKind.PASSPORT:
        return _matched(_PASSPORT_HOME if issuer == _HOME else _PASSPORT, text).group()
    return "".join(_matched(_LASTING_PART[kind], text).groups())


def _matched(form: re.Pattern[str], text: str) -> re.Match[str]:
    found = form.fullmatch(text)
    if found is None:
        raise InvalidDocument(DocumentCode.MALFORMED)
    return found


def _resident(text: str, today: dt.date) -> str:
    legacy = _RESIDENT_LEGACY.fullmatch(text) is not None
    if legacy and text.endswith(_CENTENARIANS):
        raise InvalidDocument(DocumentCode.IMPOSSIBLE_BIRTH_DATE)
    number = text[:6] + "19" + text[6:] if legacy else text
    if legacy:
        number += mod_11_2.calc_check_digit(number)
    _matched(_RESIDENT, number)
    if number[:2] not in _PROVINCES:
        raise InvalidDocument(DocumentCode.UNKNOWN_PROVINCE)
    _refuse_birth_date(number[6:14], today)
    _refuse_check_digit(number)
    return number


def _foreign_permanent_resident(text: str, today: dt.date) -> str:
    older = _FOREIGN_PR_LEGACY.fullmatch(text)
    if older is not None:
        if older.group(1) not in ISSUING_STATES:
            raise InvalidDocument(DocumentCode.UNKNOWN_ISSUER)
        return text
    _matched(_FOREIGN_PR, text)
    if text[1:3] not in _PROVINCES:
        raise InvalidDocument(DocumentCode.UNKNOWN_PROVINCE)
    _refuse_birth_date(text[6:14], today)
    _refuse_check_digit(text)
    return text


def _enterprise(text: str) -> str:
    area = _matched(_ENTERPRISE, text).group(1)
    if area not in _REGISTRATION_AREAS:
        raise InvalidDocument(DocumentCode.UNKNOWN_PROVINCE)
    if text[1] not in _CLASSES[text[0]]:
        raise InvalidDocument(DocumentCode.MALFORMED)
    # The library's validate() refuses the authorities written as letters (A, N, Y): we use its arithmetic only.
    fits = text[-1] == uscc.calc_check_digit(text)
    if not fits and not (text[2:6] == _XIAMEN and _is_organisation(text[8:17])):
        raise InvalidDocument(DocumentCode.BAD_CHECK_DIGIT)
    return text


def _is_organisation(code: str) -> bool:
    """Tell whether an organisation code's check character (GB 11714) fits; Xiamen's older codes have no other."""
    total = sum(int(each, 36) * weight for each, weight in zip(code, _ORGANISATION_WEIGHTS, strict=False))
    return code[8] == "0123456789X0"[11 - total % 11]


def _refuse_birth_date(digits: str, today: dt.date) -> None:
    try:
        born = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise InvalidDocument(DocumentCode.IMPOSSIBLE_BIRTH_DATE) from None
    if born < EARLIEST_BIRTH:
        raise InvalidDocument(DocumentCode.IMPOSSIBLE_BIRTH_DATE)
    if born > today:
        raise InvalidDocument(DocumentCode.FUTURE_BIRTH_DATE)


def _refuse_check_digit(number: str) -> None:
    if number[-1] != mod_11_2.calc_check_digit(number[:-1]):
        raise InvalidDocument(DocumentCode.BAD_CHECK_DIGIT)
