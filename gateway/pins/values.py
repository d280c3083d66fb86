"""Defines what is pinned of the custodians: the committee, how and when it was taken, and what speaks against it."""

import datetime as dt
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from ceremony.standing import Formed
from ceremony.terms import committee_digest
from gateway.pins.codes import PinCode
from gateway.settings import CustodianPeer, GatewaySettings
from protocol.encodings import MAX_JSON_INTEGER
from protocol.messages.ceremonies import Committee, Epoch
from protocol.names import VISIBLE
from protocol.wire.fields import HexDigest, Octets32
from protocol.wire.kinds import Text, Whole

VERSION: Final = 1
_Size = Annotated[int, Whole(least=0, most=MAX_JSON_INTEGER)]


class Taken(StrEnum):
    """The grounds on which a committee was taken."""

    SETTINGS = "SETTINGS"
    """A person wrote it into the settings."""
    LOGGED = "LOGGED"
    """The former committee signed for it, and the witnessed log has it."""
    NAMED = "NAMED"
    """A person named it by its digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """The place of a committee's entry in the log, and the head under which it was taken; ``root`` is hexadecimal."""

    origin: Annotated[str, Text(VISIBLE, most=256)]
    size: _Size
    root: HexDigest
    index: _Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """The pinned committee. ``digest`` and signing keys of members are unknown of one that settings name."""

    epoch: int
    committee: int
    threshold: int
    joint_public_key: bytes
    members: tuple[CustodianPeer, ...]
    digest: str | None = None
    canary: bytes | None = None
    taken: Taken = Taken.SETTINGS
    taken_at: dt.datetime | None = None
    place: LogPlace | None = None

    @property
    def number(self) -> tuple[int, int]:
        """Return epoch and committee, the order of committees."""
        return self.epoch, self.committee

    def is_of(self, committee: Committee) -> bool:
        """Tell whether this is that committee: by its digest, or without one by its numbers and public keys.

        Names, URLs and signing keys of members are left out then: settings need not have them, nor all members. Those
        that they name are a threshold at least, whose keys and the joint one leave the others no choice.
        """
        if self.digest is not None:
            return committee_digest(committee) == self.digest
        ours = (self.epoch, self.committee, self.threshold, self.joint_public_key)
        theirs = (committee.epoch, committee.committee, committee.threshold, committee.joint_public_key)
        return ours == theirs and self.keys() <= {(each.index, each.share_public_key) for each in committee.members}

    def keys(self) -> AbstractSet[tuple[int, bytes]]:
        """Return each member's index with its PK_i."""
        return {(each.index, each.public_key) for each in self.members}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPins:
    """A committee as the pins file holds it."""

    committee: Committee
    canary: Octets32
    taken: Taken
    taken_at: dt.datetime
    place: LogPlace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An offered committee that was not taken, or what stopped the gateway; ``digest`` is that of the committee."""

    code: PinCode
    since: dt.datetime
    digest: HexDigest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCanary:
    """The epoch's canary under a joint key, as the custodians' verified answers gave it first."""

    epoch: Epoch
    joint_public_key: Octets32
    token: Octets32


@dataclass(frozen=True, slots=True, kw_only=True)
class PinFile:
    """The content of the pins file. Without ``pins`` those of the settings hold."""

    v: Annotated[int, Whole(least=VERSION, most=VERSION)] = VERSION
    pins: KeptPins | None = None
    canary: KnownCanary | None = None
    stopped: Doubt | None = None
    """Nothing is tokenised until a person has looked."""
    doubt: Doubt | None = None
    checked_at: dt.datetime | None = None
    """The end of the last check at which the registry answered."""


def named_in(settings: GatewaySettings) -> Pins:
    """Return the committee that the settings name."""
    return Pins(
        epoch=settings.epoch,
        committee=settings.committee,
        threshold=settings.threshold,
        joint_public_key=settings.joint_public_key,
        members=settings.custodians,
    )


def kept(formed: Formed, taken: Taken, at: dt.datetime, place: LogPlace | None = None) -> KeptPins:
    """Return a committee that is taken now."""
    return KeptPins(committee=formed.committee, canary=formed.canary, taken=taken, taken_at=at, place=place)


def pins_of(file: KeptPins) -> Pins:
    """Return the pins that a file holds."""
    committee = file.committee
    return Pins(
        epoch=committee.epoch,
        committee=committee.committee,
        threshold=committee.threshold,
        joint_public_key=committee.joint_public_key,
        members=tuple(
            CustodianPeer(
                index=each.index,
                url=each.url.rstrip("/"),
                public_key=each.share_public_key,
                custodian=each.custodian,
                key_id=each.key_id,
                signing_key=each.public_key,
            )
            for each in committee.members
        ),
        digest=committee_digest(committee),
        canary=file.canary,
        taken=file.taken,
        taken_at=file.taken_at,
        place=file.place,
    )
