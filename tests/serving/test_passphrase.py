"""A passphrase comes from a credential, a descriptor or a terminal, and from nowhere else."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from serving.passphrase import (
    FORMS,
    PassphraseRefused,
    PassphraseSource,
    SourceKind,
    parse_source,
    read_custody,
    read_passphrase,
)
from serving.settings import SettingsError, read_settings
from tests.support.root import ROOT

TYPED = "correct horse battery staple"


def a_source(text: str) -> PassphraseSource:
    source = parse_source(text)
    assert source is not None
    assert str(source) == text
    return source


def piped(content: bytes) -> PassphraseSource:
    """The source of a descriptor from which the content can be read."""
    end, start = os.pipe()
    os.write(start, content)
    os.close(start)
    return a_source(f"fd:{end}")


def test_the_three_forms_of_a_source_are_read() -> None:
    assert a_source("credential:clearline.custodian-1").kind is SourceKind.CREDENTIAL
    assert a_source("fd:3") == PassphraseSource(kind=SourceKind.DESCRIPTOR, name="3")
    assert a_source("prompt") == PassphraseSource(kind=SourceKind.PROMPT)


@pytest.mark.parametrize(
    "text",
    [
        TYPED,
        "",
        "prompt\n",
        "Prompt",
        "prompt:x",
        "fd:",
        "fd:0",  # standard input, output and errors are closed by nobody who lives on
        "fd:2",
        "fd:03",
        "fd:-3",
        "fd:1000",
        "fd:3 ",
        "credential:",
        "credential:..",
        "credential:../share.json",
        "credential:a/b",
        "credential:" + "n" * 65,
        "file:/etc/passphrase",
        "env:PASSPHRASE",
        "literal:secret",
    ],
)
def test_a_passphrase_itself_or_any_other_text_is_no_source_and_is_not_repeated(tmp_path: Path, text: str) -> None:
    assert parse_source(text) is None
    path = tmp_path / "settings.toml"
    path.write_text("[custody]\n")
    with pytest.raises(SettingsError) as refused:
        read_settings(path, read_custody, prefix="X_", environment={"X_CUSTODY_PASSPHRASE": text})
    wanted = f"{FORMS}; a passphrase itself never stands in settings" if text else "a text"
    assert str(refused.value) == f"{path}: custody.passphrase must be {wanted}"


@pytest.mark.parametrize("literal", [TYPED, "fd:3:" + TYPED, "credential:" + TYPED])
def test_settings_with_a_literal_passphrase_are_refused_without_it(tmp_path: Path, literal: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f'[custody]\npassphrase = "{literal}"\n')
    with pytest.raises(SettingsError, match="a passphrase itself never stands in settings") as refused:
        read_settings(path, read_custody, environment={})
    assert "horse" not in str(refused.value)


def test_settings_without_custody_have_no_source_and_a_misspelt_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("")
    assert read_settings(path, read_custody, environment={}) is None
    path.write_text('[custody]\npassphrase = "prompt"\n')
    assert read_settings(path, read_custody, environment={}) == a_source("prompt")
    path.write_text('[custody]\npassphrase = "prompt"\npasphrase = "x"\n')
    with pytest.raises(SettingsError, match="is not known here"):
        read_settings(path, read_custody, environment={})


@pytest.mark.parametrize(
    ("content", "passphrase"),
    [
        (b"a passphrase", b"a passphrase"),
        (b"a passphrase\n", b"a passphrase"),
        (b"a passphrase\n\n", b"a passphrase\n"),
        (b"two\nlines\n", b"two\nlines"),
        (b"\xff\x00\xfe", b"\xff\x00\xfe"),
        (b"\n", b""),
        (b"", b""),
        (b"x" * 5000, b"x" * 4096),
    ],
)
def test_a_descriptor_is_read_to_its_end_and_closed(content: bytes, passphrase: bytes) -> None:
    source = piped(content)
    assert read_passphrase(source) == passphrase
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(int(source.name))
    with pytest.raises(PassphraseRefused, match=rf"{source}: no passphrase can be read there"):
        read_passphrase(source)


def test_a_credential_of_systemd_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = a_source("credential:clearline")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(PassphraseRefused, match="gave this process no credentials"):
        read_passphrase(source)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(PassphraseRefused, match="no credential of this name"):
        read_passphrase(source)
    (tmp_path / "clearline").write_bytes(b"a passphrase\n")
    assert read_passphrase(source) == b"a passphrase"
    (tmp_path / "clearline").unlink()
    (tmp_path / "clearline").mkdir()
    with pytest.raises(PassphraseRefused, match=r"credential:clearline: .*Is a directory"):
        read_passphrase(source)


PROMPTED = """
import os, sys
from serving.passphrase import PassphraseRefused, PassphraseSource, SourceKind, read_passphrase
if len(sys.argv) > 2:
    os.open(sys.argv[2], os.O_RDWR)  # the first terminal that a leader of a session opens is its own
try:
    print(ascii(read_passphrase(PassphraseSource(kind=SourceKind.PROMPT), is_new=sys.argv[1] == "new")))
except PassphraseRefused as refused:
    print(refused)
"""


def prompted(kind: str, *lines: bytes) -> tuple[str, bytes]:
    """What a process of its own session reads at its terminal, and what its terminal shows."""
    outer, inner = pty.openpty()
    command = [sys.executable, "-c", PROMPTED, kind, os.ttyname(inner)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        shown = b""
        for line in lines:
            while not shown.endswith(b": "):
                shown += os.read(outer, 100)
            os.write(outer, line)
            shown += b"|"
        told, _ = process.communicate(timeout=20)
    os.close(inner)
    os.close(outer)
    return told, shown


def test_a_passphrase_is_typed_at_the_terminal_and_not_shown() -> None:
    told, shown = prompted("old", TYPED.encode() + b"\n")
    assert (told, shown) == (f"b'{TYPED}'\n", b"Passphrase: |")


def test_a_new_passphrase_is_typed_twice() -> None:
    words = "正确的马电池订书钉".encode()
    told, shown = prompted("new", words + b"\n", words + b"\n")
    assert told == f"{words!a}\n"
    assert b"New passphrase: " in shown
    assert b"The same again: " in shown
    told, shown = prompted("new", b"one passphrase\n", b"another passphrase\n")
    assert told == "prompt: the two passphrases differ\n"
    assert b"passphrase\r" not in shown


def test_the_end_of_the_input_at_a_prompt_is_no_passphrase() -> None:
    assert prompted("old", b"\x04")[0] == "prompt: no passphrase was typed\n"


def test_without_a_terminal_standard_input_is_not_read_instead() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROMPTED, "old"],
        cwd=ROOT,
        input=TYPED + "\n",
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert ended.stdout == "prompt: there is no terminal to ask at\n"
    assert "horse" not in ended.stderr
