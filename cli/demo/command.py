"""`clearline demo`: everything on this machine, with keys of its own."""

import datetime as dt
import logging
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from cli.demo import calibrate
from cli.demo.ceremony import Parties, make_parties, parties_in
from cli.demo.debtors import debtors
from cli.demo.folder import own_folder
from cli.demo.import_ import Imported, check_applicants, look_over, report_exports
from cli.demo.launch import moved_clock, running, tell_addresses
from cli.demo.log_story import tell_log
from cli.demo.plan import (
    CARRIERS,
    EXAMPLES,
    Plan,
    loopback_addresses,
    read_sample,
)
from cli.demo.processes import Household
from cli.demo.state import read_state, save_state
from cli.demo.story import tell_story
from cli.demo.table import Figures, Stretch, show, write_figures
from cli.demo.tokens import make_tokens
from cli.options import FOLDER
from cli.outcome import Failure
from cli.output import say
from gateway import settings
from gateway.wiring import build
from registry.policy.rules import beijing_date

_WATCH_SECONDS: Final = 0.5


class Stopped(Exception):
    """SIGTERM or Ctrl-C."""


@click.command()
@click.option(
    "--data", type=FOLDER, default=EXAMPLES / "data", help="Three exports and applicants.csv.  [default: the sample]"
)
@click.option("--mappings", type=FOLDER, default=EXAMPLES / "mappings", help="Their layouts.  [default: the sample's]")
@click.option("--out", type=FOLDER, help="Where results-*.csv and decisions.csv go.  [default: VAR/out]")
@click.option("--var", type=FOLDER, default="var/demo", show_default=True, help="Keys, databases, logs. Emptied first.")
@click.option("--keep", is_flag=True, help="Do not empty VAR: go on with its keys, databases and results.")
@click.option("--once", is_flag=True, help="End when the story is told instead of serving until Ctrl-C.")
@click.option("--capture", type=FOLDER, help="Record every byte to and from registry and custodians in this folder.")
def demo(
    *,
    data: Path,
    mappings: Path,
    out: Path | None,
    var: Path,
    capture: Path | None,
    keep: bool,
    once: bool,
) -> None:
    """Run the whole system on this machine: three custodians, the registry, three carriers, and one applicant's story.

    All on loopback, with fresh keys. The committed sample speaks of one date, so all clocks are moved to it; a --data
    folder without a file AS_OF uses the real clock.

    \b
    Examples:
      clearline demo
      clearline demo --data DIR --out DIR2 --once
      clearline demo --once --capture seen     (what leaves a carrier: see for yourself)
    """
    sample = read_sample(data.resolve(), mappings.resolve(), dt.datetime.now(dt.UTC))
    look_over(sample)
    if capture is not None and capture.is_dir() and any(capture.iterdir()):
        raise Failure(f"{capture}: is not empty; what was captured before would be taken for this demonstration's")
    with own_folder(var, keep=keep):
        home = var.resolve()
        kept = read_state(home, relayed=capture is not None)
        addresses = loopback_addresses(relayed=capture is not None) if kept is None else kept[0]
        plan = Plan(
            var=home,
            out=(out or home / "out").resolve(),
            sample=sample if kept is None else replace(sample, clock_offset_seconds=kept[1]),
            addresses=addresses,
            capture=None if capture is None else capture.resolve(),
        )
        _run(plan, fresh=kept is None, once=once)


def _run(plan: Plan, *, fresh: bool, once: bool) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    # Said once, below: each gateway that is opened in this process would say it again.
    for name in ("clearline.gateway", "clearline.registry"):
        logging.getLogger(name).addFilter(lambda record: "clock is moved" not in str(record.msg))
    try:
        plan.work.mkdir(parents=True, exist_ok=True)
        if plan.sample.clock_offset_seconds:
            day = beijing_date(moved_clock(plan.sample.clock_offset_seconds)())
            say(f"The sample speaks of {day}: all clocks of this demonstration are moved to it.")
        say("Making keys, starting three custodians, the registry and three gateways ...")
        parties = _parties(plan, fresh=fresh)
        with running(plan, parties) as servers:
            _work(plan, parties, servers)
            if not once:
                _serve(plan, servers)
    except Stopped:
        say("Stopped.")
        if once:
            raise Failure("stopped before the story was told") from None


def _parties(plan: Plan, *, fresh: bool) -> Parties:
    if not fresh:
        for carrier in CARRIERS:
            make_tokens(plan.var / carrier)
        return parties_in(plan.var, plan.addresses)
    offset = plan.sample.clock_offset_seconds
    parties = make_parties(plan.var, plan.addresses, offset)
    save_state(plan.var, plan.addresses, offset)  # last: an interrupted ceremony is not kept
    return parties


def _work(plan: Plan, parties: Parties, servers: Household) -> None:
    begun, cpu = time.perf_counter(), servers.cpu_seconds()
    reports = report_exports(plan, parties)
    reported, cpu_reported = time.perf_counter(), servers.cpu_seconds()
    checks = check_applicants(plan, parties)
    checked, cpu_checked = time.perf_counter(), servers.cpu_seconds()
    figures = Figures(
        reports=Stretch(
            rows=sum(each.rows - each.resumed_from_row for each in reports.values()),
            elements=sum(each.elements for each in reports.values()),
            wall=reported - begun,
            cpu=_difference(cpu, cpu_reported),
        ),
        checks=Stretch(
            rows=sum(each.rows for each in checks.values()),
            elements=sum(each.elements for each in checks.values()),
            wall=checked - reported,
            cpu=_difference(cpu_reported, cpu_checked),
        ),
        cost=calibrate.measure(),
    )
    show(Imported(reports=reports, checks=checks), figures)
    write_figures(plan.var / "figures.json", figures)
    say(f"Verdicts and decisions, row by row: {plan.out}")
    today = beijing_date(moved_clock(plan.sample.clock_offset_seconds)())
    with build(settings.load(parties.carriers[CARRIERS[1]], {})) as gateway:
        settled = tell_story(plan, debtors(plan, today), gateway)
    tell_log(plan, parties, settled)
    if plan.capture is not None:
        say(f"Every byte to and from registry and custodians: {plan.capture}")


def _serve(plan: Plan, servers: Household) -> None:
    say("\nServing until Ctrl-C:")
    tell_addresses(plan)
    while (dead := servers.died()) is None:
        time.sleep(_WATCH_SECONDS)
    raise Failure(f"{dead.name} ended by itself (log: {dead.log})")


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _stop(_number: int, _frame: object) -> None:
    # Once is enough: a second signal while the servers are being stopped must not leave any of them behind.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped
