"""Sums up a custodian's ceremonies for its operator: their terms, where they stand, and when a refresh is due."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from ceremony.judge import judge
from ceremony.standing import Disagreeing, Ended, Formed, Standing, Waiting
from ceremony.terms import ceremony_id, committee_digest
from custodian.ceremonies.folder import CeremonyFolder, EndState
from custodian.ceremonies.store import CeremonyStore
from custodian.committee_share import CommitteeShare
from custodian.share_book import ShareBook
from protocol.encodings import b64url_encode, format_time
from protocol.messages.ceremonies import Proposal, Step

_IN_WORDS: Final = {
    EndState.FORMED: "formed",
    EndState.TIME_OVER: "the time is over",
    EndState.LEFT: "left for another one",
    EndState.WITHDRAWN: "withdrawn here",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyState:
    """A ceremony in one line: the standing in words, and the parties whose step is due."""

    ceremony: str
    kind: str
    epoch: int
    committee: int
    standing: str
    due: tuple[str, ...]
    ends_at: str
    successor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestShare:
    """The newest share that is held, and the day from which a refresh is due; None without a schedule."""

    epoch: int
    committee: int
    threshold: int
    index: int
    formed_at: str | None
    refresh_due_at: str | None
    retires_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerShare:
    """A share that a later one has followed, its end, and in words whether it has one."""

    epoch: int
    committee: int
    retires_at: str | None
    note: str


def states(store: CeremonyStore) -> tuple[CeremonyState, ...]:
    """Return all ceremonies, newest first. Raises CeremonyHalted or OSError."""
    return tuple(_state(folder) for folder in store.all())


def newest_share(book: ShareBook, now: dt.datetime, *, refresh_days: int | None) -> NewestShare | None:
    """Return the newest share; None before the first ceremony."""
    share = book.newest(now)
    if share is None:
        return None
    due = None
    if share.formed_at is not None and refresh_days is not None:
        due = format_time(share.formed_at + dt.timedelta(days=refresh_days))
    return NewestShare(
        epoch=share.epoch,
        committee=share.committee,
        threshold=share.threshold,
        index=share.index,
        formed_at=None if share.formed_at is None else format_time(share.formed_at),
        refresh_due_at=due,
        retires_at=None if share.retires_at is None else format_time(share.retires_at),
    )


def former_shares(book: ShareBook, now: dt.datetime) -> tuple[FormerShare, ...]:
    """Return the shares that are held beside a later one of their epoch, and those whose file outlived their end."""
    held, over = book.held(now), book.expired(now)
    newest = {share.epoch: share.committee for share in held}
    beside = [share for share in held if share.committee < newest[share.epoch]]
    return tuple(
        FormerShare(
            epoch=share.epoch,
            committee=share.committee,
            retires_at=None if share.retires_at is None else format_time(share.retires_at),
            note=_end_of(share, is_over=share in over),
        )
        for share in sorted((*beside, *over), key=lambda share: share.place)
    )


def _end_of(share: CommitteeShare, *, is_over: bool) -> str:
    if is_over:
        return "over, and not deleted yet: the server does it, within a minute while it is asked"
    return "stays until finish with --url" if share.retires_at is None else "the server deletes it then"


def advice_behind(share: NewestShare | None, *, goes_on: bool) -> str:
    """Say in a line what to do when others serve a later committee; ``goes_on``: a ceremony here has no end so far."""
    if share is not None and share.retires_at is not None:
        return (
            f"Others serve a later committee, and the newest share ends at {share.retires_at}. If this custodian was "
            "replaced, only its backups are left to destroy; otherwise it comes back by a resharing."
        )
    if share is not None:
        return (
            "Others serve a later committee. Was this custodian away? Join its ceremony again if it took part, else it "
            "comes back by a resharing. Was it replaced? End its share: ceremony leave TRANSCRIPT."
        )
    if goes_on:
        return "Others serve a committee, and this custodian has no share: join the ceremony that goes on here again."
    return (
        "Others serve a committee, and this custodian has no share. If it is to hold one, it comes in as a member of a "
        "resharing, which one of them proposes."
    )


def warnings_about(proposal: Proposal) -> tuple[str, ...]:
    """Return what a proposer should know of terms that are in order."""
    if proposal.threshold < len(proposal.members):
        return ()
    return (f"Warning: all {proposal.threshold} members are needed: once one is away or lost, no token is computed.",)


def terms_of(proposal: Proposal) -> dict[str, object]:
    """Write the terms for a person who compares them with what was agreed."""
    former = proposal.former
    return {
        "ceremony": ceremony_id(proposal),
        "kind": proposal.kind.value,
        "epoch": proposal.epoch,
        "committee": proposal.committee,
        "threshold": f"{proposal.threshold} of {len(proposal.members)}",
        "starts_anew_with_at_least": proposal.least,
        "members": [
            {
                "index": seat.index,
                "custodian": seat.custodian,
                "url": seat.url,
                "key": b64url_encode(seat.public_key),
            }
            for seat in proposal.members
        ],
        "dealers": list(proposal.dealers),
        "former_committee": None if former is None else f"{former.committee} {committee_digest(former)}",
        "former_shares_are_kept_for": f"{proposal.keep_days} days",
        "ends_at": format_time(proposal.ends_at),
    }


def standing_in_words(standing: Standing) -> str:
    """Say in a few words where a ceremony stands."""
    match standing:
        case Formed():
            return "formed"
        case Ended(fault=fault, party=party):
            return f"ended: {fault} of {party}" if party else f"ended: {fault}, nobody is named"
        case Waiting(step=step):
            return "waits for CONFIRM or COMPLAINT" if step is Step.CONFIRM else f"waits for {step}"
        case Disagreeing(step=step):
            return f"the parties name different {step} steps"


def _state(folder: CeremonyFolder) -> CeremonyState:
    proposal, end = folder.proposal(), folder.end()
    due = tuple[str, ...]()
    if end is not None and end.state in _IN_WORDS:
        words = _IN_WORDS[end.state]
    else:
        standing = judge(folder.board())
        words = standing_in_words(standing)
        due = standing.parties if isinstance(standing, Waiting | Disagreeing) else ()
    return CeremonyState(
        ceremony=folder.ceremony,
        kind=proposal.kind.value,
        epoch=proposal.epoch,
        committee=proposal.committee,
        standing=words,
        due=due,
        ends_at=format_time(proposal.ends_at),
        successor=None if end is None else end.successor,
    )
