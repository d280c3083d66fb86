"""A carrier at the log: it cosigns what extends the last head and nothing else, and keeps receipts that it verified."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from auditlog.errors import LogForked, LogRefused
from auditlog.follow import Followed, follow
from auditlog.heads import COSIGNED, HeadKeeper
from auditlog.party import LogParty
from auditlog.reader import LogReader
from auditlog.receipts import Trust, leaf_of, read_policy, verify
from auditlog.settings import LogSettings
from auditlog.witness import Outcome, Round, years_to_witness
from client.errors import RegistryAnswerBroken, RegistryRefused
from crypto.signing.keys import public_bytes, save_private_key
from crypto.tlog.checkpoint import parse_signed_checkpoint
from crypto.tlog.cosignature import cosign, verify_cosignature
from crypto.tlog.note import NoteSignature
from gateway.settings import CustodianPeer, GatewaySettings, Limits
from gateway.wiring import build_log
from protocol.encodings import b64url_encode
from protocol.receipts import Grade
from serving.settings import SettingsError
from tests.support.audits import promise
from tests.support.log_server import LOG, LOG_KEY, NAME, NOW, REGISTRY_KEY, URL, LogServer, entry_id, witness_key
from tests.support.logs import seeded_key


def settings_in(folder: Path, **changes: Any) -> GatewaySettings:
    """A carrier's settings with the log pinned; its witness is w1."""
    for name in ("carrier-a", "w1"):
        if not (folder / f"{name}.pem").exists():
            save_private_key(seeded_key(name), folder / f"{name}.pem")
    log = LogSettings(
        url=f"{URL}/log",
        name=NAME,
        public_key=public_bytes(LOG_KEY),
        state=folder / "state",
        witness_key=folder / "w1.pem",
        witness_name="w1.witness",
        policy=folder / "policy",
        faults=0,
    )
    return GatewaySettings(
        carrier="carrier-a",
        key_id="carrier-a-1",
        signing_key=folder / "carrier-a.pem",
        account_key=folder / "account.key",
        registry_url=URL,
        registry_key_id="registry-1",
        registry_public_key=public_bytes(REGISTRY_KEY),
        epoch=1,
        threshold=1,
        joint_public_key=bytes(32),
        custodians=(CustodianPeer(index=1, url="https://custodian.test", public_key=bytes(32)),),
        listen="127.0.0.1:0",
        tokens=folder / "local-tokens.json",
        orders=folder / "orders.db",
        limits=Limits(attempts=1),
        log=dataclasses.replace(log, **changes),
    )


def built(server: LogServer, folder: Path, **changes: Any) -> LogParty:
    lines = {url: httpx.WSGITransport(server) for url in (URL, f"{URL}/log")}
    return build_log(settings_in(folder, **changes), transports=lines, clock=lambda: NOW)


@pytest.fixture
def party(server: LogServer, tmp_path: Path) -> Iterator[LogParty]:
    with built(server, tmp_path) as here:
        yield here


def grow(server: LogServer, count: int = 10) -> None:
    for _ in range(count):
        server.log()
    server.publish()


def rounds(party: LogParty) -> Round:
    [(year, done)] = party.witness_round()
    assert year == 2026
    return done


def test_a_witness_cosigns_the_candidate_and_the_registry_counts_it(party: LogParty, server: LogServer) -> None:
    done = rounds(party)
    assert (done.outcome, done.size, done.quorum) == (Outcome.COSIGNED, 700, False)
    signed = parse_signed_checkpoint(server.witnessed.encode())
    line = signed.note.signature_of(party.witness_key())
    assert line is not None
    assert verify_cosignature(signed.checkpoint, line, party.witness_key(), latest=int(NOW.timestamp())) == int(
        NOW.timestamp()
    )
    assert party.witness_key() == witness_key("w1")


