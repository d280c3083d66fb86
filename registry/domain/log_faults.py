"""Lists the faults of the stored access log: each has a stable code, none repeats stored content."""

from typing import Final, Literal, get_args

LogFaultCode = Literal[
    "database-behind",  # the database's tree is smaller than the head that was published: a restored backup
    "roots-differ",  # the database has another tree than the one that was published
    "heads-lost",  # the folder has no head of a year, and the database says that one was published
    "head-file-malformed",  # not a checkpoint of this log under its key
    "head-file-backwards",  # a smaller head, or one of another root, would replace a published one
    "head-malformed",  # size and edges of a head do not fit together
    "edges-wrong",  # the edges do not give the root
    "tile-missing",  # a full tile that the tree needs is not kept
    "tile-wrong",  # a tile is not the one that the tree above it commits to
    "leaf-missing",  # a place of the tree has no leaf
    "leaf-wrong",  # a leaf is not the one that was computed, or that the tree commits to
    "opening-missing",  # a leaf, or an entry that waits, has no opening
    "opening-wrong",  # an entry does not match its leaf
    "incarnation-malformed",  # the file beside the database holds no incarnation
    "incarnation-behind",  # the file's incarnation is larger than the database's: an undeclared restore
    "heads-foreign",  # evidence of another registry's log, or evidence that this log did not sign
    "evidence-malformed",  # a file is no checkpoint, receipt or promise
    "note-wrong",  # the signed note differs from its head, or the log did not sign it
]

_OF_A_PERSONS_FILES: Final = {"incarnation-malformed", "incarnation-behind", "heads-foreign", "evidence-malformed"}
REFUSING: Final[frozenset[str]] = frozenset(get_args(LogFaultCode)) - _OF_A_PERSONS_FILES
"""These faults keep a year's tree from taking entries until a person has acted."""


class LogFault(Exception):
    """The log cannot be extended or served; the message is safe to log."""

    def __init__(self, code: LogFaultCode, message: str) -> None:
        super().__init__(message)
        self.code: Final = code


class LogForked(LogFault):
    """The database contradicts the published log: the registry signs nothing until a person has acted."""


class LogDamaged(LogFault):
    """The database's trees contradict themselves."""


class HeadFileRefused(LogFault):
    """A file of a published head is refused, or must not be replaced by this one."""
