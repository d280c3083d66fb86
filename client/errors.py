"""What can go wrong on the carrier's side; messages name files, columns, peers and codes, never a person."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


class GatewayError(Exception):
    """Something the operator of the gateway has to know, in one line without personal data."""


class TokensRefused(GatewayError):
    """A file of local callers that cannot be used or changed; ``code`` is stable, and no token is in the message."""

    def __init__(self, path: Path, code: str, what: str) -> None:
        super().__init__(f"{path}: {code}: {what}")
        self.code = code


class MappingError(GatewayError):
    """A mapping file that cannot be used; the message names the file and the key."""


class FileBroken(GatewayError):
    """An export that cannot be read as a whole; names file, line and column (both from 1), never the content."""

    def __init__(self, path: Path, line: int, column: int, what: str) -> None:
        super().__init__(f"{path}: line {line}, column {column}: {what}")
        self.path = path
        self.line = line
        self.column = column
        self.what = what


class FileSuspicious(GatewayError):
    """An export that says what no right export says; ``code`` is stable, and nothing of the file was sent."""

    def __init__(self, path: Path, code: str, what: str) -> None:
        super().__init__(f"{path}: {code}: {what}")
        self.path = path
        self.code = code
        self.what = what


class OutputBusy(GatewayError):
    """Another run is writing the same output."""


class OutputOfAnotherInput(GatewayError):
    """The output name belongs to a run over another input; ``--restart`` gives it up."""


class SameKeyConfirms(GatewayError):
    """A step that needs a second person was tried with the key of the first."""


class EvidenceMissing(GatewayError):
    """A demanded document cannot be shown from here."""


class VerdictsBroken(GatewayError):
    """A file of verdicts does not name records."""


class CursorBroken(GatewayError):
    """The file that says how far the events were read does not say so."""


class CustodiansUnavailable(GatewayError):
    """Fewer custodians than the threshold gave a usable answer; ``reasons`` maps index to why."""

    def __init__(self, threshold: int, usable: int, reasons: dict[int, str]) -> None:
        named = "; ".join(f"custodian {index}: {reason}" for index, reason in sorted(reasons.items()))
        super().__init__(f"{threshold} key custodians are needed, {usable} gave a usable answer ({named})")
        self.threshold = threshold
        self.reasons = reasons


class RegistryUnreachable(GatewayError):
    """The registry gave no answer within the bounds of time and attempts; nothing is known of what it did."""


class RegistryRefused(GatewayError):
    """The registry refused: ``problem`` is the stable name of protocol/problems.py.

    ``figures`` are what it says besides, of this carrier's own: the fen that a settlement left of a debt, or the
    creditor that has a debt now. ``hint`` is ours: why something may not be there.
    """

    def __init__(
        self,
        problem: str,
        status: int,
        errors: tuple[tuple[str, str], ...] = (),
        figures: Mapping[str, int | str] | None = None,
        hint: str | None = None,
    ) -> None:
        fields = "".join(f" [{field}: {code}]" for field, code in errors)
        numbers = "".join(f" [{name}: {value}]" for name, value in (figures or {}).items())
        told = "" if hint is None else f"; {hint}"
        super().__init__(f"the registry refused: {problem} ({status}){fields}{numbers}{told}")
        self.problem = problem
        self.status = status
        self.errors = errors
        self.figures = dict(figures or {})
        self.hint = hint


class SeenBroken(GatewayError):
    """The file with the newest incarnation of the registry does not say one."""


class RegistryAnswerBroken(GatewayError):
    """The registry's answer does not fit the request, or its signature does not verify; ``code`` is stable."""

    def __init__(self, what: str, code: str = "answer-misfit") -> None:
        super().__init__(f"{code}: {what}")
        self.code = code


class IncarnationWentBack(RegistryAnswerBroken):
    """The registry names a lower incarnation than before: it was rolled back unseen, or is another one."""

    def __init__(self, before: int, now: int) -> None:
        what = f"the registry is at incarnation {now} and was at {before} before: an old copy of it answers, or another"
        super().__init__(f"{what}; ask its operator before anything more is sent", "incarnation-went-back")
        self.before = before
        self.now = now


class IncarnationChanged(RegistryAnswerBroken):
    """The registry was restored while one act of several calls ran, so that its parts met two databases."""

    def __init__(self, before: int, now: int) -> None:
        what = f"the registry was restored from a backup meanwhile (incarnation {now}, {before} when this began)"
        super().__init__(f"{what}; run the same again: it doubles nothing", "incarnation-changed")
        self.before = before
        self.now = now


class ApplicationInvalid(GatewayError):
    """What was asked cannot be asked: ``field`` and ``code`` say why, the value is not repeated."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code


class LogRefused(GatewayError):
    """Something about the transparency log does not hold; ``code`` is stable, and nothing of its content is told."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"the log: {code}: {what}")
        self.code = code


class LogForked(LogRefused):
    """The log's own key signed two heads that cannot both be true; ``evidence`` is the file that proves it."""

    def __init__(self, evidence: Path) -> None:
        super().__init__("log-forked", f"{evidence} proves it; nothing of this log is used while that file is there")
        self.evidence = evidence


class LogRenamed(LogRefused):
    """The log's own word in a log of another name than the pinned one; ``claims`` are those of a promise."""

    def __init__(self, claims: Mapping[str, Any] | None = None) -> None:
        told = "have its operator tell you name and vkey by another way than by the registry"
        cure = f"{told}, and pin them ([log] in gateway.toml)"
        super().__init__("log-renamed", f"this is of a log of another name, as one has that began anew; {cure}")
        self.claims = claims or {}


class LogUnreachable(GatewayError):
    """The log gave no answer within the bounds of time and attempts."""
