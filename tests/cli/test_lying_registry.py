"""No command that calls the registry believes an answer that is not the registry's own; each says so in one line."""

import datetime as dt
import functools
import io
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.serving import make_server

from api.examples.records import RECORD
from api.examples.rules import RULES
from api.examples.transfers import TRANSFER
from cli.main import command_line, main
from crypto.envelope.provider import Unsealed
from crypto.oprf.threshold import deal
from crypto.references import Named, References
from crypto.signing.keys import generate_signing_key, public_bytes, save_private_key
from custodian.app import create_app
from custodian.authn import Door
from custodian.ceremonies.folder import End, EndState
from custodian.ceremonies.store import CeremonyStore
from custodian.ledger import Ledger
from custodian.settings import Admission, CarrierKey
from gateway.bulk.progress import Run
from gateway.orders.book import OrderBook
from gateway.pins.book import PinBook
from gateway.pins.codes import PinCode
from gateway.pins.values import Doubt, named_in
from gateway.settings import load
from protocol.encodings import b64url_encode
from tests.support.ceremonies import first_custodians, first_held, hold, refresh
from tests.support.exports import debt, resident, write, write_mappings
from tests.support.liars import CORE, EMPTY, MORE, PROBLEM, Asked, Liar, Lie, Said
from tests.support.orders import a_decision
from tests.support.share_books import a_share, served
from tests.support.shares import GOOD
from tests.support.standing import good, standing

