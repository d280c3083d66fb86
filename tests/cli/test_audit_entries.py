"""An auditor asks who asked about a person, why, from where and what followed; no line is printed without its proof."""

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crypto.signing.keys import public_bytes, save_private_key
from protocol.encodings import b64url_encode, canonical_json
from protocol.log_entries import EntryKind
from tests.support.auditing import reseal
from tests.support.commands import called
from tests.support.log_server import LOG, REGISTRY_KEY, YEAR, LogServer, kept_request, listening, salt
from tests.support.logs import seeded_key

ANN, BOB, CARL = "a1" * 16, "b2" * 16, "c3" * 16
CLERK, CHIEF = b64url_encode(b"clerk" + bytes(11)), b64url_encode(b"chief" + bytes(11))
ACCOUNT = "d4" * 32
Run = Callable[..., tuple[int, str, str]]


def beijing(day: int, hour: int) -> dt.datetime:
    return dt.datetime(YEAR, 3, day, hour, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def tell(
    server: LogServer, kind: EntryKind, by: str, at: dt.datetime, *, whose: str | None = None, **more: dict[str, Any]
) -> int:
    """Log an act of a participant, as its signed request led to it; its place."""
    request = None
    if by in server.participants:
        request = kept_request(server.participants[by], f"{by}-1", at, str(len(server.entries)))
    personal = None if whose is None else {"subject": whose} | more.get("personal", {})
    server.log(kind, by=by, at=at, facts=more["facts"], personal=personal, request=request)
    return len(server.entries) - 1


def asked(server: LogServer, by: str, at: dt.datetime, whose: str, decision: str, **facts: str) -> int:
    context = {"service": "MOBILE", "rules": "2026-01", "purpose": "NEW_LINE", "channel": "OUTLET"}
    personal = {"decision": decision, "reasons": "OWN_ARREARS", "agent": CLERK}
    return tell(server, EntryKind.INQUIRY, by, at, whose=whose, facts=context | facts, personal=personal)


def ended(server: LogServer, by: str, at: dt.datetime, whose: str, outcome: str, **personal: str) -> int:
    """An activation, with the facts that its entry has."""
    basis = "CHECKED" if outcome == "ACTIVATED" else "STALE"
    facts = {"outcome": outcome, "basis": basis, "obeyed": "YES", "lines": 1, "outlet": "SH-1", "rules": "2026-01"}
    return tell(server, EntryKind.ACTIVATION, by, at, whose=whose, facts=facts, personal=personal)


@pytest.fixture
def told() -> LogServer:
    """Two people at two carriers; a third one's inquiry was erased."""
    server = LogServer()
    server.admit("carrier-a")
    server.admit("carrier-b")
    first = asked(server, "carrier-a", beijing(2, 12), ANN, "PAY_FIRST", outlet="SH-1")
    asked(server, "carrier-b", beijing(2, 23), BOB, "ALLOW", purpose="ADD_LINE", channel="DEALER", dealer="D-9")
    inquiry = server.openings[first]["id"]
    again: dict[str, Any] = {"inquiry": inquiry, "number": 1, "changed": 1}
    decided = {"decision": "ALLOW", "agent": CHIEF}
    tell(server, EntryKind.INQUIRY_RECHECKED, "carrier-a", beijing(3, 9), whose=ANN, facts=again, personal=decided)
    ended(server, "carrier-a", beijing(3, 10), ANN, "ACTIVATED", decision="ALLOW")
    ended(server, "carrier-b", beijing(4, 6), BOB, "OVERRIDDEN", decision="ALLOW", approved_by=CHIEF)
    tell(server, EntryKind.DISPUTE_CLOSED, "registry", beijing(4, 12), whose=BOB, facts={"outcome": "UPHELD"})
    erased = asked(server, "carrier-a", beijing(5, 12), CARL, "REVIEW", outlet="SH-1")
    server.erase([erased], at=beijing(6, 12))
    report = {"account": ACCOUNT, "principal_fen": 1200}
    tell(
        server,
        EntryKind.REPORT_LISTED,
        "carrier-a",
        beijing(7, 12),
        whose=ANN,
        facts={"verdict": "ACTIVE"},
        personal=report,
    )
    server.publish()
    return server


NAMES = ["key-a", "key-b", "ann", "bob", "ann again", "ann ends", "bob ends", "case", "carl", "erasure", "report"]
EVERYTHING = set(NAMES)


@pytest.fixture
def server(told: LogServer) -> Iterator[LogServer]:
    with listening(told) as log:
        yield log


@pytest.fixture
def run(server: LogServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    save_private_key(seeded_key("auditor"), tmp_path / "auditor.pem")
    registry = b64url_encode(public_bytes(REGISTRY_KEY))
    who = ["--key", str(tmp_path / "auditor.pem"), "--key-id", "auditor-1"]
    pinned = ["--vkey", LOG.vkey, *who, "--registry-key", registry, "--registry-key-id", "registry-1"]

    def running(*more: str) -> tuple[int, str, str]:
        return called(capsys, "audit", "entries", "--log-url", f"{server.url}/log/{YEAR}", *pinned, *more)

    return running


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def names(out: str) -> set[str]:
    return {NAMES[line["index"]] for line in lines(out)}


def id_of(server: LogServer, name: str) -> str:
    return str(server.openings[NAMES.index(name)]["id"])


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("", EVERYTHING),
        ("--kind inquiry", {"ann", "bob", "carl"}),
        ("--kind inquiry.rechecked --kind activation", {"ann again", "ann ends", "bob ends"}),
        ("--by carrier-b", {"bob", "bob ends"}),
        ("--by carrier-b --by registry --kind dispute.closed", {"case"}),
        ("--since 2026-03-06", {"erasure", "report"}),
        ("--since 2026-03-02 --until 2026-03-03", {"ann", "bob"}),
        ("--since 2026-03-02T04:00:00Z --until 2026-03-02T23:00+08:00", {"ann"}),
        ("--night", {"bob", "bob ends"}),
        ("--outlet SH-1", {"ann", "carl", "ann ends", "bob ends"}),
        ("--dealer D-9", {"bob"}),
        ("--purpose ADD_LINE", {"bob"}),
        ("--channel OUTLET", {"ann", "carl"}),
        ("--decision PAY_FIRST", {"ann"}),
        ("--decision ALLOW --kind activation", {"ann ends", "bob ends"}),
        ("--decision PAY_FIRST --decision ALLOW --kind inquiry", {"ann", "bob"}),
        (f"--agent {CHIEF}", {"ann again"}),
        ("--outcome OVERRIDDEN", {"bob ends"}),
        ("--outcome UPHELD", {"case"}),
        ("--basis CHECKED", {"ann ends"}),
        ("--kind inquiry --basis CHECKED", set()),
    ],
)
def test_each_filter_finds_what_it_names(run: Run, filters: str, found: set[str]) -> None:
    code, out, err = run("--json", *filters.split())
    assert (code, names(out)) == (0, found)
    assert "complete: entries 0 to 10 under the signed head of 11 were all opened and proved" in err
    assert ("no entry matches" in err) is (not found)


