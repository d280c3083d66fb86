"""Processes are killed in the middle; nothing is lost, nothing doubled, and what cannot be done is said clearly."""

import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cli.demo.processes import Child
from tests.e2e.running import System, data, json_line, listed, rows, run, start, system

pytestmark = pytest.mark.e2e
APPLICANT = json.dumps({"document": {"kind": "RESIDENT_ID", "number": "11010519491231002X"}, "service_class": "MOBILE"})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with system(tmp_path_factory.mktemp("faults"), chunk_rows=40, serving=()) as found:
        yield found


def test_a_report_that_is_killed_in_the_middle_goes_on_where_it_was(running: System, tmp_path: Path) -> None:
    out = tmp_path / "verdicts.csv"
    report = start(running.report_arguments("carrier-a", out))
    wait_until(lambda: chunks_done(out) >= 3)
    report.kill()
    report.communicate()
    assert not out.exists()
    again = run(*running.report_arguments("carrier-a", out))
    assert again.returncode == 0, again.stderr
    assert json_line(again.stdout)["resumed_from_row"] >= 120
    assert verdicts(out) == rows(data() / "truth-carrier-a.csv")
    assert records_of(running, "carrier-a") == listed(data() / "truth-carrier-a.csv")


def test_the_same_report_again_gets_the_same_answers_and_doubles_nothing(running: System, tmp_path: Path) -> None:
    out = tmp_path / "verdicts.csv"
    for _ in range(2):
        assert run(*running.report_arguments("carrier-a", out)).returncode == 0
    # A lost output changes nothing at the register either: the batches' names come from what is in them.
    assert verdicts(out) == rows(data() / "truth-carrier-a.csv")
    assert records_of(running, "carrier-a") == listed(data() / "truth-carrier-a.csv")


def test_a_registry_that_is_killed_in_the_middle_loses_and_doubles_nothing(running: System, tmp_path: Path) -> None:
    out = tmp_path / "verdicts.csv"
    report = start(running.report_arguments("carrier-b", out))
    wait_until(lambda: chunks_done(out) >= 3)
    kill(running.servers.child("registry"))
    with restarted(running, "registry"):
        report.communicate(timeout=120)
        # It waits a while for a registry to come back; if that was too short it said so, and is run again.
        assert report.returncode in {0, 3}
        again = run(*running.report_arguments("carrier-b", out))
    assert again.returncode == 0, again.stderr
    assert verdicts(out) == rows(data() / "truth-carrier-b.csv")
    assert records_of(running, "carrier-b") == listed(data() / "truth-carrier-b.csv")


def test_a_dead_registry_is_exit_code_3_and_one_line(running: System) -> None:
    kill(running.servers.child("registry"))
    found = run("gateway", "check", "--config", str(running.parties.carriers["carrier-a"]), stdin=APPLICANT)
    with restarted(running, "registry"):
        assert found.returncode == 3
        assert "the registry gave no answer" in found.stderr.splitlines()[-1]
        assert "Traceback" not in found.stderr


def test_one_dead_custodian_is_survived_and_two_are_named(running: System, tmp_path: Path) -> None:
    out = tmp_path / "verdicts.csv"
    config = str(running.parties.carriers["carrier-c"])
    kill(running.servers.child("custodian-1"))
    with restarted(running, "custodian-1"):
        pass
    kill(running.servers.child("custodian-2"))
    report = run(*running.report_arguments("carrier-c", out))
    assert report.returncode == 0, report.stderr
    assert verdicts(out) == rows(data() / "truth-carrier-c.csv")
    kill(running.servers.child("custodian-3"))
    alone = run("gateway", "check", "--config", config, "--json", stdin=APPLICANT)
    with restarted(running, "custodian-2"), restarted(running, "custodian-3"):
        whole = run("gateway", "check", "--config", config, "--json", stdin=APPLICANT)
    assert alone.returncode == 3
    assert "2 key custodians are needed, 1 gave a usable answer" in alone.stderr
    assert "custodian 2: not reachable" in alone.stderr
    assert "custodian 3: not reachable" in alone.stderr
    assert "11010519491231002X" not in alone.stderr
    assert (whole.returncode, json_line(whole.stdout)["decision"]) == (0, "ALLOW")


def test_a_months_report_that_is_killed_goes_on_and_withdraws_exactly_what_is_missing(
    running: System, tmp_path: Path
) -> None:
    november, december, out = tmp_path / "november.csv", tmp_path / "december.csv", tmp_path / "december-out.csv"
    assert run(*running.report_arguments("carrier-a", november)).returncode == 0
    lines = (data() / "carrier-a.csv").read_text("utf-8").splitlines(keepends=True)
    december.write_text("".join(lines[:-10]), "utf-8")
    words = running.report_arguments("carrier-a", out)
    words = [*words[:2], str(december), *words[3:], "--since", str(november)]
    report = start(words)
    wait_until(lambda: chunks_done(out) >= 3)
    report.kill()
    report.communicate()
    again = run(*words)
    assert again.returncode == 0, again.stderr
    summary = json_line(again.stdout)
    assert summary["resumed_from_row"] >= 120
    assert summary["confirmed"] > len(lines) / 2
    assert f"{summary['missing']} accounts with an open record are not in the export" in again.stderr
    stands = {"ACTIVE": "DUPLICATE", "PENDING": "DUPLICATE", "UPDATED": "DUPLICATE"}
    expected = [[account, stands.get(verdict, verdict)] for account, verdict in verdicts(november)]
    assert verdicts(out) == expected[: len(verdicts(out))]
    other = run(*words, "--withdraw-missing", str(summary["missing"] + 1))
    assert (other.returncode, "missing-another-number" in other.stderr) == (1, True)
    done = run(*words, "--withdraw-missing", str(summary["missing"]))
    outcomes = json_line(done.stdout)["withdrawn"]
    assert (sum(outcomes.values()), outcomes.keys() <= {"WITHDRAWN", "CANCELLED"}) == (summary["missing"], True)
    alone = run(*running.report_arguments("carrier-a", out), "--withdraw-missing", "1")
    assert (alone.returncode, "--withdraw-missing goes with --since" in alone.stderr) == (2, True)


def verdicts(path: Path) -> list[list[str]]:
    """A report's rows without the record ids."""
    return [row[:2] for row in rows(path)]


def chunks_done(out: Path) -> int:
    try:
        return json.loads(out.with_name(out.name + ".progress").read_bytes())["chunks_done"]
    except FileNotFoundError:
        return 0


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def kill(child: Child) -> None:
    """SIGKILL to the server and its worker at once, as when the power fails."""
    os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()


@contextmanager
def restarted(running: System, name: str) -> Iterator[None]:
    """Start a killed server again."""
    addresses, parties = running.plan.addresses, running.parties
    if name == "registry":
        address, role, config = addresses.registry, "registry", parties.registry
    else:
        index = int(name.rpartition("-")[2])
        address, role, config = addresses.custodians[index], "custodian", parties.custodians[index]
    child = running.servers.start(name, [role, "serve", "--config", str(config)])
    running.servers.wait_healthy(child, address.local_url)
    yield


def records_of(running: System, carrier: str) -> int:
    with closing(sqlite3.connect(running.parties.registry.with_name("registry.db"))) as connection:
        query = "SELECT count(*) FROM record WHERE creditor_id = ?"
        return connection.execute(query, (carrier,)).fetchone()[0]