ID = "0198c2c4-0000-7000-8000-000000000000"
ACCOUNT_KEY = bytes(range(32))
YESTERDAY = (dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)).isoformat()
PERSON = {"document": {"kind": "RESIDENT_ID", "number": resident(1)}}
STDIN = {
    "check": PERSON | {"service_class": "MOBILE"},
    "activate": {"order": "O1", "outcome": "ACTIVATED"},
    "recheck": {"order": "O1"},
    "grade-review": {
        "order": "O1",
        "outcome": "CONFIRMED",
        "reason": "OTHER",
        "asked_at": "2026-11-21T08:00:00.000000Z",
        "agent": "A-1",
    },
    "settle": PERSON | {"account": "A1", "kind": "FULL", "amount_fen": 100},
    "dispute file": PERSON | {"ground": "ALREADY_PAID"},
    "rebut": PERSON | {"ground": "MOVED_AWAY", "household_register": "4201060011665"},
    "attestation demand": PERSON,
    "consent withdraw": PERSON,
    "statement": PERSON,
    "renew-marker": PERSON,
    "red-list propose": {
        "document": {"kind": "ENTERPRISE", "number": "91350100M000100Y43"},
        "ground": "HOSPITAL",
        "expires_on": (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=100)).isoformat(),
    },
}
OFFICES: dict[str, str] = {
    "registry admit": "carrier-z --name Z --role INQUIRER --new-key-id z-1 --public-key {key}",
    "registry archive": ID,
    "registry collections show": ID,
    "registry dispute decide": f"{ID} UPHOLD",
    "registry dispute documents": ID,
    "registry dispute list": "",
    "registry dispute show": ID,
    "registry dispute read-document": f"{ID} {ID} --out {{out}}",
    "registry exit": "carrier-z",
    "registry key add": "carrier-z z-2 --public-key {key}",
    "registry key list": "carrier-z",
    "registry key revoke": "carrier-z z-1",
    "registry order": f"{ID} FREEZE --paper {{paper}}",
    "registry net-statements show": "2026-11 carrier-a carrier-b",
    "registry participants list": "",
    "registry rebuttal revoke": ID,
    "registry red-list approve": ID,
    "registry red-list revoke": ID,
    "registry red-list show": ID,
    "registry reversals show": ID,
    "registry rules approve": "2027-01 --sha256 5e8f",
    "registry rules draft": "--version 2027-01 --from 2027-01-15",
    "registry rules propose": "{rules}",
    "registry rules show": "",
    "registry plans list": "",
    "registry plans show": ID,
    "registry records list": "",
    "registry records show": ID,
    "registry rebuttal list": "",
    "registry rebuttal show": ID,
    "registry red-list list": "",
    "registry settlements list": "",
    "registry settlements show": ID,
    "registry transfers list": "",
    "registry transfers show": ID,
    "registry tallies": YESTERDAY,
    "registry void": f"{ID} --paper {{paper}}",
    "registry webhook admit": "carrier-z --to https://events.example/clearline",
    "registry webhook show": "carrier-z",
    "registry witness admit": "w.example/witness --participant carrier-z --public-key {key}",
    "registry witness list": "",
    "registry witness remove": "w.example/witness",
    "custodian tally": "--config {custodian}",
    "custodian ceremony finish": "{ceremony} --out {out} --config {custodian}",
    "custodian ceremony leave": "{left} --config {custodian}",
}
"""Every command that is signed by an office, and the words that it takes besides."""
CARRIERS: dict[str, str] = {
    "activate": "",
    "answer-collection": f"{ID} CONFIRMED",
    "attest": "{standing} --out {out}",
    "attestation answer": f"{ID} NO_CONSENT",
    "attestation demand": "--of carrier-b",
    "attestation demands": "",
    "attestation withdraw": ID,
    "batches list": "",
    "check": "",
    "consent withdraw": "--all",
    "credit-terms set": (
        "--service MOBILE --average-bill-fen 5900 --deposit-permille 2000 --prepaid --use BINDING --from 2027-01-01"
    ),
    "credit-terms show": "",
    "demands list": "",
    "deposit list": "",
    "deposit return": f"{ID} --fen 1",
    "settlements list": "",
    "clearance": f"{ID} --out {{out}}",
    "collect": "0123456789abcdefghijkl 1.00",
    "confirm": "{verdicts}",
    "dispute add-document": f"{ID} {{paper}}",
    "dispute answer": f"{ID} CONCEDED",
    "dispute documents": ID,
    "dispute file": "",
    "dispute list": "",
    "dispute read-document": f"{ID} {ID} --out {{out}}",
    "dispute show": ID,
    "events": "--cursor {out}",
    "grade-review": "",
    "net-statement": "2026-11 carrier-b",
    "pins accept": f"{'5e' * 32} --yes",
    "pins check": "",
    "plan arrange": f"{ID} --instalment 2026-12-21=1.00",
    "plan show": ID,
    "public-keys": "carrier-a --out {out}",
    "quote": "0123456789abcdefghijkl",
    "rebut": "--evidence {paper}",
    "receipt": f"{ID} --out {{out}}",
    "recheck": "",
    "reconcile": "{export} --mapping {mapping} --out {out}",
    "records": "",
    "red-list propose": "",
    "renew-marker": "",
    "report": "{export} --mapping {mapping} --out {out}",
    "reversal confirm": ID,
    "reversal propose": f"{ID} --reason CHARGEBACK --evidence {{paper}}",
    "reversal show": ID,
    "settle": "",
    "show-evidence": f"{ID} --book {{book}}",
    "statement": "",
    "take-outs confirm": "1",
    "take-outs show": "",
    "terms set": "--daily-ppm 1 --cap-ppm 1 --from 2027-01-01",
    "terms show": "",
    "transfer accept": f"{{accounts}} {ID}",
    "transfer cancel": ID,
    "transfer confirm": ID,
    "transfer propose": "{ids} --to carrier-b --ground SALE",
    "transfer confirm-undo": ID,
    "transfer show": ID,
    "use-key": "{signing} --key-id carrier-a-2",
    "transfer undo": ID,
    "webhook": "",
    "withdraw": "{ids} --reason REPORTED_IN_ERROR",
    "withdraw-rebuttal": ID,
    "withdraw-report": "{reported} --reason REPORTED_IN_ERROR",
}
"""Every command of a carrier that calls the registry."""
OTHERS = {
    "activations": "the file of orders",
    "custodians": "the custodians, under their pinned keys",
    "pins show": "the file of pins",
    "pins table": "a transcript",
    "revoke-token": "the local service's file",
    "serve": "a server",
    "token": "the local service's file",
    "tokens": "the local service's file",
    "verify-clearance": "offline",
    "vkeys": "nobody; it prints what is pinned",
    "witness": "the log, whose own key signs its heads",
}
"""Commands of a carrier that do not, and what they use instead."""


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command of the tree, by its words."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, (*path, name))
    else:
        yield " ".join(path), command


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A liar, and the files of everybody who calls it."""

    liar: Liar
    folder: Path
    names: dict[str, str]

    def words(self, command: str) -> list[str]:
        """A whole command line; ``{out}`` is a file that is not there."""
        self.out.unlink(missing_ok=True)
        if command in CARRIERS:
            words = ["gateway", *command.split(), *CARRIERS[command].format(**self.names).split()]
            return [*words, "--config", str(self.folder / "gateway.toml")]
        words = [*command.split(), *OFFICES[command].format(**self.names).split()]
        key = str(self.folder / "signing.pem")
        where = ["--url", self.liar.url, "--registry-key", b64url_encode(self.liar.public_key)]
        if command.startswith("custodian ceremony "):
            return [*words, *where]  # its settings name the key
        signed = ["--key", key, "--key-id", "custodian-2-1" if command == "custodian tally" else "office-1"]
        return [*words, *where, *signed]

    @property
    def out(self) -> Path:
        return Path(self.names["out"])


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    key = generate_signing_key(os.urandom)
    save_private_key(key, folder / "signing.pem")
    (folder / "account.key").touch(mode=0o600)
    (folder / "account.key").write_text(b64url_encode(ACCOUNT_KEY))
    order, now = References(ACCOUNT_KEY).of(Named.ORDER, "O1"), dt.datetime.now(dt.UTC)
    book = OrderBook(folder / "orders.db")
    book.keep([a_decision(order=order, decided_at=now, valid_until=now)], now=now)
    book.close()
    names = {
        each: str(folder / each)
        for each in ("paper", "rules", "out", "ids", "accounts", "verdicts", "reported", "export", "book")
    }
    names |= {"key": b64url_encode(public_bytes(key)), "custodian": str(folder / "custodian.toml")}
    names["signing"] = str(folder / "signing.pem")
    (folder / "paper").write_bytes(b"%PDF-1.7 a paper")
    (folder / "rules").write_text(json.dumps(RULES))
    (folder / "book").write_bytes(b"")
    (folder / "ids").write_text(f"{ID}\n")
    (folder / "accounts").write_text(f"record_id,account\n{ID},A1\n")
    (folder / "verdicts").write_text(f"account,verdict,record_id\nA1,ACTIVE,{ID}\n")
    run = Run(folder / "reported", "a run")
    begun = run.begin(b"account,verdict,record_id\n", restart=False)
    run.finish(run.append(replace(begun, chunks_done=1, rows_done=1), f"A1,ACTIVE,{ID}\n".encode()))
    (folder / "custodian.toml").write_text(
        'participant = "custodian-2"\nsigning_key = "signing.pem"\nkey_id = "custodian-2-1"\n' + GOOD
    )
    formed = first_held().formed
    kept = CeremonyStore(folder / "ceremonies", Unsealed()).accept(formed.proposal, now)
    kept.close(End(state=EndState.FORMED), transcript=formed.transcript)
    names["ceremony"] = formed.ceremony
    names["left"] = str(folder / "left")
    without = refresh(first_held(), names=("custodian-1", "custodian-3"))
    left = hold(without, first_custodians(), former=first_held())
    (folder / "left").write_bytes(left.formed.transcript)
    ledger = Ledger(folder / "ledger.db")
    ledger.consume("carrier-a", day=dt.date.fromisoformat(YESTERDAY), elements=1, quota=10)
    ledger.close()
    write_mappings(folder)
    names["mapping"] = str(folder / "arrears.toml")
    write(folder / "export", [debt("A1")])
    names["standing"] = str(standing(folder / "standing.csv", good("A1", 1)))
    liar = Liar()
    with liar.serving(), custodians(folder, key) as members:
        (folder / "gateway.toml").write_text(
            '[carrier]\nid = "carrier-a"\nkey_id = "carrier-a-1"\n'
            'signing_key = "signing.pem"\naccount_key = "account.key"\n'
            f'[registry]\nurl = "{liar.url}"\nkey_id = "registry-1"\n'
            f'public_key = "{b64url_encode(liar.public_key)}"\n'
            f'[log]\npublic_key = "{b64url_encode(liar.public_key)}"\n'
            f"[custodians]\nepoch = 1\nthreshold = 2\n{members}"
        )
        yield Stage(liar=liar, folder=folder, names=names)


@contextmanager
def custodians(folder: Path, key: Ed25519PrivateKey) -> Iterator[str]:
    """Two honest custodians on loopback, and what a gateway's settings say of them."""
    dealing = deal(None, 2, 3, os.urandom)
    carrier = CarrierKey(carrier="carrier-a", key_id="carrier-a-1", public_key=public_bytes(key))
    said = f'joint_public_key = "{b64url_encode(dealing.joint_public_key)}"\n'
    clock = functools.partial(dt.datetime.now, dt.UTC)
    admission = Admission(carriers=(carrier,), daily_quota=1_000)
    with ExitStack() as stack:
        for share in dealing.shares[:2]:
            ledger = Ledger(folder / f"ledger-{share.index}.db")
            stack.callback(ledger.close)
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            app = create_app(
                shares=served(folder / f"shares-{share.index}", a_share(dealing, share.index)),
                door=Door(public_url=url, admission=lambda: admission, ledger=ledger, clock=clock),
                ledger=ledger,
                clock=clock,
                random=os.urandom,
            )
            server = make_server("127.0.0.1", 0, app, threaded=True, fd=listening.fileno())
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            for end in (server.server_close, thread.join, server.shutdown):
                stack.callback(end)
            said += f'[[custodians.member]]\nindex = {share.index}\nurl = "{url}"\n'
            said += f'public_key = "{b64url_encode(share.pk)}"\n'
        yield said


