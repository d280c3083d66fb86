"""Opens a registry for a command that needs its tables, once its database is reached and at the newest schema."""

from cli.outcome import Failure
from registry.settings import Settings
from registry.store.revision import current, newest
from registry.usecases.context import Registry
from registry.wiring import build_registry


def check_schema(settings: Settings) -> None:
    """Raise DatabaseUnreachable, or Failure for a database that is not at the newest schema."""
    if current(settings.database_url) != newest():
        raise Failure("the database is not at the newest schema; run `clearline registry migrate` first")


def open_registry(settings: Settings) -> Registry:
    """Open the registry on its database, which answered a moment ago."""
    check_schema(settings)
    return build_registry(settings)
