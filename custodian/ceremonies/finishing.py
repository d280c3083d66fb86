"""Finishes a complete ceremony: its transcript for others, and the end of the shares that it replaces."""

import datetime as dt

from ceremony.standing import Formed
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from custodian.ceremonies.store import CeremonyStore
from custodian.share_book import ShareBook


def complete(store: CeremonyStore, ceremony: str) -> Formed:
    """Return the committee of a ceremony, or of the one that went on without a party at fault.

    Raises CeremonyHalted or OSError.
    """
    folder = store.get(ceremony)
    if folder is None:
        raise CeremonyHalted(HaltCode.UNKNOWN, f"{ceremony}: no such ceremony is held here")
    formed = store.verified(store.last(folder))
    if formed is None:
        raise CeremonyHalted(HaltCode.NOT_FORMED, f"{ceremony}: no committee is formed so far; join it again")
    return formed


def retire_former(formed: Formed, store: CeremonyStore, book: ShareBook, *, entered_at: dt.datetime) -> dt.datetime:
    """End this custodian's shares of earlier committees of the epoch; returns the time, by the log's entry.

    A share that was confirmed and whose ceremony the log did not take is deleted: the entry decides between them. A
    repeated call changes nothing. Raises OSError.
    """
    made = formed.committee
    at = entered_at + dt.timedelta(days=formed.proposal.keep_days)
    for number in range(1, made.committee):
        book.retire(made.epoch, number, at)
    for folder in store.all():
        terms = folder.proposal()
        if terms.epoch == made.epoch and terms.committee < made.committee:
            book.drop_pending(folder.ceremony)
    return at
