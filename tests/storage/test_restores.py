"""Declared restores, and the years whose log refuses the database, come back as they were kept, on both databases."""

from collections.abc import Callable

from registry.domain.incarnations import Incarnation, digests_of
from registry.store.engines import Engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from tests.storage import values as v
from tests.storage.revisions import before, upgrade_to

REVISION = "0036"


def test_the_newest_declaration_is_the_incarnation_and_knows_the_heads_of_its_day(store: Store) -> None:
    v.founded(store)
    assert store.read(lambda tx: tx.restores.newest()) is None
    for number in (2, 10, 9):
        heads = digests_of({2026: b"a head", 2025: b"an older one"})
        new = Incarnation(number=number, began_at=v.LATER, heads=heads, log_entry_id=v.an_id(number))
        store.write(lambda tx, new=new: tx.restores.add(new))
    newest = store.read(lambda tx: tx.restores.newest())
    assert newest is not None
    assert (newest.number, newest.began_at) == (10, v.LATER)
    assert newest.knew(2026, b"a head")
    assert not newest.knew(2026, b"another head")
    assert not newest.knew(2024, b"a head")


def test_a_year_is_refused_for_the_last_reason_until_it_is_accepted(store: Store) -> None:
    for year, code in ((2026, "database-behind"), (2025, "tile-wrong"), (2026, "roots-differ")):
        store.write(lambda tx, year=year, code=code: tx.restores.refuse(year, code, v.LATER))
    assert store.read(lambda tx: tx.restores.refused()) == {2025: "tile-wrong", 2026: "roots-differ"}
    store.write(lambda tx: tx.restores.accept(2026))
    assert store.read(lambda tx: tx.restores.refused()) == {2025: "tile-wrong"}


def test_a_registry_from_before_the_revision_is_in_its_first_incarnation(
    empty_url: str, open_engines: Callable[[str], Engines]
) -> None:
    upgrade_to(empty_url, before(REVISION))
    upgrade(empty_url)
    store = Store(open_engines(empty_url))
    assert store.read(lambda tx: (tx.restores.newest(), tx.restores.refused())) == (None, {})
