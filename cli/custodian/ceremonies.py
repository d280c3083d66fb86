"""`clearline custodian ceremony`: makes, refreshes and hands over the shares of a key with other custodians."""

import datetime as dt
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from ceremony.standing import Ended, Formed
from cli.custodian.ceremony_desk import Opened, asked_round, fetched, opened, refuse_behind
from cli.custodian.ceremony_ends import finish, formed_document, leave, withdraw
from cli.nested import laid_out
from cli.options import config_option, json_option
from cli.outcome import ExitCode, Failure
from cli.output import say, tell
from custodian.ceremonies.consent import check_seats, check_terms
from custodian.ceremonies.driver import Driver, Outcome
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from custodian.ceremonies.folder import EndState
from custodian.ceremonies.overview import (
    advice_behind,
    former_shares,
    newest_share,
    standing_in_words,
    states,
    terms_of,
    warnings_about,
)
from custodian.ceremonies.peers import Peers
from custodian.ceremonies.proposing import Wish
from custodian.ceremonies.proposing import propose as write_proposal
from custodian.ceremonies.sitting import Surroundings
from protocol.messages.ceremonies import MAX_KEEP_DAYS, MAX_MEMBERS, CeremonyKind
from serving.clock import system_clock

_SETTINGS: Final = "custodian.toml"
_DESPITE_LATER: Final = "Go on from a committee though a later one was formed, which will never be in the log."
_MOST_MINUTES: Final = 31 * 24 * 60


class MemberParam(click.ParamType[tuple[str, int]]):
    """A future member and the index of its share, such as custodian-1=1."""

    name = "id=index"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        name, _, index = str(value).partition("=")
        if not name or not index.isascii() or not index.isdigit() or str(int(index)) != index:
            self.fail("not a custodian and its index, such as custodian-1=1", param, ctx)
        return name, int(index)


@click.group(short_help="Make and renew shares with other custodians.")
def ceremony() -> None:
    """Make, refresh and hand over the shares of a key together with other custodians.

    Nobody deals: each custodian makes its part, and no process ever holds the key. The custodians' servers have to run
    (clearline custodian serve), and each has to have the others as entries [[peer]] in its settings.
    """


@ceremony.command(short_help="Write the terms of a ceremony.")
@click.option(
    "--kind",
    type=click.Choice(["genesis", "refresh", "resharing"]),
    required=True,
    help="A new key; new shares of it; or shares for others, or under another threshold.",
)
@click.option("--epoch", type=click.IntRange(1), default=1, show_default=True, help="The number of the key epoch.")
@click.option("--threshold", type=click.IntRange(2, MAX_MEMBERS), help="Shares that are needed.  [default: as before]")
@click.option("--member", "members", type=MemberParam(), multiple=True, help="A future member and its index; repeat.")
@click.option("--dealer", "dealers", multiple=True, help="For a resharing: a former member that deals; repeat.")
@click.option("--without", multiple=True, help="A former member to leave out; repeat.")
@click.option("--least", type=click.IntRange(2, MAX_MEMBERS), help="Fewest members to start anew with after a fault.")
@click.option("--committee", type=click.IntRange(2), help="The new committee's number.  [default: the next one]")
@click.option("--former", type=click.IntRange(1), help="The former committee's number.  [default: the newest here]")
@click.option("--despite-later", is_flag=True, help=_DESPITE_LATER)
@click.option(
    "--keep-days", type=click.IntRange(0, MAX_KEEP_DAYS), default=7, show_default=True, help="Days to keep old shares."
)
@click.option("--minutes", type=click.IntRange(1, _MOST_MINUTES), default=60, show_default=True, help="Until its end.")
@config_option(_SETTINGS)
@json_option
def propose(
    *,
    kind: str,
    members: tuple[tuple[str, int], ...],
    without: tuple[str, ...],
    config: Path,
    minutes: int,
    despite_later: bool,
    as_json: bool,
    **wish: Any,
) -> None:
    """Write the terms of a ceremony, and take part in it.

    Proposing is your consent. Tell the other custodians the ceremony's id by another way than the network: they run
    `ceremony join ID`, and so do you. A refresh takes all members of the former committee, and a resharing lets all of
    them deal. It is refused while another custodian serves a later committee than the newest one here. A proposal that
    was a mistake is taken back by `ceremony withdraw ID`.

    \b
    Example:
      clearline custodian ceremony propose --kind genesis --threshold 2 \\
        --member custodian-1=1 --member custodian-2=2 --member custodian-3=3
      clearline custodian ceremony propose --kind refresh
    """
    if len(dict(members)) != len(members):
        raise click.UsageError("--member names one custodian twice")
    now = system_clock()
    with opened(config) as here:
        proposal = write_proposal(
            Wish(
                kind=CeremonyKind(kind.upper()),
                members=dict(members),
                without=frozenset(without),
                ends_at=now + dt.timedelta(minutes=minutes),
                **wish,
            ),
            here.desk,
            random=os.urandom,
        )
        if not despite_later:
            refuse_behind(here, proposal)
        for note in (*check_terms(proposal, here.desk, now, despite_later=despite_later), *warnings_about(proposal)):
            say(note)
        here.desk.store.accept(proposal, now)
    tell(terms_of(proposal), as_json=as_json)


