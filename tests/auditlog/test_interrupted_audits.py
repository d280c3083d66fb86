"""An audit that was interrupted compares erasures as one that was not, from the file and from what is beside it."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditlog.audit.erasures import Compared
from auditlog.audit.state import AuditState, load_state
from auditlog.errors import LogRefused, LogUnreachable
from auditlog.reader import LogReader
from tests.support.auditing import Auditor, reseal
from tests.support.log_server import ORIGIN, LogServer, entry_id, filled

TAKEN = (60, 300, 600)
"""One place in each stretch of 256 entries."""


@pytest.fixture
def server() -> LogServer:
    return erasable()


def erasable() -> LogServer:
    """A published log of 700 entries; each tenth has a personal part."""
    server = filled(40)
    while (place := len(server.entries)) < 700:
        server.log(personal={"name": "made up"} if place % 10 == 0 else None)
    server.publish()
    return server


def takes_more(server: LogServer, erased_by: uuid.UUID, at: int = 130) -> None:
    opening = server.openings[at]
    del opening["personal"], opening["personal_salt"]
    opening["erased_by"] = str(erased_by)


def gives_back(server: LogServer, erased_by: uuid.UUID) -> None:
    del erased_by
    server.openings[300] = erasable().openings[300]


def tells_another_digest(server: LogServer, erased_by: uuid.UUID) -> None:
    del erased_by
    facts = json.loads(server.openings[700]["core"])["facts"]
    reseal(server, 700, facts=facts | {"digest": "00" * 32})


def names_no_erasure(server: LogServer, erased_by: uuid.UUID) -> None:
    takes_more(server, erased_by)
    server.openings[130]["erased_by"] = server.openings[100]["id"]


def names_another_years(server: LogServer, erased_by: uuid.UUID) -> None:
    takes_more(server, erased_by)
    server.openings[130]["erased_by"] = str(entry_id(1, dt.datetime(2031, 3, 1, tzinfo=dt.UTC)))


LIES: dict[str, tuple[Callable[[LogServer, uuid.UUID], None], list[tuple[str, int]], int]] = {
    "none": (lambda server, erased_by: None, [], 0),
    "takes more": (takes_more, [("erasure-mismatch", 700)], 0),
    "gives back": (gives_back, [("erasure-short", 700)], 0),
    "another digest": (tells_another_digest, [("erasure-mismatch", 700)], 0),
    "no erasure": (names_no_erasure, [("erasure-unknown", 130)], 0),
    "another year's": (names_another_years, [], 1),
}


def resumed(server: LogServer, reader: LogReader, path: Path) -> Auditor:
    """The auditor that goes on from the file, as the next process would."""
    state = load_state(path) or AuditState(origin=ORIGIN, with_openings=True)
    return Auditor(server, reader, state=state, path=path, stretch=256)


def interrupt(auditor: Auditor, server: LogServer, place: int) -> None:
    """Let the openings break off at a place; what was saved until then is in the file."""
    whole = server._openings

    def broken(start: int, limit: int) -> bytes:
        if start + limit > place:
            limit = place - start
        if limit <= 0:
            raise LogUnreachable("the openings broke off")
        return whole(start, limit)

    server._openings = broken  # type: ignore[method-assign]
    with pytest.raises(LogUnreachable):
        auditor.found()
    server._openings = whole  # type: ignore[method-assign]


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("places", [(256,), (257,), (400, 690), (10,), (512, 513, 514)])
def test_an_interrupted_audit_compares_erasures_as_an_uninterrupted_one(
    auditor: Auditor, server: LogServer, short_stretches: None, tmp_path: Path, *, lie: str, places: tuple[int, ...]
) -> None:
    change, codes, elsewhere = LIES[lie]
    change(server, server.erase(TAKEN))
    server.log()
    server.publish()
    assert auditor.found() == codes
    for place in places:
        interrupt(resumed(server, auditor.reader, tmp_path / "state"), server, place)
    last = resumed(server, auditor.reader, tmp_path / "state")
    assert last.found() == codes
    assert last.result.start == places[-1] // 256 * 256
    assert last.result.compared == auditor.result.compared == Compared(elsewhere=elsewhere, later=0)


def test_what_is_erased_while_an_audit_is_interrupted_is_no_finding_and_is_told(
    auditor: Auditor, server: LogServer, short_stretches: None, tmp_path: Path
) -> None:
    auditor = resumed(server, auditor.reader, tmp_path / "state")
    interrupt(auditor, server, 300)
    server.erase(TAKEN)
    server.publish()
    last = resumed(server, auditor.reader, tmp_path / "state")
    assert last.found() == []
    assert last.result.compared == Compared(elsewhere=0, later=1)
    assert (last.saved[-1].is_whole, last.saved[-1].began_at) == (True, 0)
    whole = Auditor(server, auditor.reader, stretch=256)
    assert whole.found() == []
    assert whole.result.compared == Compared(elsewhere=0, later=0)


def test_an_erasure_of_meanwhile_that_took_more_than_it_says_is_found(
    auditor: Auditor, server: LogServer, short_stretches: None, tmp_path: Path
) -> None:
    auditor = resumed(server, auditor.reader, tmp_path / "state")
    interrupt(auditor, server, 300)
    erased_by = server.erase(TAKEN)
    takes_more(server, erased_by, at=510)
    server.publish()
    assert resumed(server, auditor.reader, tmp_path / "state").found() == [("erasure-mismatch", 700)]


def test_what_an_interrupted_audit_of_news_read_before_is_not_compared(
    auditor: Auditor, server: LogServer, short_stretches: None, tmp_path: Path
) -> None:
    first = resumed(server, auditor.reader, tmp_path / "state")
    assert first.found() == []
    for _ in range(400):
        server.log()
    server.publish()
    interrupt(resumed(server, auditor.reader, tmp_path / "state"), server, 1000)
    last = resumed(server, auditor.reader, tmp_path / "state")
    assert last.found() == []
    assert (last.result.start, last.result.compared) == (768, None)


def test_the_file_of_erased_entries_grows_at_its_end(
    auditor: Auditor, server: LogServer, short_stretches: None, tmp_path: Path
) -> None:
    server.erase(TAKEN)
    server.publish()
    path = tmp_path / "state"
    interrupt(resumed(server, auditor.reader, path), server, 300)
    beside = tmp_path / "state.erased"
    before = beside.read_bytes()
    beside.write_bytes(before + b"left behind by a crash")
    assert resumed(server, auditor.reader, path).found() == []
    assert beside.read_bytes()[: len(before)] == before
    assert len(beside.read_bytes()) == 20 * sum("erased_by" in each for each in server.openings)
    state = AuditState(origin=ORIGIN, with_openings=True)
    again = Auditor(server, auditor.reader, state=state, path=path, stretch=256)
    assert again.found() == []
    assert load_state(path).erasures.named() == again.state.erasures.named()


@pytest.mark.parametrize("change", [lambda raw: raw[:-1], lambda raw: bytes(len(raw)), lambda raw: None])
def test_a_state_whose_erased_entries_are_others_is_refused(
    auditor: Auditor, server: LogServer, tmp_path: Path, change: Callable[..., Any]
) -> None:
    path, beside = tmp_path / "state", tmp_path / "state.erased"
    server.erase(TAKEN)
    server.publish()
    assert resumed(server, auditor.reader, path).found() == []
    content = change(beside.read_bytes())
    beside.unlink() if content is None else beside.write_bytes(content)
    with pytest.raises(LogRefused, match="state-foreign"):
        load_state(path)
