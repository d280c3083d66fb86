"""The same, with real processes on loopback: custodians under gunicorn, and a bulk run that is killed."""

import datetime as dt
import functools
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.serving import make_server

from crypto.oprf.client import blind
from crypto.oprf.threshold import deal
from crypto.signing import http_message
from crypto.signing.keys import public_bytes, save_private_key
from custodian.share import save_share
from gateway.identity.documents import RawIdentity
from gateway.settings import load
from gateway.wiring import build
from protocol.encodings import b64url_encode
from protocol.identifiers import DocumentKind
from registry.store.engines import make_engines
from registry.store.transactions import Store
from tests.support.apps import an_app
from tests.support.exports import debt, resident, results, table
from tests.support.local import a_certificate, a_token
from tests.support.loopback import NO_TLS
from tests.support.orders import TOLD
from tests.support.parties import evaluation_body, held
from tests.support.tmf import CHECK, LISTENER, a_check, an_event
from tests.support.world import found_world, real_guard

ROOT = Path(__file__).parents[2]
PATH = "pathlib.Path(sys.argv[1])"
SERVE = "import sys, pathlib; from {0} import serve; from {1} import settings; serve.main({2})"
REPORT = """
import pathlib, sys
from gateway import settings, wiring
folder = pathlib.Path(sys.argv[1])
with wiring.build(settings.load(folder / "gateway.toml")) as gateway:
    gateway.report_file(
        source=folder / "export.csv",
        mapping=folder / "mappings" / "arrears.toml",
        output=folder / "results.csv",
        on_progress=lambda done, total: print(done, flush=True),
    )
"""
TMF = """
[tmf.identifications]
nationalIdentityCard = "RESIDENT_ID"
[tmf.offerings]
"MOBILE-129" = "MOBILE"
[tmf.channels]
Shop = "OUTLET"
"""
UNTRUSTING = functools.partial(httpx.get, trust_env=False, verify=NO_TLS)
WHO = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(1))
ROWS = 900
CHUNK = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def python(program: str, *arguments: Path, **options: Any) -> subprocess.Popen[Any]:
    return subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)], cwd=ROOT, **options)


