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
from registry.store.distribution import column_of
from registry.store.engines import Engines
from registry.store.transactions import Store

NAMED_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN)\s+(?:ONLY\s+)?(\w+)", re.IGNORECASE)
SERVER_TIME = re.compile(r"\b(?:now\s*\(|current_(?:timestamp|date|time)\b|localtime)", re.IGNORECASE)
LOCKING = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b", re.IGNORECASE)
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
def complaints(statement: str, *, in_fan_out: bool) -> tuple[str, ...]:
    """What is wrong with one statement."""
    found = []
    if SERVER_TIME.search(statement):
        found.append("takes the server's time")
    if re.search(r"\bRECURSIVE\b", statement, re.IGNORECASE):
        found.append("is recursive")
    if BOOKKEEPING.match(statement):
        return tuple(found)
    for part in PARTS.split(statement):
        found += _of_part(part, in_fan_out=in_fan_out)
    return tuple(found)


def _of_part(statement: str, *, in_fan_out: bool) -> Iterator[str]:
    for table in {each.lower() for each in NAMED_TABLE.findall(statement)} & set(metadata.tables):
        column = column_of(metadata.tables[table])
        named = column is None or _names(statement, column)
        if not named and LOCKING.search(statement):
            yield f"locks rows of {table} without {column}"
        if not named and not in_fan_out:
            yield f"asks every node for {table}: no {column}"


def _names(statement: str, column: str) -> bool:
    if statement.lstrip()[:6].upper() == "INSERT":
        return re.search(rf"\([^)]*\b{column}\b[^)]*\)\s*(?:VALUES|SELECT)\b", statement) is not None
    _, _, condition = statement.partition("WHERE")
    return re.search(rf"\b{column}\s*(?:=|IN\b)", condition) is not None


def watch(engines: Engines) -> list[str]:
    """Look at all statements of both engines from now on; complaints are added to the list that is given."""
    codes = fan_out_codes()
    found: list[str] = []

    def look(connection: sa.Connection, cursor: object, statement: str, *_rest: object) -> None:
        marked = "FROM" in statement.upper() and _runs_inside(codes)
        found.extend(f"{each}: {statement}" for each in complaints(statement, in_fan_out=marked))

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
