"""The auditor's commands and the carrier's at the log, over HTTP on loopback, and how each of them ends."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from auditlog.audit.requests import KeyBook, KnownKey
from auditlog.audit.state import AuditState, save_state
from auditlog.errors import LogUnreachable
from auditlog.reader import LogReader
from cli.audit.access import OpeningsAccess
from cli.audit.verify import run_audit
from crypto.signing.keys import public_bytes, save_private_key
from protocol.encodings import b64url_encode
from tests.support.audits import promise
from tests.support.commands import called
from tests.support.log_server import LOG, LOG_KEY, NAME, REGISTRY_KEY, YEAR, LogServer, filled, listening
from tests.support.logs import seeded_key
from tests.support.loopback import NO_TLS

GATEWAY = """
[carrier]
id = "carrier-a"
key_id = "carrier-a-1"
signing_key = "carrier-a.pem"
account_key = "account.key"
[registry]
url = "{url}"
key_id = "registry-1"
public_key = "{registry}"
[custodians]
epoch = 1
threshold = 1
joint_public_key = "{registry}"
[[custodians.member]]
index = 1
url = "https://custodian.test"
public_key = "{registry}"
[limits]
attempts = 1
[log]
name = "{name}"
public_key = "{log}"
witness_key = "w1.pem"
witness_name = "w1.witness"
"""


@pytest.fixture
def server() -> Iterator[LogServer]:
    """A log of 700 entries that listens."""
    with listening(filled(700)) as log:
        yield log


@pytest.fixture
def home(server: LogServer, tmp_path: Path) -> Path:
    """A carrier's folder with its settings and keys."""
    for name in ("carrier-a", "w1"):
        save_private_key(seeded_key(name), tmp_path / f"{name}.pem")
    text = GATEWAY.format(
        url=server.url,
        name=NAME,
        log=b64url_encode(public_bytes(LOG_KEY)),
        registry=b64url_encode(public_bytes(REGISTRY_KEY)),
    )
    (tmp_path / "gateway.toml").write_text(text)
    return tmp_path


@pytest.fixture
def run(server: LogServer, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any], str]]:
    def running(command: str, *more: str) -> tuple[int, dict[str, Any], str]:
        url = () if command == "receipt" else ("--log-url", f"{server.url}/log/{YEAR}")
        code, out, err = called(capsys, "audit", command, *url, "--vkey", LOG.vkey, "--json", *more)
        return code, json.loads(out) if out else {}, err

    return running


def openings_of(tmp_path: Path) -> list[str]:
    if not (tmp_path / "auditor.pem").exists():
        save_private_key(seeded_key("auditor"), tmp_path / "auditor.pem")
    registry = b64url_encode(public_bytes(REGISTRY_KEY))
    key = ["--key", str(tmp_path / "auditor.pem"), "--key-id", "auditor-1"]
    return ["--openings", *key, "--registry-key", registry, "--registry-key-id", "registry-1"]


def test_an_honest_log_verifies(run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer) -> None:
    code, told, err = run("verify")
    assert (code, told["size"], told["entries"], told["findings"]) == (0, 700, 700, 0)
    assert told["root"] == server.checkpoint().root.hex()
    assert "700 of 700" in err


def test_openings_are_verified_too(run: Callable[..., tuple[int, dict[str, Any], str]], tmp_path: Path) -> None:
    code, told, _ = run("verify", *openings_of(tmp_path))
    assert (code, told["openings"], told["erasures"]) == (0, 700, "compared")


def test_a_log_that_lies_is_exit_code_1_and_names_code_and_place(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer
) -> None:
    server.put(17, b"\x01" + bytes(32))
    code, told, err = run("verify")
    assert (code, told["findings"], told["found"]) == (1, 1, [{"code": "entry-changed", "index": 17}])
    assert "the log does not hold: 1 findings" in err


def test_a_lie_in_an_opening_shows_no_content(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer, tmp_path: Path
) -> None:
    server.openings[20]["personal"] = '{"name":"somebody"}'
    code, told, err = run("verify", *openings_of(tmp_path))
    assert (code, told["found"]) == (1, [{"code": "personal-mismatch", "index": 20}])
    assert "somebody" not in json.dumps(told) + err


def test_a_log_out_of_reach_is_exit_code_3(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer
) -> None:
    server.change["checkpoint"] = 503
    code, told, err = run("verify")
    assert (code, told) == (3, {})
    assert "4 attempts" in err


