"""The gateway's settings: one TOML file, whose scalars the environment may override."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from client.errors import SettingsError
from gateway.identity.accounts import ANY_FORM, AccountForm
from protocol.encodings import EncodingError, b64url_decode

ENV_PREFIX: Final = "CLEARLINE_GATEWAY_"
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")
_SECTIONS: Final = ("carrier", "registry", "custodians", "service", "limits", "log", "accounts")
_MOST_WIDTH: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianPeer:
    """One custodian as pinned by this carrier: index, base URL, public key of its share (32 bytes)."""

    index: int
    url: str
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Patience, in seconds, and how much is done at a time."""

    hedge_seconds: float = 2.0
    """After this long without enough answers one more custodian is asked."""
    custodian_timeout_seconds: float = 15.0
    registry_timeout_seconds: float = 60.0
    attempts: int = 5
    chunk_rows: int = 1000
    """Rows of one record batch; at most 1000."""
    parallel_chunks: int = 3
    """Chunks in memory at once, and threads that blind and verify."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """The registry's transparency log as pinned by this carrier, and its own witness key if it has one."""

    url: str
    """Below it is a log for each year."""
    name: str
    public_key: bytes
    state: Path
    """The folder of the last verified heads, and of evidence."""
    witness_key: Path | None
    witness_name: str
    policy: Path | None
    """Which witnesses this carrier believes (c2sp.org/tlog-policy)."""
    faults: int
    """How many of them may lie."""
    former_keys: Path | None = None
    """A file of the vkeys that were pinned before the log's name or key changed: kept receipts verify under them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """The local service's certificate (with its chain) and private key, both PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """Everything a gateway is told; the paths hold secrets (mode 0600)."""

    carrier: str
    key_id: str
    signing_key: Path
    account_key: Path
    registry_url: str
    registry_key_id: str
    registry_public_key: bytes
    epoch: int
    threshold: int
    joint_public_key: bytes
    custodians: tuple[CustodianPeer, ...]
    listen: str
    tokens: Path
    """The file of the local service's callers, made by ``clearline gateway token``."""
    limits: Limits
    host_names: frozenset[str] = frozenset()
    """Names beside the loopback ones that callers of the local service may use."""
    tls: TlsFiles | None = None
    log: LogSettings | None = None
    seen: Path | None = None
    """The file with the newest incarnation of the registry seen here; None: the process forgets it."""
    accounts: AccountForm = ANY_FORM
    """What this carrier's account numbers look like, in every file and every request."""


def load(path: Path, environ: Mapping[str, str] | None = None) -> GatewaySettings:
    """Read ``path``; ``CLEARLINE_GATEWAY_<SECTION>_<KEY>`` (``..._REGISTRY_URL``) wins over the file."""
    document = _read(path)
    _override(document, os.environ if environ is None else environ)
    carrier, registry = _Section(path, document, "carrier"), _Section(path, document, "registry")
    custodians, service = _Section(path, document, "custodians"), _Section(path, document, "service")
    peers = _peers(path, custodians)
    threshold = custodians.integer("threshold")
    if threshold > len(peers):
        raise SettingsError(f"{path}: custodians.threshold is larger than the number of [[custodians.member]]")
    return GatewaySettings(
        carrier=carrier.text("id"),
        key_id=carrier.text("key_id"),
        signing_key=path.parent / carrier.text("signing_key"),
        account_key=path.parent / carrier.text("account_key"),
        registry_url=registry.text("url").rstrip("/"),
        registry_key_id=registry.text("key_id"),
        registry_public_key=registry.key("public_key"),
        epoch=custodians.integer("epoch"),
        threshold=threshold,
        joint_public_key=custodians.key("joint_public_key"),
        custodians=peers,
        listen=service.text("listen", "127.0.0.1:9201"),
        tokens=path.parent / service.text("tokens", "local-tokens.json"),
        host_names=_host_names(service),
        tls=_tls(service),
        limits=_limits(_Section(path, document, "limits")),
        log=_log(path, document, carrier.text("id"), registry.text("url").rstrip("/")) if "log" in document else None,
        seen=path.parent / registry.text("seen", "registry.seen"),
        accounts=_accounts(_Section(path, document, "accounts")),
    )


