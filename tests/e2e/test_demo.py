"""The demonstration on the sample of today says what the truth files say, and its story ends well."""

import csv
import json
import os
import re
import shlex
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ceremony.verify import verify_transcript
from cli.demo.plan import CARRIERS
from cli.demo.processes import ROOT
from tests.e2e.running import rows, run, run_here, start
from tests.support.demo import Told

pytestmark = pytest.mark.e2e


def test_it_ends_well(told: Told) -> None:
    assert told.ended.returncode == 0, told.ended.stderr


@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_verdict_is_the_true_one(told: Told, carrier: str) -> None:
    assert rows(told.out / f"results-{carrier}.csv") == rows(told.truth / f"truth-{carrier}.csv")


def test_every_decision_is_the_true_one(told: Told) -> None:
    decisions = [row[:2] for row in rows(told.out / "decisions.csv")]
    assert decisions == [row[:2] for row in rows(told.truth / "truth-applicants.csv")]


def test_decisions_carry_their_reasons(told: Told) -> None:
    with (told.out / "decisions.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert all(row["reasons"] for row in found)
    assert {row["reasons"] for row in found if row["decision"] == "ALLOW"} == {"NO_ARREARS"}


def test_whoever_pays_at_one_carrier_is_served_at_the_next_within_a_second(told: Told) -> None:
    story = told.ended.stderr
    assert "carrier-b: PAY_FIRST (OWN_ARREARS)" in story
    assert "asks and pays at carrier-c, which collects it for carrier-a" in story
    assert "checked offline" in story
    found = re.search(r"checked again at carrier-b, under the same order: ALLOW, (\d+) ms later", story)
    assert found is not None
    assert int(found[1]) < 1000


def test_the_order_goes_from_its_question_to_its_outcome_and_the_person_and_the_auditor_read_it(told: Told) -> None:
    story = told.ended.stderr
    assert "carrier-b tells ACTIVATED, CHECKED, obeyed YES" in story
    assert "carrier-b for NEW_LINE at CARRIER-B-SHOP-1: PAY_FIRST, checked again ALLOW, ACTIVATED" in story
    _, _, proved = story.partition("the auditor asks the log who asked about this person")
    lines = [line.split()[1:] for line in proved.splitlines()[1:] if re.match(r" +\d\d:\d\d:\d\d ", line)]
    assert lines == [
        ["carrier-b", "inquiry", "NEW_LINE", "CARRIER-B-SHOP-1", "PAY_FIRST"],
        ["carrier-c", "inquiry", "NEW_LINE", "CARRIER-C-SHOP-1", "PAY_FIRST"],
        ["carrier-c", "collection"],
        ["carrier-c", "activation", "CARRIER-C-SHOP-1", "PAY_FIRST", "DECLINED", "CHECKED", "APPLICANT_LEFT"],
        ["carrier-b", "inquiry.rechecked", "ALLOW"],
        ["carrier-b", "activation", "CARRIER-B-SHOP-1", "ALLOW", "ACTIVATED", "CHECKED"],
    ]


def test_the_clearance_of_the_story_verifies_without_a_network(told: Told) -> None:
    work = told.var / "work"
    found = run(
        *("gateway", "verify-clearance", str(work / "clearance.jws"), "--json"),
        *("--keys", str(work / "public-keys.json")),
    )
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["collector"] == "carrier-c"


def test_a_clearance_that_was_touched_proves_nothing(told: Told, tmp_path: Path) -> None:
    token = (told.var / "work" / "clearance.jws").read_text().strip()
    forged = tmp_path / "forged.jws"
    forged.write_text(token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8))
    found = run("gateway", "verify-clearance", str(forged), "--keys", str(told.var / "work" / "public-keys.json"))
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert "the clearance is not valid" in found.stderr


def test_the_story_ends_in_a_log_that_an_outsider_has_audited(told: Told) -> None:
    story = told.ended.stderr
    found = re.search(r"the settlement is entry (\d+) of (\d+)\n", story)
    assert found is not None
    seen = re.search(r"cosigns it: carrier-a at (\d+), carrier-b at (\d+), carrier-c at (\d+)\n", story)
    assert seen is not None
    assert min(map(int, seen.groups())) > int(found[1])
    audited = re.search(r"an outsider fetches all (\d+) entries", story)
    assert audited is not None
    assert int(audited[1]) >= int(found[2])
    assert "is the one that the log signed" in story


def test_the_custodians_make_the_key_in_processes_of_their_own_and_no_dealer_does(told: Told) -> None:
    made = re.findall(
        r"custodian-(\d) made share \1 in process (\d+); its public part is (\S+)\.\.\.\n", told.ended.stderr
    )
    assert [each[0] for each in made] == ["1", "2", "3"]
    assert len({each[1] for each in made}) == len({each[2] for each in made}) == 3
    assert list(told.var.rglob("share.json")) == []
    formed = [verify_transcript(path.read_bytes()) for path in (told.var / "custodian-1").glob("*.transcript.json")]
    assert {(each.proposal.kind, each.committee.committee) for each in formed} == {("GENESIS", 1), ("REFRESH", 2)}
    assert len({each.committee.joint_public_key for each in formed}) == 1


