"""`clearline demo` runs every server on this machine, with keys of its own."""

import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from cli.demo import calibrate
from cli.demo.ceremony import Parties, bring_up_to_date, parties_in
from cli.demo.credit_story import run_credit_story
from cli.demo.debtors import debtors
from cli.demo.folder import own_folder
from cli.demo.genesis import make_parties_together
from cli.demo.import_ import Imported, check_applicants, look_over, report_exports
from cli.demo.launch import bring_up, household, tell_addresses
from cli.demo.log_story import tell_log
from cli.demo.offices import tell_offices
from cli.demo.plan import CARRIERS, EXAMPLES, WORK, Plan, Sample, loopback_addresses, read_sample
from cli.demo.processes import Household
from cli.demo.refresh_story import tell_refresh
from cli.demo.sample import FOLDER as SAMPLE_FOLDER
from cli.demo.sample import make_sample
from cli.demo.sandbox import run_sandbox
from cli.demo.state import read_state, save_state
from cli.demo.story import tell_story
from cli.demo.table import Figures, Stretch, show, write_figures
from cli.demo.tokens import make_tokens
from cli.demo.watching import known_servers, watch
from cli.options import FOLDER
from cli.outcome import Failure
from cli.output import say
from gateway import settings
from gateway.wiring import build
from protocol.beijing import beijing_date
from serving.clock import system_clock
from serving.files import make_folder

_ENDS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopped(Exception):
    """SIGTERM, Ctrl-C or a closed terminal stopped the demonstration."""


@click.command()
@click.option("--data", type=FOLDER, help="Three exports and applicants.csv.  [default: a sample made for today]")
@click.option("--mappings", type=FOLDER, default=EXAMPLES / "mappings", help="Their layouts.  [default: the sample's]")
@click.option("--out", type=FOLDER, help="Where results-*.csv and decisions.csv go.  [default: VAR/out]")
@click.option(
    "--var", type=FOLDER, help="Keys, databases, logs. Emptied first.  [default: var/demo, var/sandbox or var/credit]"
)
@click.option("--keep", is_flag=True, help="Do not empty VAR: go on with its keys, databases and results.")
@click.option("--once", is_flag=True, help="End when the story is told instead of serving until Ctrl-C.")
@click.option("--capture", type=FOLDER, help="Record every byte to and from registry and custodians in this folder.")
@click.option("--sandbox", is_flag=True, help="Fixed identities for every decision instead of sample and story.")
@click.option("--reset", is_flag=True, help="With --sandbox: every identity back to its start, also while it runs.")
@click.option("--credit", is_flag=True, help="The story of a grade over 14 months, on a clock of its own.")
@click.pass_context
def demo(
    context: click.Context,
    *,
    data: Path | None,
    mappings: Path,
    out: Path | None,
    var: Path | None,
    capture: Path | None,
    keep: bool,
    once: bool,
    sandbox: bool,
    reset: bool,
    credit: bool,
) -> None:
    """Run the whole system on this machine: three custodians, the registry, three carriers, and one applicant's story.

    All on loopback, with fresh keys, and on today's clock: the sample is made for this day, of people who do not exist.
    An auditor, a regulator and an adjudicator are admitted too, and a command of each is printed to be tried.

    \b
    Examples:
      clearline demo
      clearline demo --data DIR --out DIR2 --once
      clearline demo --once --capture seen     (what leaves a carrier: see for yourself)
      clearline demo --sandbox                 (an identity for each decision: docs/sandbox.md)
      clearline demo --credit                  (late payment, grade, deposit: docs/credit.md)
    """
    if credit:
        _go_alone(context, "credit", "sandbox", "reset")
        run_credit_story(var or Path("var/credit"), system_clock())
        return
    if sandbox:
        _go_alone(context, "sandbox")
        with _until_stopped():
            run_sandbox(var or Path("var/sandbox"), reset=reset)
        return
    if reset:
        raise click.UsageError("--reset belongs to --sandbox")
    var = var or Path("var/demo")
    given = None if data is None else _looked_over(data, mappings)
    if capture is not None and capture.is_dir() and any(capture.iterdir()):
        raise Failure(f"{capture}: is not empty; what was captured before would be taken for this demonstration's")
    with own_folder(var, keep=keep):
        home = var.resolve()
        kept = read_state(home, relayed=capture is not None)
        plan = Plan(
            var=home,
            out=(out or home / "out").resolve(),
            sample=given or _own_sample(home, mappings),
            addresses=loopback_addresses(relayed=capture is not None) if kept is None else kept,
            capture=None if capture is None else capture.resolve(),
        )
        _run(plan, fresh=kept is None, once=once)


