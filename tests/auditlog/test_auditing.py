"""Every way in which a log can lie about its entries is found, with a code and a place, and does not hide another."""

import datetime as dt
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from auditlog.audit.erasures import Compared, Erasures, add_from_other_years
from auditlog.audit.findings import MAX_FINDINGS, Findings
from auditlog.audit.state import AuditState, load_state, save_state
from auditlog.errors import LogRefused, LogUnreachable
from auditlog.openings import parse_opening
from auditlog.reader import LogReader
from crypto.errors import CryptoRefusal, TlogRefused
from crypto.tlog.authentic import AuthenticTiles
from crypto.tlog.merkle import Node
from protocol.encodings import b64url_encode
from protocol.log_entries import EntryKind, erasure_digest
from tests.support.auditing import Auditor, reseal
from tests.support.log_server import ORIGIN, START, YEAR, LogServer, entry_id, kept_request, raw
from tests.support.logs import seeded_key


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 700])
def test_an_honest_log_has_no_findings(auditor: Auditor, server: LogServer, size: int) -> None:
    server.truncate(size)
    if size > 50:
        assert auditor.found() == []
        assert auditor.result.openings == size
        assert auditor.result.compared == Compared(elsewhere=0, later=0)
    assert auditor.found(openings=False) == []
    assert auditor.saved[-1].frontier.root() == server.checkpoint().root
    assert auditor.saved[-1].is_whole


def test_an_audit_needs_few_tiles(auditor: Auditor, server: LogServer) -> None:
    auditor.found(openings=False)
    fetched = [each for each in server.asked if "/tile/" in each]
    assert len([each for each in fetched if "/entries/" in each]) == 3
    assert len(fetched) < 3 + 6


@pytest.mark.parametrize("index", [0, 255, 256, 600, 699])
def test_an_entry_that_was_changed_is_found(auditor: Auditor, server: LogServer, index: int) -> None:
    server.put(index, b"\x01" + bytes(32))
    assert auditor.found(openings=False) == [("entry-changed", index)]
    assert auditor.saved == []


def test_one_bad_entry_does_not_hide_the_others(auditor: Auditor, server: LogServer, short_stretches: None) -> None:
    for index in (3, 4, 300, 650):
        server.put(index, b"\x01" + bytes(32))
    assert auditor.found(openings=False) == [("entry-changed", each) for each in (3, 4, 300, 650)]


def test_entries_in_another_order_are_found(auditor: Auditor, server: LogServer) -> None:
    server.entries[10], server.entries[20] = server.entries[20], server.entries[10]
    assert auditor.found(openings=False) == [("entry-changed", 10), ("entry-changed", 20)]


def test_a_dropped_entry_is_found(auditor: Auditor, server: LogServer) -> None:
    del server.entries[690]
    assert auditor.found(openings=False) == [("bundle-malformed", 512)]


def test_a_dropped_entry_that_others_moved_up_for_is_found(auditor: Auditor, server: LogServer) -> None:
    del server.entries[690]
    server.entries.append(b"\x01" + bytes(32))
    assert auditor.found(openings=False) == [("entry-changed", each) for each in range(690, 700)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (404, "bundle-missing"),
        (500, "bundle-missing"),
        (lambda data: data[:-1], "bundle-malformed"),
        (lambda data: data + b"\0", "bundle-malformed"),
        (lambda data: data * 100, "bundle-missing"),
        (lambda data: b"", "bundle-malformed"),
    ],
)
def test_a_bundle_that_cannot_be_read_is_found_and_the_audit_goes_on(
    auditor: Auditor, server: LogServer, change: int | Callable[..., bytes], code: str
) -> None:
    server.change["tile/entries/001"] = change
    server.put(690, b"\x01" + bytes(32))
    assert auditor.found(openings=False) == [(code, 256), ("entry-changed", 690)]


