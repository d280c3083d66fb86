"""`clearline registry`: found, migrate, serve and tend a registry, and admit participants."""

import os
import signal
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from api.app import create_app
from api.limits import limits_for
from api.serve import ServeSettings, log_to_stderr
from api.serve import serve as serve_application
from cli.options import FILE, PublicKeyParam, config_option, json_option
from cli.outcome import ExitCode, Failure
from cli.output import say, tell
from cli.registry.archive import archived, ordered, voided
from cli.registry.clock import clock
from cli.registry.disassociations import rebuttal
from cli.registry.disputes import dispute
from cli.registry.founding import Founding, read_founding
from cli.registry.keys import key
from cli.registry.log import log
from cli.registry.participants import leave
from cli.registry.red_list import red_list
from cli.registry.restores import restore_check, restored
from cli.registry.rules import rules
from cli.registry.schema_check import check_schema
from cli.registry.tallies import tallies
from cli.registry.witnesses import witness
from cli.registry.work import INTERVAL_SECONDS, Works, left_to_others, run_once
from cli.registry_calls import Office, office_options
from client.resources import participants
from crypto.signing.keys import generate_signing_key, load_private_key, public_bytes, save_private_key
from protocol.codes import Role
from protocol.encodings import b64url_encode
from protocol.messages.participants import NewParticipant
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry import keyfile
from registry.settings import Settings, load
from registry.store import migrate as schema
from registry.usecases.context import Registry
from registry.usecases.found import found
from registry.wiring import build_registry
from registry.work import worker
from serving.process import cut_off


@click.group()
def registry() -> None:
    """Run the neutral register. Its operator can neither read nor enumerate identities.

    \b
    Typical order: init, serve, worker (beside it), admit once for each participant.
    """


@registry.command(short_help="Found a registry, with keys and database.")
@config_option("registry.toml")
@click.option("--founding", type=FILE, required=True, help="Operator and first key epoch (TOML, see below).")
@json_option
def init(config: Path, founding: Path, *, as_json: bool) -> None:
    """Make the registry's secret files where they are missing, bring the database to the newest schema, and found it.

    Safe to repeat: what exists is kept.

    \b
    Example:
      clearline registry init --config registry.toml --founding founding.toml
    \b
    founding.toml:
      [operator]
      id = "operator"
      name = "The neutral operator"
      key_id = "operator-1"
      public_key = "<from: clearline keys new --out operator.pem>"
      [epoch]
      epoch = 1
      joint_public_key = "<from the custodians' ceremony>"
      threshold = 2
      custodians = 3
    """
    settings, first = load(config), read_founding(founding)
    make_secrets(settings, epoch=first.epoch.epoch)
    revision = schema.upgrade(settings.database_url)
    fresh = found_once(settings, first)
    public_key = public_bytes(load_private_key(settings.signing_key))
    tell(
        {
            "schema": revision,
            "founded": "now" if fresh else "before",
            "signing_key_id": settings.signing_key_id,
            "public_key": b64url_encode(public_key),
            "log_name": settings.log_name,
            "log_public_key": b64url_encode(keyfile.load_public_half(settings.log_key)),
        },
        as_json=as_json,
    )


@registry.command()
@config_option("registry.toml")
@json_option
def migrate(config: Path, *, as_json: bool) -> None:
    """Bring the database to the newest schema. Safe to repeat and to run twice at once.

    \b
    Example:
      clearline registry migrate --config registry.toml
    """
    settings = load(config)
    before = schema.current(settings.database_url)
    tell({"before": before, "now": schema.upgrade(settings.database_url)}, as_json=as_json)


@registry.command(short_help="Serve the HTTP interface until SIGTERM.")
@config_option("registry.toml")
def serve(config: Path) -> None:
    """Serve the HTTP interface under gunicorn until SIGTERM. In earnest nginx or haproxy stands in front of it.

    On SQLite it does the work of `registry worker` too, unless the settings say `work = false`; a worker beside it does
    no harm. On PostgreSQL `registry worker` has to run as well. `GET /readyz` has the age of each loop's last round.

    \b
    Example:
      clearline registry serve --config registry.toml
    """
    settings = load(config)
    check_schema(settings)
    keyfile.load(settings.keys)
    load_private_key(settings.signing_key)
    for line in left_to_others(settings):
        say(line)
    embedded = _Embedded(settings)
    serve_application(
        ServeSettings(listen=settings.listen, workers=settings.workers, threads=settings.threads),
        lambda: create_app(embedded.registry, limits_for(settings.threads)),
        embedded.run,
    )


