"""Read the founding of a registry, its operator and its first key epoch, from one TOML file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ceremony.errors import CeremonyRefused
from ceremony.verify import verify_transcript
from protocol.codes import Role
from protocol.messages.ceremonies import MAX_TRANSCRIPT, CeremonyKind
from protocol.messages.participants import NewParticipant
from registry.usecases.found import FirstEpoch, epoch_of
from serving.files import read_bounded
from serving.settings import Table, read_settings

_TRANSCRIPT: Final = "transcript"


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """The operator and the outcome of the custodians' ceremony."""

    operator: NewParticipant
    epoch: FirstEpoch


def read_founding(path: Path) -> Founding:
    """Read the file; raises SettingsError naming file and key."""
    return read_settings(path, _founding)


def _founding(document: Table) -> Founding:
    operator, epoch = document.table("operator"), document.table("epoch")
    return Founding(
        operator=NewParticipant(
            participant_id=operator.text("id"),
            name=operator.text("name"),
            roles=(Role.OPERATOR,),
            key_id=operator.text("key_id"),
            public_key=operator.public_key("public_key"),
        ),
        epoch=_of_ceremony(epoch) if _TRANSCRIPT in epoch else _of_dealer(epoch),
    )


def _of_dealer(epoch: Table) -> FirstEpoch:
    return FirstEpoch(
        epoch=epoch.integer("epoch"),
        joint_public_key=epoch.public_key("joint_public_key"),
        threshold=epoch.integer("threshold"),
        custodians=epoch.integer("custodians"),
    )


def _of_ceremony(epoch: Table) -> FirstEpoch:
    for key in ("joint_public_key", "threshold", "custodians"):
        if key in epoch:
            raise epoch.wrong(key, "is in the transcript: state one or the other")
    raw = read_bounded(epoch.file(_TRANSCRIPT), MAX_TRANSCRIPT)
    if raw is None:
        raise epoch.wrong(_TRANSCRIPT, "names no file")
    try:
        formed = verify_transcript(raw)
    except CeremonyRefused as refused:
        raise epoch.wrong(_TRANSCRIPT, f"proves no committee: {refused.code.value}") from None
    if formed.proposal.kind is not CeremonyKind.GENESIS or formed.committee.epoch != epoch.integer("epoch"):
        raise epoch.wrong(_TRANSCRIPT, "is not of the ceremony that made the key of this epoch")
    return epoch_of(formed)
