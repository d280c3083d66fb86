"""The gateway's settings: one TOML file, whose scalars the environment may override."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from auditlog.settings import LogSettings
from gateway.identity.accounts import ANY_FORM, AccountForm
from gateway.identity.context import NOTHING_SAID, ContextDefaults
from gateway.tmf.tables import TmfTables, read_tables
from protocol.context import Channel
from protocol.messages.evaluations import MAX_COMMITTEE
from protocol.names import CONSENT_TEXT, PLACE_CODE
from serving.settings import Table, read_settings

ENV_PREFIX: Final = "CLEARLINE_GATEWAY_"
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")
_MOST_SECONDS: Final = 3600
"""An hour is the longest sensible timeout."""
_MOST_ROWS: Final = 1000
_MOST_WIDTH: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianPeer:
    """One custodian as pinned by this carrier: index, base URL, public key of its share (32 bytes).

    ``custodian``, ``key_id`` and ``signing_key`` (32 bytes) name it as a member of a committee, which signs for the
    next one. All three are there, or none.
    """

    index: int
    url: str
    public_key: bytes
    custodian: str | None = None
    key_id: str | None = None
    signing_key: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Timeouts in seconds, and the sizes of batches and pools."""

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
class CheckLimits:
    """The bounds of the checks of the local service."""

    deadline_seconds: float = 2.5
    """All of a check: custodians and registry together."""
    hedge_seconds: float = 0.3
    at_once: int = 16
    attempts: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """The local service's certificate (with its chain) and private key, both PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """All settings of a gateway; the paths name files with secrets (mode 0600)."""

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
    """The members of the pinned committee."""
    listen: str
    tokens: Path
    """The file of the local service's callers, made by ``clearline gateway token``."""
    orders: Path
    """The file of orders: the tokens of decisions, and what was reported of them."""
    limits: Limits
    committee: int = 1
    """The pinned committee of the epoch; those of one epoch give the same tokens."""
    pins: Path | None = None
    """The file of the committees that were taken after that of the settings; None: they end with the process."""
    check: CheckLimits = CheckLimits()
    host_names: frozenset[str] = frozenset()
    """Names beside the loopback ones that callers of the local service may use."""
    tls: TlsFiles | None = None
    log: LogSettings | None = None
    seen: Path | None = None
    """The file with the newest incarnation of the registry seen here; None: it is lost with the process."""
    accounts: AccountForm = ANY_FORM
    """The form of this carrier's account numbers, in every file and every request."""
    context: ContextDefaults = NOTHING_SAID
    """The parts of an inquiry's context that hold where a caller says nothing."""
    tmf: TmfTables | None = None
    """The carrier's words in TM Forum's APIs; None: these are not served."""

    def for_checks(self) -> "GatewaySettings":
        """Return the settings of a gateway that serves the checks of the local service, and nothing beside them."""
        check, limits = self.check, self.limits
        quick = replace(
            limits,
            hedge_seconds=min(limits.hedge_seconds, check.hedge_seconds),
            attempts=min(limits.attempts, check.attempts),
            parallel_chunks=check.at_once,
        )
        return replace(self, limits=quick, log=None)


def load(path: Path, environ: Mapping[str, str] | None = None) -> GatewaySettings:
    """Read ``path``; ``CLEARLINE_GATEWAY_<SECTION>_<KEY>`` (``..._REGISTRY_URL``) wins over the file."""
    return read_settings(path, _settings, prefix=ENV_PREFIX, environment=environ)


def _settings(document: Table) -> GatewaySettings:
    carrier, registry = document.table("carrier"), document.table("registry")
    custodians, service = document.table("custodians"), document.table("service")
    tmf = document.optional_table("tmf")
    log, registry_url = document.optional_table("log"), registry.text("url").rstrip("/")
    peers, threshold = _peers(custodians), custodians.integer("threshold")
    if threshold > len(peers):
        raise custodians.wrong("threshold", "is larger than the number of [[custodians.member]]")
    return GatewaySettings(
        carrier=carrier.participant_id("id"),
        key_id=carrier.key_id("key_id"),
        signing_key=carrier.file("signing_key"),
        account_key=carrier.file("account_key"),
        registry_url=registry_url,
        registry_key_id=registry.key_id("key_id"),
        registry_public_key=registry.public_key("public_key"),
        epoch=custodians.integer("epoch"),
        committee=custodians.integer("committee", 1, most=MAX_COMMITTEE),
        threshold=threshold,
        joint_public_key=custodians.public_key("joint_public_key"),
        custodians=peers,
        pins=custodians.file("pins", "pins.json"),
        listen=service.text("listen", "127.0.0.1:9201"),
        tokens=service.file("tokens", "local-tokens.json"),
        orders=document.table("orders").file("file", "orders.db"),
        host_names=_host_names(service),
        tls=_tls(service),
        limits=_limits(document.table("limits")),
        check=CheckLimits(deadline_seconds=_seconds(document.table("check"), "deadline_seconds", 2.5, most=60)),
        log=None if log is None else _log(log, carrier.text("id"), registry_url),
        seen=registry.file("seen", "registry.seen"),
        accounts=_accounts(document.table("accounts")),
        context=_context(document.table("context")),
        tmf=None if tmf is None else read_tables(tmf),
    )


