"""Reads what a registry is founded on: its operator and its first key epoch, from one TOML file."""

from dataclasses import dataclass
from pathlib import Path

from registry.usecases.found import FirstEpoch
from serving.settings import Table, read_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who runs the registry and admits everybody else."""

    participant_id: str
    name: str
    key_id: str
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """The operator and the outcome of the custodians' ceremony."""

    operator: Operator
    epoch: FirstEpoch


def read_founding(path: Path) -> Founding:
    """Read the file; raises SettingsError naming file and key."""
    return read_settings(path, _founding)


def _founding(document: Table) -> Founding:
    operator, epoch = document.table("operator"), document.table("epoch")
    return Founding(
        operator=Operator(
            participant_id=operator.text("id"),
            name=operator.text("name"),
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
