"""Signs the tally of a finished day, in the custodian's name, for the registry's log."""

import datetime as dt

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.signing.jws import sign_compact
from custodian.committee_share import CommitteeShare
from custodian.ledger import Ledger
from custodian.settings import CustodianSettings
from protocol.messages.tallies import TALLY_TYPE, EvaluationTally, TallyInvalid, tally_payload


class TallyRefused(Exception):
    """No tally of this day can be signed; the message is the whole line that the custodian's operator sees."""


def tally_of(
    settings: CustodianSettings, share: CommitteeShare | None, ledger: Ledger, day: dt.date, *, today: dt.date
) -> EvaluationTally:
    """Read the tally of a UTC day that is over from the ledger; raises TallyRefused.

    It is signed as of the newest ``share``, and without one as of the settings.
    """
    if settings.participant is None:
        raise TallyRefused("the settings have no participant: the custodian's participant id at the registry")
    epoch, index = (settings.epoch, settings.index) if share is None else (share.epoch, share.index)
    if epoch is None or index is None:
        raise TallyRefused("no share is held, and the settings name no epoch and index")
    if day >= today:
        raise TallyRefused(f"{day}: the day is not over (UTC)")
    first = ledger.first_day()
    # Zero is a claim too: a ledger that was begun later, or was lost, must not claim it.
    if first is None or day < first:
        raise TallyRefused(f"{day}: the ledger has counted nothing on this day or before it, so nothing is said of it")
    try:
        return EvaluationTally(
            custodian=settings.participant,
            epoch=epoch,
            share_index=index,
            day=day,
            carriers=ledger.tally(day),
        )
    except TallyInvalid as wrong:
        raise TallyRefused(f"{day}: what the ledger holds is no tally ({wrong.code})") from None


def signed_tally(tally: EvaluationTally, *, key_id: str, private_key: Ed25519PrivateKey) -> str:
    """Write the compact JWS; the same key signs the same day to the same text."""
    return sign_compact(tally_payload(tally), typ=TALLY_TYPE, key_id=key_id, private_key=private_key)
