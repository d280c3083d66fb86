"""Looks at every statement that a test runs: does it keep the rules of an engine distributed by key?"""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from functools import cache
from types import CodeType, FrameType

import sqlalchemy as sa
from sqlalchemy import event

import registry.store
from registry.store.columns import metadata
from registry.store.distribution import SPREAD, column_of
from registry.store.engines import Engines
from registry.store.transactions import Store

NAMED_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN)\s+(?:ONLY\s+)?(\w+)", re.IGNORECASE)
ANYWHERE = (
    (
        re.compile(r"\b(?:now\s*\(|current_(?:timestamp|date|time)\b|localtime)", re.IGNORECASE),
        "takes the server's time",
    ),
    (re.compile(r"\bRECURSIVE\b", re.IGNORECASE), "is recursive"),
    (re.compile(r"\bLATERAL\b", re.IGNORECASE), "joins laterally"),
    (re.compile(r"\bATTACH PARTITION\b", re.IGNORECASE), "attaches a partition"),
)
"""Patterns that no statement may match, whatever table it names."""
LOCKING = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b", re.IGNORECASE)
MANY_KEYS = r"\b{}\s*(?:=\s*ANY\b|IN\b)"
SETS = re.compile(r"\bUPDATE (?:(\w+) )?SET (.*?)(?: FROM | WHERE |$)", re.IGNORECASE | re.DOTALL)
TRANSACTIONS = frozenset({Store.read.__code__, Store.write.__code__})
PARTS = re.compile(r"\b[pw]\d+(?: \([^)]*\))? AS \(")
"""Before each statement that goes with others (registry/store/gathered.py and joined.py)."""
BOOKKEEPING = re.compile(r"^\s*(?:PRAGMA|BEGIN|CREATE|ALTER|DROP|TRUNCATE|SHOW|SET)\b", re.IGNORECASE)


@cache
def fan_out_codes() -> frozenset[CodeType]:
    """The code of every method that is marked as asking all nodes."""
    return frozenset(_marked())


def _marked() -> Iterator[CodeType]:
    for info in pkgutil.walk_packages(registry.store.__path__, "registry.store."):
        for each in vars(importlib.import_module(info.name)).values():
            if isinstance(each, type) and each.__module__ == info.name:
                for method in vars(each).values():
                    if getattr(method, "__fan_out__", False):
                        yield method.__code__


@cache
def complaints(statement: str, *, in_fan_out: bool, spread: bool = False) -> tuple[str, ...]:
    """Name the faults of one statement; ``spread``: on a connection whose database is told to be spread."""
    found = [words for pattern, words in ANYWHERE if pattern.search(statement)]
    if BOOKKEEPING.match(statement):
        return tuple(found)
    for part in PARTS.split(statement):
        found += _of_part(part, in_fan_out=in_fan_out, spread=spread)
    return tuple(found)


def _of_part(statement: str, *, in_fan_out: bool, spread: bool) -> Iterator[str]:
    for table in {each.lower() for each in NAMED_TABLE.findall(statement)} & set(metadata.tables):
        column = column_of(metadata.tables[table])
        named = column is None or _names(statement, column)
        if spread and column is not None and LOCKING.search(statement) and _names_many(statement, column):
            yield f"locks rows of {table} under many keys at once"
        if column is not None and column in _set_in(statement, table):
            yield f"moves rows of {table} to another node"
        if not named and LOCKING.search(statement):
            yield f"locks rows of {table} without {column}"
        if not named and not in_fan_out:
            yield f"asks every node for {table}: no {column}"


def _names(statement: str, column: str) -> bool:
    if statement.lstrip()[:6].upper() == "INSERT":
        return re.search(rf"\([^)]*\b{column}\b[^)]*\)\s*(?:VALUES|SELECT)\b", statement) is not None
    _, _, condition = statement.partition("WHERE")
    return re.search(rf"\b{column}\s*(?:=|IN\b)", condition) is not None


def _names_many(statement: str, column: str) -> bool:
    return re.search(MANY_KEYS.format(column), statement.partition("WHERE")[2]) is not None


def _set_in(statement: str, table: str) -> set[str]:
    """The columns of a table that a statement changes; ON CONFLICT DO UPDATE changes those of the inserted one."""
    found: set[str] = set()
    for named, assignments in SETS.findall(statement):
        if named.lower() == table or not named:
            found |= set(re.findall(r"(?:^|,)\s*(\w+)\s*=", assignments))
    return found


def watch(engines: Engines) -> list[str]:
    """Look at all statements of both engines from now on; complaints are added to the list that is given."""
    codes = fan_out_codes()
    found: list[str] = []

    def look(connection: sa.Connection, _cursor: object, statement: str, *_rest: object) -> None:
        marked = "FROM" in statement.upper() and _runs_inside(codes)
        spread = bool(connection.info.get(SPREAD))
        found.extend(f"{each}: {statement}" for each in complaints(statement, in_fan_out=marked, spread=spread))

    event.listen(engines.write, "before_cursor_execute", look)
    event.listen(engines.read, "before_cursor_execute", look)
    return found


def _runs_inside(codes: frozenset[CodeType]) -> bool:
    frame: FrameType | None = sys._getframe()
    # A transaction's frame ends the search: a marked method runs inside one, and pytest's own frames are many.
    while frame is not None and frame.f_code not in TRANSACTIONS:
        if frame.f_code in codes:
            return True
        frame = frame.f_back
    return False