@pytest.mark.parametrize(
    ("misbehave", "code"),
    [
        (lambda server: server.change.update({"tile/0/002.p/188": lambda raw: bytes(len(raw))}), "tile-invalid"),
        (lambda server: server.change.update({"checkpoint": lambda raw: raw[:-3]}), "malformed"),
        (lambda server: server.change.update({"checkpoint": lambda raw: raw * 3000}), "answer-too-long"),
        (lambda server: server.change.update({"checkpoint": 404}), "not-served"),
    ],
)
def test_a_head_that_cannot_be_believed_is_exit_code_1(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer, misbehave: Callable[..., Any], code: str
) -> None:
    misbehave(server)
    ended, _, err = run("verify")
    assert (ended, f"the log: {code}: " in err) == (1, True)


def test_another_log_than_the_pinned_one_is_exit_code_1(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer
) -> None:
    server.log_key = seeded_key("stranger")
    server.publish()
    code, _, err = run("verify")
    assert (code, "no-known-signature" in err) == (1, True)


def test_a_second_audit_goes_on_where_the_first_one_ended(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer, tmp_path: Path
) -> None:
    state = ["--saved", str(tmp_path / "audit.json")]
    assert run("verify", *state)[0] == 0
    for _ in range(9):
        server.log()
    server.publish()
    code, told, _ = run("verify", *state, "--since-saved")
    assert (code, told["from"], told["entries"]) == (0, 700, 9)
    assert run("verify", *state)[1]["entries"] == 709


def test_openings_since_the_last_audit_need_one_with_openings(
    run: Callable[..., tuple[int, dict[str, Any], str]], tmp_path: Path
) -> None:
    state = ["--saved", str(tmp_path / "audit.json")]
    assert run("verify", *state)[0] == 0
    code, _, err = run("verify", *state, "--since-saved", *openings_of(tmp_path))
    assert (code, "without openings" in err) == (1, True)
    assert run("verify", *state, *openings_of(tmp_path))[1]["from"] == 0
    assert run("verify", *state, "--since-saved", *openings_of(tmp_path))[1]["erasures"] == "not compared"


def test_an_audit_that_was_interrupted_goes_on_and_compares_erasures(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer, tmp_path: Path
) -> None:
    openings, saved = openings_of(tmp_path), tmp_path / "audit.json"
    server.change["tile/entries/002.p/188"] = 503
    with pytest.raises(LogUnreachable):
        audit_in_stretches(server, saved, length=256)
    server.change.clear()
    code, told, _ = run("verify", "--saved", str(saved), *openings)
    assert (code, told["from"], told["erasures"], told["erasures_later"]) == (0, 512, "compared", 0)
    assert (tmp_path / "audit.json.erased").stat().st_size == 3 * 20


def audit_in_stretches(server: LogServer, saved: Path, *, length: int) -> None:
    """The same audit in shorter stretches, by a reader that does not wait between its attempts."""
    url = f"{server.url}/log/{YEAR}"
    access = OpeningsAccess(
        key=saved.with_name("auditor.pem"),
        key_id="auditor-1",
        registry_key=public_bytes(REGISTRY_KEY),
        registry_key_id="registry-1",
    )
    with (
        httpx.Client(trust_env=False, verify=NO_TLS) as http,
        LogReader(url, http, sleep=lambda seconds: None) as reader,
    ):
        run_audit(
            server.checkpoint(),
            reader=reader,
            key=LOG,
            url=url,
            path=saved,
            since_saved=False,
            access=access,
            on_progress=lambda done, total: None,
            stretch=length,
        )


