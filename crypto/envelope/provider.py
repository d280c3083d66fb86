"""Defines the seam for keys at rest: a provider seals a secret before it is written, and opens it again.

A provider is made once a process and handed to whatever reads or writes a secret. A key-management service or a
hardware module is a further provider.
"""

from typing import Final, Protocol

from crypto.errors import SealBroken

SEALED_MARK: Final = b'{"clearline_sealed":'
"""The first bytes of every sealed file, whatever its provider: no plain secret of ours begins with them."""


class KeyProvider(Protocol):
    """Seals and opens the secrets of one process.

    `purpose` names the secret's kind, such as "custodian-share"; a secret that was sealed for one purpose opens for no
    other. `open` raises SealBroken.
    """

    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        """Return the bytes to write in place of the secret."""
        ...

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Return the secret that `seal` was given for this purpose."""
        ...


class Unsealed:
    """Leaves secrets as they are: their file's mode alone guards them."""

    def seal(self, secret: bytes, *, purpose: str) -> bytes:  # noqa: ARG002 (a plain secret has no seal to bind)
        """Return the secret."""
        return secret

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Return the secret; raises SealBroken for a file that another provider sealed."""
        if sealed.startswith(SEALED_MARK):
            raise SealBroken(f"the {purpose} is sealed, and no passphrase was given")
        return sealed


UNSEALED: Final = Unsealed()
"""The provider of everybody who has no other."""
