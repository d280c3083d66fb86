"""The demonstration's parts: its folder, its sample, its relay and its figures."""

import datetime as dt
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.demo.calibrate import Calibration, CryptoCost, measure
from cli.demo.ceremony import bring_up_to_date, make_parties, parties_in
from cli.demo.folder import MARKER, own_folder
from cli.demo.import_ import look_over
from cli.demo.plan import CARRIERS, EXAMPLES, free_ports, loopback_addresses, read_sample
from cli.demo.relay import Relay
from cli.demo.sample import make_sample
from cli.demo.state import read_state, save_state
from cli.demo.table import Stretch, ratios
from cli.outcome import Failure
from crypto.signing.keys import load_private_key
from custodian import settings as custodian_settings
from registry import settings as registry_settings
from tests.support.commands import called

LATE_IN_BEIJING = dt.datetime(2026, 11, 25, 17, tzinfo=dt.UTC)  # an hour past midnight there


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sample(tmp_path_factory.mktemp("made") / "sample", LATE_IN_BEIJING)


def test_the_sample_is_made_for_the_day_that_it_is_in_beijing_and_always_of_the_same_people(
    sample: Path, tmp_path: Path
) -> None:
    again = make_sample(tmp_path / "again", LATE_IN_BEIJING + dt.timedelta(hours=1))
    next_day = make_sample(tmp_path / "next", LATE_IN_BEIJING + dt.timedelta(days=1))
    files = sorted(each.name for each in sample.iterdir())
    assert [(again / each).read_bytes() for each in files] == [(sample / each).read_bytes() for each in files]
    first, later = ((each / "applicants.csv").read_text().splitlines()[1] for each in (sample, next_day))
    assert first == later
    dates = [re.findall(r"2026-1[01]-\d\d", (each / "carrier-a.csv").read_text()) for each in (sample, next_day)]
    assert max(dates[0]) < max(dates[1]) <= "2026-11-26"
    assert [each for each in tmp_path.iterdir() if each.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("name", [*(f"{each}.csv" for each in CARRIERS), "applicants.csv"])
def test_a_missing_file_is_named(sample: Path, tmp_path: Path, name: str) -> None:
    copy_inputs(sample, tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(Failure, match=name):
        read_sample(tmp_path, EXAMPLES / "mappings")


@pytest.mark.parametrize("name", CARRIERS)
def test_a_broken_file_is_named_before_anything_starts(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    copy_inputs(sample, tmp_path)
    path = tmp_path / f"{name}.csv"
    path.write_bytes(path.read_bytes()[:-20])
    code, _, err = called(capsys, "demo", "--once", "--data", str(tmp_path), "--var", str(tmp_path / "var"))
    assert (code, err.count("\n")) == (1, 1)
    assert f"{name}.csv: line " in err
    assert not (tmp_path / "var").exists()


def test_a_mapping_without_a_carrier_column_does_not_say_who_asks(sample: Path, tmp_path: Path) -> None:
    for each in (EXAMPLES / "mappings").iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    mapping = tmp_path / "applicants.toml"
    mapping.write_text(mapping.read_text().replace('carrier = "carrier"\n', ""))
    with pytest.raises(Failure, match=re.escape("columns.carrier")):
        look_over(read_sample(sample, tmp_path))


def test_a_capture_is_not_mixed_with_an_older_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "000001-registry.request").write_bytes(b"older")
    code, _, err = called(capsys, "demo", "--once", "--capture", str(tmp_path), "--var", str(tmp_path / "var"))
    assert (code, err.count("\n")) == (1, 1)
    assert "is not empty" in err


def test_its_own_folder_is_emptied_and_kept_on_request(tmp_path: Path) -> None:
    var = tmp_path / "var"
    with own_folder(var, keep=False):
        (var / "registry").mkdir()
        (var / "registry" / "registry.db").write_text("old")
    with own_folder(var, keep=True):
        assert (var / "registry" / "registry.db").exists()
    with own_folder(var, keep=False):
        assert [each.name for each in var.iterdir()] == [MARKER]


def test_a_folder_of_somebody_else_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Failure, match="not made by"), own_folder(tmp_path, keep=False):
        pass
    assert (tmp_path / "thesis.txt").exists()


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    with own_folder(real, keep=False):
        pass
    link.symlink_to(real)
    with pytest.raises(Failure, match="not a folder"), own_folder(link, keep=False):
        pass


def test_two_demonstrations_do_not_share_a_folder(tmp_path: Path) -> None:
    var = tmp_path / "var"
    with own_folder(var, keep=False), pytest.raises(Failure, match="another demonstration"), own_folder(var, keep=True):
        pass


def test_free_ports_differ() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20


@pytest.mark.parametrize("relayed", [True, False])
def test_what_is_kept_is_read_back(tmp_path: Path, *, relayed: bool) -> None:
    addresses = loopback_addresses(relayed=relayed)
    save_state(tmp_path, addresses)
    assert read_state(tmp_path, relayed=relayed) == addresses
    with pytest.raises(Failure, match="--capture"):
        read_state(tmp_path, relayed=not relayed)


def test_what_an_earlier_release_kept_goes_on_without_a_moved_clock_and_with_those_who_oversee(tmp_path: Path) -> None:
    addresses = loopback_addresses(relayed=False)
    made = make_parties(tmp_path, addresses)
    for each in (made.registry, *made.custodians.values(), *made.carriers.values()):
        each.write_text("clock_offset_seconds = -605000\n" + each.read_text().replace("demonstration = true\n", ""))
    for office in made.offices.values():
        office.unlink()
    bring_up_to_date(tmp_path)
    again = parties_in(tmp_path, addresses)
    assert [each.read_text().count("offset") for each in tmp_path.glob("*/*.toml")] == [0] * 8
    registry_settings.load(again.registry, {})
    assert [custodian_settings.load(each, {}).demonstration for each in again.custodians.values()] == [True] * 3
    keys = {name: load_private_key(path) for name, path in again.offices.items()}
    assert set(keys) == {"auditor", "regulator", "adjudicator"}


def test_a_run_that_an_earlier_release_kept_is_made_again_and_one_of_this_release_stays(tmp_path: Path) -> None:
    make_parties(tmp_path, loopback_addresses(relayed=False))
    work = tmp_path / "work"
    work.mkdir()
    for name, progress in (("results-a.csv", "{}"), ("results-b.csv", '{"incarnation": 1}')):
        for ending in ("", ".plan", ".progress"):
            (work / (name + ending)).write_text(progress)
    bring_up_to_date(tmp_path)
    assert {each.name for each in work.iterdir()} == {f"results-b.csv{ending}" for ending in ("", ".plan", ".progress")}


def test_nothing_kept_is_a_fresh_start(tmp_path: Path) -> None:
    assert read_state(tmp_path, relayed=False) is None


def test_the_bare_cryptography_is_measured() -> None:
    calibration = measure(20)
    for cost in (calibration.alone, calibration.busy):
        assert 0 < cost.custodian < cost.gateway < 1
        assert cost.element == cost.gateway + 2 * cost.custodian


def test_wall_time_is_compared_with_a_core_alone_and_cpu_time_with_a_busy_one() -> None:
    calibration = Calibration(
        alone=CryptoCost(gateway=0.06, custodian=0.02), busy=CryptoCost(gateway=0.12, custodian=0.04)
    )
    stretch = Stretch(rows=10, elements=20, wall=4.0, cpu=8.0)
    assert ratios(stretch, calibration) == pytest.approx((2.0, 2.0))
    assert ratios(Stretch(rows=0, elements=0, wall=1.0, cpu=None), calibration) == (None, None)


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Callable[[bytes, bytes], tuple[bytes, Path]]]:
    """Send raw bytes through a relay to a server that gives one raw answer; what came back, and the folder."""
    relays: list[Relay] = []

    def send(request: bytes, answer: bytes) -> tuple[bytes, Path]:
        listening = socket.create_server(("127.0.0.1", 0))
        (port,) = free_ports(1)
        relay = Relay("server", ("127.0.0.1", port), listening.getsockname(), tmp_path)
        relay.start()
        relays.append(relay)

        def serve() -> None:
            with listening, listening.accept()[0] as peer:
                received = b""
                while len(received) < len(request):
                    received += peer.recv(65536)
                peer.sendall(answer)

        server = threading.Thread(target=serve)
        server.start()
        with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
            caller.sendall(request)
            came = b""
            while block := caller.recv(65536):
                came += block
        server.join(10)
        return came, tmp_path

    yield send
    for each in relays:
        each.stop()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nyou\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
        CHUNKED,
    ],
)
def test_every_byte_goes_on_and_on_record(
    exchange: Callable[[bytes, bytes], tuple[bytes, Path]], answer: bytes
) -> None:
    request = b"POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"
    came, folder = exchange(request, answer)
    assert came == answer
    assert (folder / "000001-server.request").read_bytes() == request
    assert (folder / "000001-server.response").read_bytes() == answer


def test_an_answer_that_is_cut_off_stays_cut_off(exchange: Callable[[bytes, bytes], tuple[bytes, Path]]) -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"
    came, folder = exchange(b"GET / HTTP/1.1\r\n\r\n", whole)
    assert came == whole
    assert (folder / "000001-server.response").read_bytes() == whole


def copy_inputs(sample: Path, folder: Path) -> None:
    for name in (*(f"{each}.csv" for each in CARRIERS), "applicants.csv"):
        (folder / name).write_bytes((sample / name).read_bytes())