@pytest.mark.parametrize("example", ["ann", "ann ends", "report"])
def test_any_entry_of_a_person_leads_to_all_that_was_asked_and_done_about_it(
    run: Run, server: LogServer, example: str
) -> None:
    code, out, _ = run("--json", "--like-entry", id_of(server, example))
    assert (code, [NAMES[line["index"]] for line in lines(out)]) == (0, ["ann", "ann again", "ann ends", "report"])
    first, again = lines(out)[:2]
    assert first["inquiry"] == again["inquiry"] == first["id"]
    assert (first["facts"]["purpose"], first["facts"]["outlet"], first["facts"]["decision"]) == (
        "NEW_LINE",
        "SH-1",
        "PAY_FIRST",
    )


def test_several_examples_ask_for_all_their_people(run: Run, server: LogServer) -> None:
    likes = [word for name in ("ann", "case") for word in ("--like-entry", id_of(server, name))]
    assert names(run("--json", *likes)[1]) == {"ann", "bob", "ann again", "ann ends", "bob ends", "case", "report"}


def test_erased_entries_match_no_erasable_fact_and_are_counted(run: Run, server: LogServer) -> None:
    for erasable in (["--decision", "REVIEW"], ["--agent", CHIEF], ["--like-entry", id_of(server, "bob")]):
        code, out, err = run("--json", "--outlet", "SH-1", *erasable)
        assert (code, "carl" in names(out)) == (0, False)
        assert "erased: 1 entries within the other filters" in err
    assert "erased:" not in run("--dealer", "D-9", "--decision", "REVIEW")[2]
    [carl] = [line for line in lines(run("--json", "--outlet", "SH-1")[1]) if line["erased"]]
    assert (carl["facts"]["outlet"], "decision" in carl["facts"]) == ("SH-1", False)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--kind", "inquest"], "--kind: a value is not one of 'inquiry', 'inquiry.rechecked'"),
        (["--purpose", "MARKETING"], "--purpose: a value is not one of 'NEW_LINE'"),
        (["--channel", "x"], "--channel: a value is not one of 'OUTLET'"),
        (["--decision", "x"], "--decision: a value is not one of 'ALLOW'"),
        (["--outcome", "x"], "--outcome: a value is not one of 'ACTIVATED'"),
        (["--basis", "x"], "--basis: a value is not one of 'CHECKED'"),
        (["--by", "Carrier A"], "--by: not-of-the-form: "),
        (["--outlet", "sh-1"], "--outlet: not-of-the-form: "),
        (["--dealer", "=1+1"], "--dealer: not-of-the-form: "),
        (["--agent", "clerk"], "--agent: not-of-the-form: "),
        (["--since", "yesterday"], "--since: not-a-time: "),
        (["--since", "2026-02-30"], "--since: not-a-time: "),
        (["--since", "2026-03-01T08:00:00"], "--since: not-a-time: "),
        (["--until", "0001-01-01T00:00+08:00"], "--until: not-a-time: "),
        (["--since", "2026-03-02", "--until", "2026-03-02"], "--until: not-after-since: "),
        (["--like-entry", "7"], "--like-entry: a value is not a valid UUID"),
        (["--limit", "0"], "--limit: "),
        (["--csv", "--json"], "either --csv or --json"),
        (["--own-key", "carrier-a-1=" + "A" * 43], "--own-key goes with --own"),
        (["--own", "carrier-a", "--own-key", "carrier-a-1"], "--own-key: "),
    ],
)
def test_a_bad_filter_is_one_line_that_names_it_and_its_words(
    run: Run, server: LogServer, options: list[str], said: str
) -> None:
    code, out, err = run(*options)
    assert (code, out) == (2, "")
    assert err.startswith(f"clearline: {said}"), err
    assert server.asked == []


