"""The page of household keys determines every key: a second reader of it agrees with the product."""

import json
import random

from docs.spec import address_vectors, make_vectors
from protocol.address import canonical_address
from tests.spec.address_reader import read
from tests.support.cells import every_cell

ADDRESSES = json.loads((make_vectors.FOLDER / "addresses.json").read_bytes())["cases"]
HOUSEHOLDS = json.loads((make_vectors.FOLDER / "household.json").read_bytes())["addresses"]


def test_there_are_thousands_of_addresses_and_many_have_a_key() -> None:
    assert len(ADDRESSES) > 3_900
    assert sum(parts is not None for _, parts in ADDRESSES) > 1_500


def test_a_reader_that_knows_only_the_page_arrives_at_every_address_of_the_vectors() -> None:
    assert [text for text, parts in ADDRESSES if read(text) != parts] == []


def test_a_reader_that_knows_only_the_page_arrives_at_every_chosen_address() -> None:
    with every_cell() as table:
        for case in HOUSEHOLDS:
            with table.cell(case["text"]):
                assert read(case["text"]) == (None if case["parts"] is None else "|".join(case["parts"].values()))


def test_the_two_readers_agree_on_addresses_that_are_in_no_file() -> None:
    writer = address_vectors.Writer("another seed")
    texts = [writer.address() for _ in range(500)]
    assert [text for text in texts if read(text) != address_vectors.parts(text)] == []


def test_the_two_readers_agree_on_noise() -> None:
    rng = random.Random(9)
    alphabet = "昆明市五华区学府路号栋单元室层楼地下负之第-~ ,.#12803ABFX七十〇零百○组村乡#甲（）＊\u200b\u0301'=\""
    for _ in range(1500):
        text = "昆明市" + "".join(rng.choice(alphabet) for _ in range(rng.randrange(24)))
        assert read(text) == address_vectors.parts(text), text


def test_an_address_that_is_too_long_is_read_by_neither() -> None:
    text = "昆明市" + "学" * 250 + "7-2-802"
    assert read(text) is None
    assert canonical_address(text) is None
