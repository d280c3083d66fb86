"""Passphrases on descriptors, as a service manager hands them over, and providers that cost little."""

import os

from crypto.envelope.passphrase import Cost, PassphraseProvider

PASSPHRASE, OTHER = b"correct horse battery staple", b"another passphrase altogether"
LEAST_COST = Cost(n=2**14, r=8, p=1)


def descriptor(content: bytes = PASSPHRASE + b"\n") -> int:
    """A descriptor from which the content can be read, once."""
    end, start = os.pipe()
    os.write(start, content)
    os.close(start)
    return end


def on_descriptor(content: bytes = PASSPHRASE + b"\n") -> str:
    """The source that names such a descriptor."""
    return f"fd:{descriptor(content)}"


def a_provider(passphrase: bytes = PASSPHRASE) -> PassphraseProvider:
    return PassphraseProvider(passphrase, os.urandom, cost=LEAST_COST)