@pytest.fixture
def told(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    def run(command: str, lie: Lie, *more: str) -> tuple[int, str, str]:
        """Exit code, what was printed, and what was said, when the registry tells this lie."""
        stage.liar.lie, before = lie, stage.liar.asked
        body = json.dumps(STDIN.get(command, {})).encode()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(body)))
        with pytest.raises(SystemExit) as end:
            main([*stage.words(command), *more])
        out, err = capsys.readouterr()
        assert stage.liar.asked > before, (command, err)
        return int(end.value.code or 0), out, err

    return run


def refused(found: tuple[int, str, str], code: str) -> bool:
    """One line with this code, exit 1, and nothing that looks like a result."""
    status, out, err = found
    last = err.splitlines()[-1]
    return (status, out) == (1, "") and last.startswith(f"clearline: {code}: ") and "Traceback" not in err


def test_no_command_that_calls_the_registry_is_forgotten() -> None:
    found = dict(commands(command_line))
    signed = {name for name, each in found.items() if "registry_key" in {option.name for option in each.params}}
    # These compare what they read through the same client with the log.
    audits = {"audit ceremony", "audit entries", "audit grade", "audit verify"}
    assert signed == OFFICES.keys() | audits | {"grade backtest"}
    carriers = {name.removeprefix("gateway ") for name in found if name.startswith("gateway ")}
    assert carriers == CARRIERS.keys() | OTHERS.keys()
    elsewhere = {name for name, each in found.items() if "url" in {option.name for option in each.params}} - signed
    assert elsewhere == {"audit export"}  # the log's own key signs what that reads


