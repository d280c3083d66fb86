"""Tell the revision of a database, and the newest one, without the tool that changes schemas."""

from importlib.resources import files

import sqlalchemy as sa

from registry.store.engines import make_engines
from registry.store.transactions import looking

_VERSIONS = sa.table("alembic_version", sa.column("version_num"))


def current(database_url: str) -> str | None:
    """Read the revision of the database; None when it has none of our tables."""
    engines = make_engines(database_url)
    try:
        with looking(engines) as connection:
            if not sa.inspect(connection).has_table(_VERSIONS.name):
                return None
            return connection.execute(sa.select(_VERSIONS.c.version_num)).scalar_one_or_none()
    finally:
        engines.close()


def newest() -> str:
    """Return the newest revision: the number of the last file in migrations/versions."""
    names = sorted(each.name for each in files("migrations").joinpath("versions").iterdir())
    numbers = [name[:4] for name in names if name[:4].isdigit() and name.endswith(".py")]
    if not numbers:
        raise LookupError("no revision was installed")
    return numbers[-1]