@ceremony.command(short_help="Take part in a ceremony until its end.")
@click.argument("ceremony_id", metavar="[ID]", required=False)
@click.option("--yes", is_flag=True, help="Accept the terms without being asked.")
@click.option("--despite-later", is_flag=True, help=_DESPITE_LATER)
@config_option(_SETTINGS)
@json_option
def join(ceremony_id: str | None, config: Path, *, yes: bool, despite_later: bool, as_json: bool) -> None:
    """Take part in a ceremony until its end; without ID, list those that the peers offer. Safe to repeat.

    A run that was cut off goes on where it was. After a fault it goes on without the party at fault.

    \b
    Example:
      clearline custodian ceremony join
      clearline custodian ceremony join 0f3c...
    """
    with opened(config) as here:
        if ceremony_id is None:
            asked = asked_round(here)
            for peer, reason in asked.silent.items():
                say(f"{peer} {reason}")
            offers = [
                {"peer": peer, "ceremony": each} for peer, offer in asked.offers.items() for each in offer.ceremonies
            ]
            tell({"offered": offers}, as_json=as_json)
            return
        outcome = _drive(here, _consent(here, ceremony_id, yes=yes, despite_later=despite_later))
        document = _told(outcome, here.desk.me.participant)
    tell(document, as_json=as_json)


@ceremony.command(short_help="Show ceremonies, newest share, silent peers.")
@config_option(_SETTINGS)
@json_option
def status(config: Path, *, as_json: bool) -> None:
    """Show all ceremonies and shares, the peers that serve a later committee, and those that do not answer.

    A former share has the time at which it is deleted, or stays until `finish` or `leave` is told of the log's entry.

    \b
    Example:
      clearline custodian ceremony status
    """
    with opened(config) as here:
        book, now = here.desk.book, system_clock()
        share = newest_share(book, now, refresh_days=here.held.refresh_days)
        asked = asked_round(here)
        ahead = asked.ahead_of(0 if share is None else share.epoch, 0 if share is None else share.committee)
        document = {
            "ceremonies": [asdict(each) for each in states(here.desk.store)],
            "newest_share": None if share is None else asdict(share),
            "former_shares": [asdict(each) for each in former_shares(book, now)],
            "peers_ahead": ahead,
            "silent_peers": [{"peer": peer, "reason": reason} for peer, reason in asked.silent.items()],
        }
        if ahead:
            say(advice_behind(share, goes_on=bool(here.desk.store.offered())))
    tell(document, as_json=as_json)


def _consent(here: Opened, ceremony: str, *, yes: bool, despite_later: bool) -> str:
    """Check the terms, show them and ask; returns the id of the ceremony to drive.

    One that was accepted before is checked against the pins again; one that follows another is driven from that on.
    """
    desk, now = here.desk, system_clock()
    folder = desk.store.get(ceremony)
    if folder is not None:
        first = desk.store.first(folder)
        end = desk.store.last(first).end()
        if end is not None and end.state is EndState.WITHDRAWN:
            raise CeremonyHalted(HaltCode.WITHDRAWN, "this custodian has withdrawn from it: others propose again")
        check_seats(first.proposal(), desk.me, desk.peers)
        return first.ceremony
    proposal = fetched(here, ceremony)
    notes = check_terms(proposal, desk, now, despite_later=despite_later)
    for line in laid_out(terms_of(proposal)):
        say(line)
    for note in notes:
        say(note)
    if not yes:
        _ask()
    return desk.store.accept(proposal, now).ceremony


def _ask() -> None:
    """Ask for consent; raises click.Abort without it."""
    try:
        click.confirm("Take part under these terms?", abort=True, err=True)
    except click.Abort:
        say("not joined: nothing was signed")
        raise


def _drive(here: Opened, ceremony: str) -> Outcome:
    desk = here.desk
    around = Surroundings(me=desk.me, book=desk.book, clock=system_clock, random=os.urandom, tell=say)
    peers = Peers(here.callers, monotonic=time.monotonic)
    try:
        return Driver(ceremony, desk.store, peers, around).run(time.sleep)
    finally:
        peers.close()


def _told(outcome: Outcome, me: str) -> dict[str, object]:
    """Return what a complete ceremony made; raises Failure for any other outcome."""
    standing = outcome.standing
    if isinstance(standing, Formed):
        return formed_document(standing)
    words = f"{outcome.ceremony}: {standing_in_words(standing)}"
    if isinstance(standing, Ended):
        raise Failure(f"{words}; {'others may go on without it' if standing.party == me else 'no ceremony goes on'}")
    silent = "".join(f"; {peer} {reason}" for peer, reason in outcome.silent.items())
    kept = "; this custodian has confirmed and keeps its share, join again later" if outcome.has_confirmed else ""
    raise Failure(f"{words} of {', '.join(standing.parties)}: the time is over{silent}{kept}", ExitCode.UNAVAILABLE)


for _ending in (finish, leave, withdraw):
    ceremony.add_command(_ending)