@pytest.mark.parametrize("name", [*CORE, "nothing in it"])
@pytest.mark.parametrize("command", [*OFFICES, *CARRIERS])
def test_a_lie_is_told_to_every_command_and_believed_by_none(
    told: Callable[..., tuple[int, str, str]], stage: Stage, command: str, name: str
) -> None:
    lie, code = CORE.get(name, EMPTY)
    if command == "receipt" and name not in CORE:
        code = "the log: malformed"  # a receipt is no JSON: nothing that is signed stands for its proof
    found = told(command, lie)
    assert refused(found, code), found
    assert not stage.out.exists()


@pytest.mark.parametrize("name", MORE)
def test_no_other_lie_is_believed_either(told: Callable[..., tuple[int, str, str]], name: str) -> None:
    lie, code = MORE[name]
    found = told("registry order", lie)
    assert refused(found, code), found


@pytest.mark.parametrize(
    "answer", [b'{"tallies":[{}]}', b'{"tallies":[1]}', b'{"tallies":[{"custodian":1,"total":{}}]}']
)
def test_a_member_that_is_lost_further_down_is_one_line_too(
    told: Callable[..., tuple[int, str, str]], answer: bytes
) -> None:
    document = json.dumps({"day": YESTERDAY, "counted": []} | json.loads(answer)).encode()
    assert refused(told("registry tallies", lambda asked: asked.signed(document)), "answer-form")


def test_content_that_cannot_be_read_writes_no_file(told: Callable[..., tuple[int, str, str]], stage: Stage) -> None:
    document = json.dumps({"document_id": ID, "content": "!"}).encode()
    for command in ("registry dispute read-document", "dispute read-document"):
        assert refused(told(command, lambda asked: asked.signed(document)), "answer-form")
        assert not stage.out.exists()


def test_a_tally_ends_its_round_at_the_first_answer_that_is_not_the_registrys(
    told: Callable[..., tuple[int, str, str]],
) -> None:
    found = told("custodian tally", lambda _: Said(), "--missing", "5")
    assert refused(found, "answer-unsigned")


def test_an_answer_that_is_cut_off_is_as_good_as_none(told: Callable[..., tuple[int, str, str]]) -> None:
    found = told("registry order", lambda asked: replace(asked.signed(), cut=3))
    assert found[0] == 3
    assert "gave no answer: the connection failed" in found[2]


