"""Define what an outsider pins of a transparency log."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """The registry's transparency log as pinned by this carrier, and its own witness key if it has one."""

    url: str
    """Below it is a log for each year."""
    name: str
    public_key: bytes
    state: Path
    """The folder of the last verified heads, and of evidence."""
    witness_key: Path | None
    witness_name: str
    policy: Path | None
    """Which witnesses this carrier believes (c2sp.org/tlog-policy)."""
    faults: int
    """How many of them may lie."""
    former_keys: Path | None = None
    """A file of the vkeys that were pinned before the log's name or key changed: kept receipts verify under them."""
