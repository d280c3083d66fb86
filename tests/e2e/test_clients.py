"""The example clients in Java, Go and TypeScript, built and run against a real gateway, registry and custodians."""

import datetime as dt
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.demo.processes import ROOT
from gateway.local.tokens import Scope
from protocol.beijing import BEIJING
from protocol.problems import Problem, Refusal
from serving.web import problem_bytes
from tests.e2e.nights import Night, a_night
from tests.support.exports import debt, resident, write, write_mappings
from tests.support.scripted_server import CLOSE, READ_AND_CLOSE, answer, scripted

pytestmark = pytest.mark.e2e
CLIENTS = ROOT / "examples" / "clients"
GENERATED = CLIENTS / "typescript" / "generated"
DEBTOR = resident(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The tools that a client needs, and the command that runs what was built in a folder."""

    tools: tuple[str, ...]
    build: Callable[[Path], list[str]]
    command: Callable[[Path], list[str]]


KNOWN = {
    "java": Client(
        tools=("java", "javac"),
        build=lambda folder: ["javac", "-Xlint:all", "-Werror", "-d", str(folder), "Activate.java", "Json.java"],
        command=lambda folder: ["java", "-cp", str(folder), "Activate"],
    ),
    "go": Client(
        tools=("go",),
        build=lambda folder: ["go", "build", "-o", str(folder / "activate"), "."],
        command=lambda folder: [str(folder / "activate")],
    ),
    "typescript": Client(
        tools=("node", "tsc"),
        build=lambda folder: ["tsc", "--strict", "-p", ".", "--outDir", str(folder)],
        command=lambda folder: ["node", str(folder / "activate.js")],
    ),
}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A system in which one person owes carrier-a."""
    with a_night(tmp_path_factory.mktemp("night"), serving={"carrier-b"}) as found:
        today, home = dt.datetime.now(BEIJING).date(), found.var / "carrier-a"
        due, notice = ((today - dt.timedelta(days=days)).isoformat() for days in (200, 150))
        write(home / "owed.csv", [debt("OWED", 证件号码=DEBTOR, 到期日=due, 通知日=notice)])
        write_mappings(home)
        found.run("carrier-a", "gateway", "report", "owed.csv", "--mapping", "arrears.toml", "--out", "owed-out.csv")
        yield found


@pytest.fixture(scope="module", params=sorted(KNOWN))
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of a client that was built from the example's own sources, without a network."""
    language, known = request.param, KNOWN[request.param]
    missing = [tool for tool in known.tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"needs {' and '.join(missing)} (Debian: default-jdk-headless, golang-go; npm: typescript)")
    folder = tmp_path_factory.mktemp(language)
    environment = os.environ | {"GOPROXY": "off", "GOFLAGS": "-mod=mod", "GOCACHE": str(folder / "cache")}
    if language == "typescript":
        (folder / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(
        known.build(folder), cwd=CLIENTS / language, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return known.command(folder)


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example of generated types, with the packages of its lock installed."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("needs node and npm")
    folder = tmp_path_factory.mktemp("generated") / "generated"
    shutil.copytree(GENERATED, folder, ignore=shutil.ignore_patterns("node_modules", "gateway.ts"))
    quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1"]
    done = subprocess.run(["npm", "ci", *quietly], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        # A package that is not the pinned one, or a lock that does not fit, is a fault; no network is none.
        assert not re.search("EINTEGRITY|EUSAGE|EBADENGINE", done.stderr), done.stderr
        pytest.skip(f"npm could not fetch the packages: {done.stderr.strip().splitlines()[:1]}")
    return folder


def test_types_that_are_generated_from_the_contract_compile_strictly(generator: Path) -> None:
    tools = generator / "node_modules" / ".bin"
    for words in (
        [str(tools / "openapi-typescript"), str(ROOT / "openapi-gateway.yaml"), "--output", "gateway.ts"],
        [str(tools / "tsc"), "-p", "."],
    ):
        done = subprocess.run(words, cwd=generator, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert '"strict": true' in (generator / "tsconfig.json").read_text()


def test_the_lock_of_the_generator_pins_every_package_by_its_content_and_names_no_place() -> None:
    packages = json.loads((GENERATED / "package-lock.json").read_text())["packages"]
    assert len(packages) > 20
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name


def run(client: list[str], night: Night, applicant: Path, *, scope: Scope = Scope.CHECK) -> tuple[int, list[str], str]:
    """Run a client at carrier-b's gateway; its exit code, its lines and what it said of errors."""
    url = night.system.plan.addresses.gateways["carrier-b"].local_url
    words = [*client, url, str(night.var / "carrier-b" / f"{scope.value}.token"), str(applicant)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout.splitlines(), done.stderr


def applicant(folder: Path, client: list[str], number: str | None = None) -> Path:
    """The example's applicant under an order of this client's own, or another person."""
    body = json.loads((CLIENTS / "applicant.json").read_text())
    body["order"] = f"{Path(client[0]).name}-{'first' if number is None else number[-4:]}"
    if number is not None:
        body["document"]["number"] = number
    path = folder / "applicant.json"
    path.write_text(json.dumps(body))
    return path


def test_a_client_checks_asks_again_and_reports_the_line_as_opened(
    client: list[str], night: Night, tmp_path: Path
) -> None:
    code, lines, errors = run(client, night, applicant(tmp_path, client))
    assert (code, errors) == (0, "")
    assert lines[0] == "checked ALLOW NO_ARREARS"
    assert "  clerk: Go ahead with the order." in lines
    assert lines[-2:] == ["rechecked ALLOW changed false", "reported ACTIVATED CHECKED obeyed YES revision 1"]


def test_a_client_opens_no_line_for_a_debtor_and_shows_the_quote(
    client: list[str], night: Night, tmp_path: Path
) -> None:
    code, lines, errors = run(client, night, applicant(tmp_path, client, DEBTOR))
    assert (code, errors) == (0, "")
    assert lines[0] == "checked PAY_FIRST OWN_ARREARS"
    assert [line for line in lines if line.startswith("  owed to ")]
    assert lines[-2:] == ["rechecked PAY_FIRST changed false", "reported DECLINED CHECKED obeyed YES revision 1"]


def test_a_client_names_the_member_that_was_refused(client: list[str], night: Night, tmp_path: Path) -> None:
    path = applicant(tmp_path, client)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"documnet": 1}))
    code, lines, errors = run(client, night, path)
    assert (code, lines) == (1, [])
    assert "urn:clearline:problem:invalid-field" in errors
    assert "documnet" in errors


def test_a_client_whose_token_is_of_another_scope_is_told(client: list[str], night: Night, tmp_path: Path) -> None:
    code, _, errors = run(client, night, applicant(tmp_path, client), scope=Scope.MONEY)
    assert (code, "scope-missing" in errors) == (1, True)


def test_a_client_repeats_a_call_that_found_no_answer_and_gives_up_with_an_exit_code_of_its_own(
    client: list[str], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("clt_x\n")
    busy = answer(problem_bytes(Refusal(Problem.UNAVAILABLE)), "Retry-After: 1", status="503 Unavailable")
    with scripted([READ_AND_CLOSE], *([busy, CLOSE] for _ in range(5))) as server:
        words = [*client, f"http://127.0.0.1:{server.port}", str(tmp_path / "token")]
        done = subprocess.run(
            [*words, str(applicant(tmp_path, client))], capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stdout) == (3, "")
        assert "cannot answer now" in done.stderr
        assert sum(map(len, server.requests)) == 4