@pytest.mark.parametrize(
    ("example", "refusal"),
    [
        ("019cadb0-0000-7000-8000-000000000063", "entry-unknown"),
        ("00000000-0000-4000-8000-000000000000", "entry-unknown"),
        ("0198c2c4-0000-7000-8000-000000000000", "entry-of-another-year"),
        ("key-a", "entry-of-nobody"),
        ("carl", "entry-erased"),
    ],
)
def test_an_example_that_names_nobody_is_a_refusal_and_no_empty_answer(
    run: Run, server: LogServer, example: str, refusal: str
) -> None:
    named = id_of(server, example) if example in NAMES else example
    code, out, err = run("--like-entry", named)
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith(f"clearline: {refusal}: {named}: ")


def test_an_example_that_the_registry_does_not_open_is_a_refusal(run: Run, server: LogServer) -> None:
    server.change["openings"] = lambda raw: raw.replace(b'"index": 2', b'"index": 9')
    code, out, err = run("--like-entry", id_of(server, "ann"))
    assert (code, out, "the log: opening-missing: " in err) == (1, "", True)


def test_an_example_that_no_head_has_yet_is_asked_for_later(run: Run, server: LogServer) -> None:
    tell(server, EntryKind.INQUIRY, "carrier-a", beijing(8, 1), whose=ANN, facts={"service": "MOBILE"})
    code, _, err = run("--like-entry", str(server.openings[-1]["id"]))
    assert (code, "clearline: entry-too-young: " in err) == (1, True)


def test_the_table_shows_time_kind_participant_place_and_the_facts(run: Run, server: LogServer) -> None:
    code, out, _ = run("--kind", "activation", "--by", "carrier-b")
    heading, line = out.splitlines()
    assert (code, heading.split()) == (0, ["Beijing", "time", "kind", "by", "entry", "id", "facts"])
    assert line.split()[:6] == [
        "2026-03-04",
        "06:00:00",
        "activation",
        "carrier-b",
        "2026/6",
        id_of(server, "bob ends"),
    ]
    assert (
        f"outlet SH-1  decision ALLOW  outcome OVERRIDDEN  basis STALE  obeyed YES  lines 1  approved_by {CHIEF}"
        in line
    )


