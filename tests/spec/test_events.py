"""The page of events has every kind, with the members that its facts have."""

import re

from docs.spec.make_vectors import FOLDER
from protocol.events import EventKind
from protocol.messages.events import FACTS

PAGE = (FOLDER.parent / "events.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([A-Z_]+)` \|[^|]+\|[^|]+\|([^|]*)\|([^|]*)\|$", re.MULTILINE)
WORD = re.compile(r"`([a-z0-9_]+)`")


def test_every_kind_is_on_the_page_with_its_members() -> None:
    rows = {kind: set(WORD.findall(members)) for kind, _, members in ROW.findall(PAGE)}
    assert rows == {kind.value: set(members) for kind, members in FACTS.items()}
    assert set(FACTS) == set(EventKind)


def test_the_page_says_what_every_member_means() -> None:
    explained = PAGE.split("| member | value |")[1].split("\n\n")[0]
    names = {
        name for line in explained.splitlines() for name in WORD.findall(line.split("|")[1] if "|" in line else "")
    }
    in_prose = {"version", "effective_from", "sha256", "amount_fen"}
    assert set().union(*FACTS.values()) <= names | in_prose
