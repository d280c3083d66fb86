"""Opens the provider of a role's secrets, and seals, opens and changes their files: for custodian and registry."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from cli.options import config_option, json_option
from cli.outcome import Failure
from cli.output import one_line
from crypto.envelope.passphrase import PassphraseProvider
from crypto.envelope.provider import SEALED_MARK, UNSEALED, KeyProvider
from crypto.errors import CryptoRefusal, SealBroken
from serving.changes import change_file
from serving.passphrase import FORMS, PassphraseSource, parse_source, read_passphrase
from serving.process import lock_memory

_Command = Callable[..., Any]
_Option = Callable[[_Command], _Command]
_Change = Callable[[bytes, str], bytes]
"""Makes of a file's content, and of its purpose, the content to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe:
    """The secret files of a role, each with its purpose, and the source of the passphrase that its settings name."""

    files: Mapping[Path, str]
    source: PassphraseSource | None


class FileState(StrEnum):
    """The states of a secret file."""

    MISSING = "missing"
    PLAIN = "plain"
    SEALED = "sealed"


class SourceParam(click.ParamType[PassphraseSource]):
    """The source of a passphrase, never a passphrase."""

    name = "source"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> PassphraseSource:
        source = value if isinstance(value, PassphraseSource) else parse_source(str(value))
        if source is None:
            self.fail(f"must be {FORMS}; a passphrase itself never stands in a command", param, ctx)
        return source


def open_provider(source: PassphraseSource | None, *, is_new: bool = False) -> KeyProvider:
    """Return the provider of a process: call this once, before any fork. Without a source, secrets are plain files.

    A new passphrase is typed twice at a prompt. Raises PassphraseRefused, or BadKey for one that is too short.
    """
    if source is None:
        return UNSEALED
    lock_memory()  # so that the passphrase does not go to swap
    return PassphraseProvider(read_passphrase(source, is_new=is_new), os.urandom)


def custody_group(role: str, read: Callable[..., Safe], *options: _Option) -> click.Group:
    """Build the commands of a role; ``read`` gets its settings file, and by name what the options give."""
    group = click.Group("custody", help=_about(role), short_help="Seal the secret files at rest.")
    for name, (run, summary, text, more) in _COMMANDS.items():
        command: _Command = partial(run, read)
        for add in (*reversed(more), json_option, *options, config_option(f"{role}.toml")):
            command = add(command)
        example = f"\b\nExample:\n  clearline {role} custody {name} --config {role}.toml"
        group.command(name, short_help=summary, help=f"{text}\n\n{example}")(command)
    return group


def _about(role: str) -> str:
    return (
        f"Seal the secrets of a {role} under a passphrase, so that a thief of its disk or backups has none of them.\n\n"
        "The settings name the source of the passphrase, in `[custody]`; docs/runbooks/custody.md has the steps. Stop "
        "the processes first: whoever runs has read its keys in the old form."
    )


def _show(read: Callable[..., Safe], /, *, config: Path, as_json: bool, **given: Any) -> None:
    for path, purpose in read(config, **given).files.items():
        click.echo(one_line({"file": str(path), "secret": purpose, "state": _state(path)}, as_json=as_json))


def _seal(
    read: Callable[..., Safe],
    /,
    *,
    config: Path,
    passphrase_from: PassphraseSource | None,
    as_json: bool,
    **given: Any,
) -> None:
    safe = read(config, **given)
    if safe.source is None:
        raise Failure(f"{config}: write [custody] first; without it nothing that is sealed can be read")
    provider = open_provider(passphrase_from or safe.source, is_new=True)
    _change_all(safe.files, lambda raw, purpose: _sealed(raw, purpose, provider), as_json=as_json)


def _open(
    read: Callable[..., Safe],
    /,
    *,
    config: Path,
    passphrase_from: PassphraseSource | None,
    as_json: bool,
    **given: Any,
) -> None:
    safe = read(config, **given)
    provider = open_provider(_source(config, safe, passphrase_from))
    _change_all(safe.files, lambda raw, purpose: _opened(raw, purpose, provider), as_json=as_json)


