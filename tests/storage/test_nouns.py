"""One noun names a repository's module, its class and its place in a transaction; the schema knows every table."""

import ast
import inspect
from pathlib import Path

import pytest
import sqlalchemy as sa

import registry.store
from registry.store.repositories import Repositories
from registry.store.repository import Repository
from registry.store.transactions import Transaction

STORE = Path(registry.store.__path__[0])
NOUNS = sorted(
    name for name, value in vars(Repositories).items() if not (name.startswith("_") or inspect.isfunction(value))
)


@pytest.fixture
def transaction() -> Transaction:
    with sa.create_engine("sqlite://").connect() as connection:
        return Transaction(connection)


@pytest.mark.parametrize("noun", NOUNS)
def test_a_repository_is_named_like_its_module(transaction: Transaction, noun: str) -> None:
    kind = type(getattr(transaction, noun))
    assert issubclass(kind, Repository)
    assert kind.__module__.rpartition(".")[2] == noun
    assert kind.__name__ == noun.title().replace("_", "")


def test_a_repository_is_built_when_it_is_first_used(transaction: Transaction) -> None:
    assert set(vars(transaction)) == {"connection"}
    assert transaction.records is transaction.records
    assert set(vars(transaction)) == {"connection", "records"}


def test_every_module_with_a_table_is_part_of_the_schema() -> None:
    holding = {path.stem for path in STORE.rglob("*.py") if "sa.Table(\n" in path.read_text()}
    tree = ast.parse((STORE / "schema.py").read_text())
    imported = {each.name for node in tree.body if isinstance(node, ast.ImportFrom) for each in node.names}
    assert len(holding) > 30
    assert holding - imported == set()


def test_every_repository_is_part_of_a_transaction() -> None:
    kinds = {path.stem for path in STORE.rglob("*.py") if "(Repository):" in path.read_text()}
    assert kinds == set(NOUNS)
