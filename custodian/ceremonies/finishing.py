"""Finishes a ceremony: its transcript for others, the end of the shares that it replaces, or the way out of it."""

import datetime as dt

from ceremony.standing import Formed
from ceremony.terms import former_seat
from custodian.ceremonies.consent import Desk
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from custodian.ceremonies.folder import CeremonyFolder, End, EndState
from custodian.ceremonies.sitting import give_up
from custodian.ceremonies.store import CeremonyStore
from custodian.share_book import ShareBook
from protocol.messages.ceremonies import Step


def complete(store: CeremonyStore, ceremony: str) -> Formed:
    """Return the committee of a ceremony, or of the one that went on without a party at fault.

    Raises CeremonyHalted or OSError.
    """
    formed = store.verified(store.last(_held(store, ceremony)))
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


def check_left(formed: Formed, desk: Desk) -> None:
    """Refuse a ceremony that does not put this custodian out of a committee that was formed here.

    Dealers sign with the keys of the former committee, so its digest vouches for them. Raises CeremonyHalted or
    OSError.
    """
    me, former = desk.me.participant, formed.proposal.former
    number = formed.committee.committee
    if any(each.custodian == me for each in formed.committee.members):
        raise CeremonyHalted(HaltCode.STILL_A_MEMBER, f"{me} has a seat in committee {number}: finish its ceremony")
    seat = former_seat(formed.proposal, me)
    if former is None or seat is None:
        raise CeremonyHalted(
            HaltCode.NOT_A_PARTY,
            f"{me} has no seat in the committee before {number}: take the transcript of the ceremony that left it out",
        )
    if not any(each.committee_digest == formed.former_digest for each in desk.store.formed(former.epoch)):
        raise CeremonyHalted(HaltCode.FORMER_UNKNOWN, f"committee {former.committee} was not formed here")
    share = next((each for each in desk.book.kept() if each.place == (former.epoch, former.committee)), None)
    if share is not None and share.pk != seat.share_public_key:
        raise CeremonyHalted(HaltCode.FORMER_UNKNOWN, f"another share of committee {former.committee} is held here")


def withdraw(ceremony: str, store: CeremonyStore, book: ShareBook) -> str:
    """Take the consent back, and delete the secrets; returns the id of the ceremony that ends.

    A repeat changes nothing. Raises CeremonyHalted after the last own step, and while a drive of the ceremony runs;
    or OSError.
    """
    first = store.first(_held(store, ceremony))
    try:
        with first.driving(waits=False):
            last = store.last(first)
            _require_unconfirmed(last)
            give_up(last, book, End(state=EndState.WITHDRAWN))
            return last.ceremony
    except BlockingIOError:
        raise CeremonyHalted(HaltCode.DRIVEN, f"{ceremony}: a join of it runs here: stop that first") from None


def _require_unconfirmed(folder: CeremonyFolder) -> None:
    end = folder.end()
    if folder.has_own(Step.CONFIRM):
        raise CeremonyHalted(
            HaltCode.CONFIRMED,
            f"{folder.ceremony}: this custodian has taken its last step, and others may have formed the committee: "
            "join it again to hear",
        )
    if end is not None and end.state is not EndState.WITHDRAWN:
        raise CeremonyHalted(HaltCode.OVER, f"{folder.ceremony}: has ended by itself already")


def _held(store: CeremonyStore, ceremony: str) -> CeremonyFolder:
    folder = store.get(ceremony)
    if folder is None:
        raise CeremonyHalted(HaltCode.UNKNOWN, f"{ceremony}: no such ceremony is held here")
    return folder