def test_a_place_whose_tile_is_gone_too_does_not_hide_the_others(
    auditor: Auditor, server: LogServer, short_stretches: None
) -> None:
    server.put(10, b"\x01" + bytes(32))
    server.put(300, b"\x01" + bytes(32))
    server.change["tile/0/000"] = 404
    assert auditor.found(openings=False) == [("not-served", 0), ("entry-changed", 300)]


def test_a_bundle_and_its_tile_that_are_both_gone_are_one_finding(auditor: Auditor, server: LogServer) -> None:
    server.change |= {"tile/0/000": 404, "tile/entries/000": 404}
    assert auditor.found(openings=False) == [("bundle-missing", 0)]


def test_where_even_the_tiles_above_are_spoilt_what_was_found_is_told(
    auditor: Auditor, server: LogServer, short_stretches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(10, b"\x01" + bytes(32))
    honest, spoilt = AuthenticTiles.hashes, iter([False, False, True])

    def hashes(tiles: AuthenticTiles, nodes: Sequence[Node]) -> list[bytes]:
        if next(spoilt):
            raise TlogRefused("tile-invalid", "spoilt by the test")
        return honest(tiles, nodes)

    monkeypatch.setattr(AuthenticTiles, "hashes", hashes)
    assert auditor.found(openings=False) == [("entry-changed", 10), ("tile-invalid", 256)]


def test_an_entry_of_another_form_is_found_although_the_head_commits_to_it(auditor: Auditor, server: LogServer) -> None:
    server.put(17, b"\x01" + bytes(31))
    server.put(18, b"\x02" + bytes(32))
    server.publish()
    assert auditor.found(openings=False) == [("entry-malformed", 17), ("entry-malformed", 18)]


def test_a_changed_tile_at_the_edge_refuses_the_head(auditor: Auditor, server: LogServer) -> None:
    server.change["tile/0/002.p/188"] = lambda data: data[:-1] + b"\0"
    with pytest.raises(LogRefused, match="tile-invalid"):
        auditor.found(openings=False)


def test_a_head_whose_entries_are_gone_is_not_forgotten(auditor: Auditor, server: LogServer) -> None:
    note = server.notes[700].encode()
    server.truncate(600)
    with pytest.raises(LogRefused, match="not-served"):
        auditor.found(openings=False, note=note)


def test_a_log_out_of_reach_is_no_finding(auditor: Auditor, server: LogServer) -> None:
    server.change["tile/entries/001"] = 503
    with pytest.raises(LogUnreachable):
        auditor.found(openings=False)


def test_findings_are_counted_and_the_first_are_kept(server: LogServer, reader: LogReader) -> None:
    findings = Findings()
    for index in range(1000):
        findings.add("entry-changed", index)
    assert (findings.count, len(findings.kept)) == (1000, MAX_FINDINGS)


def test_an_interrupted_audit_goes_on_where_it_was(
    auditor: Auditor, server: LogServer, short_stretches: None, tmp_path: Path
) -> None:
    server.change["tile/entries/002.p/188"] = 503
    with pytest.raises(LogUnreachable):
        auditor.found()
    assert auditor.progress == [(256, 700), (512, 700)]
    save_state(tmp_path / "state", auditor.saved[-1])
    saved = load_state(tmp_path / "state")
    assert saved is not None
    auditor.state = saved
    assert (auditor.state.frontier.size, auditor.state.is_whole) == (512, False)
    server.change.clear()
    server.asked.clear()
    assert auditor.found() == []
    assert auditor.result.start == 512
    assert not any("entries/001" in each for each in server.asked)
    assert auditor.result.compared == Compared(elsewhere=0, later=0)


@pytest.mark.parametrize("more", [0, 1, 60, 68, 69, 400])
def test_since_the_last_audit_only_what_is_new_is_read(auditor: Auditor, server: LogServer, more: int) -> None:
    auditor.found()
    auditor.state = auditor.saved[-1]
    for _ in range(more):
        server.signed_entry("carrier-b")
    server.publish()
    assert auditor.found() == []
    assert (auditor.result.start, auditor.result.openings) == (700, more)
    assert auditor.saved[-1].frontier.root() == server.checkpoint().root


def test_what_was_audited_before_and_is_served_again_is_compared(auditor: Auditor, server: LogServer) -> None:
    auditor.found(openings=False)
    auditor.state = auditor.saved[-1]
    server.log()
    server.publish()
    server.put(690, b"\x01" + bytes(32))
    assert auditor.found(openings=False) == [("entry-changed", 690)]


def test_a_saved_audit_of_another_history_is_refused(auditor: Auditor, server: LogServer) -> None:
    auditor.found(openings=False)
    auditor.state = auditor.saved[-1]
    server.fork(500)
    server.log()
    server.publish()
    with pytest.raises(LogRefused, match="state-contradicts"):
        auditor.found(openings=False)


def test_a_saved_audit_is_read_as_it_was_written(auditor: Auditor, tmp_path: Path) -> None:
    auditor.found()
    save_state(tmp_path / "state", auditor.saved[-1])
    read = load_state(tmp_path / "state")
    assert read.encode() == auditor.saved[-1].encode()
    assert set(read.book.keys) == {"carrier-a-1", "carrier-b-1"}
    assert load_state(tmp_path / "none") is None


@pytest.mark.parametrize("content", [b"", b"{}", b"x", b"[]", b'{"v":1}'])
def test_a_file_that_is_no_state_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state").write_bytes(content)
    with pytest.raises(LogRefused, match="state-foreign"):
        load_state(tmp_path / "state")


def test_a_state_with_one_figure_changed_is_refused(auditor: Auditor, tmp_path: Path) -> None:
    auditor.found(openings=False)
    written = auditor.saved[-1].encode()
    (tmp_path / "state").write_bytes(written.replace(b'"size":700', b'"size":701'))
    with pytest.raises(LogRefused, match="state-foreign"):
        load_state(tmp_path / "state")


# Openings


def change_opening(server: LogServer, index: int, **changes: Any) -> None:
    server.openings[index] |= changes
    for name, value in changes.items():
        if value is ...:
            del server.openings[index][name]


WRONG_SALT = b64url_encode(bytes(32))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"core_salt": WRONG_SALT}, "opening-mismatch"),
        ({"id": str(entry_id(999, START))}, "opening-id"),
        ({"personal": '{"name":"another"}'}, "personal-mismatch"),
        ({"personal_salt": WRONG_SALT}, "personal-mismatch"),
        ({"personal": ..., "personal_salt": ...}, "personal-missing"),
        ({"erased_by": str(entry_id(40, START + dt.timedelta(seconds=40)))}, "erasure-undone"),
        ({"request": ...}, "request-missing"),
        ({"core_salt": "x"}, "opening-malformed"),
        ({"surplus": 1}, "opening-malformed"),
        ({"core": 7}, "opening-malformed"),
        ({"request": {"key_id": "carrier-a-1"}}, "opening-malformed"),
    ],
)
def test_an_opening_that_was_altered_is_found(
    auditor: Auditor, server: LogServer, change: dict[str, Any], code: str
) -> None:
    change_opening(server, 20, **change)
    assert auditor.found() == [(code, 20)]


