"""A range of the log is found by time and read to its end; nothing in it is passed over, whatever the order of ids."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from auditlog.audit.entries import signed_tiles
from auditlog.audit.erasures import Erasures
from auditlog.audit.findings import Findings
from auditlog.audit.openings import OpeningAudit
from auditlog.audit.places import Places
from auditlog.audit.proving import Judged, Prover
from auditlog.audit.requests import KeyBook
from auditlog.audit.select import read_range
from auditlog.names import moment_of
from auditlog.openings import each_opening
from auditlog.reader import LogReader
from crypto.tlog.frontier import Frontier
from protocol.log_entries import EntryKind
from tests.support.log_server import LOG_URL, START, YEAR, LogServer, kept_request
from tests.support.logs import seeded_key


def hours(count: int) -> LogServer:
    """An entry an hour."""
    server = LogServer()
    for number in range(count):
        server.log(at=START + dt.timedelta(hours=number))
    server.publish()
    return server


def jittered(minutes: list[int]) -> LogServer:
    """Entries five minutes apart that the registry gave their places up to ten minutes late."""
    server = LogServer()
    for number, late in enumerate(minutes):
        server.log(at=START + dt.timedelta(minutes=5 * number - late))
    server.publish()
    return server


@contextmanager
def reading(server: LogServer) -> Iterator[LogReader]:
    with (
        httpx.Client(transport=httpx.WSGITransport(server)) as http,
        LogReader(LOG_URL, http, sleep=lambda seconds: None) as reader,
    ):
        yield reader


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 10), min_size=1, max_size=60), st.integers(-30, 330))
def test_no_entry_before_the_place_is_as_young_as_the_time(minutes: list[int], when: int) -> None:
    server, since = jittered(minutes), START + dt.timedelta(minutes=when)
    moments = [moment_of(UUID(each["id"])) for each in server.openings]
    with reading(server) as reader:
        first = Places(
            year=YEAR,
            size=server.size,
            tiles=signed_tiles(server.checkpoint(), reader, Frontier()),
            openings=server._openings,
            receipt=lambda entry_id: b"",
        ).first_since(since, server.size)
    assert all(moment < since for moment in moments[:first])
    # And it spares what is older than the margin and the disorder together.
    assert all(moment >= since - dt.timedelta(minutes=40) for moment in moments[first:])


def read(
    server: LogServer, start: int = 0, *, until: dt.datetime | None = None, audited: int = 0
) -> tuple[int, list[int], list[str]]:
    """The end of the range, the places of the entries that were proved, and the codes of the findings."""
    proved: list[Judged] = []
    findings = Findings()
    with reading(server) as reader:
        end = read_range(
            server.checkpoint(),
            start,
            reader=reader,
            tiles=signed_tiles(server.checkpoint(), reader, Frontier()),
            openings=OpeningAudit(
                each_opening(server._openings, start),
                Prover(year=YEAR, book=KeyBook(), erasures=Erasures()),
                findings=findings,
                on_proved=proved.append,
            ),
            findings=findings,
            until=until,
            audited=audited,
            on_progress=lambda done, total: None,
            stretch=256,
        )
    return end, [each.opening.index for each in proved], [each.code for each in findings.kept]


def test_a_range_may_begin_at_any_place() -> None:
    server = hours(700)
    for start in (0, 1, 255, 256, 300, 699, 700):
        assert read(server, start) == (700, list(range(start, 700)), [])


def test_the_reading_ends_where_an_audit_knows_that_only_younger_entries_follow() -> None:
    server, until = hours(1100), START + dt.timedelta(hours=300)
    assert read(server, until=until, audited=1100)[0] == 512
    assert read(server, until=until, audited=600)[0] == 512


def test_a_false_time_ends_no_reading_that_no_audit_went_before() -> None:
    server, until = hours(1100), START + dt.timedelta(hours=300)
    assert read(server, until=until, audited=511)[0] == 1100
    assert read(server, until=until)[0] == 1100


def test_an_entry_whose_key_comes_behind_it_is_proved_at_the_end() -> None:
    server = LogServer()
    server.participants["carrier-a"] = seeded_key("carrier-a")
    server.signed_entry("carrier-a")
    server.admit("carrier-a")
    server.publish()
    assert read(server) == (2, [1, 0], [])


def test_an_entry_under_a_key_of_another_participant_is_proved_by_no_later_entry() -> None:
    server = LogServer()
    request = kept_request(seeded_key("carrier-b"), "carrier-b-1", START, "early")
    server.log(EntryKind.INQUIRY, by="carrier-a", at=START, request=request)
    server.admit("carrier-b")
    server.publish()
    assert read(server) == (2, [1], ["request-foreign-key"])
