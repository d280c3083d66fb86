"""Collect the faults that an audit finds: a stable code and an index each, never content, and only a bounded number."""

from dataclasses import dataclass
from typing import Final

MAX_FINDINGS: Final = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """``index`` is the place of the entry in the log."""

    code: str
    index: int


class Findings:
    """Collects findings: it counts all of them and keeps the first ones."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.count = 0

    def add(self, code: str, index: int) -> None:
        """Add a finding; one bad entry does not hide the others."""
        self.count += 1
        if len(self.kept) < MAX_FINDINGS:
            self.kept.append(Finding(code, index))