@pytest.mark.parametrize("index", ["20", True, None, 1.0, -(2**80)])
def test_an_opening_whose_index_is_no_index_cannot_be_read(server: LogServer, index: str | float | None) -> None:
    assert parse_opening(json.dumps(server.openings[20]).encode()) is not None
    assert parse_opening(json.dumps(server.openings[20] | {"index": index}).encode()) is None


def test_a_core_that_was_altered_is_found(auditor: Auditor, server: LogServer) -> None:
    change_opening(server, 20, core=server.openings[20]["core"].replace("carrier-a", "carrier-b"))
    assert set(auditor.found()) == {("opening-mismatch", 20), ("request-foreign-key", 20)}


def test_an_opening_that_is_left_out_is_found(auditor: Auditor, server: LogServer) -> None:
    del server.openings[20]
    assert auditor.found() == [("opening-missing", 20)]


def test_openings_that_end_early_are_found(auditor: Auditor, server: LogServer) -> None:
    del server.openings[698:]
    assert auditor.found() == [("opening-missing", 698), ("opening-missing", 699)]


def test_openings_in_another_order_are_found(auditor: Auditor, server: LogServer) -> None:
    server.openings[20], server.openings[21] = server.openings[21], server.openings[20]
    assert auditor.found() == [("opening-missing", 20), ("opening-order", 20)]


