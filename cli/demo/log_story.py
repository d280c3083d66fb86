"""Ends the story with the log's proofs: a carrier's receipt, the witnesses' cosignatures and an outsider's audit."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Final

from auditlog.party import LogParty
from auditlog.receipt_book import ReceiptBook
from cli.audit.verify import run_audit
from cli.demo.audit_story import tell_entries
from cli.demo.ceremony import Parties
from cli.demo.offices import typed
from cli.demo.plan import CARRIERS
from cli.demo.story import Told
from cli.outcome import Failure
from cli.output import say
from client.errors import RegistryRefused
from crypto.tlog.checkpoint import open_checkpoint
from gateway import settings
from gateway.wiring import build_log
from protocol.problems import Problem
from protocol.receipts import Grade
from serving.clock import system_clock

_PATIENCE_SECONDS: Final = 25.0
"""An earlier candidate that the witnesses did not cosign stays the candidate for up to 20 seconds."""
_PAUSE_SECONDS: Final = 0.1


def tell_log(parties: Parties, told: Told | None) -> tuple[str, str]:
    """Print the log's proofs of the story; raises Failure or LogRefused if a proof is invalid.

    Returns the address of the year's log, and its key.
    """
    year = system_clock().year
    with ExitStack() as stack:
        carriers = {
            carrier: stack.enter_context(build_log(settings.load(path, {})))
            for carrier, path in parties.carriers.items()
        }
        say(f"\nThe log proves the story: {carriers[CARRIERS[0]].settings.url}/{year}")
        if told is not None:
            _show_receipt(carriers[told.collector], told)
            _witness(carriers, told)
        return _audit(parties, told, carriers[CARRIERS[-1]], year)


def _show_receipt(here: LogParty, told: Told) -> None:
    """Read the receipt from the file that the gateway wrote with the settlement, without a network."""
    book = ReceiptBook(here)
    path = book.path(told.settlement_id, Grade.INTEGRATED)
    if not path.exists():  # the registry was busy when the debt was paid
        book.keep(told.settlement_id, wait_seconds=_PATIENCE_SECONDS)
    receipt = book.verified(told.settlement_id).receipt
    size = receipt.signed.checkpoint.size
    say(f"  8. {told.collector} holds a receipt, checked offline: the settlement is entry {receipt.index} of {size}")
    say(f"     {path}")


def _witness(carriers: Mapping[str, LogParty], told: Told) -> None:
    """Let each carrier cosign a head that extends its last one: the registry alone cannot undo entries below it."""
    book, deadline = ReceiptBook(carriers[told.collector]), time.monotonic() + _PATIENCE_SECONDS
    seen = {name: _cosign(here) for name, here in carriers.items()}
    while len(set(seen.values())) > 1 or not _is_witnessed(book, told):
        if time.monotonic() > deadline:
            raise Failure("story: the carriers' cosignatures did not make a witnessed receipt")
        time.sleep(_PAUSE_SECONDS)
        seen = {name: _cosign(here) for name, here in carriers.items()}
    signed = book.verified(told.settlement_id, Grade.WITNESSED).receipt.signed
    said = ", ".join(f"{name} at {size}" for name, size in seen.items())
    say(f"  9. each carrier checks that the log only grew, and cosigns it: {said}")
    count = len(signed.note.signatures) - 1
    say(f"     so the receipt is a witnessed one, with {count} cosignatures under a head of {signed.checkpoint.size}")


def _cosign(here: LogParty) -> int:
    """Run one round of a carrier's witness; return the size of its candidate."""
    return max((done.size for _, done in here.witness_round() if done.size is not None), default=0)


def _is_witnessed(book: ReceiptBook, told: Told) -> bool:
    try:
        book.keep(told.settlement_id, Grade.WITNESSED, wait_seconds=0)
    except RegistryRefused as refused:
        if refused.problem != Problem.RECEIPT_PENDING.value.name:
            raise
        return False
    return True


def _audit(parties: Parties, told: Told | None, here: LogParty, year: int) -> tuple[str, str]:
    """Audit the log as any outsider can, with its address and its key."""
    key, url, begun = here.key(year), f"{here.settings.url}/{year}", time.perf_counter()
    with here.reader(year) as reader:
        head = open_checkpoint(reader.checkpoint(), origin=key.name, log_keys=[key]).checkpoint
        audited, findings = run_audit(
            head,
            reader=reader,
            key=key,
            url=url,
            path=None,
            since_saved=False,
            access=None,
            on_progress=_quietly,
        )
        if findings:
            raise Failure(f"story: the log does not hold: {audited['found']}")
        spent = time.perf_counter() - begun
        say(f"  10. an outsider fetches all {head.size} entries and hashes them again, {spent:.1f} s:")
        say(f"     root {head.root.hex()[:16]}... is the one that the log signed")
        say(f"     {typed(['audit', 'verify', '--log-url', url, '--vkey', key.vkey])}")
        if told is not None:
            tell_entries(parties, told, head, reader=reader, key=key, url=url)
    return url, key.vkey


def _quietly(done: int, total: int) -> None:
    del done, total
