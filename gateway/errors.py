"""Failures at the carrier's side; messages name files, columns, custodians and codes, never a person."""

from pathlib import Path

from client.errors import ClientError


class TokensRefused(ClientError):
    """A file of local callers that cannot be used or changed; ``code`` is stable, and no token is in the message."""

    def __init__(self, path: Path, code: str, what: str) -> None:
        super().__init__(f"{path}: {code}: {what}")
        self.code = code


class MappingError(ClientError):
    """A mapping file that cannot be used; the message names the file and the key."""


class FileBroken(ClientError):
    """An export that cannot be read as a whole; names file, line and column (both from 1), never the content."""

    def __init__(self, path: Path, line: int, column: int, what: str) -> None:
        super().__init__(f"{path}: line {line}, column {column}: {what}")
        self.path = path
        self.line = line
        self.column = column
        self.what = what


class FileSuspicious(ClientError):
    """An export whose rows are together implausible; ``code`` is stable, and nothing of the file was sent."""

    def __init__(self, path: Path, code: str, what: str) -> None:
        super().__init__(f"{path}: {code}: {what}")
        self.path = path
        self.code = code
        self.what = what


class LastRunUnusable(ClientError):
    """An output that no report can follow; ``code`` is stable, and nothing was sent."""

    def __init__(self, path: Path, code: str, what: str) -> None:
        super().__init__(f"{path}: {code}: {what}")
        self.path = path
        self.code = code


class OutputBusy(ClientError):
    """Another run is writing the same output."""


class OutputOfAnotherInput(ClientError):
    """The output name belongs to a run over another input; ``--restart`` gives it up."""


class SameKeyConfirms(ClientError):
    """A step that needs a second person was tried with the key of the first."""


class EvidenceMissing(ClientError):
    """A demanded document cannot be shown from here."""


class VerdictsBroken(ClientError):
    """A file of verdicts does not name records."""


class CursorBroken(ClientError):
    """The file with the place in the feed of events cannot be read."""


class CustodiansUnavailable(ClientError):
    """Fewer custodians than the threshold gave a usable answer; ``reasons`` maps index to reason.

    ``is_committee_gone`` tells that one of them serves no share of the pinned committee.
    """

    def __init__(
        self, threshold: int, usable: int, reasons: dict[int, str], *, is_committee_gone: bool = False
    ) -> None:
        named = "; ".join(f"custodian {index}: {reason}" for index, reason in sorted(reasons.items()))
        super().__init__(f"{threshold} key custodians are needed, {usable} gave a usable answer ({named})")
        self.threshold = threshold
        self.reasons = reasons
        self.is_committee_gone = is_committee_gone


class ApplicationInvalid(ClientError):
    """An invalid question or request of the carrier: ``field`` and ``code`` say why, the value is not repeated."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code


class OrdersUnusable(ClientError):
    """The file of orders cannot be read or written; ``reason`` is SQLite's own name of it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: orders-unusable: the file of orders cannot be read or written ({reason})")
        self.path = path
        self.reason = reason


class OrderUnknown(ClientError):
    """No decision on an order is kept here; its number is not repeated."""

    def __init__(self) -> None:
        super().__init__("order-unknown: no decision on this order is kept here")
