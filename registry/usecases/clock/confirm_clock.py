"""Applies the operator's signed confirmation of the time, once, on the registry's machine to its own database."""

import datetime as dt
import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto.errors import SignatureRefused
from crypto.signing.jws import verify_compact
from crypto.signing.keys import load_public
from protocol.clock_words import CLOCK_WORD_TYPE, ClockWord, ClockWordMalformed, read_clock_word
from protocol.codes import Role
from protocol.encodings import format_time
from protocol.log_entries import EntryKind, Facts
from registry.domain.clock import ClockConfirmation, ClockWordRefused
from registry.store.transactions import Transaction
from registry.usecases.act import act_at
from registry.usecases.context import Registry

_MILLISECOND = dt.timedelta(milliseconds=1)


def confirm_clock(registry: Registry, text: str) -> dict[str, Any]:
    """Make the present time the reference, as a live key of the operator signed it; raises ClockWordRefused.

    Earlier readings, an outage, and the newest entry of the log, however far ahead it is dated, no longer count. The
    clock is not judged first: a confirmation overrules a judgement.
    """
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()

    def work(tx: Transaction) -> dict[str, Any]:
        now = registry.clock()
        operator_id, key_id, word = _verified(tx, text)
        if word.registry != registry.public_url.rstrip("/"):
            raise ClockWordRefused("other-registry", "the word names another registry")
        if tx.clock.is_used(digest):
            raise ClockWordRefused("word-used", "the word was applied before; a confirmation needs a new one")
        if abs(now - word.time) > registry.guard.terms.bound:
            raise ClockWordRefused("other-time", "the word names another time than the registry's clock says now")
        known = registry.guard.known(tx, now)
        act = act_at(registry, tx, None, now)
        confirmation = ClockConfirmation(
            number=1 if known.confirmation is None else known.confirmation.number + 1,
            word_digest=digest,
            operator_id=operator_id,
            key_id=key_id,
            confirmed_at=now,
            newest_entry_at=known.newest_entry_at,
            database_ahead_ms=(registry.guard.database_now(tx) - now) // _MILLISECOND,
            log_entry_id=act.new_id(),
        )
        facts: Facts = {"operator": operator_id, "key": key_id, "word": digest.hex(), "number": confirmation.number}
        act.log(EntryKind.CLOCK_CONFIRMED, confirmation.log_entry_id, facts)
        tx.clock.confirm(confirmation)
        # Store a reading, so that the steady clock counts for every process of this boot of the machine.
        tx.clock.keep_reading(registry.guard.reading(now))
        return {
            "confirmed": format_time(now),
            "operator": operator_id,
            "number": confirmation.number,
            "database_ahead_seconds": confirmation.database_ahead_ms // 1000,
            "newest_entry_before": None if known.newest_entry_at is None else format_time(known.newest_entry_at),
            "log_entry_id": str(confirmation.log_entry_id),
        }

    return registry.store.write(work)


def _verified(tx: Transaction, text: str) -> tuple[str, str, ClockWord]:
    """Return the signer, its key id, and the confirmation."""
    signers: list[str] = []

    def resolve(key_id: str) -> Ed25519PublicKey:
        found = tx.participants.key(key_id)
        if found is None or found[1].revoked_at is not None or Role.OPERATOR not in found[0].roles:
            raise ClockWordRefused("not-the-operator", "no live key of the operator signed the word")
        signers.append(found[0].participant_id)
        return load_public(found[1].public_key)

    try:
        key_id, payload = verify_compact(text, typ=CLOCK_WORD_TYPE, resolve=resolve)
        return signers[0], key_id, read_clock_word(payload)
    except SignatureRefused as refused:
        if refused.code == "invalid":
            raise ClockWordRefused("not-the-operator", "the signature is not the operator's") from None
        raise ClockWordRefused("word-malformed", "the word is not a signed confirmation of the time") from None
    except ClockWordMalformed:
        raise ClockWordRefused("word-malformed", "the word is not a signed confirmation of the time") from None
