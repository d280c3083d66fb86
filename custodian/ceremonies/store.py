"""Finds a custodian's ceremonies: those that it offers to its peers, those that go on, and the committees they made."""

import datetime as dt
import re
from pathlib import Path
from typing import Final

from ceremony.errors import CeremonyRefused
from ceremony.standing import Formed
from ceremony.terms import ceremony_id
from ceremony.verify import verify_transcript
from crypto.envelope.provider import KeyProvider
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from custodian.ceremonies.folder import SECRETS, CeremonyFolder, EndState
from custodian.ceremonies.sealed_secrets import purpose_of
from protocol.messages.ceremonies import Proposal

MAX_OFFERED: Final = 16
_ID: Final = re.compile(r"[0-9a-f]{64}")


class CeremonyStore:
    """The folder of all ceremonies that this custodian consented to; a missing folder holds none."""

    def __init__(self, folder: Path, provider: KeyProvider) -> None:
        self._folder = folder
        self._provider = provider

    def accept(self, proposal: Proposal, now: dt.datetime) -> CeremonyFolder:
        """Consent to a ceremony, and return its folder; what is begun already stays as it is. Raises OSError."""
        folder = CeremonyFolder(self._folder / ceremony_id(proposal), self._provider)
        folder.accept(proposal, now)
        return folder

    def secret_files(self) -> dict[Path, str]:
        """Return the files with secrets of ceremonies that go on, each with the purpose that it is sealed for."""
        paths = sorted(self._folder.glob(f"*/{SECRETS}"))
        return {path: purpose_of(path.parent.name) for path in paths if _ID.fullmatch(path.parent.name)}

    def get(self, ceremony: str) -> CeremonyFolder | None:
        """Return the folder of a ceremony; None unless it was consented to. Raises CeremonyHalted or OSError."""
        if _ID.fullmatch(ceremony) is None:
            return None
        folder = CeremonyFolder(self._folder / ceremony, self._provider)
        return None if folder.consent() is None else folder

    def all(self) -> tuple[CeremonyFolder, ...]:
        """Return all ceremonies, newest first. Raises CeremonyHalted or OSError."""
        try:
            names = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            return ()
        found = []
        for name in names:
            folder = self.get(name)
            consent = None if folder is None else folder.consent()
            if folder is not None and consent is not None:
                found.append((consent.consented_at, name, folder))
        return tuple(folder for *_, folder in sorted(found, key=lambda each: each[:2], reverse=True))

    def offered(self) -> tuple[str, ...]:
        """Return the ids of the ceremonies that go on, newest first; a successor goes on under the first one's id."""
        going = [
            folder.ceremony
            for folder in self.all()
            if folder.proposal().follows is None and self.last(folder).end() is None
        ]
        return tuple(going[:MAX_OFFERED])

    def last(self, folder: CeremonyFolder) -> CeremonyFolder:
        """Return the last ceremony of those that follow one another without a party at fault."""
        end = folder.end()
        while end is not None and end.state is EndState.FAULT and end.successor is not None:
            successor = self.get(end.successor)
            if successor is None:
                return folder
            folder, end = successor, successor.end()
        return folder

    def first(self, folder: CeremonyFolder) -> CeremonyFolder:
        """Return the ceremony that somebody proposed, of those that followed one another up to this one."""
        while (before := folder.proposal().follows) is not None:
            known = self.get(before)
            if known is None:
                return folder
            folder = known
        return folder

    def following(self, root: str) -> tuple[CeremonyFolder, ...]:
        """Return all ceremonies that were begun after this one, or after one of those, without a party at fault."""
        left, line, found = list(self.all()), {root}, list[CeremonyFolder]()
        while following := [folder for folder in left if folder.proposal().follows in line]:
            found += following
            line |= {folder.ceremony for folder in following}
            left = [folder for folder in left if folder.ceremony not in line]
        return tuple(found)

    def formed(self, epoch: int) -> tuple[Formed, ...]:
        """Return the complete ceremonies of an epoch by their committees' numbers, each verified again."""
        found = [formed for folder in self.all() if (formed := self.verified(folder)) is not None]
        of_epoch = [each for each in found if each.committee.epoch == epoch]
        return tuple(sorted(of_epoch, key=lambda each: each.committee.committee))

    def verified(self, folder: CeremonyFolder) -> Formed | None:
        """Verify a ceremony's transcript; None before it is complete. Raises CeremonyHalted or OSError."""
        raw = folder.transcript()
        if raw is None:
            return None
        try:
            return verify_transcript(raw)
        except CeremonyRefused as refused:
            raise CeremonyHalted(
                HaltCode.DAMAGED, f"{folder.ceremony}: the kept transcript is refused: {refused}"
            ) from None
