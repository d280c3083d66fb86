"""Runbooks work to the letter: a demonstration, and the commands of the pages, run by whom the page names."""

import datetime as dt
import json
import os
import re
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from auditlog.names import LogName
from cli.demo.plan import CARRIERS
from client.peer import SignedPeer, Signer
from crypto.signing.keys import load_private_key
from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint, sign_checkpoint
from protocol.encodings import canonical_json
from protocol.messages.evaluations import EvaluationRequest
from protocol.wire.codec import write
from registry.settings import load
from registry.wiring import build_registry
from tests.e2e.nights import Night, a_night, blocks, printed
from tests.support.custody import elements
from tests.support.log_entries import an_entry
from tests.support.loopback import NO_TLS
from tests.support.one_registry import now

pytestmark = pytest.mark.e2e
PERSON = '{"document": {"kind": "RESIDENT_ID", "number": "11010519491231002X"}, "service_class": "MOBILE"}'


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with a_night(tmp_path_factory.mktemp("night"), serving={"carrier-a", "carrier-b"}) as found:
        yield found


def read_policy_log(policy: Path) -> str:
    """The vkey of the log that a carrier's policy names."""
    [found] = re.findall(r"^log (\S+)", policy.read_text(), re.MULTILINE)
    return found


def decision(night: Night, carrier: str) -> str:
    """What a carrier's own command hears about somebody, over custodians and registry."""
    return night.run(carrier, "gateway", "check", stdin=PERSON)


def evaluates(night: Night, key: Path, key_id: str) -> list[int]:
    """The answers of the three custodians to whoever signs with this key."""
    signer = Signer(key_id=key_id, private_key=load_private_key(key), clock=now, random=os.urandom)
    body = canonical_json(write(EvaluationRequest(epoch=1, blinded_elements=tuple(elements(1)))))
    found = []
    with httpx.Client(timeout=30, verify=NO_TLS) as http:
        for each in night.system.plan.addresses.custodians.values():
            peer = SignedPeer(each.public_url, http, signer)
            found.append(peer.exchange("POST", "/v1/evaluations", body=body, max_answer=1 << 16).status)
    return found


def test_a_carriers_stolen_key_is_replaced_while_the_carrier_works_and_the_thief_stops(night: Night) -> None:
    folder = night.var / "carrier-a"
    make, add, add_each, go_over, revoke, revoke_each, ask, look = blocks("stolen-key.md", "A carrier's signing key")
    night.said["KEY"] = printed(night.do(make), "public key")
    assert "key-unknown" in night.do(go_over, fails=True)  # too early: nothing changes
    night.do(add)
    assert "key-not-ready" in night.do(go_over, fails=True)
    night.do(add_each)
    assert evaluates(night, folder / "signing.pem", "carrier-a-1") == [200] * 3
    night.do(go_over)
    assert "ALLOW" in decision(night, "carrier-a")
    night.do(revoke)
    assert "carrier-a-1" in night.do(revoke_each)
    assert evaluates(night, folder / "signing.pem", "carrier-a-1") == [401] * 3
    assert evaluates(night, folder / "signing-2.pem", "carrier-a-2") == [200] * 3
    assert "ALLOW" in decision(night, "carrier-a")
    assert night.do(ask).count("let in") == 3
    night.do(look)
    night.restart("gateway-carrier-a")


def test_a_witnesss_stolen_key_is_removed_and_another_cosigns(night: Night) -> None:
    remove, make, admit, cosign = blocks("stolen-key.md", "A witness's key")
    night.do(remove)
    night.said["KEY"] = printed(night.do(make), "public key")
    config = night.var / "carrier-b" / "gateway.toml"
    config.write_text(
        config.read_text().replace('"witness.pem"', '"witness-2.pem"\nwitness_name = "carrier-b.witness-2"')
    )
    night.do(admit)
    assert "outcome cosigned" in night.do(cosign)


def test_a_custodians_stolen_signing_key_is_replaced_and_the_open_days_are_handed_in(night: Night) -> None:
    make, change, hand_in = blocks("stolen-key.md", "A custodian's signing key")
    first = printed(night.run("custodian-2", "keys", "new", "--out", "tally.pem"), "public key")
    role = ("--name", "Custodian 2", "--role", "CUSTODIAN", "--new-key-id", "custodian-2-1", "--public-key", first)
    operator = ("--key", "operator.pem", "--key-id", "operator-1")
    where = ("--url", night.said["https://registry.example"], "--registry-key", night.said["registry.pub"])
    night.run("registry", "registry", "admit", "custodian-2", *role, *where, *operator)
    config = night.var / "custodian-2" / "custodian.toml"
    config.write_text(f'participant = "custodian-2"\n{config.read_text()}')
    yesterday = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
    with sqlite3.connect(night.var / "custodian-2" / "ledger.db") as ledger:
        ledger.execute("INSERT OR IGNORE INTO evaluation_count VALUES ('carrier-a', ?, 3)", (yesterday,))
    ledger.close()
    night.said["KEY"] = printed(night.do(make), "public key")
    night.do(change)
    assert f"day {yesterday}" in night.do(hand_in)


