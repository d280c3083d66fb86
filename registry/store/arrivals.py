"""Read in one statement all that decides whether requests may come in, and the people and households they name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from registry.domain.idempotency import StoredAnswer
from registry.domain.subjects import HouseholdLink, PersonKeys
from registry.store.gathered import Gathered, Part
from registry.store.households import LINKS
from registry.store.idempotency import STORED, Claims, claim_number
from registry.store.participants import GOOD_KEYS
from registry.store.people import LOOK, keys_of
from registry.store.prepared import grouped
from registry.store.repository import Repository, values_of
from registry.store.requests import USED
from registry.store.rules import APPROVALS, Approvals

_WHO: Final[Mapping[str, Part]] = {
    "good_keys": GOOD_KEYS,
    "nonces": USED,
    "claims": Claims(),
    "stored": STORED,
    "approvals": APPROVALS,
}
# No part without keys: PostgreSQL would think a plan for any keys dearer than one for none, and plan the statement anew
# each time, for half a millisecond.
_ADMIT: Final = Gathered(**_WHO)
_ADMIT_AND_FIND: Final = Gathered(**_WHO, people=LOOK)
_ADMIT_AND_FIND_HOMES: Final = Gathered(**_WHO, people=LOOK, links=LINKS)

Pair = tuple[str, str]
"""A signing key and a nonce, or a participant and an idempotency key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The good ones of the signing keys, the used ones of the nonces, and what is known of the idempotency keys."""

    good_keys: frozenset[str]
    used: frozenset[Pair]
    claimed: frozenset[Pair]
    """The idempotency keys that are this transaction's until it ends."""
    stored: Mapping[Pair, StoredAnswer]
    approvals: Approvals
    people: PersonKeys
    links: Mapping[bytes, tuple[HouseholdLink, ...]]


class Arrivals(Repository):
    """Distribution keys: those of the tables that are read."""

    def look(
        self,
        *,
        keys: Collection[str],
        nonces: Sequence[Pair],
        calls: Sequence[Pair],
        people: Collection[bytes],
        households: Collection[bytes],
    ) -> Found:
        """Claim the idempotency keys, waiting for none, and read.

        ``people`` are index keys; ``households`` are those of people who are among them.

        An answer that another transaction commits in this very moment may be missed although its claim was free then.
        Keeping the second answer raises Overtaken, and the same work finds the first.
        """
        claims = {claim_number(*each): each for each in calls}
        asked: dict[str, tuple[Collection[Any], ...]] = {
            "good_keys": (keys,),
            "nonces": ({key for key, _ in nonces}, [nonce for _, nonce in nonces]),
            "claims": (() if self._is_sqlite else claims,),
            "stored": ({who for who, _ in calls}, [key for _, key in calls]),
            "approvals": (),
        }
        look = _ADMIT
        if people:
            look, asked["people"] = _ADMIT_AND_FIND, (people,)
        if households:
            look, asked["links"] = _ADMIT_AND_FIND_HOMES, (set(households),)
        rows = look.rows(self._connection, **asked)
        answers = {
            (each.participant_id, each.idempotency_key): each
            for each in values_of(StoredAnswer, STORED, rows["stored"])
        }
        return Found(
            good_keys=frozenset(row[0] for row in rows["good_keys"]),
            # The statement takes all pairs of two lists; another pair may be there as well.
            used=frozenset(map(tuple, rows["nonces"])).intersection(nonces),
            claimed=frozenset(
                calls if self._is_sqlite else (claims[number] for number, free in rows["claims"] if free)
            ),
            stored={call: answers[call] for call in calls if call in answers},
            approvals=tuple(map(tuple, rows["approvals"])),
            people=keys_of(people, rows.get("people", ())),
            links=grouped(values_of(HouseholdLink, LINKS, rows.get("links", ())), attrgetter("household_key")),
        )
