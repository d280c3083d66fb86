"""Reads the registry's settings: one TOML file, and the few environment variables that override it."""

import datetime as dt
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from registry.policy.clock import DEFAULT_CLOCK_TERMS, ClockTerms

ENV_PREFIX: Final = "CLEARLINE_REGISTRY_"
_SQLITE: Final = "sqlite:///"
_TEXT: Final = ("name", "database_url", "public_url", "listen", "keys", "signing_key", "signing_key_id")
_LOG: Final = ("log_key", "log_heads", "log_name", "incarnation_file")
_CLOCK: Final = ("clock_bound_seconds", "clock_outage_days", "round_bound_count", "round_bound_percent")
_NUMBERS: Final = ("workers", "threads", *_CLOCK)
_LEAST: Final = {"clock_bound_seconds": 60, "clock_outage_days": 1, "round_bound_count": 1, "round_bound_percent": 0}
_MOST: Final = {"clock_bound_seconds": 1_800, "clock_outage_days": 30, "round_bound_percent": 100}
_FLAGS: Final = ("private_webhooks", "integrate", "work", "prepared_statements")


class SettingsRefused(Exception):
    """The settings cannot be used; the message names the file and the setting, never its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a registry process needs to know."""

    name: str
    database_url: str = field(repr=False)
    public_url: str
    listen: str
    keys: Path
    signing_key: Path
    signing_key_id: str
    workers: int
    threads: int
    log_key: Path
    """The private key under which the access log's heads are signed; its public half stands beside it, in ``.pub``."""
    log_heads: Path
    """The folder that remembers which heads were published: never in the database, nor in its backups."""
    log_name: str
    """What the access log is called; the year follows as ``/2026``."""
    incarnation_file: Path
    """The file that remembers the largest incarnation: never in the database, nor in its backups."""
    integrate: bool
    """`clearline registry serve` integrates the access log too; so it does with SQLite, unless the settings say no."""
    work: bool = False
    """`clearline registry serve` runs the clock, the deliveries and the feeding of witnesses too; as ``integrate``."""
    clock: ClockTerms = DEFAULT_CLOCK_TERMS
    """How far readings of the clock may lie apart, from when a gap is long, and how much one round may do."""
    private_webhooks: bool = False
    """Deliver events to private addresses too, and to this machine without TLS."""
    prepared_statements: bool = False
    """Let the driver prepare statements on PostgreSQL; never behind pgbouncer's transaction mode."""

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def load(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of ``path``; relative paths in it are relative to the file. Raises SettingsRefused.

    ``CLEARLINE_REGISTRY_DATABASE_URL`` and its like override single settings, so that a secret need not be in a file.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsRefused(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsRefused(f"{path}: not TOML: {type(error).__name__}") from None
    unknown = set(document) - set(_TEXT) - set(_LOG) - set(_NUMBERS) - set(_FLAGS)
    if unknown:
        raise SettingsRefused(f"{path}: unknown setting {min(unknown)}")
    values = _defaults() | document | _overrides(os.environ if environment is None else environment)
    for name in ("integrate", "work"):
        values.setdefault(name, str(values.get("database_url")).startswith("sqlite"))
    _check_types(path, values)
    base = path.resolve().parent
    return Settings(
        name=values["name"],
        database_url=_resolve_database(values["database_url"], base),
        public_url=values["public_url"].rstrip("/"),
        listen=values["listen"],
        keys=base / values["keys"],
        signing_key=base / values["signing_key"],
        signing_key_id=values["signing_key_id"],
        workers=1 if values["database_url"].startswith("sqlite") else values["workers"],
        threads=values["threads"],
        log_key=base / values["log_key"],
        log_heads=base / values["log_heads"],
        incarnation_file=base / values["incarnation_file"],
        log_name=values["log_name"] or log_name(values["public_url"]),
        integrate=values["integrate"],
        work=values["work"],
        clock=ClockTerms(
            bound=dt.timedelta(seconds=values["clock_bound_seconds"]),
            outage=dt.timedelta(days=values["clock_outage_days"]),
            round_count=values["round_bound_count"],
            round_percent=values["round_bound_percent"],
        ),
        private_webhooks=values["private_webhooks"],
        prepared_statements=values["prepared_statements"],
    )


def log_name(public_url: str) -> str:
    """What a registry's log is called unless its settings say otherwise: host, port and path, without the scheme."""
    return public_url.rstrip("/").partition("://")[2] + "/log"


def _defaults() -> dict[str, Any]:
    return {
        "name": "clearline",
        "workers": 2,
        "threads": 8,
        "clock_bound_seconds": DEFAULT_CLOCK_TERMS.bound // dt.timedelta(seconds=1),
        "clock_outage_days": DEFAULT_CLOCK_TERMS.outage.days,
        "round_bound_count": DEFAULT_CLOCK_TERMS.round_count,
        "round_bound_percent": DEFAULT_CLOCK_TERMS.round_percent,
        "private_webhooks": False,
        "prepared_statements": False,
        "log_key": "log.pem",
        "log_heads": "log-heads",
        "incarnation_file": "incarnation",
        "log_name": "",
    }


def _overrides(environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in (*_TEXT, *_LOG, *_NUMBERS):
        value = environment.get(ENV_PREFIX + name.upper())
        if value is not None:
            found[name] = int(value) if name in _NUMBERS and value.lstrip("-").isdigit() else value
    return found


def _check_types(path: Path, values: Mapping[str, Any]) -> None:
    for name in _TEXT:
        if not isinstance(values.get(name), str) or not values[name]:
            raise SettingsRefused(f"{path}: setting {name} is missing or not a text")
    for kind, names, called in (
        (str, _LOG, "a text"),
        (int, _NUMBERS, "a whole number"),
        (bool, _FLAGS, "true or false"),
    ):
        for name in names:
            if type(values[name]) is not kind:
                raise SettingsRefused(f"{path}: setting {name} is not {called}")
    for name in _NUMBERS:
        least, most = _LEAST.get(name, 1), _MOST.get(name)
        if values[name] < least:
            raise SettingsRefused(f"{path}: setting {name} must be at least {least}")
        if most is not None and values[name] > most:
            raise SettingsRefused(f"{path}: setting {name} must be at most {most}")


def _resolve_database(url: str, base: Path) -> str:
    """A relative SQLite path is relative to the settings file, wherever the process was started."""
    if url.startswith(_SQLITE) and not url.startswith(_SQLITE + "/"):
        return f"{_SQLITE}{base / url.removeprefix(_SQLITE)}"
    return url