def test_a_refusal_that_is_signed_is_told_as_it_is(told: Callable[..., tuple[int, str, str]]) -> None:
    problem = b'{"status":409,"title":"x","type":"urn:clearline:problem:edge-not-allowed"}'
    status, out, err = told("registry order", lambda asked: asked.signed(problem, status=409, content_type=PROBLEM))
    assert (status, out, err) == (1, "", "clearline: the registry refused: edge-not-allowed (409)\n")


def test_an_honest_answer_is_believed(told: Callable[..., tuple[int, str, str]]) -> None:
    document = json.dumps(RECORD | {"state": "FROZEN"}).encode()
    status, out, _ = told("registry order", lambda asked: asked.signed(document), "--json")
    assert (status, json.loads(out)["state"]) == (0, "FROZEN")


def test_a_check_of_the_pins_ends_a_stop_where_nothing_false_is_offered(
    told: Callable[..., tuple[int, str, str]], stage: Stage
) -> None:
    here = load(stage.folder / "gateway.toml", {})
    PinBook(named_in(here), here.pins).stop(Doubt(code=PinCode.FORK, since=dt.datetime.now(dt.UTC)))
    status, out, err = told("pins check", lambda asked: asked.signed(b'{"ceremonies":[]}'), "--json")
    assert (status, json.loads(out)["taken"]) == (0, False)
    assert err == "All is well: the stop has ended.\n"
    PinBook(named_in(here), here.pins).refuse_stopped()


@pytest.mark.parametrize("url", ["registry.example", "ftp://registry.example", "http://", "http://[", "http://a\tb"])
def test_what_is_no_address_is_one_line(stage: Stage, capsys: pytest.CaptureFixture[str], url: str) -> None:
    with pytest.raises(SystemExit) as end:
        main([*stage.words("registry order"), "--url", url])
    assert (end.value.code, capsys.readouterr().err.count("\n")) == (1, 1)


def test_without_a_pinned_key_nothing_is_asked(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    words, before = stage.words("registry order"), stage.liar.asked
    place = words.index("--registry-key")
    with pytest.raises(SystemExit) as end:
        main(words[:place] + words[place + 2 :])
    assert (end.value.code, stage.liar.asked) == (2, before)
    assert "--registry-key" in capsys.readouterr().err


def test_a_registry_that_falls_behind_what_this_carrier_saw_is_an_alarm_for_each_command(
    told: Callable[..., tuple[int, str, str]], stage: Stage
) -> None:
    seen = stage.folder / "registry.seen"
    document = json.dumps(TRANSFER | {"state": "OFFERED"}).encode()
    try:
        assert told("transfer show", lambda asked: asked.signed(document, incarnation=3))[0] == 0
        for incarnation in (2, None):
            found = told("transfer show", functools.partial(Asked.signed, body=document, incarnation=incarnation))
            assert refused(found, "incarnation-went-back"), found
        assert json.loads(seen.read_text())["incarnation"] == 3
    finally:
        seen.unlink(missing_ok=True)


def test_a_restore_is_told_once_with_what_to_do(
    told: Callable[..., tuple[int, str, str]], stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    document = json.dumps(TRANSFER | {"state": "OFFERED"}).encode()
    try:
        for _ in range(2):
            status, out, _ = told("transfer show", lambda asked: asked.signed(document, incarnation=2))
            assert (status, "OFFERED" in out) == (0, True)
        [line] = caplog.messages
        assert line.startswith("registry-restored: the registry was restored (incarnation 2): run each")
        missing = b'{"status":404,"title":"x","type":"urn:clearline:problem:not-found"}'
        answer = functools.partial(Asked.signed, body=missing, status=404, content_type=PROBLEM, incarnation=2)
        status, _, err = told("transfer show", answer)
        assert (status, err.startswith("clearline: the registry refused: not-found (404); it was restored")) == (
            1,
            True,
        )
    finally:
        (stage.folder / "registry.seen").unlink(missing_ok=True)


def test_a_file_of_what_was_seen_that_cannot_be_read_stops_the_command(
    told: Callable[..., tuple[int, str, str]], stage: Stage
) -> None:
    seen = stage.folder / "registry.seen"
    try:
        for content in (b"", b"{}", b'{"incarnation":0,"registry_key":"x","v":1}', b"\xff" * 9000):
            seen.write_bytes(content)
            found = told("transfer show", lambda asked: asked.signed(b"{}"))
            assert found[0] == 1
            assert "registry.seen: seen-malformed: " in found[2]
    finally:
        seen.unlink(missing_ok=True)
