"""Tiles: their arithmetic, their paths, the batches that make them, and readers that believe only the root."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.errors import TlogRefused
from crypto.tlog import tiles
from crypto.tlog.authentic import AuthenticTiles
from crypto.tlog.bundles import decode_bundle, encode_bundle, verify_bundle
from crypto.tlog.frontier import Frontier, append, frontier_at
from crypto.tlog.merkle import MAX_SIZE, Node, verify_consistency, verify_inclusion
from crypto.tlog.proofs import hashes_from_tiles, prove_consistency, prove_inclusion
from crypto.tlog.tiles import Tile, parse_entries_path, parse_tile_path
from tests.support.logs import Log, entry, leaves, log_of
from tests.support.sizes import examples

ANY_TILE = st.builds(Tile, level=st.integers(0, 63), index=st.integers(0, 2**63 - 1), width=st.integers(1, 256))
SOME_TILE = Tile(level=0, index=0, width=1)


def refused(code: str, function: Callable[..., Any] | type[Any], *arguments: Any, **named: Any) -> None:
    with pytest.raises(TlogRefused) as caught:
        function(*arguments, **named)
    assert caught.value.code == code


def tile(level: int, index: int, width: int) -> Tile:
    return Tile(level=level, index=index, width=width)


@given(ANY_TILE)
def test_a_path_leads_back_to_its_tile(one: Tile) -> None:
    assert parse_tile_path(one.path) == one
    if one.level == 0:
        assert parse_entries_path(one.entries_path) == one
        refused("malformed", parse_tile_path, one.entries_path)
    else:
        refused("out-of-range", getattr, one, "entries_path")
    refused("malformed", parse_entries_path, one.path)


@given(st.from_regex(r"tile/[0-9e]{1,8}/[x0-9/]{1,12}(\.p/[0-9]{1,4})?", fullmatch=True))
def test_a_path_is_read_only_if_it_would_be_written_so(path: str) -> None:
    try:
        one = parse_tile_path(path)
    except TlogRefused:
        return
    assert one.path == path


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**63, 1), (0, 0, 0), (0, 0, 257)]
)
def test_a_tile_that_nobody_can_have_is_refused(level: int, index: int, width: int) -> None:
    refused("out-of-range", tile, level, index, width)


def test_the_tree_of_the_specification_has_its_tiles() -> None:
    there = list(tiles.new_tiles(0, 70_000))
    full = [sum(one.level == level and one.is_full for one in there) for level in range(3)]
    assert full == [273, 1, 0]
    assert tiles.edge_tiles(70_000) == [tile(0, 273, 112), tile(1, 1, 17), tile(2, 0, 1)]
    assert list(tiles.new_tiles(255, 256)) == [tile(0, 0, 256), tile(1, 0, 1)]


@given(old=st.integers(0, 70_000), new=st.integers(0, 70_000))
@settings(max_examples=examples(40))
def test_what_is_new_is_what_the_old_tree_did_not_have(old: int, new: int) -> None:
    old, new = sorted((old, new))
    assert set(tiles.new_tiles(old, new)) == set(tiles.new_tiles(0, new)) - set(tiles.new_tiles(0, old))
    for one in tiles.new_tiles(old, new):
        tiles.check_in_tree(one, new)
        assert tiles.tile_at(level=one.level, index=one.index, size=new) == one


def test_a_tree_of_63_bits_has_8_levels_and_none_above() -> None:
    assert tiles.tile_levels(MAX_SIZE) == 8
    assert tiles.width_at(level=7, index=0, size=MAX_SIZE) == 127
    refused("out-of-range", tiles.check_in_tree, tile(8, 0, 1), MAX_SIZE)
    refused("out-of-range", tiles.tile_at, level=8, index=0, size=MAX_SIZE)


def test_an_earlier_width_is_of_this_tree_and_a_later_one_is_not() -> None:
    tiles.check_in_tree(tile(0, 1, 44), 300)
    tiles.check_in_tree(tile(0, 1, 43), 300)
    refused("out-of-range", tiles.check_in_tree, tile(0, 1, 45), 300)


@given(st.lists(st.integers(0, 700), max_size=6))
@settings(max_examples=examples(60))
def test_growing_in_steps_publishes_what_growing_at_once_does(steps: list[int]) -> None:
    slow, fast, at = Log(), Log(), 0
    for step in steps:
        assert slow.grow(leaves()[at : at + step]) == list(tiles.new_tiles(at, at + step))
        at += step
    fast.grow(leaves()[:at])
    assert slow.frontier == fast.frontier
    assert fast.tiles.items() <= slow.tiles.items()
    assert frontier_at(at, slow.fetch) == slow.frontier


def test_the_log_grows_over_the_third_level() -> None:
    log = log_of(65_535)
    assert log.grow(leaves()[65_535:65_537]) == [tile(0, 255, 256), tile(0, 256, 1), tile(1, 0, 256), tile(2, 0, 1)]
    assert log.frontier == log_of(65_537).frontier


@pytest.mark.parametrize("hashes", [[bytes(31)], [bytes(31), bytes(33)], [b""]])
def test_leaf_hashes_of_another_length_are_refused(hashes: list[bytes]) -> None:
    refused("malformed", append, Frontier(), hashes)


@pytest.mark.parametrize("edges", [(), (bytes(32), bytes(32)), (bytes(64),)])
def test_edges_of_another_size_are_refused(edges: tuple[bytes, ...]) -> None:
    refused("malformed", Frontier, size=1, edges=edges)


def test_a_tree_beyond_63_bits_is_refused() -> None:
    levels = [MAX_SIZE >> 8 * level & 255 for level in range(8)]
    largest = Frontier(size=MAX_SIZE, edges=tuple(bytes(32 * width) for width in levels))
    assert len(largest.root()) == 32
    refused("out-of-range", append, largest, [bytes(32)])


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600, 65_536, 65_537, 70_000])
def test_hashes_read_from_authentic_tiles_prove_what_the_log_proves(size: int) -> None:
    log = log_of(size)
    believed, authentic = hashes_from_tiles(size, log.fetch), log.authentic()
    for index in {0, size // 3, size - 1}:
        proof = prove_inclusion(index, size, authentic.hashes)
        assert proof == prove_inclusion(index, size, believed)
        verify_inclusion(leaf=leaves()[index], index=index, size=size, proof=proof, root=log.frontier.root())
    old = log_of(max(1, size // 2)).frontier
    proof = prove_consistency(old.size, size, authentic.hashes)
    verify_consistency(old_size=old.size, old_root=old.root(), new_size=size, new_root=log.frontier.root(), proof=proof)
    assert authentic.hashes([]) == []


def test_every_tile_of_a_tree_can_be_read_authentically() -> None:
    log = log_of(66_000)
    there = list(tiles.new_tiles(0, 66_000))
    assert log.authentic().tiles(there) == [log.tiles[one] for one in there]


def test_a_tile_is_fetched_once_while_it_is_kept() -> None:
    log = log_of(70_000)
    authentic = log.authentic()
    authentic.hashes([Node(level=0, index=5)])
    fetched = len(log.fetched)
    authentic.hashes([Node(level=0, index=6), Node(level=3, index=2)])
    assert len(log.fetched) == fetched


def test_no_more_tiles_are_kept_than_allowed() -> None:
    log = log_of(70_000)
    authentic = log.authentic(keep=2)
    nodes = [Node(level=0, index=at * 256) for at in range(20)]
    assert authentic.hashes(nodes) == [leaves()[at * 256] for at in range(20)]
    assert len(authentic._full) == 2


@given(data=st.data(), size=st.sampled_from([1, 256, 257, 600, 65_537, 70_000]))
@settings(max_examples=examples(40))
def test_a_tile_with_a_single_bit_changed_is_never_used(data: st.DataObject, size: int) -> None:
    log = log_of(size)
    root = log.frontier.root()
    there = list(tiles.new_tiles(0, size))
    bad = data.draw(st.sampled_from(there))
    at = data.draw(st.integers(0, len(log.tiles[bad]) - 1))
    raw = bytearray(log.tiles[bad])
    raw[at] ^= 1 << data.draw(st.integers(0, 7))
    log.tiles[bad] = bytes(raw)

    def read() -> None:
        AuthenticTiles(size=size, root=root, fetch=log.fetch).tiles([bad])

    refused("tile-invalid", read)


def test_the_partial_tiles_of_another_tree_are_refused() -> None:
    refused("tile-invalid", AuthenticTiles, size=300, root=log_of(301).frontier.root(), fetch=log_of(300).fetch)


def test_a_tile_of_another_length_is_refused() -> None:
    log = log_of(600)
    short = tile(0, 0, 256)
    log.tiles[short] = log.tiles[short][:-32]
    refused("tile-invalid", log.authentic().tiles, [short])
    refused("tile-invalid", hashes_from_tiles(600, log.fetch), [Node(level=0, index=1)])


def test_only_the_width_that_the_tree_has_is_read() -> None:
    refused("out-of-range", log_of(600).authentic().tiles, [tile(0, 2, 87)])
    refused("out-of-range", log_of(600).authentic().hashes, [Node(level=0, index=600)])
    refused("out-of-range", log_of(600).authentic().hashes, [Node(level=8, index=2)])
    refused("out-of-range", log_of(0).authentic().hashes, [Node(level=0, index=0)])


@pytest.mark.parametrize("node", [Node(level=8, index=0), Node(level=0, index=0), Node(level=1, index=172)])
def test_a_node_is_not_read_from_a_tile_that_does_not_span_it(node: Node) -> None:
    refused("out-of-range", tiles.hash_in_tile, tile(0, 1, 88), bytes(32 * 88), node)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
@settings(max_examples=examples(40))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    raw = encode_bundle(entries)
    assert decode_bundle(raw, width=len(entries)) == entries
    refused("tile-invalid", decode_bundle, raw, width=len(entries) - 1)
    refused("tile-invalid", decode_bundle, raw[:-1], width=len(entries))
    refused("tile-invalid", decode_bundle, raw + b"\0", width=len(entries))


def test_a_bundle_has_from_1_to_256_entries_of_16_bits() -> None:
    refused("out-of-range", encode_bundle, [])
    refused("out-of-range", encode_bundle, [b""] * 257)
    refused("too-large", encode_bundle, [bytes(65_536)])
    assert encode_bundle([bytes(65_535)])[:2] == b"\xff\xff"


def test_a_bundle_is_believed_only_beside_its_tile() -> None:
    log = log_of(300)
    partial, entries = tile(0, 1, 44), [entry(index) for index in range(256, 300)]
    raw, (data,) = encode_bundle(entries), log.authentic().tiles([tile(0, 1, 44)])
    assert verify_bundle(raw, partial, data) == entries
    swapped = encode_bundle([entries[1], entries[0], *entries[2:]])
    refused("tile-invalid", verify_bundle, swapped, partial, data)
    refused("tile-invalid", verify_bundle, raw, partial, data[:-32])
    refused("out-of-range", verify_bundle, raw, tile(1, 0, 44), data)
