"""`clearline custodian tally`: hand in a custodian's count of a past day to the registry's log."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from cli.custodian.custody import open_signing_key
from cli.options import DayParam, config_option
from cli.outcome import Failure
from cli.output import one_line, say
from cli.registry_calls import Office, office_options
from client.errors import RegistryRefused
from client.resources import tallies
from crypto.envelope.provider import KeyProvider
from custodian import settings
from custodian.committee_share import CommitteeShare
from custodian.ledger import Ledger
from custodian.settings import CustodianSettings
from custodian.share_book import open_book
from custodian.tallying import TallyRefused, signed_tally, tally_of
from protocol.messages.tallies import TALLY_DAYS, NewTally, Tally
from serving.clock import system_clock


@click.command("tally", short_help="Hand in the counts of a day, signed.")
@config_option("custodian.toml")
@click.option("--day", type=DayParam(), help="A UTC day that is over.  [default: yesterday]")
@click.option("--missing", type=click.IntRange(1, TALLY_DAYS), help="Instead: the last so many days, oldest first.")
@partial(office_options, open_key=open_signing_key)
def tally(
    *,
    config: Path,
    day: dt.date | None,
    missing: int | None,
    office: Office,
    provider: KeyProvider,
    as_json: bool,
) -> None:
    """Sign how many elements each carrier had evaluated on a day, and hand it in. Safe to repeat.

    The registry puts it into its access log, where auditors compare it with the inquiries of that day. It says
    nothing of any person. Run it once a day, some minutes after midnight UTC; --missing makes up for days on
    which it could not run. A day that the registry has already is left as it is.

    \b
    Example:
      clearline custodian tally --config /etc/clearline/custodian.toml \\
        --url https://registry.example --registry-key registry.pub --key custodian.pem --key-id custodian-1-1
    """
    if day is not None and missing is not None:
        raise click.UsageError("--day and --missing exclude each other")
    held = settings.load(config)
    ledger = _ledger(held)
    try:
        now = system_clock()
        share = open_book(held, provider).newest(now)
        books = _Books(held=held, share=share, ledger=ledger, today=now.date(), office=office)
        yesterday = books.today - dt.timedelta(days=1)
        days = [day or yesterday] if missing is None else books.last(missing)
        _hand_in_all(books, days, as_json=as_json)
    finally:
        ledger.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    """A custodian that hands in the counts of its ledger."""

    held: CustodianSettings
    share: CommitteeShare | None
    """The newest one, in whose name the counts are handed in."""
    ledger: Ledger
    today: dt.date
    office: Office

    def last(self, count: int) -> list[dt.date]:
        """Return the last ``count`` past days, oldest first, as far back as the ledger goes."""
        first = self.ledger.first_day() or self.today
        days = [self.today - dt.timedelta(days=ago) for ago in range(count, 0, -1)]
        return [each for each in days if each >= first]

    def hand_in(self, day: dt.date) -> Tally:
        """Hand in one day and return the registry's answer; raises Failure for a day that cannot be handed in."""
        try:
            counted = tally_of(self.held, self.share, self.ledger, day, today=self.today)
        except TallyRefused as refused:
            raise Failure(str(refused)) from None
        signer = self.office.signer
        statement = signed_tally(counted, key_id=signer.key_id, private_key=signer.private_key)
        with self.office.open() as registry:
            return tallies.hand_in(registry, NewTally(statement=statement), epoch=counted.epoch, day=day)


def _hand_in_all(books: _Books, days: Sequence[dt.date], *, as_json: bool) -> None:
    """One line a day. A refused day does not keep the others back; a registry out of reach, or not ours, does."""
    refused = 0
    for day in days:
        try:
            click.echo(one_line(books.hand_in(day), as_json=as_json))
        except (Failure, RegistryRefused) as failure:
            if len(days) == 1:
                raise
            refused += 1
            say(f"{day}: {failure}")
    if refused:
        raise Failure(f"{refused} of {len(days)} days were not taken")


def _ledger(held: CustodianSettings) -> Ledger:
    # Opening a missing ledger would make an empty one.
    if not held.database.is_file():
        raise Failure(f"{held.database}: there is no ledger")
    return Ledger(held.database)
