"""Options of the commands by which an office reads: the purpose, and the member of its staff that does it.

The staff number stays here: the registry gets a reference that only the office's own key can make.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import click

from cli.options import FILE
from cli.outcome import Failure
from cli.references import agent_reference
from cli.registry_calls import Office
from client.peer import ReadingContext
from protocol.readings import ReadingPurpose
from serving.settings import SettingsError, Table, read_settings

_PURPOSES: Final = [each.value for each in ReadingPurpose]

_Command = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingDefaults:
    """The ``[reading]`` of an office's settings; a command's options win over each."""

    purpose: ReadingPurpose | None = None
    agent: str | None = field(default=None, repr=False)
    reference_key: Path | None = None


def load_defaults(path: Path) -> ReadingDefaults:
    """Read an office's settings file; raises SettingsError, which repeats no value."""
    return read_settings(path, _defaults, environment={})


def _defaults(document: Table) -> ReadingDefaults:
    reading = document.table("reading")
    purpose = reading.text("purpose") if "purpose" in reading else None
    if purpose is not None and purpose not in _PURPOSES:
        raise reading.wrong("purpose", f"must be one of {', '.join(_PURPOSES)}")
    return ReadingDefaults(
        purpose=None if purpose is None else ReadingPurpose(purpose),
        agent=reading.text("agent") if "agent" in reading else None,
        reference_key=reading.optional_file("reference_key"),
    )


def purpose_options(command: _Command) -> _Command:
    """Add ``--purpose``, ``--agent``, ``--reference-key`` and ``--config``; the command gets them as ``reading``."""

    @functools.wraps(command)
    def with_reading(
        *, purpose: str | None, agent: str | None, reference_key: Path | None, config: Path | None, **given: Any
    ) -> Any:
        told = ReadingDefaults() if config is None else read_defaults(config)
        chosen = ReadingDefaults(
            purpose=told.purpose if purpose is None else ReadingPurpose(purpose),
            agent=told.agent if agent is None else agent,
            reference_key=reference_key or told.reference_key,
        )
        return command(reading=context_of(chosen), **given)

    taken: _Command = with_reading
    for add in (
        click.option("--config", type=FILE, help="The office's settings (TOML): its [reading]."),
        click.option("--reference-key", type=FILE, help="The office's key for references of its staff."),
        click.option("--agent", help="The reader's staff number; it stays here."),
        click.option("--purpose", type=click.Choice(_PURPOSES), help="The purpose of the reading."),
    ):
        taken = add(taken)
    return taken


def reading_options(command: _Command) -> _Command:
    """Add ``purpose_options``, and open the command's ``office`` with them; below ``office_options``."""

    def with_office(*, reading: ReadingContext, office: Office, **given: Any) -> Any:
        return command(office=replace(office, reading=reading), **given)

    return purpose_options(functools.wraps(command)(with_office))


def context_of(chosen: ReadingDefaults) -> ReadingContext:
    """Make the reference of the member of staff; raises Failure, which never repeats the number."""
    if chosen.agent is None:
        return ReadingContext(purpose=chosen.purpose)
    if chosen.reference_key is None:
        raise Failure("--agent needs --reference-key (clearline keys new --kind reference makes one)")
    return ReadingContext(purpose=chosen.purpose, agent=agent_reference(chosen.reference_key, chosen.agent))


def read_defaults(path: Path) -> ReadingDefaults:
    """Read an office's settings file for a command; raises Failure, which repeats no value."""
    try:
        return load_defaults(path)
    except SettingsError as refused:
        raise Failure(str(refused)) from None
