"""Switch a carrier's signing key: try it at the registry and each custodian first, then write it to the settings."""

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from client import custodian
from client.custodian import Refused, Silent
from client.errors import ClientError
from client.peer import SignedPeer
from client.registry import RegistryClient
from client.resources import participants
from gateway.settings import CustodianPeer
from protocol.messages.evaluations import CustodianKey
from serving.changes import change_file
from serving.settings import SettingsError

_HEADER: Final = re.compile(r"\s*\[")
_OWN_TABLE: Final = re.compile(r"\s*\[\s*carrier\s*\]\s*(?:#.*)?")


class KeyNotReady(ClientError):
    """A key that is not admitted everywhere yet; the message names the refusing parties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A custodian's answer about a key: ``refusal`` is None where it admits the key."""

    index: int
    refusal: str | None
    is_silent: bool = False


def try_at_registry(registry: RegistryClient, carrier: str) -> None:
    """Ask the registry for the carrier under the key to be tried; raises as a refusal or a false answer does."""
    participants.read(registry, carrier)


def try_at_custodian(pinned: CustodianPeer, peer: SignedPeer, *, committee: tuple[int, int]) -> Trial:
    """Ask a custodian for its public keys, under the key to be tried. It costs nothing of the quota.

    ``committee`` is the pinned one, as epoch and number: the custodian may serve a later one beside it.
    """
    answer = custodian.read_key(peer)
    if isinstance(answer, Silent | Refused):
        return Trial(index=pinned.index, refusal=answer.reason, is_silent=isinstance(answer, Silent))
    is_pinned = isinstance(answer, CustodianKey) and pinned.public_key == _key_of(answer, committee)
    return Trial(index=pinned.index, refusal=None if is_pinned else "its public key is not the pinned one")


def _key_of(answer: CustodianKey, committee: tuple[int, int]) -> bytes | None:
    """Return the public key of the custodian's share of a committee; it does not serve each one."""
    # A custodian of an earlier release tells one share alone.
    served = answer.committees or (answer,)
    return next((each.public_key for each in served if (each.epoch, each.committee) == committee), None)


def check_ready(trials: list[Trial], threshold: int) -> None:
    """Raise KeyNotReady while a custodian refuses the key, or fewer than the threshold admit it."""
    refusing = [each for each in trials if each.refusal is not None and not each.is_silent]
    ready = [each for each in trials if each.refusal is None]
    if refusing or len(ready) < threshold:
        told = ", ".join(f"custodian {each.index}: {each.refusal}" for each in trials if each.refusal is not None)
        raise KeyNotReady(f"key-not-ready: the old key stays in use; {told}")


def write_switch(path: Path, key_id: str, signing_key: Path) -> None:
    """Name another key in the settings and keep every other line; raises SettingsError where that is impossible."""
    beside = os.path.relpath(signing_key.resolve(), path.resolve().parent)
    named = str(signing_key.resolve()) if beside.startswith("..") else beside

    def changed(before: bytes) -> bytes:
        old = tomllib.loads(before.decode("utf-8"))
        text = _with_key(before.decode("utf-8"), {"key_id": key_id, "signing_key": named})
        if _parsed(text) != old | {"carrier": old["carrier"] | {"key_id": key_id, "signing_key": named}}:
            raise SettingsError(
                f"{path}: key_id and signing_key of [carrier] are not one line each; change them by hand"
            )
        return text.encode("utf-8")

    change_file(path, changed)


def _with_key(text: str, values: dict[str, str]) -> str:
    lines, is_own = [], False
    for line in text.splitlines(keepends=True):
        if _HEADER.match(line):
            is_own = _OWN_TABLE.fullmatch(line.rstrip("\r\n")) is not None
        name = line.partition("=")[0].strip()
        lines.append(f'{name} = "{values[name]}"\n' if is_own and name in values else line)
    return "".join(lines)


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