def test_csv_has_fixed_columns_and_nothing_that_a_spreadsheet_runs(run: Run, server: LogServer, tmp_path: Path) -> None:
    trick = {"reason": "=cmd()", "outlet": "@x", "extra": "+1"}
    tell(server, EntryKind.RECORD_TRANSITION, "registry", beijing(8, 1), whose=ANN, facts=trick)
    server.publish()
    code, out, _ = run("--csv", "--out", str(tmp_path / "found.csv"), "--since", "2026-03-07")
    assert (code, out) == (0, "")
    report, edge = csv.DictReader((tmp_path / "found.csv").read_text(encoding="utf-8").splitlines())
    assert (edge["reason"], edge["outlet"], edge["others"]) == ("'=cmd()", "'@x", "extra=+1")
    assert (report["beijing"], report["kind"], report["others"]) == (
        "2026-03-07 12:00:00",
        "report.listed",
        "principal_fen=1200; verdict=ACTIVE",
    )
    assert list(csv.reader(io.StringIO(run("--csv", "--dealer", "NONE")[1])))[1:] == []


def test_signs_that_steer_a_terminal_are_written_out(run: Run, server: LogServer) -> None:
    tell(
        server,
        EntryKind.RECORD_TRANSITION,
        "registry",
        beijing(8, 1),
        whose=ANN,
        facts={"reason": "a\x1b[2J\x9b", "x": []},
    )
    server.publish()
    for form in ([], ["--csv"], ["--json"]):
        out = run("--since", "2026-03-08", *form)[1]
        assert all(each.isprintable() for each in out.splitlines()), form


@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]])
def test_no_pseudonym_of_a_person_or_an_account_is_printed(run: Run, form: list[str]) -> None:
    code, out, err = run(*form)
    assert code == 0
    assert not [each for each in (ANN, BOB, CARL, ACCOUNT) if each in out + err]


def test_a_limit_ends_the_reading_and_says_so(run: Run) -> None:
    code, out, err = run("--json", "--kind", "inquiry", "--limit", "2")
    assert (code, names(out)) == (0, {"ann", "bob"})
    assert "stopped at --limit: each line is proved; entries behind 3 were not read" in err


def test_an_empty_log_is_an_empty_answer(run: Run, server: LogServer) -> None:
    server.entries.clear()
    server.openings.clear()
    server.publish()
    code, out, err = run()
    assert (code, out) == (0, "")
    assert "no entry matches\ncomplete: the signed head has no entry\n" in err


def forged(server: LogServer) -> None:
    """An entry under a key that only an altered opening of another entry tells of."""
    stranger = seeded_key("stranger")
    request = kept_request(stranger, "carrier-a-9", beijing(8, 1), "forged")
    server.log(EntryKind.INQUIRY, by="carrier-a", at=beijing(8, 1), facts={"service": "IPTV"}, request=request)
    key = {"participant": "carrier-a", "key": "carrier-a-9", "public_key": public_bytes(stranger).hex()}
    changed(server, "case", kind="key.added", facts=key)
    server.publish()


def changed(server: LogServer, name: str, **changes: Any) -> None:
    opening = server.openings[NAMES.index(name)]
    opening["core"] = canonical_json(json.loads(opening["core"]) | changes).decode()


def unsigned(server: LogServer, name: str) -> None:
    """The registry logs another request of the carrier's, which the carrier did not sign."""
    place = NAMES.index(name)
    opening = server.openings[place]
    request = kept_request(seeded_key("stranger"), "carrier-a-1", beijing(2, 12), "unsigned")
    opening["request"] = request
    server.log(EntryKind.INQUIRY, by="carrier-a", at=beijing(2, 12), facts={"x": 1}, request=request)
    digest = json.loads(server.openings.pop()["core"])["request"]
    server.entries.pop()
    reseal(server, place, request=digest)
    server.publish()


def another_entry(server: LogServer, name: str) -> None:
    """An entry and its opening that agree, below a head that was signed over another one."""
    note = server.notes[server.size]
    reseal(server, NAMES.index(name), at="2026-03-02T04:00:00.500000Z")
    server.notes[server.size] = note