def test_the_head_is_on_the_disk_before_anything_is_signed(
    party: LogParty, server: LogServer, cosigned: HeadKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def sign(*args: Any, **more: Any) -> NoteSignature:
        seen.append(cosigned.held().checkpoint.size)
        return cosign(*args, **more)

    monkeypatch.setattr("auditlog.witness.cosign", sign)
    rounds(party)
    assert seen == [700]


def test_a_witness_that_died_before_it_was_heard_cosigns_the_same_head_again(
    party: LogParty, server: LogServer
) -> None:
    server.change["cosignatures"] = 500
    with pytest.raises(RegistryRefused):
        party.witness_round()
    server.change.clear()
    assert rounds(party).outcome is Outcome.COSIGNED
    assert rounds(party).outcome is Outcome.COSIGNED


def test_enough_witnesses_make_a_quorum(server: LogServer, tmp_path: Path) -> None:
    for label, quorum in (("w1", False), ("w2", True)):
        (tmp_path / label).mkdir()
        save_private_key(seeded_key(label), tmp_path / label / f"{label}.pem")
        key = tmp_path / label / f"{label}.pem"
        with built(server, tmp_path / label, witness_key=key, witness_name=f"{label}.witness") as here:
            assert rounds(here).quorum is quorum


def test_a_witness_does_not_cosign_below_what_it_cosigned(party: LogParty, server: LogServer) -> None:
    old = server.notes[700].encode()
    grow(server)
    rounds(party)
    server.witnessed = None
    server.change["candidate-checkpoint"] = lambda raw: old
    assert rounds(party).outcome is Outcome.BEHIND
    assert server.witnessed is None


def test_a_witness_does_not_sign_below_what_another_process_signed_meanwhile(
    party: LogParty, server: LogServer, cosigned: HeadKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = follow

    def overtaken(raw: bytes, *, reader: LogReader, keeper: HeadKeeper) -> Followed:
        followed = slow(raw, reader=reader, keeper=keeper)
        held = cosigned.held()
        if held is not None:
            grow(server)
            cosigned.replace(held, parse_signed_checkpoint(server.notes[710].encode()))
        return followed

    monkeypatch.setattr("auditlog.witness.follow", overtaken)
    assert rounds(party).outcome is Outcome.BEHIND
    assert server.witnessed is None


def test_a_newer_head_that_was_only_read_does_not_keep_a_witness_from_the_candidate(
    party: LogParty, server: LogServer, keeper: HeadKeeper, reader: LogReader
) -> None:
    old = server.notes[700].encode()
    grow(server)
    keeper.replace(None, parse_signed_checkpoint(reader.checkpoint()))
    server.change["candidate-checkpoint"] = lambda raw: old
    assert rounds(party).outcome is Outcome.COSIGNED


def test_a_fork_between_what_was_read_and_the_candidate_is_found(
    party: LogParty, server: LogServer, keeper: HeadKeeper, reader: LogReader
) -> None:
    grow(server)
    keeper.replace(None, parse_signed_checkpoint(reader.checkpoint()))
    server.fork(705)
    with pytest.raises(LogForked):
        party.witness_round()
    assert server.witnessed is None


def test_a_witness_of_a_forked_log_stays_silent(party: LogParty, server: LogServer) -> None:
    rounds(party)
    server.fork(600)
    server.witnessed = None
    for _ in range(2):
        with pytest.raises(LogForked):
            party.witness_round()
    with pytest.raises(LogForked):
        next(party.witness_forever(1))
    assert server.witnessed is None


def test_a_head_that_the_registry_left_behind_is_told(party: LogParty, server: LogServer) -> None:
    server.change["cosignatures"] = 409
    assert rounds(party).outcome is Outcome.HEAD_UNKNOWN


def test_a_year_without_a_log_is_no_failure(party: LogParty, server: LogServer) -> None:
    server.change["candidate-checkpoint"] = 404
    assert rounds(party).outcome is Outcome.NO_LOG


def test_what_cannot_be_reached_now_is_tried_again(party: LogParty, server: LogServer) -> None:
    pauses: list[float] = []
    server.change["candidate-checkpoint"] = 503
    told = dataclasses.replace(party, sleep=pauses.append).witness_forever(15)
    assert "no answer in 4 attempts" in next(told)
    server.change.clear()
    assert next(told)[0][1].outcome is Outcome.COSIGNED
    assert pauses[-1] == 15


@pytest.mark.parametrize(
    "change",
    [
        {"candidate-checkpoint": 500},
        {"candidate-checkpoint": lambda raw: raw[:-9]},
        {"cosignatures": 422},
        {"cosignatures": 500},
        {"cosignatures": lambda raw: b"{}"},
    ],
)
def test_a_witness_outlives_what_may_be_over_in_the_next_round(
    party: LogParty, server: LogServer, change: dict[str, Any]
) -> None:
    told = dataclasses.replace(party, sleep=lambda seconds: None).witness_forever(15)
    server.change |= change
    assert isinstance(next(told), str)
    server.change.clear()
    assert next(told)[0][1].outcome is Outcome.COSIGNED


def test_a_witness_whose_files_were_spoilt_ends(party: LogParty, server: LogServer, tmp_path: Path) -> None:
    rounds(party)
    next((tmp_path / "state").glob("*.cosigned")).write_bytes(b"x")
    with pytest.raises(LogRefused, match="state-foreign"):
        next(party.witness_forever(15))


def test_an_answer_of_another_form_is_not_believed(party: LogParty, server: LogServer) -> None:
    server.change["cosignatures"] = lambda raw: raw.replace(b"700", b"701")
    with pytest.raises(LogRefused, match="answer-unusable"):
        party.witness_round()


def test_a_gateway_without_a_witness_key_says_what_is_missing(server: LogServer, tmp_path: Path) -> None:
    with built(server, tmp_path, witness_key=None) as here, pytest.raises(SettingsError, match="witness_key"):
        here.witness_round()


def test_a_gateway_without_a_log_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\[log\]"):
        build_log(dataclasses.replace(settings_in(tmp_path), log=None))


def test_in_january_the_year_before_is_witnessed_too() -> None:
    assert years_to_witness(NOW) == (2026,)
    assert years_to_witness(NOW.replace(year=2027, month=1)) == (2027, 2026)


def test_a_witness_key_that_also_reads_is_kept_apart(party: LogParty, server: LogServer, tmp_path: Path) -> None:
    rounds(party)
    assert {each.suffix for each in (tmp_path / "state").iterdir()} == {".head", ".cosigned", ".lock"}
    assert HeadKeeper(tmp_path / "state", LOG, kind=COSIGNED).held().checkpoint.size == 700


# Receipts


def named(server: LogServer, index: int) -> UUID:
    return UUID(server.openings[index]["id"])


@pytest.mark.parametrize("index", [0, 20, 255, 256, 699])
def test_an_own_entrys_receipt_is_verified_with_its_opening(party: LogParty, server: LogServer, index: int) -> None:
    proven = party.receipt(named(server, index), Grade.INTEGRATED, 0)
    assert proven.receipt.index == index
    assert verify(proven.raw, leaf_of(proven.opening), Trust(key=LOG)).index == index
    assert verify(proven.raw, leaf_of(server.entries[index]), Trust(key=LOG)).index == index


def test_a_receipt_is_waited_for(party: LogParty, server: LogServer) -> None:
    server.pending = 2
    here = dataclasses.replace(party, sleep=lambda seconds: None)
    assert here.receipt(named(server, 20), Grade.INTEGRATED, 30).receipt.index == 20


def test_a_receipt_that_does_not_come_is_refused(party: LogParty, server: LogServer) -> None:
    server.pending = 10
    with pytest.raises(RegistryRefused) as refused:
        party.receipt(named(server, 20), Grade.INTEGRATED, 0)
    assert refused.value.status == 409


def test_a_receipt_of_another_entry_is_refused(party: LogParty, server: LogServer) -> None:
    server.change[f"receipts/{named(server, 20)}"] = lambda raw: server.receipt(21)
    with pytest.raises(LogRefused, match="opening-mismatch"):
        party.receipt(named(server, 20), Grade.INTEGRATED, 0)


def test_a_receipt_is_refused_where_the_log_holds_another_entry_under_the_same_id(
    party: LogParty, server: LogServer
) -> None:
    asked = entry_id(20, NOW)
    server.openings[20]["id"] = str(asked)
    with pytest.raises(LogRefused, match="another entry") as refused:
        party.receipt(asked, Grade.INTEGRATED, 0)
    assert refused.value.code == "opening-mismatch"


@pytest.mark.parametrize(
    ("name", "value"), [("index", 19), ("index", 21), ("id", str(entry_id(19, NOW))), ("id", str(entry_id(20, NOW)))]
)
def test_a_receipt_beside_an_opening_that_names_another_place_or_id_is_refused(
    party: LogParty, server: LogServer, name: str, value: object
) -> None:
    def tell(raw: bytes) -> bytes:
        opening, *rest = raw.splitlines(keepends=True)
        return json.dumps(json.loads(opening) | {name: value}).encode() + b"\n" + b"".join(rest)

    server.change["openings"] = tell
    with pytest.raises(LogRefused, match="opening-mismatch"):
        party.receipt(named(server, 20), Grade.INTEGRATED, 0)


def test_a_receipt_whose_entry_is_not_opened_is_refused(party: LogParty, server: LogServer) -> None:
    server.change["openings"] = lambda raw: raw.partition(b"\n")[2]
    with pytest.raises(LogRefused, match="opening-mismatch"):
        party.receipt(named(server, 20), Grade.INTEGRATED, 0)


def test_a_receipt_of_an_entry_that_was_changed_is_refused(party: LogParty, server: LogServer) -> None:
    server.openings[20]["core"] = server.openings[20]["core"].replace("carrier-a", "carrier-b")
    with pytest.raises(LogRefused, match="proof-invalid"):
        party.receipt(named(server, 20), Grade.INTEGRATED, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"personal": '{"name":"another"}'},
        {"personal_salt": b64url_encode(bytes(32))},
        {"personal_salt": ...},
        {"request": "another"},
    ],
)
def test_a_receipt_beside_a_part_that_was_not_logged_is_refused(
    party: LogParty, server: LogServer, change: dict[str, Any]
) -> None:
    opening = server.openings[20]
    change = {"request": server.openings[21]["request"]} if "request" in change else change
    server.openings[20] = {name: value for name, value in (opening | change).items() if value is not ...}
    with pytest.raises(LogRefused, match="opening-mismatch"):
        party.receipt(named(server, 20), Grade.INTEGRATED, 0)
    with pytest.raises(LogRefused, match="opening-mismatch"):
        leaf_of(json.dumps(server.openings[20]).encode())


