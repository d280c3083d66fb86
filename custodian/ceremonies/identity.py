"""Says who this custodian is in a ceremony: its name, its address, and the key that signs its steps."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ceremony.steps import PartySigner
from crypto.signing.keys import public_bytes
from custodian.settings import CustodianSettings
from protocol.messages.ceremonies import Seat
from serving.settings import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A custodian as a party."""

    participant: str
    url: str
    signer: PartySigner

    def seat(self, index: int) -> Seat:
        """Return its seat under an index."""
        return Seat(
            index=index,
            custodian=self.participant,
            url=self.url,
            key_id=self.signer.key_id,
            public_key=public_bytes(self.signer.private_key),
        )


def identity_of(settings: CustodianSettings, load_key: Callable[[Path], Ed25519PrivateKey]) -> Identity:
    """Read the key that the settings name by ``load_key``; raises SettingsError, and what that raises."""
    if settings.participant is None or settings.signing_key is None or settings.key_id is None:
        raise SettingsError("the settings need participant, signing_key and key_id before a ceremony")
    if any(each.custodian == settings.participant for each in settings.admission.peers):
        raise SettingsError("an entry [[peer]] has this custodian's own id")
    signer = PartySigner(key_id=settings.key_id, private_key=load_key(settings.signing_key))
    return Identity(participant=settings.participant, url=settings.public_url, signer=signer)