def wait_until_healthy(
    url: str,
    process: subprocess.Popen[Any],
    get: Callable[..., httpx.Response] | functools.partial[httpx.Response] = UNTRUSTING,
) -> None:
    for _ in range(200):
        assert process.poll() is None
        try:
            if get(f"{url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail("no answer in ten seconds")


class House:
    """Three custodian processes, the registry on a thread, and the settings of one carrier's gateway."""

    def __init__(self, folder: Path, sqlite_template: Path) -> None:
        self.folder = folder
        self.dealing = deal(None, 2, 3, os.urandom)
        self._engines = make_engines(f"sqlite:///{sqlite_template}")
        ports = [free_port() for _ in range(4)]
        self.registry_url, *self.custodian_urls = [f"http://127.0.0.1:{port}" for port in ports]
        self.world = found_world(Store(self._engines), public_url=self.registry_url, at=dt.datetime.now(dt.UTC))
        # Everybody is on the system's time, however long a loaded machine takes.
        registry = replace(self.world.registry, clock=lambda: dt.datetime.now(dt.UTC), guard=real_guard())
        self.server = make_server("127.0.0.1", ports[0], an_app(registry), threaded=True)
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self._thread.start()
        self.custodians = [self._custodian(index, port) for index, port in zip((1, 2, 3), ports[1:], strict=True)]
        for url, process in zip(self.custodian_urls, self.custodians, strict=True):
            wait_until_healthy(url, process)
        self._gateway_settings()

    @property
    def carrier_key(self) -> Ed25519PrivateKey:
        return self.world.signing_keys["carrier-a"]

    def _custodian(self, index: int, port: int) -> subprocess.Popen[Any]:
        home = self.folder / f"custodian-{index}"
        home.mkdir()
        save_share(home / "share.json", held(self.dealing, index))
        (home / "custodian.toml").write_text(
            f"""
index = {index}
epoch = 1
threshold = 2
share = "share.json"
demonstration = true
public_url = "http://127.0.0.1:{port}"
listen = "127.0.0.1:{port}"
database = "ledger.db"
daily_quota = 1000000
[[carrier]]
id = "carrier-a"
key_id = "carrier-a-1"
public_key = "{b64url_encode(public_bytes(self.carrier_key))}"
"""
        )
        return self._start_custodian(index)

    def _start_custodian(self, index: int) -> subprocess.Popen[Any]:
        home = self.folder / f"custodian-{index}"
        with (home / "log").open("ab") as log:
            return python(SERVE.format("custodian", "custodian", PATH), home / "custodian.toml", stderr=log)

    def restart_custodian(self, index: int, *, ended_by: signal.Signals) -> None:
        self.custodians[index - 1].send_signal(ended_by)
        self.custodians[index - 1].wait(20)
        self.custodians[index - 1] = self._start_custodian(index)
        wait_until_healthy(self.custodian_urls[index - 1], self.custodians[index - 1])

    def _gateway_settings(self) -> None:
        save_private_key(self.carrier_key, self.folder / "signing.pem")
        (self.folder / "account.key").touch(mode=0o600)
        (self.folder / "account.key").write_text(b64url_encode(os.urandom(32)) + "\n")
        members = "".join(
            f'[[custodians.member]]\nindex = {share.index}\nurl = "{url}"\npublic_key = "{b64url_encode(share.pk)}"\n'
            for share, url in zip(self.dealing.shares, self.custodian_urls, strict=True)
        )
        self.service_port = free_port()
        (self.folder / "gateway.toml").write_text(
            f"""
[carrier]
id = "carrier-a"
key_id = "carrier-a-1"
signing_key = "signing.pem"
account_key = "account.key"
[registry]
url = "{self.registry_url}"
key_id = "registry-1"
public_key = "{b64url_encode(public_bytes(self.world.signing_keys["registry"]))}"
[service]
listen = "127.0.0.1:{self.service_port}"
[limits]
chunk_rows = {CHUNK}
[custodians]
epoch = 1
threshold = 2
joint_public_key = "{b64url_encode(self.dealing.joint_public_key)}"
{members}"""
        )

    def logs(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.folder.glob("custodian-*/log"))

    def close(self) -> None:
        for process in self.custodians:
            process.terminate()
        for process in self.custodians:
            process.wait(20)
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()
        self._engines.close()


@pytest.fixture
def house(tmp_path: Path, sqlite_template: Path) -> Iterator[House]:
    database = tmp_path / "registry.db"
    database.write_bytes(sqlite_template.read_bytes())
    opened = House(tmp_path, database)
    yield opened
    opened.close()


def test_a_killed_import_is_resumed_by_the_same_command_and_doubles_nothing(
    house: House, mappings: Path, tmp_path: Path
) -> None:
    rows = [debt(f"A{n:06d}", 证件号码=resident(n % 990, born=dt.date(1960, 1, 2)), **_dates()) for n in range(ROWS)]
    (tmp_path / "export.csv").write_text(table(rows), encoding="utf-8", newline="")
    run = python(REPORT, tmp_path, stdout=subprocess.PIPE, text=True)
    with run:
        for line in run.stdout:
            if int(line) >= ROWS // 3:
                run.send_signal(signal.SIGKILL)
                break
    assert run.returncode == -signal.SIGKILL
    assert not (tmp_path / "results.csv").exists()
    again = python(REPORT, tmp_path, stdout=subprocess.PIPE, text=True)
    done = [int(line) for line in again.communicate(timeout=120)[0].split()]
    assert again.returncode == 0
    assert done[0] >= ROWS // 3
    written = results(tmp_path / "results.csv")
    assert [row[0] for row in written[1:]] == [row["账户"] for row in rows]
    assert {row[1] for row in written[1:]} == {"ACTIVE"}
    assert resident(1).encode() not in house.logs() + b"".join(
        path.read_bytes() for path in tmp_path.glob("*/ledger.db*")
    )


def test_a_killed_custodian_is_survived_and_a_stopped_one_stops_gracefully(
    house: House, mappings: Path, tmp_path: Path
) -> None:
    house.custodians[0].kill()
    house.custodians[0].wait()
    (tmp_path / "export.csv").write_text(table([debt(**_dates())]), encoding="utf-8", newline="")
    with python(REPORT, tmp_path) as run:
        assert run.wait(60) == 0
    house.custodians[1].terminate()
    assert house.custodians[1].wait(20) == 0
    (tmp_path / "results.csv.progress").unlink()
    (tmp_path / "results.csv").unlink()
    with python(REPORT, tmp_path, stderr=subprocess.PIPE, text=True) as run:
        said = run.communicate(timeout=60)[1]
    assert "2 key custodians are needed, 1 gave a usable answer" in said
    assert resident(1) not in said


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGKILL])
def test_a_custodian_that_was_restarted_between_two_calls_is_asked_as_if_nothing_had_been(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture, ended_by: signal.Signals
) -> None:
    with build(load(tmp_path / "gateway.toml", {})) as gateway:
        whole = [gateway.tokenise([WHO]) for _ in range(3)]
        for index in (1, 2, 3):
            house.restart_custodian(index, ended_by=ended_by)
        # Each pair of custodians is asked in turn, over the connections of before.
        assert [gateway.tokenise([WHO]) for _ in range(3)] == whole
    assert "silent" not in caplog.text


