"""Recognises a file whose numbers a spreadsheet damaged, before one of them names a stranger.

One in eleven damaged resident numbers has a right check digit by chance. docs/adr/0027-a-file-is-looked-at-first.md
explains the figures.
"""

import hashlib
import re
from collections import Counter
from typing import Final

from protocol.spreadsheet import unmarked

FEWEST_ROWS: Final = 50
"""A share of fewer documents says little."""
_SHARE: Final = 5
"""One in five is too many."""
_ALIKE: Final = 5
"""So many different numbers do not end alike by chance."""
_ENDING: Final = 3
_ROUNDINGS: Final = ((15, 16), (6, 10))
"""A spreadsheet keeps 15 digits of a number, and six of one that it showed as 1.38001E+12; the others become zeros.

Beside each stands the least number of digits of an account number for which that counts.
"""
_LONG_NUMBER: Final = re.compile(r"[0-9]{15,17}[0-9A-Z]")


class DamagedNumbers:
    """Counts over the rows of one file, in constant memory."""

    def __init__(self) -> None:
        self._documents = self._failing = self._long = 0
        self._endings: Counter[str] = Counter()
        self._accounts: Counter[int] = Counter()
        self._rounded: Counter[int] = Counter()
        self._seen: dict[str, set[bytes]] = {}

    def see_document(self, cell: str, *, valid: bool) -> None:
        """Count the number of a row, as the file writes it."""
        self._documents += 1
        self._failing += not valid
        number = unmarked(cell).upper()
        if _LONG_NUMBER.fullmatch(number) is None:
            return
        self._long += 1
        ending = number[-_ENDING:]
        self._endings[ending] += 1
        self._note(ending, number)

    def see_account(self, number: str) -> None:
        """Count a canonical account number."""
        if not number.isdigit():
            return
        for exact, fewest in _ROUNDINGS:
            if len(number) >= fewest:
                self._accounts[exact] += 1
                if not number[exact:].strip("0"):
                    self._rounded[exact] += 1
                    self._note(f"rounded/{exact}", number)

    def complaint(self, *, accounts_declared: bool = False) -> str | None:
        """Describe the damage; None for an undamaged file."""
        said = [*self._about_documents(), *([] if accounts_declared else self._about_accounts())]
        return " and ".join(said) or None

    def _about_documents(self) -> list[str]:
        said = []
        ending, count = max(self._endings.items(), key=lambda each: each[1], default=("", 0))
        if count * _SHARE >= self._long and self._differ(ending):
            # The ending is part of a person's number, so do not repeat it unless the spreadsheet wrote it.
            how = "in 000" if ending == "0" * _ENDING else "in the same three characters"
            said.append(f"{count} of {self._long} document numbers end {how}")
        if self._documents >= FEWEST_ROWS and self._failing * _SHARE > self._documents:
            said.append(f"{self._failing} of {self._documents} document numbers name nobody (check digit or form)")
        return said

    def _about_accounts(self) -> list[str]:
        return [
            f"{self._rounded[exact]} of {self._accounts[exact]} long account numbers "
            f"have only zeros after {exact} digits"
            for exact, _ in _ROUNDINGS
            if self._rounded[exact] * 2 > self._accounts[exact] and self._differ(f"rounded/{exact}")
        ]

    def _note(self, group: str, number: str) -> None:
        seen = self._seen.setdefault(group, set())
        if len(seen) < _ALIKE:
            seen.add(hashlib.blake2b(number.encode("utf-8"), digest_size=8).digest())

    def _differ(self, group: str) -> bool:
        return len(self._seen.get(group, ())) >= _ALIKE