LIES: dict[str, tuple[Callable[[LogServer], object], str, str]] = {
    "core": (lambda server: changed(server, "ann", facts={"service": "IPTV"}), "opening-mismatch", "ann"),
    "personal": (
        lambda server: server.openings[2].update(personal=canonical_json({"subject": BOB}).decode()),
        "personal-mismatch",
        "ann",
    ),
    "salt": (
        lambda server: server.openings[2].update(personal_salt=b64url_encode(salt("x"))),
        "personal-mismatch",
        "ann",
    ),
    "request": (
        lambda server: server.openings[2].update(request=server.openings[3]["request"]),
        "request-mismatch",
        "ann",
    ),
    "signature": (lambda server: unsigned(server, "ann"), "request-signature", "ann"),
    "request left out": (lambda server: server.openings[2].pop("request"), "request-missing", "ann"),
    "entry": (lambda server: another_entry(server, "ann"), "entry-changed", "ann"),
    "left out": (lambda server: server.openings.pop(2), "opening-missing", "ann"),
    "of nobody's making": (lambda server: server.openings[2].update(core="{}"), "core-form", "ann"),
    "planted key": (forged, "opening-mismatch", "case"),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_does_not_hold_is_named_and_the_rest_is_still_printed(run: Run, server: LogServer, lie: str) -> None:
    make, code, name = LIES[lie]
    make(server)
    status, out, err = run("--json")
    found = {line["index"] for line in lines(out)}
    assert (status, found) == (1, set(range(len(NAMES))) - {NAMES.index(name)})
    assert f"  {code} at entry {NAMES.index(name)}\n" in err
    assert "clearline: not-proved: " in err
    assert "complete:" not in err


def test_an_erasure_that_nobody_made_hides_nothing_silently(run: Run, server: LogServer) -> None:
    opening = server.openings[2]
    del opening["personal"], opening["personal_salt"]
    opening["erased_by"] = server.openings[3]["id"]
    code, out, err = run("--json", "--decision", "PAY_FIRST")
    assert (code, out, "  erasure-unknown at entry 2\n" in err) == (1, "", True)


def test_a_place_that_the_registry_did_not_sign_is_no_example(run: Run, server: LogServer) -> None:
    stranger = b64url_encode(public_bytes(seeded_key("stranger")))
    code, out, err = run("--like-entry", id_of(server, "ann"), "--registry-key", stranger)
    assert (code, out, err.startswith("clearline: answer-")) == (1, "", True), err


def test_a_place_of_another_entry_is_no_example(run: Run, server: LogServer) -> None:
    server.change[f"receipts/{id_of(server, 'ann')}"] = lambda raw: server.receipt(NAMES.index("bob"))
    code, out, err = run("--like-entry", id_of(server, "ann"))
    assert (code, out, "the log: opening-mismatch: " in err) == (1, "", True)


@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (lambda opening: opening.update(core_salt=b64url_encode(bytes(32))), "opening-mismatch"),
        (lambda opening: opening.update(personal=canonical_json({"subject": BOB}).decode()), "personal-mismatch"),
        (lambda opening: opening.pop("personal"), "personal-missing"),
        (lambda opening: opening.update(core="{}"), "opening-mismatch"),
    ],
)
def test_an_example_is_proved_before_its_person_is_looked_for(
    run: Run, server: LogServer, bend: Callable[[dict[str, Any]], object], code: str
) -> None:
    named = id_of(server, "ann")
    bend(server.openings[2])
    status, out, err = run("--like-entry", named)
    assert (status, out, f"the log: {code}: " in err) == (1, "", True), err


@pytest.mark.parametrize(
    ("path", "change", "said"),
    [
        ("openings", 403, "the registry refused"),
        ("openings", lambda raw: raw[:-9], "openings-cut"),
        ("checkpoint", lambda raw: raw.replace(b"\n11\n", b"\n10\n"), "the log: "),
        ("tile/0/000.p/11", lambda raw: bytes(len(raw)), "tile-invalid"),
    ],
)
def test_a_log_that_cannot_be_believed_gives_no_line(
    run: Run, server: LogServer, path: str, change: Any, said: str
) -> None:
    server.change[path] = change
    code, out, err = run()
    assert (code, out, said in err) == (1, "", True), err


def test_a_member_sees_its_own_entries_and_is_told_what_is_not_proved(
    run: Run, server: LogServer, tmp_path: Path
) -> None:
    server.openings[:] = [each for each in server.openings if '"by":"carrier-a"' in each["core"]]
    save_private_key(seeded_key("carrier-a"), tmp_path / "carrier-a.pem")
    own = ["--key", str(tmp_path / "carrier-a.pem"), "--key-id", "carrier-a-1"]
    code, out, err = run("--json", "--own", "carrier-a", "--kind", "inquiry", *own)
    assert (code, names(out)) == (0, {"ann", "carl"})
    assert "that the registry kept none of carrier-a's entries back is not" in err
    code, out, err = run("--json", *own)
    assert (code, "shown its own entries only: --own" in err) == (1, True)


