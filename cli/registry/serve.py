"""`clearline registry serve` and `worker`: the HTTP interface, and the rounds beside it, until SIGTERM."""

import signal
import threading
from functools import cached_property
from pathlib import Path

import click

from api.app import create_app
from api.limits import limits_for
from api.serve import ServeSettings, lock_and_tell, log_to_stderr
from api.serve import serve as serve_application
from cli.custody import open_provider
from cli.options import config_option
from cli.outcome import ExitCode, Failure
from cli.output import say
from cli.registry.schema_check import check_schema
from cli.registry.work import INTERVAL_SECONDS, Works, left_to_others, run_once
from crypto.envelope.provider import KeyProvider
from crypto.signing.keys import load_private_key
from registry import keyfile
from registry.settings import Settings, load
from registry.usecases.context import Registry
from registry.wiring import answering, build_registry
from registry.work import worker
from serving.process import cut_off


@click.command()
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
    provider = open_provider(settings.custody)
    keyfile.load(settings.keys, provider=provider)
    load_private_key(settings.signing_key, provider=provider, purpose=keyfile.SIGNING_KEY)
    for line in left_to_others(settings):
        say(line)
    embedded = _Embedded(settings, provider)
    serve_application(
        ServeSettings(
            listen=settings.listen, workers=settings.workers, threads=settings.threads, own_cores=settings.own_cores
        ),
        lambda: create_app(answering(settings, embedded.registry), limits_for(settings.threads)),
        embedded.run,
    )


@click.command("worker")
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
    provider = open_provider(settings.custody)
    running = build_registry(settings, provider)
    log_to_stderr()
    if once:
        run_once(running, settings, interval, provider)
        return
    lock_and_tell()
    stop = threading.Event()
    works = Works(registry=running, settings=settings, stop=stop, interval=interval, provider=provider)

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


class _Embedded:
    """One registry for the application and for the loops beside it, made in the worker process.

    The provider is the master's: the worker processes inherit it, and no passphrase is read again.
    """

    def __init__(self, settings: Settings, provider: KeyProvider) -> None:
        self._settings = settings
        self._provider = provider

    @cached_property
    def registry(self) -> Registry:
        """The first use makes it: the application's, after the fork."""
        return build_registry(self._settings, self._provider)

    def run(self, stop: threading.Event) -> None:
        """Run the loops that the settings give to this process until it ends; every process logs alarms."""
        works = Works(registry=self.registry, settings=self._settings, stop=stop, provider=self._provider)
        if self._settings.work:
            others = works.beside() if self._settings.integrate else works.without_integrator()
            with worker.beside(stop, others | works.probe()):
                works.clock()
            return
        integrator = works.integrator() if self._settings.integrate else {}
        with worker.beside(stop, works.watch() | works.probe() | integrator):
            stop.wait()
