"""The commands that seal a role's secret files, open them, change their passphrase, and show how they are."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from cli.custodian.custody import open_signing_key
from cli.custody import SourceParam, _change_all, _opened, _resealed, _sealed
from cli.main import command_line
from cli.outcome import Failure
from crypto.envelope.provider import SEALED_MARK, UNSEALED, KeyProvider
from crypto.errors import KeyFileBad
from crypto.oprf.threshold import deal
from crypto.signing.keys import generate_signing_key, load_private_key, public_bytes, save_private_key
from custodian.share import SHARE, SIGNING_KEY, ShareFileBad, load_share, save_share
from registry import keyfile
from registry.keyfile import load_public_half
from registry.settings import load
from registry.work.signer import LOG_KEY
from serving.files import fresh_name
from tests.support.commands import REGISTRY, answered, called
from tests.support.parties import held
from tests.support.passphrases import OTHER, PASSPHRASE, a_provider, descriptor, on_descriptor
from tests.support.root import ROOT
from tests.support.share_books import FORMED, a_book, a_share
from tests.support.shares import GOOD
from tests.support.small_disk import fill

CUSTODY = '[custody]\npassphrase = "{}"\n'
Files = dict[Path, str]


def settled(path: Path, text: str, source: str = "") -> Path:
    """Settings that name the source of the passphrase, or none."""
    head, _, tail = text.partition("[[")
    path.write_text(head + (CUSTODY.format(source) if source else "") + ("[[" + tail if tail else ""))
    return path


@pytest.fixture
def custodian(tmp_path: Path) -> Files:
    """The secret files of a custodian, plain."""
    save_share(tmp_path / "share.json", held(deal(None, 2, 3, os.urandom), 2))
    save_private_key(generate_signing_key(os.urandom), tmp_path / "signing.pem")
    return {tmp_path / "share.json": SHARE, tmp_path / "signing.pem": SIGNING_KEY}


def seal_here(files: Files, provider: KeyProvider) -> None:
    """Seal as the command does, at the least cost."""
    for path, purpose in files.items():
        path.write_bytes(provider.seal(path.read_bytes(), purpose=purpose))


def commanded(folder: Path, capsys: pytest.CaptureFixture[str], name: str, *options: str, source: str = "") -> Any:
    """The lines of a command of the custodian's, or what it says on standard error."""
    config = settled(folder / "custodian.toml", GOOD, source)
    words = ["--config", str(config), "--key", str(folder / "signing.pem"), "--json", *options]
    code, out, err = called(capsys, "custodian", "custody", name, *words)
    return [json.loads(line) for line in out.splitlines()] if code == 0 else err


def contents(files: Files) -> list[bytes]:
    return [path.read_bytes() for path in files]


def states(lines: list[dict[str, str]]) -> list[tuple[str, str | None]]:
    return [(line["state"], line.get("changed")) for line in lines]


