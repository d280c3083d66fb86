"""PyPI's voprf, which shares no code with ours, verifies and finalises what custodians evaluate after a ceremony."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from voprf import ristretto

from crypto.oprf.client import finalize
from crypto.oprf.group import multiply, scalar_from_int
from crypto.oprf.suite import Mode, hash_to_group
from protocol.encodings import b64url_decode
from protocol.messages.ceremonies import CeremonyKind, Committee
from tests.support.holders import Hall, hall, url_of
from tests.support.parties import Caller, a_caller, evaluation_body

INPUT = b"an input that belongs to nobody"


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Hall]:
    with hall(tmp_path, 3) as custodians:
        yield custodians


def evaluated(custodians: Hall, number: int, caller: Caller, blinded: bytes, committee: int) -> bytes:
    """Ask a custodian over its signed HTTP; returns proof and element as that library writes them."""
    body = evaluation_body([blinded], committee=committee)
    holder = custodians[number]
    answer = holder.app.test_client().post(
        "/v1/evaluations", data=body, headers=caller.headers(body, index=number), base_url=url_of(holder.name)
    )
    document = json.loads(answer.data)
    assert answer.status_code == 200, document
    return b64url_decode(document["proof"]) + b64url_decode(document["evaluated_elements"][0])


def public_key(committee: Committee, number: int) -> ristretto.PublicKey:
    (key,) = (each.share_public_key for each in committee.members if each.index == number)
    return ristretto.PublicKey.deserialize(key)


def test_another_library_verifies_and_finalises_under_the_keys_that_the_committee_published(three: Hall) -> None:
    caller = a_caller(three.clock)
    for number in (1, 2, 3):
        three[number].carriers.append(caller.key())
    born = three.form(three.genesis(1, 2, 3), 1, 2, 3).committee
    fresh = three.form(three.propose(1, CeremonyKind.REFRESH), 1, 2, 3).committee
    for committee, number in ((born, 1), (born, 3), (fresh, 2)):
        client, blinded = ristretto.Client.blind(INPUT)
        raw = evaluated(three, number, caller, blinded.serialize(), committee.committee)
        output = ristretto.VerifiableOutput.deserialize(raw)
        found = client.finalize(output, public_key(committee, number))
        # The same as Finalize over k_i * H(x), computed with the share itself.
        share = three[number].book.get(1, committee.committee, three.clock())
        assert share is not None
        own = multiply(share.sk, hash_to_group(INPUT, Mode.VOPRF))
        assert found == finalize(INPUT, scalar_from_int(1), own)


def test_another_library_refuses_an_evaluation_under_another_custodian_s_or_committee_s_key(three: Hall) -> None:
    caller = a_caller(three.clock)
    three[1].carriers.append(caller.key())
    born = three.form(three.genesis(1, 2, 3), 1, 2, 3).committee
    fresh = three.form(three.propose(1, CeremonyKind.REFRESH), 1, 2, 3).committee
    client, blinded = ristretto.Client.blind(os.urandom(8))
    output = ristretto.VerifiableOutput.deserialize(evaluated(three, 1, caller, blinded.serialize(), 1))
    for other in (public_key(born, 2), public_key(fresh, 1)):
        with pytest.raises(ValueError, match="proof"):
            client.finalize(output, other)