def test_a_fork_alarm_names_a_file_that_is_there_and_proves_the_fork(night: Night) -> None:
    """The log's own key signs another history, which the witness of carrier C had seen."""
    night.run("carrier-c", "gateway", "witness", "--once")
    state = night.var / "carrier-c" / "log-state"
    [held] = state.glob("*.cosigned")
    true = parse_signed_checkpoint(held.read_bytes()).checkpoint
    key = load_private_key(night.var / "registry" / "log.pem")
    other = Checkpoint(origin=true.origin, size=true.size, root=bytes(32))
    kept = held.read_bytes()
    held.write_bytes(sign_checkpoint(other, name=true.origin, private_key=key).encode())
    night.run("carrier-b", "gateway", "check", stdin=PERSON)  # the log grows meanwhile
    said = night.run("carrier-c", "gateway", "witness", "--once", fails=True)
    evidence, away = blocks("witness.md", "It forked")
    [named] = re.findall(r"log-forked: (\S+) proves it", said)
    assert (night.var / "carrier-c" / named).is_file()
    name, year = true.origin.rpartition("/")[0], int(true.origin[-4:])
    vkey = LogName(name=name, public_key=key.public_key().public_bytes_raw()).key(year).vkey
    night.said |= {"FILE": named, "VKEY": vkey}
    assert "two histories under one key" in night.do(evidence)
    night.do(away)
    held.write_bytes(kept)
    assert "outcome cosigned" in night.run("carrier-c", "gateway", "witness", "--once")


def test_a_full_disk_refuses_everything_and_goes_on_by_itself_when_there_is_room(night: Night) -> None:
    look, see = blocks("database-full.md", "SQLite")
    for pid in night.processes("registry"):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    try:
        assert "unavailable" in night.run("carrier-b", "gateway", "records", fails=True)
        assert "registry.db-wal" in night.do(look)
    finally:
        for pid in night.processes("registry"):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    # Nobody asks for anything meanwhile: it finds out by itself that there is room.
    night.do_until(see, '"ready":true')
    assert "ALLOW" in decision(night, "carrier-b")


def test_a_new_worker_does_a_round(night: Night) -> None:
    [once] = blocks("new-machine.md", "A new worker")
    assert "records enforced" in night.do(once)


def test_the_rules_are_changed_by_two(night: Night) -> None:
    draft, propose, approve, see = blocks("change-of-rules.md")
    night.said |= {"VERSION": "next", "DATE": (now().date() + dt.timedelta(days=20)).isoformat()}
    night.do(draft)
    night.said["DIGEST"] = printed(night.do(propose), "sha256")
    assert "APPROVED" in night.do(approve)
    assert re.search(r"^  version +next$", night.do(see), re.MULTILINE)


def test_a_caller_of_the_local_service_is_admitted_and_revoked(night: Night) -> None:
    admit, call, revoke = blocks("local-service.md")
    night.said["http://127.0.0.1:9201"] = night.system.plan.addresses.gateways["carrier-b"].public_url
    (night.var / "carrier-b" / "applicant.json").write_text(PERSON)
    night.do(admit)
    assert '"decision":"ALLOW"' in night.do(call)
    night.do(revoke)
    assert "token-unknown" in night.do(call)


def once_a_head_has_it(step: Callable[[], str]) -> str:
    """Do a step of a page again, as the page says, while no signed head has its entry yet."""
    for _ in range(20):
        try:
            return step()
        except AssertionError as refused:
            if "entry-too-young" not in str(refused):
                raise
            time.sleep(0.5)
    return step()


