"""Drives a ceremony, and those that follow it without a party at fault, until a committee is formed or none will be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ceremony.standing import Disagreeing, Ended, Formed, Standing, Waiting
from ceremony.terms import ceremony_id, parties, successor
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from custodian.ceremonies.folder import End, EndState
from custodian.ceremonies.peers import Heard, Peers
from custodian.ceremonies.sitting import Sitting, Surroundings, give_up
from custodian.ceremonies.store import CeremonyStore
from protocol.messages.ceremonies import Proposal

_PATIENCE_SECONDS: Final = 0.5
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 1.0
_GROWTH: Final = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of a drive: the last ceremony, its standing, and the peers that do not answer, with the reasons.

    A ``standing`` that waits means that the time is over. ``has_confirmed``: this custodian keeps its share even so,
    and another drive may still find the ceremony complete.
    """

    ceremony: str
    standing: Standing
    has_confirmed: bool
    silent: dict[str, str]


class Driver:
    """One custodian's part in one ceremony. Each ``tick`` asks the peers once and takes at most one step.

    The ceremonies before the last one are heard on: what arrives late may name another party at fault, or show that
    one is complete that this custodian confirmed.
    """

    def __init__(self, root: str, store: CeremonyStore, peers: Peers, around: Surroundings) -> None:
        """``root`` is the ceremony's id, which was consented to. Raises CeremonyHalted or OSError."""
        self._root = root
        self._store = store
        self._peers = peers
        self._around = around
        self._sittings: dict[str, Sitting] = {}
        self._silent: dict[str, str] = {}
        self._tried: set[tuple[str, str]] = set()
        self._faults: set[str] = set()
        self._concluded: set[tuple[str, str]] = set()

    def run(self, sleep: Callable[[float], None]) -> Outcome:
        """Drive to the end; a second driver of the same ceremony waits for this one. Raises as ``tick`` does."""
        folder = self._store.get(self._root)
        if folder is None:
            raise CeremonyHalted(HaltCode.UNKNOWN, f"{self._root}: no such ceremony is held here")
        with folder.driving():
            pause = _FIRST_PAUSE_SECONDS
            while True:
                is_new, outcome = self.tick()
                if outcome is not None:
                    return outcome
                longer = _FIRST_PAUSE_SECONDS if is_new else min(pause * _GROWTH, _LONGEST_PAUSE_SECONDS)
                if longer == _LONGEST_PAUSE_SECONDS > pause:
                    self._tell_waiting()
                pause = longer
                sleep(pause)

    def tick(self) -> tuple[bool, Outcome | None]:
        """Return whether something new came or was done, and the outcome once there is one.

        Raises CeremonyHalted, CryptoRefusal, ShareMissing or OSError; another drive goes on from there.
        """
        chain = self._chain()
        wanted = [(peer, each.ceremony) for each in chain for peer in each.others]
        is_new = False
        for heard in self._peers.hear(wanted, patience_seconds=_PATIENCE_SECONDS):
            is_new |= self._listen(heard)
        chain = self._chain()
        last = chain[-1]
        is_new |= last.act()
        outcome = self._outcome(last, has_asked=self._tried.issuperset(wanted))
        if outcome is not None:
            self._leave_others(chain)
        return is_new, outcome

    def _outcome(self, last: Sitting, *, has_asked: bool) -> Outcome | None:
        standing = last.standing
        is_settled = isinstance(standing, Formed)
        if isinstance(standing, Ended):
            following = self._following(last, standing)
            is_settled = following is None or last.is_over()
        elif not is_settled:
            # Ask everybody once before the time is called over: the ceremony may be complete by now.
            is_settled = last.is_over() and has_asked
        if not is_settled:
            return None
        last.conclude()
        return Outcome(
            ceremony=last.ceremony, standing=standing, has_confirmed=last.has_confirmed, silent=dict(self._silent)
        )

    def _leave_others(self, chain: list[Sitting]) -> None:
        """Give up what was begun after a fault that does not stand any more."""
        held_on = {each.ceremony for each in chain}
        for folder in self._store.following(self._root):
            if folder.ceremony not in held_on and folder.end() is None:
                give_up(folder, self._around.book, End(state=EndState.LEFT))

    def _chain(self) -> list[Sitting]:
        """Follow the faults from the first ceremony on; begins a successor the first time that one is due."""
        chain = [self._sitting(self._root)]
        while isinstance(standing := chain[-1].standing, Ended):
            self._tell_fault(chain[-1], standing)
            following = self._following(chain[-1], standing)
            if following is None or (chain[-1].is_over() and self._store.get(ceremony_id(following)) is None):
                break
            folder = self._store.accept(following, self._around.clock())
            if (chain[-1].ceremony, folder.ceremony) not in self._concluded:
                chain[-1].conclude(successor=folder.ceremony)
                self._concluded.add((chain[-1].ceremony, folder.ceremony))
            chain.append(self._sitting(folder.ceremony))
        return chain

    def _following(self, sitting: Sitting, ended: Ended) -> Proposal | None:
        """Return the proposal that goes on without the party at fault; None for that party, or with too few left."""
        me = self._around.me.participant
        if ended.party is None or ended.party == me:
            return None
        following = successor(sitting.proposal, ended.party)
        return following if following is not None and me in parties(following) else None

    def _sitting(self, ceremony: str) -> Sitting:
        if ceremony not in self._sittings:
            folder = self._store.get(ceremony)
            if folder is None:
                raise CeremonyHalted(HaltCode.UNKNOWN, f"{ceremony}: no such ceremony is held here")
            self._sittings[ceremony] = Sitting(folder, self._around)
        return self._sittings[ceremony]

    def _listen(self, heard: Heard) -> bool:
        self._tried.add((heard.peer, heard.ceremony))
        if heard.failure is not None:
            if self._silent.get(heard.peer) != heard.failure:
                self._around.tell(f"{heard.peer} {heard.failure}")
            self._silent[heard.peer] = heard.failure
            return False
        self._silent.pop(heard.peer, None)
        return self._sitting(heard.ceremony).hear(heard.peer, heard.minutes)

    def _tell_waiting(self) -> None:
        last = self._chain()[-1]
        if isinstance(last.standing, Waiting | Disagreeing):
            parties_late = ", ".join(last.standing.parties)
            self._around.tell(f"{last.ceremony[:12]} waits for {last.standing.step} of {parties_late}")

    def _tell_fault(self, sitting: Sitting, ended: Ended) -> None:
        if sitting.ceremony not in self._faults:
            self._faults.add(sitting.ceremony)
            self._around.tell(f"{sitting.ceremony[:12]} {ended.fault} {ended.party or 'nobody is named'}")
