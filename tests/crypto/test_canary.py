"""The canary of an epoch, against a vector and as members of two committees evaluate it."""

import os

import pytest

from crypto.oprf.canary import canary_element
from crypto.oprf.group import multiply, random_scalar, scalar_from_int
from crypto.oprf.suite import Mode, hash_to_group
from crypto.oprf.threshold import combine, deal


@pytest.mark.parametrize(
    ("epoch", "element"),
    [
        (1, "acb32f25cc62fa0e14b84a17235f5e886fd2c4ccca575d6c163fe547a8b78d60"),
        (2, "1e388389528db5546d4eb1822667575081a3ff32dd86428f754ef8736004133b"),
        (2**31, "face1738a7e5b3ffff3cb2bebd62c37dd993a6757256cf04b84d9bbf3a99e879"),
    ],
)
def test_the_canary_of_an_epoch_is_that_of_the_page(epoch: int, element: str) -> None:
    assert canary_element(epoch).hex() == element
    assert canary_element(epoch) == hash_to_group(f"clearline/canary/v1\n{epoch}".encode(), Mode.VOPRF)


def test_every_committee_of_a_key_gives_the_same_canary() -> None:
    secret, one, canary = random_scalar(os.urandom), scalar_from_int(1), canary_element(1)
    for threshold, count in ((2, 3), (3, 5)):
        shares = deal(secret, threshold, count, os.urandom).shares[-threshold:]
        evaluated = {share.index: multiply(share.sk, canary) for share in shares}
        assert combine(one, evaluated, threshold=threshold) == multiply(secret, canary)