def test_files_are_sealed_shown_opened_and_changed(
    tmp_path: Path, custodian: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    def custody(name: str, *options: str, source: str = "prompt") -> Any:
        return states(commanded(tmp_path, capsys, name, *options, source=source))

    plain = contents(custodian)
    assert custody("show") == [("plain", None)] * 2
    assert custody("seal", source=on_descriptor()) == [("sealed", "now")] * 2
    sealed = contents(custodian)
    assert all(each.startswith(SEALED_MARK) for each in sealed)
    assert custody("show") == [("sealed", None)] * 2
    assert custody("seal", source=on_descriptor()) == [("sealed", "no")] * 2
    assert contents(custodian) == sealed
    for path, content in zip(custodian, plain, strict=True):
        path.write_bytes(content)
    seal_here(custodian, a_provider())
    new = ("--new-passphrase-from", on_descriptor(OTHER))
    assert custody("change", *new, source=on_descriptor()) == [("sealed", "now")] * 2
    assert all(a_provider(OTHER).open(path.read_bytes(), purpose=custodian[path]) for path in custodian)
    assert custody("open", "--passphrase-from", on_descriptor(OTHER)) == [("plain", "now")] * 2
    assert custody("open", "--passphrase-from", on_descriptor(OTHER), source="") == [("plain", "no")] * 2
    assert contents(custodian) == plain
    assert [path.stat().st_mode & 0o777 for path in custodian] == [0o600] * 2


def test_a_sealed_share_and_signing_key_are_read_with_the_passphrase_alone(tmp_path: Path, custodian: Files) -> None:
    share, key = load_share(tmp_path / "share.json"), load_private_key(tmp_path / "signing.pem")
    seal_here(custodian, a_provider())
    config = settled(tmp_path / "custodian.toml", GOOD, on_descriptor())
    opened, more = open_signing_key(tmp_path / "signing.pem", config=config, day=None)
    assert public_bytes(opened) == public_bytes(key)
    assert load_share(tmp_path / "share.json", provider=more["provider"]) == share
    assert load_share(tmp_path / "share.json", provider=a_provider()) == share
    for provider, says in ((UNSEALED, "no passphrase was given"), (a_provider(OTHER), "another passphrase")):
        with pytest.raises(ShareFileBad, match=says):
            load_share(tmp_path / "share.json", provider=provider)
        with pytest.raises(KeyFileBad, match=says):
            load_private_key(tmp_path / "signing.pem", provider=provider, purpose=SIGNING_KEY)


def test_the_shares_of_ceremonies_are_sealed_too_each_for_its_own_committee(
    tmp_path: Path, custodian: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    dealing, folder = deal(None, 2, 3, os.urandom), tmp_path / "shares"
    book = a_book(folder, *(a_share(dealing, committee=committee) for committee in (1, 2)))
    shares = book.held(FORMED)
    lines = commanded(tmp_path, capsys, "seal", source=on_descriptor())
    purposes = [SHARE, "custodian-share 1/1", "custodian-share 1/2", SIGNING_KEY]
    assert [(line["secret"], line["changed"]) for line in lines] == [(purpose, "now") for purpose in purposes]
    provider = a_provider()
    assert a_book(folder, provider=provider).held(FORMED) == shares
    assert a_book(folder).held(FORMED) == ()
    first, second = folder / "share-1-1.json", folder / "share-1-2.json"
    second.write_bytes(first.read_bytes())
    assert a_book(folder, provider=provider).damaged() == (second,)


def test_a_file_that_is_put_in_anothers_place_does_not_open(tmp_path: Path, custodian: Files) -> None:
    seal_here(custodian, a_provider())
    (tmp_path / "share.json").write_bytes((tmp_path / "signing.pem").read_bytes())
    with pytest.raises(ShareFileBad, match="under another passphrase or purpose"):
        load_share(tmp_path / "share.json", provider=a_provider())


def test_a_plain_file_is_not_read_where_a_passphrase_is_set(custodian: Files) -> None:
    share, key = custodian
    with pytest.raises(ShareFileBad, match="is not sealed, and a passphrase is set: `custody seal` seals it"):
        load_share(share, provider=a_provider())
    with pytest.raises(KeyFileBad, match="is not sealed"):
        load_private_key(key, provider=a_provider(), purpose=SIGNING_KEY)


def test_nothing_is_changed_unless_all_can_be(
    tmp_path: Path, custodian: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    seal_here({tmp_path / "share.json": SHARE}, a_provider())
    before = contents(custodian)
    said = commanded(tmp_path, capsys, "seal", source=on_descriptor(OTHER))
    assert "share.json: the custodian-share does not open" in said
    assert contents(custodian) == before
    new = ("--new-passphrase-from", on_descriptor(OTHER))
    said = commanded(tmp_path, capsys, "change", *new, source=on_descriptor())
    assert "signing.pem: the custodian-signing-key is not sealed" in said
    assert contents(custodian) == before


@pytest.mark.parametrize(
    "case",
    [
        ("seal", "", "write [custody] first"),
        ("open", "", "has no [custody]; --passphrase-from names the source"),
        ("seal", "fd:999", "fd:999: no passphrase can be read there (Bad file descriptor)"),
        ("seal", "credential:clearline", "systemd gave this process no credentials"),
        ("seal", "correct horse battery staple", "a passphrase itself never stands in settings"),
    ],
)
def test_a_command_without_a_passphrase_says_what_is_missing(
    tmp_path: Path, custodian: Files, capsys: pytest.CaptureFixture[str], case: tuple[str, str, str]
) -> None:
    name, source, says = case
    before = contents(custodian)
    said = commanded(tmp_path, capsys, name, source=source)
    assert says in said
    assert "horse" not in said
    assert contents(custodian) == before


@pytest.mark.parametrize("content", [b"", b"\n", b"fourteen bytes\n", b"x" * 2000])
def test_a_passphrase_that_is_empty_short_or_endless_seals_nothing(
    tmp_path: Path, custodian: Files, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    before = contents(custodian)
    assert "a passphrase has 15 to 1024 bytes" in commanded(tmp_path, capsys, "seal", source=on_descriptor(content))
    assert contents(custodian) == before


def options_below(command: click.Command, path: str = "") -> list[tuple[str, click.Parameter]]:
    found = [(path, each) for each in command.params]
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below is not None
            found += options_below(below, f"{path} {name}")
    return found


def test_no_option_takes_a_passphrase_and_none_reads_the_environment(capsys: pytest.CaptureFixture[str]) -> None:
    options = options_below(command_line)
    assert [(path, each.name) for path, each in options if each.envvar] == []
    taking = {
        (path, each.name): type(each.type)
        for path, each in options
        if {"passphrase", "password", "secret"} & set((each.name or "").split("_"))
    }
    assert len(taking) == 8
    assert set(taking.values()) == {SourceParam}
    for words in (["--passphrase-from", "correct horse battery"], ["--new-passphrase-from", "literal:horse"]):
        code, out, err = called(capsys, "registry", "custody", "change", "--config", os.devnull, *words)
        assert (code, out) == (2, "")
        assert "a passphrase itself never stands in a command" in err
        assert "horse" not in err


def changed(files: Files, change: Callable[[bytes, str], bytes]) -> None:
    _change_all(files, change, as_json=True)


def killed_at(step: int, work: Callable[[], None]) -> bool:
    """Run work in a child that kills itself before its so many-th touch of a file; tell whether it got that far."""
    child = os.fork()
    if child == 0:
        taken = 0

        def count(event: str, _arguments: object) -> None:
            nonlocal taken
            if event in {"open", "os.rename", "os.remove", "fcntl.flock"}:
                taken += 1
                if taken == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.addaudithook(count)
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the child runs no thread of the parent's
@pytest.mark.parametrize("name", ["seal", "change", "open"])
def test_killed_at_any_step_each_file_is_the_old_or_the_new_one_and_a_repetition_ends_it(
    tmp_path: Path, custodian: Files, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    before, after = a_provider(), a_provider(OTHER)
    plain = dict(zip(custodian, contents(custodian), strict=True))
    works: dict[str, tuple[KeyProvider, KeyProvider, Callable[[bytes, str], bytes]]] = {
        "seal": (UNSEALED, before, lambda raw, purpose: _sealed(raw, purpose, before)),
        "change": (before, after, lambda raw, purpose: _resealed(raw, purpose, before, after)),
        "open": (before, UNSEALED, lambda raw, purpose: _opened(raw, purpose, before)),
    }
    old, new, change = works[name]
    for path, purpose in custodian.items():
        old.open(old.seal(plain[path], purpose=purpose), purpose=purpose)  # derive once, here
        new.open(new.seal(plain[path], purpose=purpose), purpose=purpose)
    step = 0
    was_killed = True
    while was_killed:
        step += 1
        for path, purpose in custodian.items():
            path.write_bytes(old.seal(plain[path], purpose=purpose))
        was_killed = killed_at(step, lambda: changed(custodian, change))
        for path, purpose in custodian.items():
            content = path.read_bytes()
            assert plain[path] in {_read(each, content, purpose) for each in (old, new)}
        changed(custodian, change)
        for path, purpose in custodian.items():
            assert new.open(path.read_bytes(), purpose=purpose) == plain[path]
            assert not fresh_name(path).exists()
    assert step > 15


def _read(provider: KeyProvider, content: bytes, purpose: str) -> bytes | None:
    try:
        return provider.open(content, purpose=purpose)
    except Exception:  # noqa: BLE001 (each provider refuses the other's files)
        return None


def test_a_full_disk_leaves_the_old_file_and_says_so(small_disk: Path) -> None:
    path = small_disk / "share.json"
    save_share(path, held(deal(None, 2, 3, os.urandom), 2))
    plain, provider = path.read_bytes(), a_provider()
    fill(small_disk / "filler")
    with pytest.raises(Failure, match=r"share\.json: No space left on device; this file is as it was"):
        changed({path: SHARE}, lambda raw, purpose: _sealed(raw, purpose, provider))
    assert path.read_bytes() == plain
    assert not fresh_name(path).exists()
    (small_disk / "filler").unlink()
    changed({path: SHARE}, lambda raw, purpose: _sealed(raw, purpose, provider))
    assert provider.open(path.read_bytes(), purpose=SHARE) == plain


def test_a_registry_is_sealed_from_the_start_and_works(
    tmp_path: Path, registry: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "registry.toml"
    settled(config, REGISTRY, on_descriptor())
    first = answered(capsys, "registry", "init", *registry)
    shown = [
        json.loads(line)
        for line in called(capsys, "registry", "custody", "show", *registry[:2], "--json")[1].splitlines()
    ]
    assert {(line["secret"], line["state"]) for line in shown} == {
        (keyfile.KEYS, "sealed"),
        (keyfile.SIGNING_KEY, "sealed"),
        (LOG_KEY, "sealed"),
    }
    settled(config, REGISTRY, on_descriptor())
    again = answered(capsys, "registry", "init", *registry)
    assert (again["public_key"], again["founded"]) == (first["public_key"], "before")
    settled(config, REGISTRY, on_descriptor())
    code, _, err = called(capsys, "registry", "worker", "--once", *registry[:2])
    assert code == 0, err
    assert load_public_half(tmp_path / "log.pem") == public_bytes(
        load_private_key(tmp_path / "log.pem", provider=a_provider(), purpose=LOG_KEY)
    )


def test_the_server_of_a_sealed_registry_signs_heads_of_the_log(
    tmp_path: Path, registry: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    answered(capsys, "registry", "init", *registry)
    names = {"keys.json": keyfile.KEYS, "registry.pem": keyfile.SIGNING_KEY, "log.pem": LOG_KEY}
    seal_here({tmp_path / name: purpose for name, purpose in names.items()}, a_provider())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    passphrase = descriptor()
    config = settled(tmp_path / "registry.toml", REGISTRY.replace("9100", str(port)), f"fd:{passphrase}")
    command = [sys.executable, "-m", "cli", "registry", "serve", "--config", str(config)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, pass_fds=[passphrase]) as server:
        os.close(passphrase)
        # The worker process reads the log's key; the master has read the passphrase.
        for _ in range(400):
            if server.poll() is not None or any((tmp_path / "log-heads").glob("20[0-9][0-9]")):
                break
            time.sleep(0.05)
        server.terminate()
        _, log = server.communicate(timeout=30)
    assert server.returncode == 0
    assert list((tmp_path / "log-heads").glob("20[0-9][0-9]")) != [], log
    assert '{"memory": "memory is' in log
    assert PASSPHRASE.decode() not in log


def test_a_registry_with_a_wrong_passphrase_or_a_plain_file_does_not_start(
    tmp_path: Path, registry: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "registry.toml"
    answered(capsys, "registry", "init", *registry)
    keys, signing_key = {tmp_path / "keys.json": keyfile.KEYS}, {tmp_path / "registry.pem": keyfile.SIGNING_KEY}

    def refused() -> str:
        settled(config, REGISTRY, on_descriptor())
        code, _, err = called(capsys, "registry", "serve", *registry[:2])
        assert code == 1
        return err

    assert "keys.json: the registry-key-file is not sealed, and a passphrase is set: `custody seal`" in refused()
    seal_here(keys, a_provider())
    assert "registry.pem: the registry-signing-key is not sealed" in refused()
    seal_here(signing_key, a_provider(OTHER))
    assert "registry.pem: the registry-signing-key does not open" in refused()
    settled(config, REGISTRY)
    code, _, err = called(capsys, "registry", "worker", "--once", *registry[:2])
    assert code == 1
    assert "keys.json: the registry-key-file is sealed, and no passphrase was given" in err


def test_the_settings_of_a_registry_name_the_source(tmp_path: Path) -> None:
    assert load(settled(tmp_path / "registry.toml", REGISTRY), {}).custody is None
    assert str(load(settled(tmp_path / "registry.toml", REGISTRY, "credential:registry"), {}).custody) == (
        "credential:registry"
    )