@registry.command("worker", short_help="Run the registry's rounds until SIGTERM.")
@config_option("registry.toml")
@click.option(
    "--interval", type=click.FloatRange(min=0.1), default=INTERVAL_SECONDS, show_default=True, help="Seconds."
)
@click.option("--once", is_flag=True, help="One round, then end.")
def run_worker(config: Path, interval: float, *, once: bool) -> None:
    """Make due records block, deliver events, integrate the access log, feed witnesses: over and over until SIGTERM.

    \b
    Example:
      clearline registry worker --config registry.toml --interval 60
    """
    settings = load(config)
    check_schema(settings)
    running = build_registry(settings)
    log_to_stderr()
    if once:
        run_once(running, settings, interval)
        return
    stop = threading.Event()
    works = Works(registry=running, settings=settings, stop=stop, interval=interval)

    def end(*_signal: object) -> None:
        stop.set()
        cut_off(ExitCode.FAILED)  # the next start repeats a round that waits for a silent database or a slow webhook

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    try:
        with worker.beside(stop, works.beside()):
            works.clock()
    except worker.WorkEnded as ended:
        raise Failure(str(ended)) from None


@registry.command(short_help="Admit a participant.")
@click.argument("participant_id")
@click.option("--name", required=True, help="How the participant is called in quotes.")
@click.option(
    "--role",
    "roles",
    type=click.Choice([each.value for each in Role]),
    multiple=True,
    required=True,
    help="May be given several times.",
)
@click.option("--contact", help="How a debtor pays or disputes.")
@click.option("--new-key-id", required=True, help="The name of the participant's first key.")
@click.option("--public-key", type=PublicKeyParam(), required=True, help="Its 32 bytes in base64url, or a file.")
@office_options
def admit(participant_id: str, *, office: Office, as_json: bool, **participant: Any) -> None:
    """Admit PARTICIPANT_ID over the registry's HTTP interface, signed by the operator. Safe to repeat.

    \b
    Example:
      clearline registry admit carrier-a --name "Carrier A" --role REPORTER --role INQUIRER \\
        --new-key-id carrier-a-1 --public-key KEY \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    participant["key_id"] = participant.pop("new_key_id")
    participant["roles"] = tuple(Role(role) for role in participant["roles"])
    new = NewParticipant(participant_id=participant_id, **participant)
    with office.open() as client:
        answer = write(participants.admit(client, new))
    tell({name: answer[name] for name in ("participant_id", "name", "roles", "contact")}, as_json=as_json)


registry.add_command(log)
registry.add_command(clock)
registry.add_command(dispute)
registry.add_command(rebuttal)
registry.add_command(ordered)
registry.add_command(voided)
registry.add_command(archived)
registry.add_command(leave)
registry.add_command(key)
registry.add_command(red_list)
registry.add_command(rules)
registry.add_command(tallies)
registry.add_command(witness)
registry.add_command(restored)
registry.add_command(restore_check)


def make_secrets(settings: Settings, *, epoch: int) -> None:
    """Make the secret file and the two signing keys where they are missing, and the public halves of the keys."""
    if not settings.keys.exists():
        keyfile.save(keyfile.generate(os.urandom, epoch=epoch), settings.keys)
    if not settings.signing_key.exists():
        save_private_key(generate_signing_key(os.urandom), settings.signing_key)
    if not settings.log_key.exists():
        save_private_key(generate_signing_key(os.urandom), settings.log_key)
    for each in (settings.signing_key, settings.log_key):
        keyfile.save_public_half(public_bytes(load_private_key(each)), each)


def found_once(settings: Settings, founding: Founding) -> bool:
    """Found the registry; returns False where it is founded already."""
    running = build_registry(settings)
    try:
        found(
            running,
            founding.operator,
            founding.epoch,
        )
    except Refusal as refusal:
        if refusal.problem is not Problem.ALREADY_EXISTS:
            raise
        return False
    finally:
        running.store.close()
    return True


class _Embedded:
    """One registry for the application and for the loops beside it, made in the worker process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def registry(self) -> Registry:
        """The first use makes it: the application's, after the fork."""
        return build_registry(self._settings)

    def run(self, stop: threading.Event) -> None:
        """Run the loops that the settings give to this process until it ends; every process logs alarms."""
        works = Works(registry=self.registry, settings=self._settings, stop=stop)
        if self._settings.work:
            others = works.beside() if self._settings.integrate else works.without_integrator()
            with worker.beside(stop, others):
                works.clock()
            return
        integrator = works.integrator() if self._settings.integrate else {}
        with worker.beside(stop, works.watch() | integrator):
            stop.wait()