def test_an_opening_twice_is_found(auditor: Auditor, server: LogServer) -> None:
    server.openings.insert(21, dict(server.openings[20]))
    server.size = 701
    note = server.notes[700].encode()
    assert auditor.found(note=note) == [("opening-order", 20)]


def test_openings_come_in_pages(auditor: Auditor, server: LogServer) -> None:
    server.page = 37
    assert auditor.found() == []
    assert auditor.result.openings == 700


def test_a_stream_without_its_end_is_refused(auditor: Auditor, server: LogServer) -> None:
    whole = server._openings
    server._openings = lambda start, limit: whole(start, limit)[:-5]  # type: ignore[method-assign]
    with pytest.raises(LogRefused, match="openings-cut"):
        auditor.found()


def test_an_opening_of_a_changed_entry_is_told_from_the_entry(auditor: Auditor, server: LogServer) -> None:
    server.put(20, b"\x01" + bytes(32))
    assert auditor.found() == [("entry-changed", 20), ("opening-mismatch", 20)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"v": 2}, "core-form"),
        ({"facts": ...}, "core-form"),
        ({"surplus": 1}, "core-form"),
        ({"at": "today"}, "core-form"),
        ({"core": b'{"v":1}'}, "core-form"),
        ({"core": b"\xc3\xa4"}, "core-form"),
        ({"id": str(entry_id(1, START))}, "opening-id"),
        ({"kind": "key.added"}, "core-facts"),
        ({"kind": "erasure"}, "core-facts"),
        ({"kind": "key.revoked", "facts": {"key": "nobody-1"}}, "key-unknown"),
        (
            {"kind": "key.added", "facts": {"key": "carrier-a-1", "participant": "x", "public_key": "00" * 32}},
            "key-repeated",
        ),
    ],
)
def test_an_entry_that_was_logged_in_a_wrong_form_is_found(
    auditor: Auditor, server: LogServer, changes: dict[str, Any], code: str
) -> None:
    reseal(server, 600, **changes)
    server.publish()
    assert auditor.found() == [(code, 600)]


def test_a_core_that_is_not_in_its_one_spelling_is_found(auditor: Auditor, server: LogServer) -> None:
    core = server.openings[600]["core"].replace(",", ", ").encode()
    reseal(server, 600, core=core)
    server.publish()
    assert auditor.found() == [("core-form", 600)]


def test_an_entry_of_another_year_is_found(auditor: Auditor, server: LogServer) -> None:
    at = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    server.log(at=at)
    server.publish()
    assert auditor.found() == [("opening-id", 700)]


def test_an_entry_that_was_dated_back_is_found(auditor: Auditor, server: LogServer) -> None:
    newest = START + dt.timedelta(seconds=699)
    server.log(at=newest - dt.timedelta(minutes=15))
    server.log(at=newest - dt.timedelta(minutes=15, seconds=1))
    server.publish()
    assert auditor.found() == [("entry-late", 701)]


def test_an_entry_that_is_not_as_old_as_its_id_is_found(auditor: Auditor, server: LogServer) -> None:
    reseal(server, 600, at="2026-03-01T07:00:00.000000Z")
    server.publish()
    assert auditor.found() == [("entry-time", 600)]