def test_the_story_ends_with_new_shares_and_the_same_answer(told: Told) -> None:
    story = told.ended.stderr
    [key] = re.findall(r"the joint key, of which any 2 of 3 make tokens, is (\S+)\n", story)
    assert f"committee 2 holds new shares of the same key, {key}\n" in story
    for carrier in CARRIERS:
        pins = json.loads((told.var / carrier / "pins.json").read_bytes())
        assert (pins["pins"]["committee"]["committee"], pins["pins"]["taken"]) == (2, "LOGGED")
        assert {"stopped", "doubt"}.isdisjoint(pins)
    shares = {path.name for path in told.var.glob("custodian-*/shares/*.json")}
    assert shares == {"share-1-2.json"}
    assert "the same applicant asks at carrier-b: ALLOW as before, by committee 2;" in story


@pytest.mark.parametrize("grade", ["integrated", "witnessed"])
def test_the_receipt_of_the_story_verifies_without_a_network(told: Told, grade: str) -> None:
    found = audit_receipt(told, grade, entry=True)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["grade"] == grade


def test_a_receipt_proves_nothing_of_another_entry(told: Told) -> None:
    found = audit_receipt(told, "integrated", entry=False)
    assert (found.returncode, "proof-invalid" in found.stderr) == (1, True)


def audit_receipt(told: Told, grade: str, *, entry: bool) -> "subprocess.CompletedProcess[str]":
    """`clearline audit receipt` with the key that the story named; ``entry``: the receipt's own."""
    home = told.var / "carrier-c"
    suffix = {"integrated": ".tlog-proof", "witnessed": ".witnessed.tlog-proof"}[grade]
    [path] = [each for each in (home / "log-state" / "receipts").iterdir() if each.name[36:] == suffix]
    key = re.search(r"--vkey (\S+)", told.ended.stderr)
    assert key is not None
    which = ("--entry", f"{path}.opening") if entry else ("--leaf", "ab" * 32)
    policy = ("--policy", str(home / "witnesses.policy"), "--faults", "0") if grade == "witnessed" else ()
    return run("audit", "receipt", str(path), "--vkey", key[1], *which, *policy, "--json")


def test_nobodys_clock_is_moved(told: Told) -> None:
    """So whoever signs at the system's time is heard, and what is dated is of today."""
    with sqlite3.connect(told.var / "registry" / "registry.db") as connection:
        [(admitted,)] = connection.execute("SELECT max(added_at) FROM log_witness")
    connection.close()
    assert 0 < time.time() - admitted / 1e6 < 3600
    assert [path for path in told.var.rglob("*.toml") if "offset" in path.read_text()] == []


def test_all_that_it_leaves_behind_is_its_owners_alone_but_public_keys(told: Told) -> None:
    everything = [each for folder in (told.var, told.out, told.capture) for each in (folder, *folder.rglob("*"))]
    assert len(everything) > 100
    for_others = {path.name for path in everything if stat.S_IMODE(path.stat().st_mode) & 0o077}
    assert for_others == {"log.pem.pub", "registry.pem.pub", "registry.pub"}


def test_the_speed_is_measured(told: Told) -> None:
    figures = json.loads((told.var / "figures.json").read_text())
    assert figures["reports"]["rows"] == sum(len(rows(told.truth / f"truth-{carrier}.csv")) for carrier in CARRIERS)
    assert figures["checks"]["rows"] == len(rows(told.truth / "truth-applicants.csv"))
    assert figures["whole"]["wall_over_crypto"] > 0


def test_it_serves_on_without_a_custodian_until_it_is_told_to_stop_and_leaves_no_process_behind(tmp_path: Path) -> None:
    sample, var = tmp_path / "sample", tmp_path / "var"
    maker = [sys.executable, str(ROOT / "examples" / "make_sample.py"), str(sample)]
    subprocess.run([*maker, "--rows", "100", "--applicants", "10"], check=True)
    demo = start(["demo", "--data", str(sample), "--var", str(var), "--keep"])
    try:
        said = _wait_for(demo, "Serving until Ctrl-C")
        # The servers' command lines name the folder of this one demonstration.
        assert len(_processes_of(var)) >= 7
        _end_and_start_a_custodian(demo)
        _admit_a_fourth_carrier(tmp_path, var)
        _try_what_was_printed(said)
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 0
    finally:
        demo.kill()
        demo.communicate()
    assert _processes_of(var) == []
    decisions = [row[:2] for row in rows(var / "out" / "decisions.csv")]
    assert decisions == [row[:2] for row in rows(sample / "truth-applicants.csv")]


