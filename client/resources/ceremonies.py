"""The key ceremonies at the registry: report a complete one, and read the committees that were formed."""

import hashlib
from typing import Final

from client.registry import RegistryClient
from protocol.messages.ceremonies import Ceremonies, Ceremony, KeptCeremony, NewCeremony

_PATH: Final = "/v1/ceremonies"


def report(registry: RegistryClient, transcript: str) -> Ceremony:
    """Report a complete ceremony by its transcript's canonical JSON; the same one again gives the same answer."""
    digest = hashlib.sha256(transcript.encode("ascii")).hexdigest()
    return registry.post(_PATH, NewCeremony(transcript=transcript), Ceremony, key=f"ceremony-{digest}")


def every(registry: RegistryClient) -> Ceremonies:
    """Read all committees that were formed, oldest first, without their transcripts."""
    return registry.get(_PATH, Ceremonies)


def read(registry: RegistryClient, epoch: int, committee: int) -> KeptCeremony:
    """Read a committee with its transcript, for the caller to verify."""
    return registry.get(f"{_PATH}/{epoch}/{committee}", KeptCeremony)
