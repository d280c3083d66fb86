"""Seals papers at rest and opens them again; a seal is bound to its row, so that it opens in no other row."""

from typing import Protocol

from crypto.envelope.sealed import Sealed, seal_document, unseal_document
from registry.usecases.context import Registry


class Kept(Protocol):
    """A sealed paper of any table."""

    @property
    def suite(self) -> str: ...
    @property
    def kek_epoch(self) -> int: ...
    @property
    def wrapped_key(self) -> bytes: ...
    @property
    def ciphertext(self) -> bytes: ...


def sealed_content(registry: Registry, content: bytes, row: bytes) -> Sealed:
    """Seal the content under a data key of its own, which the present key-encryption key wraps."""
    kek_epoch = registry.keys.current_key_encryption_epoch
    return seal_document(
        content,
        kek=registry.keys.key_encryption_keys[kek_epoch],
        kek_epoch=kek_epoch,
        associated=row,
        random=registry.random,
    )


def opened_content(registry: Registry, kept: Kept, row: bytes) -> bytes:
    """Open the content of a sealed paper."""
    sealed = Sealed(
        suite=kept.suite, kek_epoch=kept.kek_epoch, wrapped_key=kept.wrapped_key, ciphertext=kept.ciphertext
    )
    return unseal_document(sealed, registry.keys.key_encryption_keys[kept.kek_epoch], row)
