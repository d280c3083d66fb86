"""A PostgreSQL of the tests' own."""

import itertools
from typing import Any

import psycopg

NAMES = itertools.count(1)


class PostgresServer:
    """A PostgreSQL of this test process, on a socket in a temporary directory; its names are ours alone."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def url(self, name: str) -> str:
        return self._server.get_uri(name).replace("postgres:@", "postgres@")

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def empty(self) -> str:
        """The name of a new database without tables."""
        name = f"test_{next(NAMES)}"
        self.run(f"CREATE DATABASE {name}")
        return name

    def copy(self, template: str) -> str:
        name = f"test_{next(NAMES)}"
        # Copied as files: half as long as through the write-ahead log, which nobody needs here.
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE {name} WITH (FORCE)")
