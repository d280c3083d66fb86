"""Calls of an office (operator, regulator, auditor, custodian ...): sign them, and accept only signed answers."""

import functools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.options import FILE, PublicKeyParam, json_option
from cli.outcome import Failure
from cli.output import say
from client.peer import NOT_TOLD, ReadingContext, SignedPeer, Signer
from client.registry import RegistryClient
from client.trust import trusted_for
from crypto.signing.keys import load_private_key
from serving.clock import system_clock

_TIMEOUT_SECONDS: Final = 30.0
_ATTEMPTS: Final = 1

_Command = Callable[..., Any]
_OpenKey = Callable[..., tuple[Ed25519PrivateKey, dict[str, Any]]]
"""Reads a signing key; the second value holds what the command gets besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """The registry's address and its pinned answer key."""

    url: str
    key_id: str
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A holder of a signing key that calls the registry directly."""

    registry: Pin
    signer: Signer = field(repr=False)
    reading: ReadingContext = NOT_TOLD
    transport: httpx.BaseTransport | None = field(default=None, repr=False)
    """The way to a registry in this process; None: the network."""

    @contextmanager
    def open(self) -> Iterator[RegistryClient]:
        """Open the registry's client under this signer; its connection is closed at the end."""
        trusted = trusted_for(self.registry.url)
        with httpx.Client(transport=self.transport, verify=trusted, timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
            yield RegistryClient(
                SignedPeer(self.registry.url, http, self.signer),
                self.signer,
                key_id=self.registry.key_id,
                public_key=self.registry.public_key,
                attempts=_ATTEMPTS,
                monotonic=time.monotonic,
                sleep=time.sleep,
                reading=self.reading,
                on_entry=lambda entry_id: say(f"log entry: {entry_id}"),
            )


def _open_plain(path: Path, **_given: Any) -> tuple[Ed25519PrivateKey, dict[str, Any]]:
    return load_private_key(path), {}


def office_options(command: _Command, open_key: _OpenKey = _open_plain) -> _Command:
    """Add the options for the registry's address, its key and the signer; the command gets them as ``office``.

    ``open_key`` reads the signer's key; it gets the file and, by name, whatever else was given to the command.
    """

    @functools.wraps(command)
    def with_office(
        *, url: str, key: Path, key_id: str, registry_key: bytes, registry_key_id: str, **given: Any
    ) -> Any:
        pin = pinned(url, registry_key_id, registry_key)
        private_key, more = open_key(key, **given)
        return command(office=Office(registry=pin, signer=_signer(private_key, key_id)), **given, **more)

    taken: _Command = with_office
    for add in (
        click.option("--registry-key-id", default="registry-1", show_default=True, help="The name of that key."),
        click.option(
            "--registry-key",
            type=PublicKeyParam(),
            required=True,
            help="The registry's public key (base64url or a file): no other answer is believed.",
        ),
        click.option("--key-id", required=True, help="The name of that key."),
        click.option("--key", type=FILE, required=True, help="The signing key (PEM) of whoever does this."),
        click.option("--url", required=True, help="The registry's public URL."),
    ):
        taken = add(taken)
    return json_option(taken)


def pinned(url: str, key_id: str, public_key: bytes) -> Pin:
    """Read a registry's address and key; raises Failure for an invalid address."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        parts = httpx.URL("")
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise Failure("the registry's address is not an http or https URL")
    return Pin(url=url.rstrip("/"), key_id=key_id, public_key=public_key)


def file_signer(key: Path, key_id: str) -> Signer:
    """Signs under a key file, at the system's time."""
    return _signer(load_private_key(key), key_id)


def _signer(private_key: Ed25519PrivateKey, key_id: str) -> Signer:
    return Signer(key_id=key_id, private_key=private_key, clock=system_clock, random=os.urandom)
