"""Define what an outsider pins of a transparency log."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """The registry's transparency log as pinned by this carrier, and its own witness key if it has one."""

    url: str
    """Each year's log lies below it."""
    name: str
    public_key: bytes
    state: Path
    """The folder of the last verified heads, and of evidence."""
    witness_key: Path | None
    witness_name: str
    policy: Path | None
    """The file of the witnesses that this carrier believes (c2sp.org/tlog-policy)."""
    faults: int
    """The number of them that may lie."""
    former_keys: Path | None = None
    """A file of the vkeys that were pinned before the log's name or key changed: kept receipts verify under them."""
