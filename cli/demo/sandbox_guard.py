"""Refuses to start the sandbox beside real keys, before anything is touched: each reason has a stable code.

Real is whatever this command did not make: the files that it made are listed with their digests, and any other key,
share or settings file is somebody's. So a sandbox cannot be pointed at a real registry, nor a real gateway at it.
"""

import hashlib
import ipaddress
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cli.demo.folder import DEMONSTRATION, SANDBOX, lies_in
from cli.outcome import Failure
from custodian.settings import ENV_PREFIX as CUSTODIAN_PREFIX
from gateway.settings import ENV_PREFIX as GATEWAY_PREFIX
from registry.settings import ENV_PREFIX as REGISTRY_PREFIX
from serving.files import write_durably
from serving.settings import overriding

_MADE: Final = "sandbox.json"
_OWNERS: Final = {
    "gateway.toml": "gateway",
    "signing.pem": "gateway",
    "account.key": "gateway",
    "witness.pem": "gateway",
    "registry.toml": "registry",
    "keys.json": "registry",
    "registry.pem": "registry",
    "log.pem": "registry",
    "founding.toml": "registry",
    "operator.pem": "registry",
    "custodian.toml": "custodian",
    "share.json": "custodian",
}
"""The usual names of settings, keys and shares, and whose they are."""
_KEYS: Final = frozenset({".pem", ".key"})
"""No other file of these kinds is in a sandbox."""
_ADDRESSES: Final = frozenset({"listen", "url", "public_url"})


class SandboxRefused(Failure):
    """The sandbox does not start there; ``reason`` is the stable code."""

    def __init__(self, reason: str, place: Path | str, what: str) -> None:
        super().__init__(f"sandbox-{reason}: {place}: {what}")
        self.reason = reason


def refuse_real_keys(var: Path) -> None:
    """Raise SandboxRefused unless ``var`` is a folder of the sandbox alone, or may become one; it changes nothing."""
    for name in overriding(CUSTODIAN_PREFIX, GATEWAY_PREFIX, REGISTRY_PREFIX):
        raise SandboxRefused("environment", name, "would override the sandbox's settings; unset it")
    if var.is_symlink() or (var.exists() and not var.is_dir()):
        raise SandboxRefused("no-folder", var, "is not a folder")
    if lies_in(var, DEMONSTRATION):
        raise SandboxRefused("demonstration", var, "lies in the folder of a demonstration; choose another --var")
    _refuse_neighbours(var.resolve())
    inside = sorted(var.rglob("*")) if var.is_dir() else []
    if not (var / SANDBOX.marker).is_file():
        _refuse_files(inside)
        if inside:
            raise SandboxRefused("foreign-folder", var, "was not made by this command; choose another --var")
        return
    _refuse_changes(var, inside)


def note_made(var: Path) -> None:
    """List the files of the parties with their digests: keys, shares, settings, pins and addresses."""
    made = {str(each.relative_to(var)): _digest(each) for each in sorted(var.rglob("*")) if _is_kept(each)}
    _write_made(var, made)


def note_changed(var: Path, paths: Iterable[Path]) -> None:
    """Replace the digests of files that this command changed itself."""
    made = _read_made(var)
    if made is not None:
        _write_made(var, made | {str(each.relative_to(var)): _digest(each) for each in paths})


def _refuse_neighbours(home: Path) -> None:
    """Refuse real keys in a folder above, or in a folder beside: those of one party lie in a folder each."""
    for above in home.parents:
        _refuse_files(_files_of(above))
    for beside in _files_of(home.parent, folders=True):
        if beside != home and not any((beside / kind.marker).is_file() for kind in (DEMONSTRATION, SANDBOX)):
            _refuse_files(_files_of(beside))


def _refuse_files(paths: list[Path]) -> None:
    for each in paths:
        owner = _OWNERS.get(each.name)
        if owner is not None:
            raise SandboxRefused(f"beside-{owner}", each, f"belongs to a real {owner}; choose another --var")


def _refuse_changes(var: Path, inside: list[Path]) -> None:
    made = _read_made(var)
    if made is None:
        _refuse_files(inside)
        if {each.name for each in inside} > {SANDBOX.marker}:
            raise SandboxRefused("unfinished", var, "the making of its keys was interrupted; remove the folder")
        return
    for each in inside:
        if str(each.relative_to(var)) not in made:
            _refuse_files([each])
            if each.suffix in _KEYS:
                raise SandboxRefused("foreign-key", each, "was not made by the sandbox; keep it elsewhere")
    for name in made:
        if name.endswith(".toml") and (var / name).is_file():
            _refuse_remote(var / name)
    for name, digest in made.items():
        path = var / name
        if path.is_symlink() or not path.is_file() or _digest(path) != digest:
            raise SandboxRefused("changed", path, "is not as the sandbox made it; remove the sandbox's folder")


def _write_made(var: Path, made: Mapping[str, str]) -> None:
    write_durably(var / _MADE, json.dumps({"made": made}, indent=1).encode("ascii") + b"\n")


def _read_made(var: Path) -> dict[str, str] | None:
    try:
        document: dict[str, Any] = json.loads((var / _MADE).read_bytes())
        return {str(name): str(digest) for name, digest in document["made"].items()}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SandboxRefused("changed", var / _MADE, "cannot be read back; remove the sandbox's folder") from None


def _refuse_remote(settings: Path) -> None:
    try:
        document = tomllib.loads(settings.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SandboxRefused("changed", settings, "cannot be read; remove the sandbox's folder") from None
    for key, address in _addresses(document):
        if not _is_loopback(address):
            raise SandboxRefused("not-loopback", settings, f"{key} is no loopback address; the sandbox stays at home")


def _addresses(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _addresses(value)
        elif isinstance(value, list):
            for each in value:
                yield from _addresses(each) if isinstance(each, dict) else ()
        elif key in _ADDRESSES and isinstance(value, str):
            yield key, value


def _is_loopback(address: str) -> bool:
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _files_of(folder: Path, *, folders: bool = False) -> list[Path]:
    """List what lies directly in a folder; nothing of one that is not there or that we may not read."""
    try:
        return [each for each in sorted(folder.iterdir()) if each.is_dir() is folders]
    except (PermissionError, FileNotFoundError, NotADirectoryError):
        return []


def _is_kept(path: Path) -> bool:
    """Tell whether a file of the parties never changes; callers' tokens do."""
    is_token = path.suffix == ".token" or path.name.startswith("local-tokens.json")
    return path.is_file() and path.name != SANDBOX.marker and not is_token


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
