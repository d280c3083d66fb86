"""The suite may be given a PostgreSQL: it makes its databases there, and leaves nothing behind."""

from contextlib import closing

import psycopg

from tests.support.databases import PostgresServer, named_server


def databases(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()}


def test_databases_are_made_on_the_server_that_was_named_and_all_of_them_go(postgres: PostgresServer) -> None:
    url = postgres.url("postgres")
    with closing(named_server(url)) as server:
        first = server.empty()
        names = {first, server.copy(first)}
        assert names <= databases(url)
        server.drop(first)
        server.drop_all()
    assert names & databases(url) == set()