def test_a_folder_that_is_not_its_own_is_not_emptied(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("keep me")
    found = run("demo", "--once", "--var", str(tmp_path))
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert "was not made by `clearline demo`" in found.stderr
    assert precious.read_text() == "keep me"


def _end_and_start_a_custodian(demo: subprocess.Popen[str]) -> None:
    """One that ends does not end the demonstration; the command that is printed brings it back."""
    [pid] = re.findall(r"^ +custodian-2 .* process (\d+)$", _wait_for(demo, "keys, databases, logs"), re.MULTILINE)
    os.kill(int(pid), signal.SIGTERM)
    said = _wait_for(demo, "custodian serve")
    assert "custodian-2 ended by itself" in said
    [line] = [each for each in said.splitlines() if "custodian serve" in each]
    again = start(shlex.split(line)[1:])
    try:
        _wait_for(demo, "custodian-2 answers again")
        again.send_signal(signal.SIGTERM)
        again.communicate(timeout=30)
        assert "custodian-2, which was started again, does not answer any more" in _wait_for(demo, "custodian serve")
        assert demo.poll() is None
    finally:
        again.kill()
        again.communicate()


def _admit_a_fourth_carrier(folder: Path, var: Path) -> None:
    """What the operator and a carrier do from the command line, on the real clock."""
    made = json.loads(run_here(ROOT, "keys", "new", "--out", str(folder / "d.pem"), "--json").stdout)
    url = json.loads((var / "demo.json").read_text())["registry"]["public_url"]
    admit = [
        *("registry", "admit", "carrier-d", "--name", "Carrier D", "--role", "INQUIRER", "--new-key-id", "carrier-d-1"),
        *("--public-key", made["public_key"], "--json"),
        *("--key", str(var / "registry" / "operator.pem"), "--key-id", "operator-1"),
        *("--registry-key", str(var / "registry" / "registry.pem.pub")),
    ]
    first, again = run_here(ROOT, *admit, "--url", url), run_here(ROOT, *admit, "--url", url)
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert json.loads(first.stdout) == json.loads(again.stdout)
    config = ["--config", str(var / "carrier-a" / "gateway.toml")]
    keys = run_here(ROOT, "gateway", "public-keys", "carrier-d", "--out", str(folder / "keys.json"), *config)
    assert keys.returncode == 0, keys.stderr
    published = json.loads((folder / "keys.json").read_text())["participants"]
    assert published == {"carrier-d": {"carrier-d-1": made["public_key"]}}
    unknown = run_here(ROOT, "gateway", "quote", "there-is-no-such-quote", *config)
    assert (unknown.returncode, unknown.stderr) == (1, "clearline: the registry refused: not-found (404)\n")


def _try_what_was_printed(said: str) -> None:
    """Every command that the demonstration prints does what it says, on the system's own clock."""
    lines = [line.strip() for line in said.splitlines() if re.match(r" +\S*clearline ", line)]
    words = [shlex.split(line)[1:] for line in lines]
    assert [each[0:3] for each in words] == [
        ["audit", "verify", "--log-url"],
        ["audit", "entries", "--log-url"],
        ["registry", "witness", "list"],
        ["audit", "verify", "--log-url"],
        ["audit", "entries", "--log-url"],
        ["registry", "order", words[5][2]],
        ["registry", "dispute", "list"],
    ]
    ended = [run_here(ROOT, *each) for each in words]
    assert [each.returncode for each in ended] == [0] * 7, [each.stderr for each in ended]
    assert "witnesses: 3" in ended[2].stderr
    assert re.search(r"^openings +[1-9]\d+$", ended[3].stdout, re.MULTILINE)
    assert re.search(r"^findings +0$", ended[3].stdout, re.MULTILINE)
    assert re.search(r"^\S+ \S+ +settlement +carrier-", ended[4].stdout, re.MULTILINE)
    assert all("complete: entries 0 to " in each.stderr for each in (ended[1], ended[4]))
    assert all(f" {kind} " in ended[1].stdout for kind in ("inquiry", "inquiry.rechecked", "activation", "clearance"))
    assert re.search(r"^state +FROZEN$", ended[5].stdout, re.MULTILINE)
    assert ended[6].stdout.startswith("disputes")


def _wait_for(process: subprocess.Popen[str], line: str) -> str:
    """All that it said until then."""
    deadline, told = time.monotonic() + 240, ""
    while time.monotonic() < deadline:
        said = process.stderr.readline()
        told += said
        if line in said:
            return told
        assert said or process.poll() is None, f"the demonstration ended with {process.returncode}"
    raise AssertionError(f"never said: {line}")


def _processes_of(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(folder) + b"/" in line and b"serve" in line:
                found.append(entry.name)
    return found
