"""Gives the tests' commands the registry that they call, and its key."""

from crypto.signing.keys import public_bytes
from protocol.encodings import b64url_encode
from tests.support.world import World


def key_of(world: World) -> list[str]:
    """The option that pins the registry's key."""
    return ["--registry-key", b64url_encode(public_bytes(world.signing_keys["registry"]))]


def known(world: World) -> list[str]:
    """The options that say where the registry is, and whose answers are believed."""
    return ["--url", world.registry.public_url, *key_of(world)]
