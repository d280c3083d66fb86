"""Make the columns, checks and indexes of the tables, and name the groups of a distributed engine."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index

from protocol.states import RecordState
from registry.store import distribution
from registry.store.types import Coded, Day, Octets, UtcTime

KEY_BYTES: Final = 16

metadata: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key(name: str = "subject_key") -> Column[bytes]:
    """A pseudonym: 16 bytes, one type everywhere."""
    return octets(name, KEY_BYTES)


def octets(name: str, length: int | None = None, *, nullable: bool = False) -> Column[bytes]:
    """Bytes; None for any length. ``length`` makes the check of a length."""
    return Column(name, Octets(length), nullable=nullable)


def uuid(name: str, *, nullable: bool = False) -> Column[object]:
    """A UUIDv7 that this program makes."""
    return Column(name, sa.Uuid(), nullable=nullable)


def text(name: str, length: int | None, *, nullable: bool = False) -> Column[str]:
    """Text of at most ``length`` characters; None for no bound of the column itself."""
    return Column(name, sa.Text() if length is None else sa.String(length), nullable=nullable)


def coded(name: str, vocabulary: type[StrEnum], length: int, *, nullable: bool = False) -> Column[StrEnum]:
    """A member of a closed vocabulary."""
    return Column(name, Coded(vocabulary, length), nullable=nullable)


def integer(name: str, *, nullable: bool = False) -> Column[int]:
    """A 32-bit integer, which the database does not count up."""
    return Column(name, sa.Integer(), nullable=nullable, autoincrement=False)


def big_integer(name: str, *, nullable: bool = False) -> Column[int]:
    """A 64-bit integer, which the database does not count up."""
    return Column(name, sa.BigInteger(), nullable=nullable, autoincrement=False)


def fen(name: str) -> Column[int]:
    """Money in fen."""
    return big_integer(name)


def time(name: str, *, nullable: bool = False) -> Column[object]:
    """An aware UTC time."""
    return Column(name, UtcTime(), nullable=nullable)


def day(name: str, *, nullable: bool = False) -> Column[object]:
    """A calendar date (Beijing)."""
    return Column(name, Day(), nullable=nullable)


def length(column: str, length: int = KEY_BYTES) -> CheckConstraint:
    """CHECK that the bytes of ``column`` are ``length`` long."""
    return CheckConstraint(f"length({column}) = {length}", name=f"{column}_length")


def at_least(column: str, least: int) -> CheckConstraint:
    """CHECK of a lower bound."""
    return CheckConstraint(f"{column} >= {least}", name=f"{column}_least")


def month() -> CheckConstraint:
    """CHECK that the month reads like 202611."""
    return CheckConstraint("month BETWEEN 200001 AND 999912", name="month_range")


def by_age(column: str) -> Index:
    """The index of rows that are dropped by age; on PostgreSQL a few bytes a block, since rows come in time order."""
    return Index(None, column, postgresql_using="brin")


def partial(name: str | None, *columns: str, where: str, unique: bool = False) -> Index:
    """The index of some rows; SQLite uses it for a query that repeats ``where`` word for word."""
    condition = sa.text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def references(columns: Sequence[str], table: str, target: Sequence[str] | None = None) -> ForeignKeyConstraint:
    """A foreign key, named by the convention."""
    return ForeignKeyConstraint(columns, [f"{table}.{each}" for each in target or columns])


def sealed() -> tuple[Column[int], Column[str], Column[int], Column[bytes], Column[bytes], ForeignKeyConstraint]:
    """The columns of a sealed group element."""
    return (
        Column("epoch", sa.Integer(), nullable=False),
        text("suite", 32),
        integer("kek_epoch"),
        octets("wrapped_key"),
        octets("ciphertext"),
        references(["epoch"], "key_epoch"),
    )


SEALED: Final = {name: f"sealed.{name}" for name in ("epoch", "suite", "kek_epoch", "wrapped_key", "ciphertext")}
"""Names the attributes of a value that fill the columns of its sealed group element."""


def states_in(states: Sequence[RecordState], column: str = "state") -> str:
    """The SQL text of ``state IN (...)``; the values are our own constants."""
    return f"{column} IN (" + ", ".join(f"'{each.value}'" for each in states) + ")"


BY_SUBJECT: Final = {"distribution": distribution.SUBJECT}
BY_PERSON: Final = {"distribution": "person"}
BY_HOUSEHOLD: Final = {"distribution": "household"}
BY_ACCOUNT: Final = {"distribution": "account"}
BY_PARTICIPANT: Final = {"distribution": "participant"}
BY_SIGNING_KEY: Final = {"distribution": "signing_key"}
BY_ENTRY: Final = {"distribution": "entry"}
REFERENCE: Final = {"distribution": distribution.REFERENCE}
PLAIN: Final = {"distribution": distribution.PLAIN}
"""The group of a table, see ``distribution``."""
