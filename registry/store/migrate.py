"""Bring a database to the newest schema, and compare the two."""

import re
from importlib.resources import files
from typing import Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from registry.store.columns import metadata
from registry.store.engines import make_engines
from registry.store.partitions import PARTITIONED
from registry.store.revision import newest
from registry.store.transactions import exclusive, looking

_PARTITION: Final = re.compile(f"(?:{'|'.join(PARTITIONED)})_(?:m[0-9]{{6}}|default)")


def upgrade(database_url: str) -> str:
    """Apply the missing revisions, all or none; returns the database's revision then.

    Any number of processes may call it at once: one works, the others find the work done.
    """
    engines = make_engines(database_url)
    try:
        with exclusive(engines) as connection:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engines.close()
    return newest()


def differences(database_url: str) -> list[object]:
    """List the differences between the tables of database and code; empty when the revisions are complete."""
    engines = make_engines(database_url)
    try:
        with looking(engines) as connection:
            options = {"include_name": _is_ours}
            return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))
    finally:
        engines.close()


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    # Monthly partitions belong to their table: they come and go without a revision.
    return kind != "table" or name is None or _PARTITION.fullmatch(name) is None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("migrations")))
    config.set_main_option("path_separator", "os")
    return config