def test_an_entry_twice_is_found(auditor: Auditor, server: LogServer) -> None:
    auditor.recent = 10
    server.entries.append(server.entries[650])
    server.openings.append(server.openings[650] | {"index": 700})
    server.publish()
    assert auditor.found() == [("entry-repeated", 700)]


# Any single byte


@pytest.mark.parametrize("seed", range(40))
def test_no_byte_of_an_answer_can_be_changed_unnoticed(auditor: Auditor, server: LogServer, seed: int) -> None:
    chance = random.Random(seed)
    path = chance.choice(["checkpoint", "tile/0/002.p/188", "tile/entries/000", "tile/entries/002.p/188"])

    def flip(answer: bytes) -> bytes:
        changed = bytearray(answer)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        return bytes(changed)

    server.change[path] = flip
    try:
        found: list[Any] = auditor.found(openings=False)
    except (CryptoRefusal, LogRefused):
        found = ["refused"]
    assert found


@pytest.mark.parametrize("seed", range(40))
def test_no_character_of_an_opening_can_be_changed_unnoticed(auditor: Auditor, server: LogServer, seed: int) -> None:
    chance, whole = random.Random(seed), server._openings

    def flipped(start: int, limit: int) -> bytes:
        lines = whole(start, limit).split(b"\n")
        at = chance.choice([3, 17, 20, 39, 40, 300])
        line = bytearray(lines[at])
        line[chance.randrange(len(line))] ^= 1
        lines[at] = bytes(line)
        return b"\n".join(lines)

    server._openings = flipped  # type: ignore[method-assign]
    assert auditor.found()


# Requests


def test_requests_are_verified_under_the_keys_that_the_log_tells_of(auditor: Auditor, server: LogServer) -> None:
    server.signed_entry("carrier-b")
    server.publish()
    assert auditor.found() == []


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"by": "carrier-b"}, "request-foreign-key"),
        ({"key_id": "carrier-b-1"}, "request-foreign-key"),
        ({"key_id": "nobody-1"}, "request-key-unknown"),
    ],
)
def test_a_request_under_anothers_key_is_found(
    auditor: Auditor, server: LogServer, entry: dict[str, str], code: str
) -> None:
    server.signed_entry("carrier-a", **entry)
    server.publish()
    assert auditor.found() == [(code, 700)]


def test_a_request_that_the_registry_made_up_is_found(auditor: Auditor, server: LogServer) -> None:
    request = kept_request(seeded_key("registry itself"), "carrier-a-1", START, "x")
    server.log(by="carrier-a", request=request)
    server.publish()
    assert auditor.found() == [("request-signature", 700)]


@pytest.mark.parametrize(
    "change",
    [
        lambda base: base.replace(b"carrier-a-1", b"carrier-a-2"),
        lambda base: base.rpartition(b"\n")[0],
        lambda base: base.replace(b'tag="clearline-v1"', b'tag="another"'),
    ],
)
def test_a_request_whose_base_does_not_say_what_it_must_is_found(
    auditor: Auditor, server: LogServer, change: Callable[..., Any]
) -> None:
    request = kept_request(server.participants["carrier-a"], "carrier-a-1", START, "x")
    base = change(raw(request["signature_base"]))
    signature = server.participants["carrier-a"].sign(base)
    request |= {"signature_base": b64url_encode(base), "signature": b64url_encode(signature)}
    server.log(by="carrier-a", request=request)
    server.publish()
    assert auditor.found() == [("request-signature", 700)]


def test_a_request_that_was_exchanged_for_another_is_found(auditor: Auditor, server: LogServer) -> None:
    server.openings[20]["request"] = server.openings[21]["request"]
    assert auditor.found() == [("request-mismatch", 20)]


def test_a_key_may_come_a_moment_after_what_was_signed_under_it(auditor: Auditor, server: LogServer) -> None:
    server.participants["carrier-c"] = seeded_key("carrier-c")
    server.signed_entry("carrier-c")
    server.admit("carrier-c")
    server.publish()
    assert auditor.found() == []