class _Section:
    """One table of the file, read strictly; every complaint names file and key."""

    def __init__(self, path: Path, document: Mapping[str, Any], name: str) -> None:
        self._path = path
        self._name = name
        table = document.get(name, {})
        if not isinstance(table, dict):
            raise SettingsError(f"{path}: [{name}] must be a table")
        self.table: dict[str, Any] = table

    def text(self, key: str, default: str | None = None) -> str:
        value = self.table.get(key, default)
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "must be a text")
        return value

    def integer(self, key: str, default: int | None = None) -> int:
        value = self.table.get(key, default)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.wrong(key, "must be a positive integer")
        return value

    def optional_path(self, key: str) -> Path | None:
        return self._path.parent / self.text(key) if key in self.table else None

    def seconds(self, key: str, default: float) -> float:
        try:
            value = float(self.table.get(key, default))
        except (TypeError, ValueError):
            raise self.wrong(key, "must be a number of seconds") from None
        if not 0 < value <= 3600:  # noqa: PLR2004 (an hour is more patience than any request deserves)
            raise self.wrong(key, "must be more than 0 and at most 3600 seconds")
        return value

    def key(self, key: str) -> bytes:
        try:
            return b64url_decode(self.text(key), length=32)
        except EncodingError:
            raise self.wrong(key, "must be 32 bytes in base64url") from None

    def wrong(self, key: str, what: str) -> SettingsError:
        return SettingsError(f"{self._path}: {self._name}.{key} {what}")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as trouble:
        raise SettingsError(f"{path}: cannot be read ({trouble.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise SettingsError(f"{path}: not TOML ({trouble})") from None


def _override(document: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name, value in environ.items():
        section, _, key = name.removeprefix(ENV_PREFIX).lower().partition("_")
        if name.startswith(ENV_PREFIX) and section in _SECTIONS and key:
            document.setdefault(section, {})[key] = value


def _peers(path: Path, custodians: _Section) -> tuple[CustodianPeer, ...]:
    members = custodians.table.get("member", [])
    if not isinstance(members, list) or not members or not all(isinstance(each, dict) for each in members):
        raise SettingsError(f"{path}: at least one [[custodians.member]] is needed")
    sections = [_Section(path, {"custodians.member": each}, "custodians.member") for each in members]
    peers = tuple(
        CustodianPeer(index=each.integer("index"), url=each.text("url").rstrip("/"), public_key=each.key("public_key"))
        for each in sections
    )
    if len({each.index for each in peers}) != len(peers):
        raise SettingsError(f"{path}: two [[custodians.member]] entries have the same index")
    return peers


def _log(path: Path, document: Mapping[str, Any], carrier: str, registry_url: str) -> LogSettings:
    section = _Section(path, document, "log")
    faults = section.table.get("faults", "0")
    if str(faults) != "0":
        faults = section.integer("faults")
    return LogSettings(
        url=section.text("url", f"{registry_url}/log").rstrip("/"),
        name=section.text("name", f"{registry_url.partition('://')[2]}/log"),
        public_key=section.key("public_key"),
        state=path.parent / section.text("state", "log-state"),
        witness_key=section.optional_path("witness_key"),
        witness_name=section.text("witness_name", f"{carrier}.witness"),
        policy=section.optional_path("policy"),
        faults=int(faults),
        former_keys=section.optional_path("former_keys"),
    )


def _tls(service: _Section) -> TlsFiles | None:
    certificate, key = service.optional_path("tls_certificate"), service.optional_path("tls_key")
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise service.wrong("tls_key" if key is None else "tls_certificate", "is missing; TLS needs both files")
    return TlsFiles(certificate=certificate, key=key)


def _host_names(service: _Section) -> frozenset[str]:
    given = service.table.get("host_names", [])
    names = given.split(",") if isinstance(given, str) else given
    if not isinstance(names, list) or not all(isinstance(each, str) and _HOST_NAME.fullmatch(each) for each in names):
        raise service.wrong("host_names", "must be a list of host names without port")
    return frozenset(each.lower() for each in names)


def _accounts(section: _Section) -> AccountForm:
    for key in section.table:
        if key not in ("pattern", "width"):
            raise section.wrong(key, "is not known here (known: pattern, width)")
    width = section.integer("width") if "width" in section.table else None
    if width is not None and width > _MOST_WIDTH:
        raise section.wrong("width", f"must be at most {_MOST_WIDTH}")
    if "pattern" not in section.table:
        return AccountForm(width=width)
    try:
        return AccountForm(pattern=re.compile(section.text("pattern"), re.ASCII), width=width)
    except re.error:
        raise section.wrong("pattern", "is no regular expression") from None


def _limits(section: _Section) -> Limits:
    chunk_rows = section.integer("chunk_rows", 1000)
    if chunk_rows > 1000:  # noqa: PLR2004 (as documented on Limits)
        raise section.wrong("chunk_rows", "must be at most 1000")
    return Limits(
        hedge_seconds=section.seconds("hedge_seconds", 2.0),
        custodian_timeout_seconds=section.seconds("custodian_timeout_seconds", 15.0),
        registry_timeout_seconds=section.seconds("registry_timeout_seconds", 60.0),
        attempts=section.integer("attempts", 5),
        chunk_rows=chunk_rows,
        parallel_chunks=section.integer("parallel_chunks", 3),
    )