def test_threads_that_ask_at_once_get_the_answers_to_their_own_questions(house: House, tmp_path: Path) -> None:
    people = [RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(number)) for number in range(1, 25)]
    with build(load(tmp_path / "gateway.toml", {})) as gateway, ThreadPoolExecutor(8) as threads:
        alone = [gateway.tokenise([each]) for each in people]
        assert list(threads.map(lambda each: gateway.tokenise([each]), people)) == alone


def test_what_is_no_request_is_refused_without_repeating_it(house: House) -> None:
    secret = resident(1).encode()
    port = int(house.custodian_urls[0].rpartition(":")[2])
    for raw in (b"POST " + secret + b"\r\n\r\n", b"GET / HTTP/1.1\r\n" + secret + b"\r\n\r\n", secret + b"\0\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port), 5) as line:
            line.sendall(raw)
            answer = b"".join(iter(lambda: line.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"urn:clearline:problem:bad-request" in answer
        assert secret not in answer
    assert secret not in house.logs()


@pytest.mark.parametrize("target", ["/v1/evaluations", "/v1/evaluations?", "/v1/%65valuations?x=%201"])
def test_a_served_custodian_verifies_the_request_line_as_it_was_sent_and_takes_chunks(
    house: House, target: str
) -> None:
    url = house.custodian_urls[0]
    body = evaluation_body([blind(b"input", os.urandom).blinded_element])

    def answer(signed: str | None, **sent: Any) -> int:
        headers = http_message.sign_request(
            method="POST",
            target_uri=url + (signed or target),
            content_type="application/json",
            content_digest=http_message.content_digest(body),
            key_id="carrier-a-1",
            private_key=house.carrier_key,
            created=dt.datetime.now(dt.UTC),
            nonce=b64url_encode(os.urandom(18)),
        )
        return httpx.post(url + target, headers=headers, trust_env=False, verify=NO_TLS, **sent).status_code

    for content in (body, (body[:7], body[7:])):
        assert answer(None, content=content) == 200
        assert answer("/v1/evaluations?x=1", content=content) == 401
    assert answer(None, content=(body, b" ")) == 401


def test_a_system_that_speaks_tm_forum_is_served_by_a_real_process(house: House, tmp_path: Path) -> None:
    token, url = a_token(tmp_path / "local-tokens.json"), f"http://127.0.0.1:{house.service_port}"
    with (house.folder / "gateway.toml").open("a", encoding="utf-8") as settings:
        settings.write(TMF)
    service = python(SERVE.format("gateway.local", "gateway", f"settings.load({PATH})"), house.folder / "gateway.toml")
    try:
        wait_until_healthy(url, service)
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        with httpx.Client(base_url=url, headers=headers, trust_env=False, verify=NO_TLS) as caller:
            checked = caller.post(CHECK, json=a_check())
            assert (checked.status_code, checked.json()["qualificationResult"]) == (200, "green")
            assert caller.get(checked.json()["href"]).json()["id"] == checked.json()["id"]
            later = caller.post(CHECK, json=a_check(), headers={"Expect": "202-Accepted"})
            assert (later.status_code, later.json()["type"]) == (400, "urn:clearline:problem:bad-request")
            refused = caller.post(CHECK, json=a_check(state="done"))
            assert (refused.status_code, refused.json()["message"]) == (422, "state: UNKNOWN_FIELD")
            heard = caller.post(LISTENER, json=an_event())
            assert (heard.status_code, heard.content) == (204, b"")
    finally:
        service.terminate()
        service.wait(20)


def test_the_local_service_answers_under_gunicorn(house: House, tmp_path: Path) -> None:
    token = a_token(tmp_path / "local-tokens.json")
    service = python(
        SERVE.format("gateway.local", "gateway", f"settings.load({PATH})"),
        tmp_path / "gateway.toml",
        stderr=subprocess.PIPE,
    )
    url = f"http://127.0.0.1:{house.service_port}"
    body = {"document": {"kind": "RESIDENT_ID", "number": resident(1)}, "service_class": "BROADBAND"}
    try:
        wait_until_healthy(url, service)
        assert httpx.post(f"{url}/check", json=body, trust_env=False, verify=NO_TLS).status_code == 401
        answer = httpx.post(f"{url}/check", json=body, headers=bearer(token), trust_env=False, verify=NO_TLS)
        assert (answer.status_code, answer.json()["decision"]) == (200, "ALLOW")
    finally:
        service.terminate()
        _, log = service.communicate(timeout=20)
    assert service.returncode == 0
    assert b"decision=ALLOW" in log
    assert resident(1).encode() not in log
    assert token.encode() not in log


@pytest.mark.parametrize("when", ["before the registry has it", "between the registry's answer and the file of orders"])
def test_a_service_that_is_killed_around_a_report_makes_it_once(house: House, tmp_path: Path, when: str) -> None:
    token, url = a_token(tmp_path / "local-tokens.json"), f"http://127.0.0.1:{house.service_port}"
    applicant = {"document": {"kind": "RESIDENT_ID", "number": resident(1)}, "service_class": "MOBILE"}
    outcome = {"order": "ORDER-1", "outcome": "ACTIVATED"}
    real, killed = house.server.app, threading.Event()

    def call(path: str, body: dict[str, Any]) -> httpx.Response:
        return httpx.post(url + path, json=body, headers=bearer(token), timeout=30, trust_env=False, verify=NO_TLS)

    with running_service(tmp_path, url) as service:
        checked = call("/check", applicant | TOLD | {"order": "ORDER-1"}).json()
        assert (checked["decision"], checked["order_kept"]) == ("ALLOW", True)

        def kill(environ: Any, start_response: Any) -> Iterable[bytes]:
            if environ["PATH_INFO"] != "/v1/activations" or killed.is_set():
                return real(environ, start_response)
            answer = list(real(environ, start_response)) if when.startswith("between") else [b""]
            os.killpg(service.pid, signal.SIGKILL)
            killed.set()
            return answer

        house.server.app = kill
        with pytest.raises(httpx.TransportError):
            call("/activations", outcome)
        assert killed.wait(10)
    with running_service(tmp_path, url):
        told = [call("/activations", outcome) for _ in range(2)]
    assert [each.status_code for each in told] == [201, 200]
    assert told[0].json() == told[1].json()
    assert (told[0].json()["revision"], told[0].json()["basis"]) == (1, "CHECKED")
    entries = house.world.registry.store.read(lambda tx: tx.openings.first(10_000))
    assert sum(each.kind == "activation" for each in entries) == 1


@contextmanager
def running_service(folder: Path, url: str) -> Iterator[subprocess.Popen[Any]]:
    """The local service in a group of its own, which can be killed whole."""
    program = SERVE.format("gateway.local", "gateway", f"settings.load({PATH})")
    service = python(program, folder / "gateway.toml", stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_until_healthy(url, service)
        yield service
    finally:
        service.terminate()
        service.wait(20)


def test_beyond_loopback_the_local_service_speaks_tls_alone(house: House, tmp_path: Path) -> None:
    files, token = a_certificate(tmp_path / "tls"), a_token(tmp_path / "local-tokens.json")
    settings = tmp_path / "gateway.toml"
    everywhere = settings.read_text().replace('listen = "127.0.0.1:', 'listen = "0.0.0.0:')
    settings.write_text(everywhere)
    remote = SERVE.format("gateway.local", "gateway", f"settings.load({PATH})").replace(
        "sys.argv[1])))", "sys.argv[1])), allow_remote=True)"
    )
    with python(remote, settings, stderr=subprocess.PIPE, text=True) as bare:
        assert "needs service.tls_certificate" in bare.communicate(timeout=30)[1]
    assert bare.returncode == 1
    named = '[service]\ntls_certificate = "tls/certificate.pem"\ntls_key = "tls/key.pem"\n'
    settings.write_text(everywhere.replace("[service]\n", named))
    service, port = python(remote, settings, stderr=subprocess.DEVNULL), house.service_port
    trusted = ssl.create_default_context(cafile=str(files.certificate))
    try:
        with httpx.Client(verify=trusted, trust_env=False, headers=bearer(token)) as client:
            wait_until_healthy(f"https://localhost:{port}", service, get=client.get)
            assert client.get(f"https://localhost:{port}/custodians").json() == {"custodian_faults": []}
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
    finally:
        service.terminate()
        service.wait(20)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _dates() -> dict[str, str]:
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()
    return {
        "到期日": (today - dt.timedelta(days=200)).isoformat(),
        "通知日": (today - dt.timedelta(days=150)).isoformat(),
    }