def _change(
    read: Callable[..., Safe],
    /,
    *,
    config: Path,
    passphrase_from: PassphraseSource | None,
    new_passphrase_from: PassphraseSource,
    as_json: bool,
    **given: Any,
) -> None:
    safe = read(config, **given)
    before = open_provider(_source(config, safe, passphrase_from))
    after = open_provider(new_passphrase_from, is_new=True)
    _change_all(safe.files, lambda raw, purpose: _resealed(raw, purpose, before, after), as_json=as_json)


_present: Final = click.option(
    "--passphrase-from",
    type=SourceParam(),
    help=f"Where the passphrase is read: {FORMS}.  [default: as the settings say]",
)
_new: Final = click.option(
    "--new-passphrase-from",
    type=SourceParam(),
    default="prompt",
    show_default=True,
    help="Where the new passphrase is read.",
)
_COMMANDS: Final[Mapping[str, tuple[_Command, str, str, Sequence[_Option]]]] = {
    "show": (
        _show,
        "Show which secret files are sealed.",
        "Show which secret files are sealed, without reading them.",
        (),
    ),
    "seal": (
        _seal,
        "Seal the secret files where they lie.",
        (
            "Seal the secret files where they lie. Safe to repeat, also after a crash: each file is the old one or the "
            "new one, and a sealed one stays. Nothing is changed unless all can be.\n\n"
            "The disk may keep the plain bytes in blocks that are free now, and older backups keep them."
        ),
        (_present,),
    ),
    "open": (
        _open,
        "Write the secret files plain again.",
        "Write the secret files plain again. Safe to repeat. Take `[custody]` out of the settings afterwards.",
        (_present,),
    ),
    "change": (
        _change,
        "Seal under another passphrase.",
        (
            "Seal the secret files under another passphrase. Safe to repeat, also after a crash: give the same two "
            "again. Older backups open under the old one."
        ),
        (_present, _new),
    ),
}
"""The commands of a role: function, summary, help, and options beside those of all."""


def _source(config: Path, safe: Safe, named: PassphraseSource | None) -> PassphraseSource:
    source = named or safe.source
    if source is None:
        raise Failure(f"{config}: has no [custody]; --passphrase-from names the source of the passphrase")
    return source


def _state(path: Path) -> FileState:
    try:
        with path.open("rb") as file:
            return FileState.SEALED if file.read(len(SEALED_MARK)) == SEALED_MARK else FileState.PLAIN
    except FileNotFoundError:
        return FileState.MISSING


def _change_all(files: Mapping[Path, str], change: _Change, *, as_json: bool) -> None:
    """Change each file, once it is known that all can be changed; say of each how it is now. Raises Failure."""
    there = {path for path in files if path.exists()}
    for path in there:
        _made(path, files[path], change, path.read_bytes())
    for path, purpose in files.items():
        is_changed = path in there and _is_replaced(path, purpose, change)
        told = {"file": str(path), "secret": purpose, "state": _state(path), "changed": "now" if is_changed else "no"}
        click.echo(one_line(told, as_json=as_json))


def _is_replaced(path: Path, purpose: str, change: _Change) -> bool:
    differs = False

    def replacement(raw: bytes) -> bytes:
        nonlocal differs
        made = _made(path, purpose, change, raw)
        differs = made != raw
        return made

    try:
        change_file(path, replacement)
    except OSError as trouble:
        raise Failure(f"{path}: {trouble.strerror}; this file is as it was") from None
    return differs


def _made(path: Path, purpose: str, change: _Change, raw: bytes) -> bytes:
    try:
        return change(raw, purpose)
    except CryptoRefusal as refused:
        raise Failure(f"{path}: {refused}") from None


def _sealed(raw: bytes, purpose: str, provider: KeyProvider) -> bytes:
    if not raw.startswith(SEALED_MARK):
        return provider.seal(raw, purpose=purpose)
    provider.open(raw, purpose=purpose)  # sealed under another passphrase, it would not open at the start
    return raw


def _opened(raw: bytes, purpose: str, provider: KeyProvider) -> bytes:
    return provider.open(raw, purpose=purpose) if raw.startswith(SEALED_MARK) else raw


def _resealed(raw: bytes, purpose: str, before: KeyProvider, after: KeyProvider) -> bytes:
    try:
        after.open(raw, purpose=purpose)
    except SealBroken:
        return after.seal(before.open(raw, purpose=purpose), purpose=purpose)
    return raw  # an earlier run, which was interrupted, has changed it
