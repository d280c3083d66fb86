"""A PostgreSQL for the tests: one of their own, or the one that ``--postgresql`` names."""

import itertools
import secrets
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

NAMES = itertools.count(1)
OURS = secrets.token_hex(4)
"""A part of every database's name: test processes, and runs side by side, may share a server that was named."""


class PostgresServer:
    """A server on which the tests may make databases; ``address`` tells the URL of the database of a name."""

    def __init__(self, address: Callable[[str], str]) -> None:
        self._address = address
        self._made: set[str] = set()
        self._maker: psycopg.Connection[Any] | None = None

    def url(self, name: str) -> str:
        return self._address(name)

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def empty(self) -> str:
        """The name of a new database without tables."""
        return self._make("")

    def copy(self, template: str) -> str:
        # Copied as files: half as long as through the write-ahead log, which nobody needs here.
        return self._make(f" TEMPLATE {template} STRATEGY FILE_COPY")

    def drop(self, name: str) -> None:
        self._run_as_maker(f"DROP DATABASE {name} WITH (FORCE)")
        self._made.remove(name)

    def drop_all(self) -> None:
        """Leave nothing on a server that goes on without us."""
        for name in sorted(self._made):
            self.drop(name)

    def close(self) -> None:
        """Leave the server, of which nothing is asked afterwards."""
        if self._maker is not None:
            self._maker.close()

    def _run_as_maker(self, statement: str) -> None:
        """Run a statement on one connection for all databases: connecting is a quarter of what a database costs."""
        if self._maker is None:
            self._maker = psycopg.connect(self.url("postgres"), autocommit=True)
        self._maker.execute(statement)

    def _make(self, how: str) -> str:
        name = f"test_{OURS}_{next(NAMES)}"
        self._run_as_maker(f"CREATE DATABASE {name}{how}")
        self._made.add(name)
        return name


def started_server(server: Any) -> PostgresServer:
    """A server of the wheel's that the tests started."""
    return PostgresServer(address_of(server))


def address_of(server: Any) -> Callable[[str], str]:
    """Tell the URLs of a started server's databases."""
    return lambda name: str(server.get_uri(name)).replace("postgres:@", "postgres@")


def named_server(url: str) -> PostgresServer:
    """The server of a URL whose user may make databases; the database that it names is left alone."""
    given = make_url(url)
    return PostgresServer(lambda name: given.set(database=name).render_as_string(hide_password=False))
