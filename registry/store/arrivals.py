"""Read in one statement all that decides whether requests may come in, and the people and households they name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from registry.domain.idempotency import StoredAnswer
from registry.domain.subjects import HouseholdLink, PersonKeys
from registry.store.gathered import Gathered
from registry.store.households import LINKS
from registry.store.idempotency import STORED, Claims, claim_number
from registry.store.participants import GOOD_KEYS
from registry.store.people import LOOK, keys_of
from registry.store.prepared import grouped
from registry.store.repository import Repository, values_of
from registry.store.requests import USED
from registry.store.rules import APPROVALS, Approvals

_LOOK: Final = Gathered(
    good_keys=GOOD_KEYS,
    nonces=USED,
    claims=Claims(),
    stored=STORED,
    approvals=APPROVALS,
    people=LOOK,
    links=LINKS,
)

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
        """Claim the idempotency keys, waiting for none, and read; ``people`` are index keys.

        An answer that another transaction commits in this very moment may be missed although its claim was free then.
        Keeping the second answer raises Overtaken, and the same work finds the first.
        """
        claims = {claim_number(*each): each for each in calls}
        rows = _LOOK.rows(
            self._connection,
            good_keys=(keys,),
            nonces=({key for key, _ in nonces}, [nonce for _, nonce in nonces]),
            claims=(() if self._is_sqlite else claims,),
            stored=({who for who, _ in calls}, [key for _, key in calls]),
            approvals=(),
            people=(people,),
            links=(set(households),),
        )
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
            people=keys_of(people, rows["people"]),
            links=grouped(values_of(HouseholdLink, LINKS, rows["links"]), attrgetter("household_key")),
        )
