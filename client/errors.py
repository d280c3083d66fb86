"""Failures of calls at the registry; messages name peers and codes, never a person."""

from collections.abc import Mapping


class ClientError(Exception):
    """A failure that the operator of a client has to know of; its text is one line without personal data."""


class RegistryUnreachable(ClientError):
    """The registry gave no answer within the bounds of time and attempts; it may or may not have acted."""


class RegistryRefused(ClientError):
    """The registry refused: ``problem`` is the stable name of protocol/problems.py.

    ``figures`` are facts of this carrier's own: the fen that a settlement left of a debt, or the
    creditor that has a debt now; or a party of a ceremony. ``hint`` is the client's guess why a resource is missing.
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


class NotOffered(ClientError):
    """The registry is of a release that does not offer a resource yet; nothing was said to it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the registry is of an earlier release and takes no {what} yet; ask its operator")


class SeenBroken(ClientError):
    """The file with the newest incarnation of the registry cannot be read."""


class RegistryAnswerBroken(ClientError):
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
