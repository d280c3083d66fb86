"""Keeps one ceremony in a folder: a crash or a full disk at any write leaves a state from which its party goes on.

    proposal.json                 the terms
    consent.json                  this custodian takes part; without it the folder means nothing
    secrets.sealed                from before the first own step until after the last one
    own.<step>.json               an own step, on the disk before anybody can see it
    step.<step>.<party>.json      a step that peers are shown: theirs, and a copy of the own one
    other.<step>.<party>.json     a step that contradicts it
    end.json                      the ceremony is over for this custodian
    transcript.json               of a complete ceremony

A verdict is either a CONFIRM or a COMPLAINT and lies under one name.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from ceremony.board import Board
from ceremony.canonical import canonical_bytes, read_canonical
from ceremony.errors import CeremonyRefused, FaultCode
from ceremony.party import PartySecrets
from ceremony.steps import ReadStep, StepReader
from ceremony.terms import ceremony_id
from crypto.envelope.provider import KeyProvider
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from custodian.ceremonies.sealed_secrets import MAX_BYTES, open_secrets, seal_secrets
from protocol.messages.ceremonies import (
    MAX_STEP,
    MAX_STEPS,
    MAX_TRANSCRIPT,
    Minutes,
    Proposal,
    SignedStep,
    Step,
)
from protocol.wire.fields import HexDigest, ParticipantId
from serving.files import locked, make_folder, read_private, remove_durably, settle_folder, write_durably

SECRETS: Final = "secrets.sealed"
_MAX_PROPOSAL: Final = 64 * 1024
_MAX_SIGNED: Final = MAX_STEP + 4 * 1024
_MAX_SEALED: Final = 2 * MAX_BYTES
_OWN, _STEP, _OTHER = "own", "step", "other"
M = TypeVar("M")


class EndState(StrEnum):
    """The ways in which a ceremony is over for a custodian."""

    FORMED = "FORMED"
    FAULT = "FAULT"
    """A fault was proven."""
    TIME_OVER = "TIME_OVER"
    """The time to confirm has passed, and this custodian has not."""
    LEFT = "LEFT"
    """The ceremony before it turned out complete, or names another party: nothing follows from here."""
    WITHDRAWN = "WITHDRAWN"
    """This custodian's operator has taken the consent back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The moment at which this custodian accepted the terms."""

    consented_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of a ceremony; after a fault, the party at fault, and the ceremony that goes on without it."""

    state: EndState
    fault: FaultCode | None = None
    party: ParticipantId | None = None
    successor: HexDigest | None = None


class CeremonyFolder:
    """One ceremony's files. One process at a time changes them (``driving``); any number read."""

    def __init__(self, path: Path, provider: KeyProvider) -> None:
        self._path = path
        self._provider = provider

    @property
    def ceremony(self) -> str:
        """The ceremony's id, which is the folder's name."""
        return self._path.name

    @contextmanager
    def driving(self, *, waits: bool = True) -> Iterator[None]:
        """Keep every other driver of this ceremony waiting; one that does not wait gets BlockingIOError."""
        with locked(self._path / "lock", waits=waits):
            yield

    def accept(self, proposal: Proposal, consented_at: dt.datetime) -> None:
        """Write down the terms, and then the consent to them; a repeated consent changes nothing."""
        if self.consent() is not None:
            return
        make_folder(self._path)
        settle_folder(self._path.parent)
        settle_folder(self._path.parent.parent)
        self._write("proposal.json", canonical_bytes(proposal))
        self._write("consent.json", canonical_bytes(Consent(consented_at=consented_at)))

    def consent(self) -> Consent | None:
        """Return the consent; None where there is none."""
        return self._read(Consent, "consent.json", 1024)

    def proposal(self) -> Proposal:
        """Return the terms of a ceremony that was consented to. Raises CeremonyHalted or OSError."""
        proposal = self._read(Proposal, "proposal.json", _MAX_PROPOSAL)
        if proposal is None or ceremony_id(proposal) != self.ceremony:
            raise self._damaged("proposal.json")
        return proposal

    def minutes(self) -> Minutes:
        """Return all that peers are shown. It reads files and computes nothing. Raises CeremonyHalted or OSError."""
        steps, others = self._signed(_STEP), self._signed(_OTHER)
        # No board has more places than this leaves room for; of the contradictions one is enough to end the ceremony.
        return Minutes(proposal=self.proposal(), steps=(*steps, *others)[:MAX_STEPS])

    def board(self) -> Board:
        """Return the board of all kept steps, each verified again."""
        proposal = self.proposal()
        board, reader = Board(proposal=proposal), StepReader(proposal)
        try:
            for signed in (*self._signed(_STEP), *self._signed(_OTHER)):
                board = board.adding(reader.read(signed))
        except CeremonyRefused as refused:
            raise CeremonyHalted(HaltCode.DAMAGED, f"{self._path}: a kept step is refused: {refused}") from None
        return board

    def keep(self, read: ReadStep, *, is_contradiction: bool = False) -> None:
        """Keep another party's step durably; the first one in each place stays."""
        name = _name(_OTHER if is_contradiction else _STEP, read.step, read.party)
        if not (self._path / name).exists():
            self._write(name, canonical_bytes(read.signed()))

    def publish(self, read: ReadStep) -> None:
        """Keep an own step and show it. It is on the disk before anybody sees it, and there is never another one."""
        if not (self._path / _name(_OWN, read.step)).exists():
            self._write(_name(_OWN, read.step), canonical_bytes(read.signed()))
        self.publish_kept(read.party)

    def publish_kept(self, party: str) -> None:
        """Show the own steps that were kept and, after a crash, not shown yet."""
        for path in sorted(self._path.glob(f"{_OWN}.*.json")):
            shown = f"{_STEP}.{path.name.split('.')[1]}.{party}.json"
            if not (self._path / shown).exists():
                self._write(shown, read_private(path, _MAX_SIGNED))

    def has_own(self, step: Step) -> bool:
        """Tell whether this custodian has taken that step: for CONFIRM and COMPLAINT, either."""
        return (self._path / _name(_OWN, step)).exists()

    def keep_secrets(self, secrets: PartySecrets) -> None:
        """Seal and keep the secrets durably."""
        self._write(SECRETS, seal_secrets(secrets, self._provider))

    def secrets(self, party: str) -> PartySecrets | None:
        """Open the secrets; None without any. Raises SealBroken or OSError."""
        try:
            sealed = read_private(self._path / SECRETS, _MAX_SEALED)
        except FileNotFoundError:
            return None
        return open_secrets(sealed, self._provider, ceremony=self.ceremony, party=party)

    def forget_secrets(self) -> None:
        """Delete the secrets, and what a crash left of them half written, durably."""
        for name in (f"{SECRETS}.new", SECRETS):
            if (self._path / name).exists():
                remove_durably(self._path / name)

    def end(self) -> End | None:
        """Return the end; None while the ceremony goes on."""
        return self._read(End, "end.json", 1024)

    def close(self, end: End, *, transcript: bytes | None = None) -> None:
        """Write down the end, behind a complete ceremony's transcript; the same end changes nothing."""
        if transcript is not None and self.transcript() != transcript:
            self._write("transcript.json", transcript)
        if self.end() != end:
            self._write("end.json", canonical_bytes(end))

    def transcript(self) -> bytes | None:
        """Return the transcript; None before the ceremony is complete."""
        return self._raw("transcript.json", MAX_TRANSCRIPT)

    def _signed(self, kind: str) -> tuple[SignedStep, ...]:
        """Return the kept steps of a kind in a fixed order, by party."""
        names = [path.name for path in self._path.glob(f"{kind}.*.json")]
        read = (
            self._read(SignedStep, name, _MAX_SIGNED) for name in sorted(names, key=lambda name: name.split(".")[::-1])
        )
        return tuple(each for each in read if each is not None)

    def _read(self, message: type[M], name: str, limit: int) -> M | None:
        raw = self._raw(name, limit)
        if raw is None:
            return None
        try:
            return read_canonical(message, raw, max_bytes=limit)
        except CeremonyRefused:
            raise self._damaged(name) from None

    def _raw(self, name: str, limit: int) -> bytes | None:
        try:
            return read_private(self._path / name, limit)
        except FileNotFoundError:
            return None

    def _write(self, name: str, content: bytes) -> None:
        path = self._path / name
        try:
            write_durably(path, content)
        except OSError as trouble:
            raise OSError(trouble.errno, trouble.strerror, str(path)) from None

    def _damaged(self, name: str) -> CeremonyHalted:
        return CeremonyHalted(HaltCode.DAMAGED, f"{self._path / name}: is missing or damaged")


def _name(kind: str, step: Step, party: str | None = None) -> str:
    place = "verdict" if step in {Step.CONFIRM, Step.COMPLAINT} else step.lower()
    return f"{kind}.{place}.json" if party is None else f"{kind}.{place}.{party}.json"
