"""Read the registry's settings: one TOML file, and the few environment variables that override it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from registry.domain.patience import REQUEST_SECONDS
from registry.policy.clock import DEFAULT_CLOCK_TERMS, ClockTerms
from serving.passphrase import PassphraseSource, read_custody
from serving.settings import Table, read_settings

ENV_PREFIX: Final = "CLEARLINE_REGISTRY_"
_SQLITE: Final = "sqlite:///"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a registry process."""

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
    """The private key that signs the access log's checkpoints; its public half stands beside it, in ``.pub``."""
    log_heads: Path
    """The folder of the published checkpoints: never in the database, nor in its backups."""
    log_name: str
    """The access log's name; the year follows as ``/2026``."""
    incarnation_file: Path
    """The file of the largest incarnation: never in the database, nor in its backups."""
    integrate: bool
    """`clearline registry serve` integrates the access log too; with SQLite that is the default."""
    work: bool = False
    """`clearline registry serve` runs worker, webhooks and witness feed too; the default is as for ``integrate``."""
    clock: ClockTerms = DEFAULT_CLOCK_TERMS
    """The largest difference of the clock's readings, the shortest long gap, and the most work of one round."""
    private_webhooks: bool = False
    """Deliver events to private addresses too, and to this machine without TLS."""
    prepared_statements: bool = False
    """Let the driver prepare statements on PostgreSQL; never behind pgbouncer's transaction mode."""
    database_deadline_seconds: int = REQUEST_SECONDS
    """A request is refused when the database has not answered it for so long (docs/runbooks/postgresql.md)."""
    own_cores: bool = True
    """Each process of `clearline registry serve` keeps to a core, the least used by the others (serving/cores.py)."""
    custody: PassphraseSource | None = None
    """The source of the passphrase under which the three secret files are sealed; None: they are plain."""

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def load(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of ``path``; variables such as ``CLEARLINE_REGISTRY_DATABASE_URL`` override single ones."""
    return read_settings(path, _settings, prefix=ENV_PREFIX, environment=environment)


def _settings(table: Table) -> Settings:
    is_sqlite = table.text("database_url").startswith("sqlite")
    public_url, workers = table.text("public_url").rstrip("/"), table.integer("workers", 2)
    return Settings(
        name=table.text("name", "clearline"),
        database_url=_database_url(table),
        public_url=public_url,
        listen=table.text("listen"),
        keys=table.file("keys"),
        signing_key=table.file("signing_key"),
        signing_key_id=table.key_id("signing_key_id"),
        workers=1 if is_sqlite else workers,
        threads=table.integer("threads", 8),
        log_key=table.file("log_key", "log.pem"),
        log_heads=table.file("log_heads", "log-heads"),
        log_name=table.text("log_name", log_name(public_url)),
        incarnation_file=table.file("incarnation_file", "incarnation"),
        integrate=table.flag("integrate", default=is_sqlite),
        work=table.flag("work", default=is_sqlite),
        clock=_clock_terms(table),
        private_webhooks=table.flag("private_webhooks", default=False),
        prepared_statements=table.flag("prepared_statements", default=False),
        database_deadline_seconds=table.integer("database_deadline_seconds", REQUEST_SECONDS, least=2, most=120),
        own_cores=table.flag("own_cores", default=True),
        custody=read_custody(table),
    )


def _clock_terms(table: Table) -> ClockTerms:
    second, usual = dt.timedelta(seconds=1), DEFAULT_CLOCK_TERMS
    return ClockTerms(
        bound=table.integer("clock_bound_seconds", usual.bound // second, least=60, most=1_800) * second,
        outage=dt.timedelta(days=table.integer("clock_outage_days", usual.outage.days, most=30)),
        round_count=table.integer("round_bound_count", usual.round_count),
        round_percent=table.integer("round_bound_percent", usual.round_percent, least=0, most=100),
    )


def log_name(public_url: str) -> str:
    """Return the default name of a registry's log: host, port and path, without the scheme."""
    return public_url.rstrip("/").partition("://")[2] + "/log"


def _database_url(table: Table) -> str:
    """Read the URL; a relative SQLite path is relative to the settings file, wherever the process was started."""
    url = table.text("database_url")
    if url.startswith(_SQLITE) and not url.startswith(_SQLITE + "/"):
        return f"{_SQLITE}{table.relative(url.removeprefix(_SQLITE))}"
    return url