def _go_alone(context: click.Context, chosen: str, *more: str) -> None:
    """Refuse options of the usual story, and ``more``: the others have people of their own."""
    for name in ("data", "mappings", "out", "keep", "once", "capture", *more):
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            raise click.UsageError(f"--{name} does not go with --{chosen}")


@contextmanager
def _until_stopped() -> Iterator[None]:
    """Let the block end in order at a signal, which raises Stopped within it."""
    before = {number: signal.getsignal(number) for number in _ENDS}
    for number, handler in before.items():
        if number != signal.SIGHUP or handler is not signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, _stop)
    try:
        yield
    except Stopped:
        say("Stopped.")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _looked_over(data: Path, mappings: Path) -> Sample:
    """Read the input once to its end, before anything is started or sent."""
    sample = read_sample(data.resolve(), mappings.resolve())
    look_over(sample)
    return sample


def _own_sample(home: Path, mappings: Path) -> Sample:
    """Make today's sample in the demonstration's folder, or read that of the start that --keep continues."""
    folder = home / SAMPLE_FOLDER
    if not folder.is_dir():
        # Remove an earlier release's results, which belong to another sample.
        shutil.rmtree(home / WORK, ignore_errors=True)
        make_sample(folder, system_clock())
    return _looked_over(folder, mappings)


def _run(plan: Plan, *, fresh: bool, once: bool) -> None:
    is_told = False
    with _until_stopped():
        make_folder(plan.work)
        say("Making keys, starting three custodians, the registry and three gateways ...")
        with household(plan) as servers:
            parties = _parties(plan, servers, fresh=fresh)
            bring_up(servers, plan, parties)
            log_url, log_key = _work(plan, parties, servers)
            if not once:
                tell_offices(plan, parties, log_url=log_url, log_key=log_key)
                say("\nServing until Ctrl-C; a server that is stopped leaves the others serving:")
                tell_addresses(plan, parties, servers)
                watch(servers, known_servers(plan, parties))
        is_told = True
    if once and not is_told:
        raise Failure("stopped before the story was told")


def _parties(plan: Plan, servers: Household, *, fresh: bool) -> Parties:
    if not fresh:
        bring_up_to_date(plan.var)
        for carrier in CARRIERS:
            make_tokens(plan.var / carrier)
        return parties_in(plan.var, plan.addresses)
    parties = make_parties_together(servers, plan)
    save_state(plan.var, plan.addresses)  # save last, so that an interrupted ceremony is made again
    return parties


def _work(plan: Plan, parties: Parties, servers: Household) -> tuple[str, str]:
    """Import, check, and tell the story; returns the address of the year's log, and its key."""
    begun, cpu = time.perf_counter(), servers.cpu_seconds()
    reports = report_exports(plan, parties)
    reported, cpu_reported = time.perf_counter(), servers.cpu_seconds()
    checks = check_applicants(plan, parties)
    checked, cpu_checked = time.perf_counter(), servers.cpu_seconds()
    elements = sum(each.elements for each in reports.values())
    figures = Figures(
        reports=Stretch(
            rows=sum(each.rows - each.resumed_from_row for each in reports.values()),
            elements=elements,
            wall=reported - begun,
            cpu=_difference(cpu, cpu_reported),
        ),
        checks=Stretch(
            rows=sum(each.rows for each in checks.values()),
            elements=sum(each.elements for each in checks.values()),
            wall=checked - reported,
            cpu=_difference(cpu_reported, cpu_checked),
        ),
        cost=calibrate.measure(min(calibrate.ELEMENTS, max(elements, calibrate.FEWEST))),
    )
    show(Imported(reports=reports, checks=checks), figures)
    write_figures(plan.var / "figures.json", figures)
    say(f"Verdicts and decisions, row by row: {plan.out}")
    today = beijing_date(system_clock())
    with build(settings.load(parties.carriers[CARRIERS[1]], {})) as gateway:
        told = tell_story(plan, debtors(plan, today), gateway)
    log = tell_log(parties, told)
    tell_refresh(servers, plan, parties, told)
    if plan.capture is not None:
        say(f"Every byte to and from registry and custodians: {plan.capture}")
    return log


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _stop(_number: int, _frame: object) -> None:
    # Ignore further signals: a second one while the servers are being stopped must not leave one running.
    for number in _ENDS:
        signal.signal(number, signal.SIG_IGN)
    raise Stopped