def _peers(custodians: Table) -> tuple[CustodianPeer, ...]:
    peers = tuple(_peer(member) for member in custodians.tables("member"))
    if not peers:
        raise custodians.wrong("member", "must have at least one entry [[custodians.member]]")
    if len({peer.index for peer in peers}) != len(peers):
        raise custodians.wrong("member", "has two entries of the same index")
    return peers


def _peer(member: Table) -> CustodianPeer:
    pinned = CustodianPeer(
        index=member.integer("index"), url=member.text("url").rstrip("/"), public_key=member.public_key("public_key")
    )
    named = {key: key in member for key in ("custodian", "key_id", "signing_key")}
    if not any(named.values()):
        return pinned
    for key, is_there in named.items():
        if not is_there:
            raise member.wrong(key, "is missing; custodian, key_id and signing_key go together")
    return replace(
        pinned,
        custodian=member.participant_id("custodian"),
        key_id=member.key_id("key_id"),
        signing_key=member.public_key("signing_key"),
    )


def _log(log: Table, carrier: str, registry_url: str) -> LogSettings:
    return LogSettings(
        url=log.text("url", f"{registry_url}/log").rstrip("/"),
        name=log.text("name", f"{registry_url.partition('://')[2]}/log"),
        public_key=log.public_key("public_key"),
        state=log.file("state", "log-state"),
        witness_key=log.optional_file("witness_key"),
        witness_name=log.text("witness_name", f"{carrier}.witness"),
        policy=log.optional_file("policy"),
        faults=log.integer("faults", 0, least=0),
        former_keys=log.optional_file("former_keys"),
    )


def _tls(service: Table) -> TlsFiles | None:
    certificate, key = service.optional_file("tls_certificate"), service.optional_file("tls_key")
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise service.wrong("tls_key" if key is None else "tls_certificate", "is missing; TLS needs both files")
    return TlsFiles(certificate=certificate, key=key)


def _host_names(service: Table) -> frozenset[str]:
    value = service.value("host_names", [])
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and _HOST_NAME.fullmatch(name) for name in names):
        raise service.wrong("host_names", "must be a list of host names without port")
    return frozenset(name.lower() for name in names)


def _accounts(accounts: Table) -> AccountForm:
    width = accounts.integer("width", most=_MOST_WIDTH) if "width" in accounts else None
    if "pattern" not in accounts:
        return AccountForm(width=width)
    try:
        return AccountForm(pattern=re.compile(accounts.text("pattern"), re.ASCII), width=width)
    except re.error:
        raise accounts.wrong("pattern", "is no regular expression") from None


def _context(context: Table) -> ContextDefaults:
    channel = None
    if "channel" in context:
        try:
            channel = Channel(context.text("channel"))
        except ValueError:
            raise context.wrong("channel", f"must be one of {', '.join(Channel)}") from None
    return ContextDefaults(
        channel=channel,
        outlet=_matching(context, "outlet", PLACE_CODE),
        consent_text=_matching(context, "consent_text", CONSENT_TEXT),
    )


def _matching(table: Table, key: str, pattern: str) -> str | None:
    if key not in table:
        return None
    text = table.text(key)
    if re.fullmatch(pattern, text) is None:
        raise table.wrong(key, f"must match {pattern}")
    return text


def _limits(limits: Table) -> Limits:
    return Limits(
        hedge_seconds=_seconds(limits, "hedge_seconds", 2.0),
        custodian_timeout_seconds=_seconds(limits, "custodian_timeout_seconds", 15.0),
        registry_timeout_seconds=_seconds(limits, "registry_timeout_seconds", 60.0),
        attempts=limits.integer("attempts", 5),
        chunk_rows=limits.integer("chunk_rows", _MOST_ROWS, most=_MOST_ROWS),
        parallel_chunks=limits.integer("parallel_chunks", 3),
    )


def _seconds(limits: Table, key: str, default: float, *, most: int = _MOST_SECONDS) -> float:
    try:
        seconds = float(limits.value(key, default))
    except (TypeError, ValueError):
        raise limits.wrong(key, "must be a number of seconds") from None
    if not 0 < seconds <= most:
        raise limits.wrong(key, f"must be more than 0 and at most {most} seconds")
    return seconds
