"""Read the founding of a registry, its operator and its first key epoch, from one TOML file."""

from dataclasses import dataclass
from pathlib import Path

from protocol.codes import Role
from protocol.messages.participants import NewParticipant
from registry.usecases.found import FirstEpoch
from serving.settings import Table, read_settings


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
        epoch=FirstEpoch(
            epoch=epoch.integer("epoch"),
            joint_public_key=epoch.public_key("joint_public_key"),
            threshold=epoch.integer("threshold"),
            custodians=epoch.integer("custodians"),
        ),
    )