def test_a_former_key_of_a_member_proves_its_former_requests(run: Run, server: LogServer, tmp_path: Path) -> None:
    server.openings[:] = [each for each in server.openings if '"by":"carrier-a"' in each["core"]]
    save_private_key(seeded_key("newer"), tmp_path / "newer.pem")
    own = ["--json", "--own", "carrier-a", "--key", str(tmp_path / "newer.pem"), "--key-id", "carrier-a-2"]
    code, out, err = run(*own)
    assert (code, out, "request-key-unknown" in err) == (1, "", True)
    former = f"carrier-a-1={b64url_encode(public_bytes(seeded_key('carrier-a')))}"
    assert (run(*own, "--own-key", former)[0]) == 0


def test_a_time_beyond_the_year_is_told_to_be_another_log_s(run: Run) -> None:
    assert "2026 in UTC" in run("--since", "2026-01-01")[2]
    assert "2026 in UTC" in run("--until", "2027-01-02")[2]
    assert "2026 in UTC" not in run("--since", "2026-01-02", "--until", "2027-01-01")[2]


def hours(count: int) -> LogServer:
    """An entry an hour from the first of March on, and of each the openings that a run asked for."""
    server = LogServer()
    server.admit("carrier-a")
    while len(server.entries) < count:
        at = beijing(1, 16) + dt.timedelta(hours=len(server.entries))
        tell(server, EntryKind.INQUIRY, "carrier-a", at, whose=ANN, facts={"service": "MOBILE"})
    server.publish()
    return server


@pytest.fixture
def long(run: Run, server: LogServer) -> LogServer:
    """The same server with a longer log, of more than a year's first bundle."""
    made = hours(600)
    server.entries, server.openings, server.participants = made.entries, made.openings, made.participants
    server.notes.clear()
    server.publish()
    return server


@pytest.fixture
def saved(long: LogServer, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    run("--limit", "1")  # the key file
    registry = b64url_encode(public_bytes(REGISTRY_KEY))
    who = ["--key", str(tmp_path / "auditor.pem"), "--key-id", "auditor-1", "--registry-key", registry]
    state = ["--saved", str(tmp_path / "audit.json")]
    audit = ["audit", "verify", "--log-url", f"{long.url}/log/{YEAR}", "--vkey", LOG.vkey, "--openings", *state]
    assert called(capsys, *audit, *who, "--registry-key-id", "registry-1")[0] == 0
    long.asked.clear()
    return state


def test_a_saved_audit_spares_the_reading_of_what_is_older(run: Run, saved: list[str], long: LogServer) -> None:
    code, out, err = run("--json", "--since", "2026-03-20T00:00Z", *saved)
    assert code == 0
    first = lines(out)[0]
    assert (first["time"], lines(out)[-1]["index"]) == ("2026-03-20T00:00:00.000000Z", 599)
    assert f"complete: entries {first['index']} to 599 under the signed head of 600" in err
    assert "by the saved audit those before are older" in err
    assert lines(run("--json", "--since", "2026-03-20T00:00Z")[1]) == lines(out)


def test_nothing_behind_the_saved_audit_is_passed_over(run: Run, saved: list[str], long: LogServer) -> None:
    at = beijing(1, 16) + dt.timedelta(hours=600)
    late = tell(long, EntryKind.INQUIRY, "carrier-a", at, whose=ANN, facts={"service": "IPTV"})
    long.publish()
    _, out, err = run("--json", "--since", "2026-04-01T00:00Z", *saved)
    assert ([line["index"] for line in lines(out)], "entries 600 to 600" in err) == ([], True)
    _, out, _ = run("--json", "--since", "2026-03-26T00:00Z", *saved)
    assert [line["index"] for line in lines(out)] == [*range(592, 600), late]


def test_a_saved_audit_of_something_else_is_refused(run: Run, saved: list[str], tmp_path: Path) -> None:
    state = Path(saved[1])
    state.write_bytes(state.read_bytes().replace(b"/log/2026", b"/log/2025"))
    code, out, err = run(*saved)
    assert (code, out, "state-foreign" in err) == (1, "", True)
    assert run("--own", "carrier-a", *saved)[0] == 2


def test_a_place_that_is_searched_is_proved(run: Run, saved: list[str], long: LogServer) -> None:
    """A registry that opens another entry at a searched place could make the reading begin too late."""
    opening = long.openings[299]
    opening["core"], opening["id"] = long.openings[10]["core"], long.openings[10]["id"]
    code, out, err = run("--since", "2026-03-20T00:00Z", *saved)
    assert (code, out, "the log: opening-mismatch: " in err) == (1, "", True)
