"""What a registry may write into its own log to stop whoever audits it: each is a finding, and hides no other."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditlog.audit.entries import audit
from auditlog.audit.findings import Findings
from auditlog.audit.openings import OpeningAudit
from auditlog.audit.proving import Prover
from auditlog.audit.state import AuditState, load_state, save_state
from auditlog.errors import LogRefused
from auditlog.names import moment_of
from auditlog.openings import each_opening
from auditlog.reader import LogReader
from crypto.tlog.checkpoint import open_checkpoint
from protocol.encodings import b64url_encode, canonical_json
from protocol.log_entries import EntryKind, leaf_data
from tests.support.log_server import LOG, ORIGIN, YEAR, LogServer, raw

LAST_MOMENT = "ffffffff-ffff-7fff-bfff-ffffffffffff"
"""A UUIDv7 of the year 10889, which no calendar of ours has."""
WRONG_SALT = b64url_encode(bytes(32))


@pytest.fixture
def found(server: LogServer, reader: LogReader, tmp_path: Path) -> Callable[[], list[tuple[str, int]]]:
    """Audits all that is published, saving as the command does, and gives the findings."""

    def run() -> list[tuple[str, int]]:
        server.publish()
        findings, state = Findings(), AuditState(origin=ORIGIN, with_openings=True)
        audit(
            open_checkpoint(reader.checkpoint(), origin=ORIGIN, log_keys=[LOG]).checkpoint,
            reader=reader,
            state=state,
            openings=OpeningAudit(
                each_opening(server._openings, 0),
                Prover(year=YEAR, book=state.book, erasures=state.erasures),
                findings=findings,
            ),
            findings=findings,
            save=lambda reached: save_state(tmp_path / "state", reached),
            on_progress=lambda done, total: None,
        )
        return [(each.code, each.index) for each in findings.kept]

    return run


def logged(server: LogServer, index: int, **changes: Any) -> None:
    """Another core at this place, in the public log too."""
    opening = server.openings[index]
    opening["core"] = canonical_json(json.loads(opening["core"]) | changes).decode()
    server.entries[index] = leaf_data(opening["core"].encode(), raw(opening["core_salt"]))


def erased_by(server: LogServer, index: int, named: uuid.UUID) -> None:
    opening = server.openings[index]
    del opening["personal"], opening["personal_salt"]
    opening["erased_by"] = str(named)


KEY = {"key": "carrier-x-1", "participant": "carrier-x", "public_key": "00" * 32}
ERASURE = {"openings": 1, "digest": "00" * 32, "rules": "1"}


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (EntryKind.KEY_ADDED, KEY | {"key": 7}),
        (EntryKind.KEY_ADDED, KEY | {"key": "é"}),
        (EntryKind.KEY_ADDED, KEY | {"participant": ["carrier-x"]}),
        (EntryKind.KEY_ADDED, KEY | {"public_key": "00 " * 32}),
        (EntryKind.KEY_ADDED, KEY | {"public_key": "00"}),
        (EntryKind.KEY_REVOKED, {"key": 7}),
        (EntryKind.KEY_REVOKED, {"key": ["carrier-a-1"]}),
        (EntryKind.ERASURE, ERASURE | {"openings": "9" * 30}),
        (EntryKind.ERASURE, ERASURE | {"openings": "1_0"}),
        (EntryKind.ERASURE, ERASURE | {"openings": True}),
        (EntryKind.ERASURE, ERASURE | {"openings": -1}),
        (EntryKind.ERASURE, ERASURE | {"digest": ["00"]}),
    ],
)
def test_facts_of_another_type_are_a_finding(
    found: Callable[[], list[tuple[str, int]]], server: LogServer, kind: EntryKind, facts: dict[str, Any]
) -> None:
    logged(server, 600, kind=kind.value, facts=facts)
    assert found() == [("core-facts", 600)]


def test_an_id_of_no_possible_moment_is_a_finding(
    found: Callable[[], list[tuple[str, int]]], server: LogServer
) -> None:
    logged(server, 600, id=LAST_MOMENT)
    server.openings[600]["id"] = LAST_MOMENT
    assert found() == [("opening-id", 600)]


def test_an_id_of_no_possible_moment_belongs_to_no_year() -> None:
    with pytest.raises(LogRefused, match="id-foreign"):
        moment_of(uuid.UUID(LAST_MOMENT))


@pytest.mark.parametrize("named", [uuid.UUID(int=1), uuid.UUID(LAST_MOMENT)])
def test_a_part_that_nothing_possible_took_is_a_finding(
    found: Callable[[], list[tuple[str, int]]], server: LogServer, named: uuid.UUID
) -> None:
    erased_by(server, 12, named)
    server.openings[20]["core_salt"] = WRONG_SALT
    assert sorted(found()) == [("erasure-unknown", 12), ("opening-mismatch", 20)]


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z"])
def test_a_key_revoked_at_no_possible_moment_is_a_finding(
    found: Callable[[], list[tuple[str, int]]], server: LogServer, at: str
) -> None:
    server.log(EntryKind.KEY_REVOKED, facts={"participant": "carrier-a", "key": "carrier-a-1"})
    logged(server, 700, at=at)
    server.signed_entry("carrier-a")
    assert ("entry-time", 700) in found()


def test_what_an_honest_log_saves_is_read_again(found: Callable[[], list[tuple[str, int]]], tmp_path: Path) -> None:
    assert found() == []
    assert load_state(tmp_path / "state").frontier.size == 700


def test_the_last_moment_is_beyond_the_calendar() -> None:
    assert moment_of(uuid.UUID("e677d21f-dbff-7fff-bfff-ffffffffffff")).date() == dt.date(9999, 12, 31)
