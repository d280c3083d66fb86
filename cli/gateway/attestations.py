"""`clearline gateway attest`, `attestation` and `consent`: attest who pays in time, demand it, and end a consent."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click

from cli.options import FILE, NEW_FILE, config_option, json_option, read_object
from cli.outcome import Failure
from cli.output import progress, say, tell
from client.resources import attestations
from gateway import settings
from gateway.bulk.attest import attest_file
from gateway.bulk.file_guards import Consent
from gateway.counter import attestations as counter
from gateway.local.requests import read_statement_request
from gateway.wiring import build
from protocol.attestations import DemandReply
from protocol.encodings import EncodingError, b64url_decode

_REPLY: Final = click.Choice([each.value for each in DemandReply])
_REFERENCE_BYTES: Final = 16


class ConsentParam(click.ParamType[bytes]):
    """The reference of a consent as the subject's statement prints it: 22 characters."""

    name = "reference"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        try:
            return b64url_decode(str(value), length=_REFERENCE_BYTES)
        except EncodingError:
            self.fail("not a reference of 22 characters, as the statement prints it", param, ctx)


@click.command()
@click.argument("file", type=FILE)
@click.option("--out", type=NEW_FILE, required=True, help="Where the verdicts are written, a line for each row.")
@click.option("--restart", is_flag=True, help="Give up an earlier run that has the same --out.")
@click.option("--accept-numbers", is_flag=True, help="Go on although numbers look damaged.")
@config_option("gateway.toml")
@json_option
def attest(file: Path, out: Path, config: Path, *, restart: bool, accept_numbers: bool, as_json: bool) -> None:
    """Attest how long the customers of FILE have paid each bill in time, each with its consent.

    The months are cut to 12, 24 or 36 here; a row with fewer, or without, is left out. Numbers of consents leave as
    keyed references, and of the proof only a salted SHA-256. Interrupted? The same command again goes on. Exit 1 if
    there were rows and none was attested. docs/spec/attestations.md says what paying in time means.

    \b
    account            as the export spells it
    document_kind, document_number; may be: document_issuer
    months             whole months paid in time, up to as_of
    as_of              2026-10-31, at most 62 days ago
    consent            the number of your record of the consent
    consent_method     PAPER, COUNTER, APP or SMS_CODE
    consent_given_at   2026-11-01 09:30 (Beijing), or 2026-11-01T01:30:00.000000Z
    consent_until      2027-11-01, the first day without it
    consent_proof      a file (PDF, image, record), named from the folder of FILE
    may be             consent_text (else [context] of the settings)
    \b
    Example:
      clearline gateway attest good-standing.csv --out attested.csv
    """
    with build(settings.load(config)) as here, progress(f"attest {file.name}") as show:
        done = attest_file(
            here.tools,
            source=file,
            output=out,
            today=here.today(),
            restart=restart,
            consent=Consent(accept_numbers=accept_numbers),
            on_progress=show,
        )
    tell(asdict(done) | {"seconds": round(done.seconds, 3), "output": str(out)}, as_json=as_json)
    if done.sent_again:
        say("the registry was restored since this was attested: each row was sent again")
    if done.all_refused:
        raise Failure(f"nothing was attested: {done.rows} of {done.rows} rows were refused; {out} says why")


@click.group()
def attestation() -> None:
    """Attestations of payment in time: take one back; demand one, and answer a demand."""


@attestation.command(short_help="Take one of ours back.")
@click.argument("attestation_id", type=click.UUID)
@config_option("gateway.toml")
@json_option
def withdraw(attestation_id: UUID, config: Path, *, as_json: bool) -> None:
    """Take an attestation of this carrier back, by the attestation_id of the verdicts; what it said is erased.

    \b
    Example:
      clearline gateway attestation withdraw 0198c2c4-0000-7000-8000-000000000000
    """
    with build(settings.load(config)) as here:
        tell(attestations.take_back(here.registry, attestation_id), as_json=as_json)


@attestation.command(short_help="Demand one for a subject.")
@click.option("--of", "carrier", required=True, help="The carrier that is to attest, as participants name it.")
@click.option("--idempotency-key", help="Names this demand, so that a repetition demands nothing twice.")
@config_option("gateway.toml")
@json_option
def demand(carrier: str, idempotency_key: str | None, config: Path, *, as_json: bool) -> None:
    """Demand, for the person at the counter (JSON on standard input), that a carrier attest how it pays.

    Give the person the demand_id: the carrier is told of the demand but not of whom it is about, so that the person
    has to name it there and give its consent. While a demand is open, the same again is that demand.

    \b
    Example:
      clearline gateway attestation demand --of carrier-a < person.json
    \b
    person.json:
      {"document": {"kind": "RESIDENT_ID", "number": "..."}}
    """
    identity, _, key = read_statement_request(read_object("a person"), idempotency_key)
    with build(settings.load(config)) as here:
        told = counter.demand(here.tools, identity, carrier, today=here.today(), idempotency_key=key)
        tell(told, as_json=as_json)


@attestation.command(short_help="Say why we do not attest.")
@click.argument("demand_id", type=click.UUID)
@click.argument("reply", type=_REPLY)
@config_option("gateway.toml")
@json_option
def answer(demand_id: UUID, reply: str, config: Path, *, as_json: bool) -> None:
    """Answer a demand without an attestation; an attestation of the person answers it by itself. Safe to repeat.

    NOT_IDENTIFIED: nobody came with the number of the demand.

    \b
    Example:
      clearline gateway attestation answer 0198c2c4-0000-7000-8000-000000000000 NO_CONSENT
    """
    with build(settings.load(config)) as here:
        tell(attestations.answer(here.registry, demand_id, DemandReply(reply)), as_json=as_json)


@attestation.command(short_help="Count the demands that we were told.")
@config_option("gateway.toml")
@json_option
def demands(config: Path, *, as_json: bool) -> None:
    """Count this carrier's demands of the last year: open, answered in time, answered late, overdue.

    \b
    Example:
      clearline gateway attestation demands
    """
    with build(settings.load(config)) as here:
        tell(attestations.count_demands(here.registry), as_json=as_json)


@click.group()
def consent() -> None:
    """Consents of subjects to attestations: any counter ends them."""


@consent.command("withdraw", short_help="End a subject's consent.")
@click.option("--consent", "reference", type=ConsentParam(), help="The consent, as the statement prints it.")
@click.option("--all", "every", is_flag=True, help="All consents of the subject, at all carriers.")
@click.option("--idempotency-key", help="Names this withdrawal, so that a repetition is answered alike.")
@config_option("gateway.toml")
@json_option
def withdraw_consent(
    reference: bytes | None, idempotency_key: str | None, config: Path, *, every: bool, as_json: bool
) -> None:
    """End a consent of the person at the counter (JSON on standard input), whichever carrier it was given to.

    What was attested under it is deleted at once, in the registry's log too. Needs no reason.

    \b
    Examples:
      clearline gateway consent withdraw --consent AAECAwQFBgcICQoLDA0ODw < person.json
      clearline gateway consent withdraw --all < person.json
    \b
    person.json:
      {"document": {"kind": "RESIDENT_ID", "number": "..."}}
    """
    if every is (reference is not None):
        raise click.UsageError("name a consent with --consent, or end --all of them")
    identity, _, key = read_statement_request(read_object("a person"), idempotency_key)
    with build(settings.load(config)) as here:
        done = counter.withdraw_consent(here.tools, identity, reference, today=here.today(), idempotency_key=key)
        tell(done, as_json=as_json)
