"""Account numbers leave the carrier only as references that nobody else can compute, one for all spellings.

Reports, settlements, collected payments, disputes and transfers all come here, so that no payment can name another
account than the report did. docs/adr/0026-account-numbers-have-one-form.md says why.
"""

import hmac
import re
from dataclasses import dataclass, field
from typing import Final

from protocol.accounts import AccountUnreadable, canonical_account

NOT_OF_THE_PATTERN: Final = "NOT_OF_THE_PATTERN"
"""The account is not of the form that the carrier declared for its own."""
_DOMAIN: Final = b"clearline/account-ref/v1\n"
_PERSON_DOMAIN: Final = b"clearline/person-ref/v1\n"


class AccountInvalid(ValueError):
    """A text that is no account of this carrier; ``code`` has the reason, the text is not repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountForm:
    """The form of all accounts of the carrier: [accounts] of its settings."""

    pattern: re.Pattern[str] | None = None
    """The whole number matches it, zeros in front included."""
    width: int | None = None
    """A number of digits alone that is shorter lost zeros in front; a longer one is refused."""


ANY_FORM: Final = AccountForm()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account: its canonical number, which stays here, and the references that leave the carrier."""

    number: str = field(repr=False)
    reference: bytes = field(repr=False)
    former_number: str | None = field(repr=False)
    """The number for this spelling in releases before account numbers had one form; None where it is the same."""
    former_reference: bytes | None = field(repr=False)
    """The reference of that former number."""


class Accounts:
    """Reads the account numbers of one carrier, under its own key and in its own form."""

    def __init__(self, key: bytes, form: AccountForm) -> None:
        self._key = key
        self._form = form

    def read(self, text: str) -> Account:
        """Read the account that a cell or a request names; raises AccountInvalid."""
        number = self._number(text)
        former_number = self._former_number(text.strip(), number)
        other = former_number != number
        return Account(
            number=number,
            reference=account_ref(number, self._key),
            former_number=former_number if other else None,
            former_reference=account_ref(former_number, self._key) if other else None,
        )

    def person_refs(self, account: Account, document: bytes) -> tuple[bytes, ...]:
        """Compute the references of a person on an account from the document's OPRF input: present, then former."""
        numbers = (account.number,) if account.former_number is None else (account.number, account.former_number)
        return tuple(person_ref(each, document, self._key) for each in numbers)

    def stamp(self) -> bytes:
        """Compute a stamp that differs under another key or another form, since these give other references."""
        pattern = "" if self._form.pattern is None else self._form.pattern.pattern
        # No account is empty or has a line break, so this is no account's reference.
        return account_ref(f"\n{self._form.width or 0}\n{pattern}", self._key)

    @property
    def declared(self) -> bool:
        """Tell whether the carrier declared the form of its accounts."""
        return self._form.pattern is not None

    def _number(self, text: str) -> str:
        try:
            number = canonical_account(text)
        except AccountUnreadable as unreadable:
            raise AccountInvalid(unreadable.code.value) from None
        width, pattern = self._form.width, self._form.pattern
        if width is not None and number.isdigit():
            number = number.zfill(width)
            if len(number) > width:
                raise AccountInvalid(NOT_OF_THE_PATTERN)
        if pattern is not None and pattern.fullmatch(number) is None:
            raise AccountInvalid(NOT_OF_THE_PATTERN)
        return number

    def _former_number(self, written: str, number: str) -> str:
        """Spell the account as older releases may have; with a width, most probably without its zeros."""
        if written == number and self._form.width is not None and number.isdigit():
            return number.lstrip("0")
        return written


def account_ref(number: str, key: bytes) -> bytes:
    """Compute the HMAC-SHA-256 of a canonical account number under the carrier's own key, 32 bytes."""
    return hmac.digest(key, _DOMAIN + number.encode("utf-8"), "sha256")


def person_ref(number: str, document: bytes, key: bytes) -> bytes:
    """Compute the HMAC-SHA-256 of a person on an account, 32 bytes: the reference differs between accounts.

    So a thief of the key who has the registry's records has to guess at each account anew. No number has a line break.
    """
    return hmac.digest(key, _PERSON_DOMAIN + number.encode("utf-8") + b"\n" + document, "sha256")