def test_a_receipt_beside_a_part_that_no_entry_names_is_refused(party: LogParty, server: LogServer) -> None:
    server.openings[600] |= {name: server.openings[20][name] for name in ("personal", "personal_salt")}
    with pytest.raises(LogRefused, match="opening-mismatch"):
        party.receipt(named(server, 600), Grade.INTEGRATED, 0)


def test_a_receipt_holds_without_the_parts_that_may_be_gone(party: LogParty, server: LogServer) -> None:
    for name in ("personal", "personal_salt", "request"):
        del server.openings[20][name]
    assert party.receipt(named(server, 20), Grade.INTEGRATED, 0).receipt.index == 20


def test_a_receipt_under_another_key_is_refused(party: LogParty, server: LogServer) -> None:
    server.log_key = seeded_key("stranger")
    server.publish()
    with pytest.raises(LogRefused, match="no-known-signature"):
        party.receipt(named(server, 20), Grade.INTEGRATED, 0)


def test_an_unsigned_answer_is_not_believed(
    party: LogParty, server: LogServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_sign", lambda *args: {})
    with pytest.raises(RegistryAnswerBroken):
        party.receipt(named(server, 20), Grade.INTEGRATED, 0)


def witnessed_by(server: LogServer, *labels: str) -> None:
    for label in labels:
        note = parse_signed_checkpoint(server.notes[server.size].encode())
        line = cosign(
            note.checkpoint,
            name=f"{label}.witness",
            private_key=seeded_key(label),
            timestamp=int(NOW.timestamp()),
        )
        server._cosignatures(dataclasses.replace(note.note, signatures=(line,)).encode())


def test_the_witnessed_grade_needs_a_quorum_of_ones_own_policy(
    party: LogParty, server: LogServer, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="policy"):
        party.receipt(named(server, 20), Grade.WITNESSED, 0)
    (tmp_path / "policy").write_bytes(server.policy())
    witnessed_by(server, "w1")
    with pytest.raises(LogRefused, match="quorum-missing"):
        party.receipt(named(server, 20), Grade.WITNESSED, 0)
    witnessed_by(server, "w2")
    assert party.receipt(named(server, 20), Grade.WITNESSED, 0).receipt.index == 20


def test_a_policy_about_another_log_is_refused(server: LogServer) -> None:
    stranger = dataclasses.replace(LOG, public_key=public_bytes(seeded_key("stranger")))
    with pytest.raises(LogRefused, match="policy-foreign"):
        read_policy(server.policy().replace(LOG.vkey.encode(), stranger.vkey.encode()), faults=0, key=LOG)
    with pytest.raises(LogRefused, match="policy-unsound"):
        read_policy(server.policy(), faults=2, key=LOG)


@pytest.mark.parametrize("raw", [b"", b"x" * 33 + b"y", b"{}", b'{"index":1}', b"\xff" * 40])
def test_what_is_no_entry_gives_no_leaf(raw: bytes) -> None:
    with pytest.raises(LogRefused, match="entry-malformed"):
        leaf_of(raw)


def test_a_promise_is_the_registrys_word_about_this_entry(party: LogParty, server: LogServer) -> None:
    wanted = named(server, 20)
    server.change[f"receipts/{wanted}"] = lambda raw: promise(wanted)
    raw, claims = party.promise(wanted)
    assert (raw, claims["entry"]) == (promise(wanted), str(wanted))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"origin": "elsewhere/2026"}, "log-renamed"),
        ({"origin": "registry.test/log/2025"}, "promise-foreign"),
        ({"origin": "2026"}, "promise-malformed"),
        ({"key": seeded_key("stranger")}, "promise-invalid"),
        ({"key_id": "registry-2"}, "promise-foreign"),
        ({"surplus": 1}, "promise-foreign"),
        ({"entry": str(entry_id(1, NOW))}, "promise-foreign"),
    ],
)
def test_a_promise_about_something_else_is_refused(
    party: LogParty, server: LogServer, changes: dict[str, Any], code: str
) -> None:
    wanted = named(server, 20)
    server.change[f"receipts/{wanted}"] = lambda raw: promise(wanted, **changes)
    with pytest.raises(LogRefused) as refused:
        party.promise(wanted)
    assert refused.value.code == code


def test_what_is_no_promise_is_refused(party: LogParty, server: LogServer) -> None:
    wanted = named(server, 20)
    server.change[f"receipts/{wanted}"] = lambda raw: b"a.b"
    with pytest.raises(LogRefused, match="promise-malformed"):
        party.promise(wanted)


def test_an_opening_that_is_kept_is_one_line(party: LogParty, server: LogServer) -> None:
    opening = party.receipt(named(server, 20), Grade.INTEGRATED, 0).opening
    assert opening.count(b"\n") == 1
    assert json.loads(opening)["index"] == 20