def test_an_auditor_checks_the_log_and_keeps_a_mirror(night: Night) -> None:
    whole, news, openings, person, month, grades, mirror = blocks("audit.md")
    log = read_policy_log(night.var / "carrier-a" / "witnesses.policy")
    asked = json.loads(night.run("carrier-b", "gateway", "check", "--json", stdin=PERSON))
    night.said |= {"VKEY": log, "YEAR": str(now().year), "ID": asked["inquiry_id"]}
    for block in (whole, news, openings):
        assert re.search(r"^findings +0$", night.do(block), re.MULTILINE)
    found = once_a_head_has_it(lambda: night.do(person))
    assert night.said["ID"] in found
    assert "complete: entries 0 to " in found
    assert "complete: " in night.do(month)
    assert (night.var / "auditor" / "november.csv").read_text().startswith("time,beijing,kind,by,")
    assert re.search(r"^findings +0$", night.do(grades), re.MULTILINE)
    night.do(mirror)
    assert (night.var / "auditor" / "mirror").is_dir()


def test_a_clock_in_doubt_is_confirmed_with_the_operators_word_and_everything_goes_on(night: Night) -> None:
    """An entry of an hour ahead, as a wrong clock would have dated it: the right clock is behind what was seen."""
    [look] = blocks("clock-wrong.md", "1. Look")
    sign, confirm = blocks("clock-wrong.md", "3. The clock is right: confirm it")
    store = build_registry(load(night.var / "registry" / "registry.toml")).store
    store.write(lambda tx: tx.openings.append((an_entry(now() + dt.timedelta(hours=1)),)))
    store.close()
    assert "newest-time" in night.do(look)
    night.said["2027-03-01T08:00Z"] = now().strftime("%Y-%m-%dT%H:%MZ")
    night.do(sign)
    assert "operator" in night.do(confirm)
    assert "trusted" in night.do(look)
    assert "ALLOW" in decision(night, "carrier-a")


def test_an_operator_whose_key_was_stolen_gets_another_on_the_registrys_machine(night: Night) -> None:
    recover, look = blocks("stolen-key.md", "The operator's key")
    make, change = recover.lines()
    night.said["KEY"] = printed(night.do(make), "public key")
    assert "operator-1" in night.do(change)
    assert "carrier-a-" in night.do(look)
    assert "key-unknown" in night.do(blocks("stolen-key.md", "A witness's key")[0], fails=True)


def test_the_registrys_stolen_signing_key_is_replaced_and_the_old_public_keys_are_saved(night: Night) -> None:
    save, init, see = blocks("stolen-key.md", "The registry's signing key")
    night.do(save)
    saved = json.loads((night.var / "carrier-a" / "public-keys-registry-1.json").read_text())
    night.stop("registry")
    config = night.var / "registry" / "registry.toml"
    text = config.read_text().replace('"registry.pem"', '"registry-2.pem"').replace('"registry-1"', '"registry-2"')
    config.write_text(text)
    new = printed(night.do(init), "public key")
    night.start("registry")
    assert "answer-signature" in night.do(see, fails=True)
    for carrier in CARRIERS:
        pins = night.var / carrier / "gateway.toml"
        [old] = saved["registry"].values()
        pins.write_text(pins.read_text().replace('"registry-1"', '"registry-2"').replace(old, new))
    night.do(see)
    assert "ALLOW" in decision(night, "carrier-a")


def test_the_logs_stolen_key_is_replaced_the_registry_moves_and_no_entry_is_lost(night: Night) -> None:
    """Two pages in one night, since for both nothing of the registry may run."""
    aside, begin, cosign = blocks("stolen-key.md", "The log's key")
    copy, check, see = blocks("new-machine.md", "The registry on another machine")
    night.stop("registry")
    before = published(night.var / "registry" / "log-heads")
    night.do(aside)
    config = night.var / "registry" / "registry.toml"
    config.write_text(config.read_text() + 'log_name = "registry.example/log-2"\nlog_heads = "log-heads-2"\n')
    said = night.do(begin)
    assert "note-wrong" in said
    night.do(copy)
    night.do(check)
    night.start("registry", folder="registry-new")
    for carrier in CARRIERS:
        pins = night.var / carrier / "gateway.toml"
        head, _, log = pins.read_text().partition("[log]\n")
        log = re.sub(r'public_key = ".*"', f'public_key = "{printed(said, "log public key")}"', log)
        pins.write_text(f'{head}[log]\nname = "registry.example/log-2"\n{log}')
    night.do_until(cosign, "outcome cosigned")
    assert "outcome cosigned" in night.do(see)
    assert "ALLOW" in decision(night, "carrier-c")
    assert published(night.var / "registry-new" / "log-heads-2") >= before > 0


def published(heads: Path) -> int:
    """How many entries the last head in a folder has."""
    return parse_signed_checkpoint((heads / str(now().year)).read_bytes()).checkpoint.size
