"""Failures of the transparency log; no message repeats its content."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from client.errors import ClientError


class LogRefused(ClientError):
    """A claim of the transparency log is false; ``code`` is stable, and the message repeats no content."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"the log: {code}: {what}")
        self.code = code


class LogForked(LogRefused):
    """The log's own key signed two heads that cannot both be true; ``evidence`` is the file that proves it."""

    def __init__(self, evidence: Path) -> None:
        super().__init__("log-forked", f"{evidence} proves it; nothing of this log is used while that file is there")
        self.evidence = evidence


class LogRenamed(LogRefused):
    """The log signed under another name than the pinned one; ``claims`` are those of a promise."""

    def __init__(self, claims: Mapping[str, Any] | None = None) -> None:
        told = "have its operator tell you name and vkey by another way than by the registry"
        cure = f"{told}, and pin them ([log] in gateway.toml)"
        super().__init__("log-renamed", f"this is of a log of another name, as one has that began anew; {cure}")
        self.claims = claims or {}


class LogUnreachable(ClientError):
    """The log gave no answer within the bounds of time and attempts."""
