"""Numbers of orders, clerks and consents become references that differ by kind and by carrier."""

import pytest

from crypto.references import REFERENCE_BYTES, Named, NameInvalid, References, is_name

KEY = bytes(range(32))
MINE = References(KEY)


def test_one_number_has_another_reference_of_each_kind_and_under_each_key() -> None:
    made = {References(key).of(kind, "A-017") for key in (KEY, bytes(32)) for kind in Named}
    assert len(made) == 2 * len(Named)
    assert {len(each) for each in made} == {REFERENCE_BYTES}


@pytest.mark.parametrize("spelling", [" A-017", "A-017\u3000", "\uff21-\uff10\uff11\uff17"])
def test_spellings_of_one_number_give_one_reference(spelling: str) -> None:
    assert MINE.of(Named.AGENT, spelling) == MINE.of(Named.AGENT, "A-017")


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "\u202ewang"])
def test_what_is_no_number_is_refused_and_not_repeated(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(NameInvalid) as refused:
        MINE.of(Named.ORDER, name)
    assert refused.value.args == ()
