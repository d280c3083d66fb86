"""Name the target of a gateway's reports: the carrier, the registry, the key epoch and the keys of its references."""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The parties and keys that a run belongs to: none goes on, or is compared, towards others."""

    carrier: str
    epoch: int
    registry_key: bytes = field(repr=False)
    joint_key: bytes = field(repr=False)
    """The custodians' joint public key of the epoch."""
    accounts: bytes = field(repr=False)
    """A stamp of the account key and the form of account numbers."""

    def digest(self) -> str:
        """Compute the SHA-256 over all of it, in hexadecimal."""
        names = (self.carrier.encode(), str(self.epoch).encode())
        return hashlib.sha256(b"\n".join((*names, self.registry_key, self.joint_key, self.accounts))).hexdigest()