def test_a_fork_between_two_audits_leaves_evidence_that_verifies_offline(
    run: Callable[..., tuple[int, dict[str, Any], str]],
    server: LogServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    state = ["--saved", str(tmp_path / "audit.json")]
    run("verify", *state)
    server.fork(600)
    server.log()
    server.publish()
    code, _, err = run("verify", *state)
    assert (code, "log-forked" in err) == (1, True)
    [evidence] = (tmp_path / "audit.json.heads" / "evidence").iterdir()
    code, out, _ = called(capsys, "audit", "fork", str(evidence), "--vkey", LOG.vkey, "--json")
    assert (code, json.loads(out)["sizes"]) == (0, "700-701")
    evidence.write_bytes(evidence.read_bytes().replace(b"\n701\n", b"\n702\n"))
    assert called(capsys, "audit", "fork", str(evidence), "--vkey", LOG.vkey)[0] == 1


def test_an_old_head_does_not_make_an_audit_forget(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer, tmp_path: Path
) -> None:
    old = server.notes[700].encode()
    state = ["--saved", str(tmp_path / "audit.json")]
    for _ in range(9):
        server.log()
    server.publish()
    run("verify", *state)
    server.change["checkpoint"] = lambda raw: old
    code, told, err = run("verify", *state)
    assert (code, told["size"]) == (0, 709)
    assert "the log shows an old head of 700 entries" in err


def test_the_state_of_another_log_is_refused(
    run: Callable[..., tuple[int, dict[str, Any], str]], tmp_path: Path
) -> None:
    (tmp_path / "audit.json").write_bytes(b"{}")
    code, _, err = run("verify", "--saved", str(tmp_path / "audit.json"))
    assert (code, "state-foreign" in err) == (1, True)


def test_keys_of_an_earlier_year_come_from_its_audit(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer, tmp_path: Path
) -> None:
    server.participants["carrier-c"] = seeded_key("carrier-c")
    server.signed_entry("carrier-c")
    server.publish()
    code, told, _ = run("verify", *openings_of(tmp_path))
    assert (code, told["found"]) == (1, [{"code": "request-key-unknown", "index": 700}])
    known = KnownKey(participant="carrier-c", public_key=public_bytes(seeded_key("carrier-c")))
    before = AuditState(origin=f"{NAME}/2025", with_openings=True, book=KeyBook({"carrier-c-1": known}))
    save_state(tmp_path / "2025.json", before)
    code, told, _ = run("verify", *openings_of(tmp_path), "--also", str(tmp_path / "2025.json"))
    assert (code, told["findings"]) == (0, 0)


@pytest.mark.parametrize(
    "state",
    [
        AuditState(origin="another.test/log/2025", with_openings=True),
        AuditState(origin=f"{NAME}/2025"),
    ],
)
def test_an_audit_of_something_else_is_no_other_year_of_this_log(
    run: Callable[..., tuple[int, dict[str, Any], str]], tmp_path: Path, state: AuditState
) -> None:
    save_state(tmp_path / "other.json", state)
    code, _, err = run("verify", *openings_of(tmp_path), "--also", str(tmp_path / "other.json"))
    assert (code, "state-foreign" in err) == (1, True)


def test_openings_that_are_refused_end_the_audit(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer, tmp_path: Path
) -> None:
    server.change["openings"] = 403
    code, _, err = run("verify", *openings_of(tmp_path))
    assert (code, "the registry refused" in err) == (1, True)


def test_openings_that_are_cut_off_end_the_audit(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer, tmp_path: Path
) -> None:
    server.change["openings"] = lambda raw: raw[:-9]
    code, _, err = run("verify", *openings_of(tmp_path))
    assert (code, "openings-cut" in err) == (1, True)


@pytest.mark.parametrize(
    "options",
    [
        ["--since-saved"],
        ["--openings"],
        ["--key-id", "auditor-1"],
        ["--openings", "--key-id", "auditor-1"],
    ],
)
def test_options_that_need_each_other_are_exit_code_2(
    run: Callable[..., tuple[int, dict[str, Any], str]], options: list[str]
) -> None:
    assert run("verify", *options)[0] == 2


def test_a_witness_key_is_no_key_of_a_log(capsys: pytest.CaptureFixture[str], server: LogServer) -> None:
    stranger = server.witnesses[0].vkey
    code, _, err = called(capsys, "audit", "verify", "--log-url", server.url, "--vkey", stranger)
    assert (code, "key-foreign" in err) == (1, True)


def test_a_mirror_is_written_and_brought_up_to_date(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer, tmp_path: Path
) -> None:
    out = ["--out", str(tmp_path / "mirror")]
    assert run("export", *out)[1]["fetched"] == 7
    for _ in range(9):
        server.log()
    server.publish()
    code, told, _ = run("export", *out)
    assert (code, told["size"], told["fetched"]) == (0, 709, 2)


# Receipts, offline


@pytest.fixture
def kept(server: LogServer, tmp_path: Path) -> list[str]:
    (tmp_path / "a.tlog-proof").write_bytes(server.receipt(20))
    (tmp_path / "entry").write_bytes(server.entries[20])
    (tmp_path / "opening").write_text(json.dumps(server.openings[20]) + "\n")
    (tmp_path / "policy").write_bytes(server.policy())
    return [str(tmp_path / "a.tlog-proof")]


def test_a_receipt_is_verified_offline_from_entry_opening_or_leaf(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer, kept: list[str], tmp_path: Path
) -> None:
    for given in (
        ["--entry", str(tmp_path / "entry")],
        ["--entry", str(tmp_path / "opening")],
        ["--leaf", server.levels[0][20].hex()],
    ):
        code, told, _ = run("receipt", *kept, *given)
        assert (code, told["index"], told["size"], told["grade"]) == (0, 20, 700, "integrated")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--leaf", "00" * 32], 1, "proof-invalid"),
        (["--leaf", "00"], 1, "not 32 bytes"),
        (["--leaf", "xyz"], 1, "not 32 bytes"),
        ([], 2, "either --entry or --leaf"),
        (["--leaf", "00" * 32, "--faults", "0"], 2, "--policy goes with --faults"),
    ],
)
def test_a_receipt_that_proves_nothing_is_exit_code_1(
    run: Callable[..., tuple[int, dict[str, Any], str]], kept: list[str], options: list[str], code: int, said: str
) -> None:
    ended, _, err = run("receipt", *kept, *options)
    assert (ended, said in err) == (code, True)


