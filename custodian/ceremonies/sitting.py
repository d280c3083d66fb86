"""Takes this custodian through one ceremony: hears its peers, takes the step that is due, and writes down the end."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from ceremony.committee import committee_of
from ceremony.errors import CeremonyRefused
from ceremony.judge import deals_of, judge
from ceremony.party import Confirmation, Participant, make_secrets
from ceremony.standing import Ended, Formed, Standing, Waiting
from ceremony.steps import ReadStep, StepReader
from ceremony.terms import former_seat, parties
from crypto.oprf.group import multiply_base
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from custodian.ceremonies.folder import CeremonyFolder, End, EndState
from custodian.ceremonies.identity import Identity
from custodian.committee_share import CommitteeShare
from custodian.share_book import ShareBook, ShareExists
from protocol.messages.ceremonies import Minutes, Proposal, SignedStep, Step

_VERDICTS: Final = {Step.CONFIRM, Step.COMPLAINT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """All that a custodian's ceremonies share; ``tell`` prints a line for its operator."""

    me: Identity
    book: ShareBook
    clock: Callable[[], dt.datetime]
    random: Callable[[int], bytes] = field(repr=False)
    tell: Callable[[str], None]


class Sitting:
    """One ceremony under way. Each change is in the folder before anything rests on it."""

    def __init__(self, folder: CeremonyFolder, around: Surroundings) -> None:
        """Go on from what the folder holds; raises CeremonyHalted or OSError."""
        self._folder = folder
        self._around = around
        self._me = around.me.participant
        folder.publish_kept(self._me)
        self._board = folder.board()
        self._reader = StepReader(self._board.proposal)
        end = folder.end()
        self._is_withdrawn = end is not None and end.state is EndState.WITHDRAWN
        self._is_closed = self._is_withdrawn or (end is not None and end.state in {EndState.TIME_OVER, EndState.LEFT})
        self._participant: Participant | None = None
        self._answered: set[str] = set()
        self._told: set[tuple[str, str]] = set()
        self._standing: Standing | None = None

    @property
    def ceremony(self) -> str:
        """The ceremony's id."""
        return self._folder.ceremony

    @property
    def proposal(self) -> Proposal:
        """The terms."""
        return self._board.proposal

    @property
    def others(self) -> tuple[str, ...]:
        """The other parties."""
        return tuple(party for party in parties(self.proposal) if party != self._me)

    @property
    def standing(self) -> Standing:
        """The judge's word on the present board."""
        if self._standing is None:
            self._standing = judge(self._board)
        return self._standing

    @property
    def has_confirmed(self) -> bool:
        """Tell whether this custodian has taken its last step: it keeps a share that it confirmed."""
        return self._folder.has_own(Step.CONFIRM)

    def hear(self, peer: str, minutes: Minutes | None) -> bool:
        """Take a peer's steps, and refuse bad ones one by one; returns whether any was new. Raises CeremonyHalted."""
        self._answered.add(peer)
        known = {each.jws for each in (*self._board.steps.values(), *self._board.contradictions.values())}
        before = self._board
        for signed in () if minutes is None else minutes.steps:
            if signed.jws not in known:
                self._take(peer, signed)
        return self._board is not before

    def act(self) -> bool:
        """Take the step that is due from this custodian, if one is. Raises CeremonyHalted, CryptoRefusal or OSError."""
        standing = self.standing
        if not isinstance(standing, Waiting) or self._me not in standing.parties:
            return False
        if standing.step is Step.JOIN and not self._answered.issuperset(self.others):
            # Whoever lost its folder must see first that it has taken part before.
            return False
        if self.is_over():
            return False
        due = self._present().step_at(self._board, standing)
        if due is None or self.is_over():
            return False
        if isinstance(due, Confirmation):
            self._keep_share(due)
            due = due.step
        taken = self._reader.read(due)
        self._folder.publish(taken)
        if taken.step in _VERDICTS:
            # No further step rests on them: a thief who comes now finds nothing that opens a part.
            self._folder.forget_secrets()
            self._participant = None
        self._add(taken)
        return True

    def is_over(self) -> bool:
        """Tell whether the time to confirm has passed by this custodian's own clock, now or when it last looked."""
        return self._is_closed or self._around.clock() > self.proposal.ends_at

    def conclude(self, *, successor: str | None = None) -> None:
        """Write down a ceremony's end, once; a share that was confirmed stays. Raises OSError or ShareMissing."""
        standing = self.standing
        if isinstance(standing, Formed):
            self._conclude_formed(standing)
        elif isinstance(standing, Ended):
            end = End(state=EndState.FAULT, fault=standing.fault, party=standing.party, successor=successor)
            give_up(self._folder, self._around.book, end)
        elif not self.has_confirmed and not self._is_withdrawn:
            give_up(self._folder, self._around.book, End(state=EndState.TIME_OVER))

    def _conclude_formed(self, formed: Formed) -> None:
        end = self._folder.end()
        is_member = any(each.custodian == self._me for each in formed.committee.members)
        if is_member and (end is None or end.state is not EndState.FORMED):
            self._around.book.promote(self.ceremony)
        self._folder.forget_secrets()
        self._folder.close(End(state=EndState.FORMED), transcript=formed.transcript)

    def _take(self, peer: str, signed: SignedStep) -> None:
        try:
            taken = self._reader.read(signed)
        except CeremonyRefused as refused:
            self._tell_once(peer, f"{peer}: a step is refused: {refused.code}: {refused}")
            return
        if taken.party == self._me:
            raise CeremonyHalted(
                HaltCode.TAKEN_PART,
                f"{peer} has a step of this custodian that its folder does not have: this custodian has taken part "
                "before, and its folder is gone, or somebody else signs with its key",
            )
        grown = self._board.adding(taken)
        if grown is not self._board:
            self._folder.keep(taken, is_contradiction=grown.contradictions is not self._board.contradictions)
            self._add(taken)

    def _add(self, taken: ReadStep) -> None:
        self._board = self._board.adding(taken)
        self._standing = None
        self._around.tell(f"{self.ceremony[:12]} {taken.step} {taken.party}")

    def _tell_once(self, peer: str, line: str) -> None:
        if (peer, line) not in self._told:
            self._told.add((peer, line))
            self._around.tell(line)

    def _present(self) -> Participant:
        """Return this custodian with its secrets, which are on the disk before the JOIN that rests on them."""
        if self._participant is None:
            former_share = self._former_share()
            secrets = self._folder.secrets(self._me)
            if secrets is None:
                if self._folder.has_own(Step.JOIN):
                    raise CeremonyHalted(
                        HaltCode.SECRETS_GONE, f"{self.ceremony}: the secrets of this ceremony are gone"
                    )
                secrets = make_secrets(self.proposal, self._me, former_share=former_share, random=self._around.random)
                self._folder.keep_secrets(secrets)
            self._participant = Participant(
                secrets=secrets, signer=self._around.me.signer, former_share=former_share, random=self._around.random
            )
        return self._participant

    def _former_share(self) -> bytes | None:
        """Return this custodian's share of the former committee, which a dealer of it needs."""
        former, seat = self.proposal.former, former_seat(self.proposal, self._me)
        if former is None or seat is None or self._me not in self.proposal.dealers:
            return None
        held = self._around.book.get(former.epoch, former.committee, self._around.clock())
        if held is None or held.pk != seat.share_public_key:
            raise CeremonyHalted(
                HaltCode.FORMER_UNKNOWN, f"no share of committee {former.committee} is held here any more"
            )
        return held.sk

    def _keep_share(self, due: Confirmation) -> None:
        """Keep the new share, pending, before the step that confirms it; after a crash it is the same again."""
        if due.share is None:
            return
        proposal, book = self.proposal, self._around.book
        commitments = {name: deal.commitments for name, deal in deals_of(self._board).items()}
        index = next(each.index for each in proposal.members if each.custodian == self._me)
        kept = book.of_ceremony(self.ceremony)
        share = CommitteeShare(
            epoch=proposal.epoch,
            committee=proposal.committee,
            threshold=proposal.threshold,
            index=index,
            sk=due.share,
            pk=multiply_base(due.share),
            joint_public_key=committee_of(proposal, commitments).joint_public_key,
            ceremony=self.ceremony,
            formed_at=self._around.clock().replace(microsecond=0),
            canary=due.evaluated_canary,
        )
        try:
            book.add_pending(share if kept is None else replace(share, formed_at=kept.formed_at))
        except ShareExists as taken:
            raise CeremonyHalted(
                HaltCode.NUMBER_USED, f"another share of committee {proposal.committee} is kept: {taken}"
            ) from None


def give_up(folder: CeremonyFolder, book: ShareBook, end: End) -> None:
    """End a ceremony that forms nothing here: delete its secrets, and its share unless it was confirmed."""
    if not folder.has_own(Step.CONFIRM):
        book.drop_pending(folder.ceremony)
    folder.forget_secrets()
    folder.close(end)
