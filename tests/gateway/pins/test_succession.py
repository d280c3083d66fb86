"""The pure rule: the pinned committee handed its key over, or the reason why it did not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.pins.codes import CommitteeRefused, PinCode
from gateway.pins.succession import formed_by, verify_succession
from gateway.pins.values import Pins
from tests.support.ceremonies import Held, bodies, genesis, hold, resharing
from tests.support.pins import pins_from, refreshed

OF = bodies(5)
FIRST = hold(genesis({name: OF[name] for name in list(OF)[:3]}, 2), OF)
SECOND = refreshed(FIRST, OF)
WITHOUT_ONE = refreshed(FIRST, OF, "custodian-1", "custodian-3")
FIVE = hold(
    resharing(
        SECOND,
        seats=[each.seat(index) for index, each in enumerate(OF.values(), start=1)],
        dealers=["custodian-1", "custodian-3"],
        threshold=3,
    ),
    OF,
    former=SECOND,
)
OTHER_KEY = hold(genesis(OF, 2, committee=2), OF)
NEXT_EPOCH = hold(genesis(OF, 2, epoch=2), OF)


def by_settings(held: Held) -> Pins:
    """The pins of settings, which know no digest and no canary."""
    return replace(pins_from(held), digest=None, canary=None)


def signers_of(pins: Pins, count: int) -> Pins:
    """The same pins, of which so many members have the signing keys of others."""
    other = {each.index: each.signing_key for each in pins_from(FIVE).members}
    changed = tuple(replace(each, signing_key=other[5]) if each.index <= count else each for each in pins.members)
    return replace(pins, members=changed)


@pytest.mark.parametrize(("pinned", "formed"), [(FIRST, SECOND), (FIRST, WITHOUT_ONE), (SECOND, FIVE)])
@pytest.mark.parametrize("known", [pins_from, by_settings])
def test_a_refresh_or_resharing_of_the_pinned_committee_succeeds_it(
    pinned: Held, formed: Held, known: Callable[[Held], Pins]
) -> None:
    verify_succession(known(pinned), formed_by(formed.formed.transcript))


@pytest.mark.parametrize(
    ("pins", "formed", "code"),
    [
        (pins_from(FIRST), NEXT_EPOCH, PinCode.OTHER_EPOCH),
        (pins_from(FIRST), OTHER_KEY, PinCode.OTHER_KEY),
        (pins_from(SECOND), OTHER_KEY, PinCode.OTHER_KEY),
        (pins_from(SECOND), FIRST, PinCode.NOT_NEWER),
        (pins_from(SECOND), SECOND, PinCode.NOT_NEWER),
        (pins_from(SECOND), WITHOUT_ONE, PinCode.FORK),
        (pins_from(FIRST), FIVE, PinCode.NOT_A_SUCCESSOR),
        (pins_from(WITHOUT_ONE), FIVE, PinCode.NOT_A_SUCCESSOR),
        (by_settings(FIRST), FIVE, PinCode.NOT_A_SUCCESSOR),
        (replace(pins_from(FIRST), canary=NEXT_EPOCH.formed.canary), SECOND, PinCode.OTHER_CANARY),
        (signers_of(by_settings(FIRST), 2), SECOND, PinCode.QUORUM_MISSING),
        (signers_of(by_settings(FIRST), 3), SECOND, PinCode.QUORUM_MISSING),
    ],
)
def test_any_other_committee_is_refused_with_its_own_reason(pins: Pins, formed: Held, code: PinCode) -> None:
    with pytest.raises(CommitteeRefused) as refused:
        verify_succession(pins, formed.formed)
    assert refused.value.code is code


def test_a_threshold_of_known_signers_is_enough() -> None:
    verify_succession(signers_of(by_settings(FIRST), 1), SECOND.formed)