def test_the_witnessed_grade_needs_cosignatures(
    run: Callable[..., tuple[int, dict[str, Any], str]], server: LogServer, kept: list[str], tmp_path: Path
) -> None:
    code, _, err = run(
        "receipt", *kept, "--entry", str(tmp_path / "entry"), "--policy", str(tmp_path / "policy"), "--faults", "0"
    )
    assert (code, "quorum-missing" in err) == (1, True)


# The carrier's commands


def test_a_witness_cosigns_once_and_names_its_vkey(
    server: LogServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--config", str(home / "gateway.toml")]
    code, out, err = called(capsys, "gateway", "witness", "--once", "--json", *config)
    assert (code, json.loads(out)["outcome"], json.loads(out)["size"]) == (0, "cosigned", 700)
    assert server.witnesses[0].vkey in err
    server.fork(600)
    code, _, err = called(capsys, "gateway", "witness", "--once", *config)
    assert (code, "log-forked" in err) == (1, True)


def test_a_witness_that_runs_on_ends_at_a_fork(
    server: LogServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--config", str(home / "gateway.toml")]
    assert called(capsys, "gateway", "witness", "--once", *config)[0] == 0
    server.fork(600)
    assert called(capsys, "gateway", "witness", "--interval", "1", *config)[0] == 1


def test_a_receipt_is_fetched_verified_and_checked_again_offline(
    server: LogServer,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    run: Callable[..., tuple[int, dict[str, Any], str]],
) -> None:
    named, out = server.openings[20]["id"], home / "a.tlog-proof"
    options = ["--config", str(home / "gateway.toml"), "--json"]
    code, said, err = called(capsys, "gateway", "receipt", named, "--out", str(out), *options)
    assert code == 0, err
    told = json.loads(said)
    assert (told["index"], told["kind"], told["grade"]) == (20, "report.listed", "integrated")
    code, told, _ = run("receipt", str(out), "--entry", str(out) + ".opening")
    assert (code, told["index"]) == (0, 20)
    code, _, err = called(capsys, "gateway", "receipt", named, "--out", str(out), *options)
    assert (code, "exists already" in err) == (1, True)


def test_a_receipt_that_is_not_there_yet_is_exit_code_1(
    server: LogServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.pending = 9
    named, config = server.openings[20]["id"], ["--config", str(home / "gateway.toml")]
    code, _, err = called(capsys, "gateway", "receipt", named, "--wait", "0", *config)
    assert (code, "receipt-pending (409)" in err) == (1, True)


def test_a_gateway_that_did_not_pin_the_log_is_told_so(
    server: LogServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (home / "gateway.toml").read_text()
    (home / "gateway.toml").write_text(text.partition("[log]")[0])
    code, _, err = called(capsys, "gateway", "witness", "--once", "--config", str(home / "gateway.toml"))
    assert (code, "[log]" in err) == (1, True)


def test_a_promise_is_fetched_and_verified(server: LogServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named, out = server.openings[20]["id"], home / "a.promise"
    token = promise(UUID(named)).decode()
    server.change[f"receipts/{named}"] = lambda raw: token.encode()
    options = ["--grade", "promise", "--out", str(out), "--config", str(home / "gateway.toml"), "--json"]
    code, said, err = called(capsys, "gateway", "receipt", named, *options)
    assert code == 0, err
    assert json.loads(said)["entry"] == named
    assert out.read_text() == token