@pytest.mark.parametrize(("later", "codes"), [(-1, []), (29, []), (32, [("request-key-revoked", 701)])])
def test_a_request_signed_after_its_key_was_revoked_is_found(
    auditor: Auditor, server: LogServer, later: int, codes: list[tuple[str, int]]
) -> None:
    at = START + dt.timedelta(seconds=700)
    server.log(EntryKind.KEY_REVOKED, facts={"participant": "carrier-a", "key": "carrier-a-1"}, at=at)
    server.signed_entry("carrier-a", created=at + dt.timedelta(seconds=later))
    server.publish()
    assert auditor.found() == codes


# Erasures


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"openings": 3}, [("erasure-short", 40)]),
        ({"openings": 1}, [("erasure-mismatch", 40)]),
        ({"digest": "00" * 32}, [("erasure-mismatch", 40)]),
    ],
)
def test_an_erasure_that_does_not_say_what_it_took_is_found(
    auditor: Auditor, server: LogServer, change: dict[str, Any], codes: list[tuple[str, int]]
) -> None:
    facts = json.loads(server.openings[40]["core"])["facts"]
    reseal(server, 40, facts=facts | change)
    server.publish()
    assert auditor.found() == codes


def test_a_personal_part_that_went_behind_the_back_of_the_erasure_is_found(auditor: Auditor, server: LogServer) -> None:
    opening = server.openings[12]
    del opening["personal"], opening["personal_salt"]
    opening["erased_by"] = server.openings[5]["erased_by"]
    assert auditor.found() == [("erasure-mismatch", 40)]


def test_a_personal_part_that_an_entry_took_which_is_no_erasure_is_found(auditor: Auditor, server: LogServer) -> None:
    opening = server.openings[12]
    del opening["personal"], opening["personal_salt"]
    opening["erased_by"] = server.openings[100]["id"]
    assert auditor.found() == [("erasure-unknown", 12)]


def test_an_erasure_of_another_year_is_counted_and_its_own_audit_compares_it(
    auditor: Auditor, server: LogServer
) -> None:
    opening = server.openings[12]
    del opening["personal"], opening["personal_salt"]
    opening["erased_by"] = str(entry_id(1, dt.datetime(2031, 3, 1, tzinfo=dt.UTC)))
    assert auditor.found() == []
    assert auditor.result.compared == Compared(elsewhere=1, later=0)


def test_an_erasure_of_entries_of_an_earlier_year_is_compared_with_that_years_audit(
    auditor: Auditor, server: LogServer
) -> None:
    early = entry_id(3, dt.datetime(2021, 3, 1, tzinfo=dt.UTC))
    facts: dict[str, str | int] = {"openings": 1, "rules": "1", "digest": ""}
    erasure = server.log("erasure", facts=facts)
    reseal(
        server,
        700,
        facts=facts | {"digest": erasure_digest([early]).hex()},
    )
    server.publish()
    assert auditor.found() == [("erasure-short", 700)]
    other = Erasures()
    other.name(erasure, early, 3)
    again = Auditor(server, auditor.reader, others=(other,))
    assert again.found() == []


def test_the_state_of_the_same_year_is_no_other_year(auditor: Auditor, server: LogServer) -> None:
    auditor.found()
    with pytest.raises(LogRefused, match="state-foreign"):
        add_from_other_years(Erasures(), [auditor.state.erasures], YEAR)


def test_more_erased_entries_than_are_kept_are_not_compared(auditor: Auditor, server: LogServer) -> None:
    auditor.state = AuditState(origin=ORIGIN, erasures=Erasures(2))
    assert auditor.found() == []
    assert auditor.result.compared is None


def test_a_bundle_that_is_only_served_whole_is_cut(auditor: Auditor, server: LogServer) -> None:
    note = server.notes[700].encode()
    for _ in range(100):
        server.log()
    server.publish()
    server.change |= {"tile/entries/002.p/188": 404, "tile/0/002.p/188": 404}
    assert auditor.found(note=note) == []
