"""tlog-scales, another reading of the same pages, reads a log that our code wrote; what it proves is what we prove."""

from pathlib import Path

import pytest
from tlog_scales import backend, reader, signing, tlog

from crypto.tlog.bundles import encode_bundle
from crypto.tlog.note import Note
from crypto.tlog.proofs import hashes_from_tiles, prove_consistency, prove_inclusion
from tests.support.logs import LOG, ORIGIN, Log, cosigned, entry, leaves, log_of, witness

SIZES = (1, 256, 257, 600, 65_537, 70_000)


@pytest.fixture(params=SIZES)
def served(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Log, reader.TilesReader]:
    log = log_of(request.param)
    line = cosigned(log.checkpoint(), "a", 1_800_000_000)
    note = Note(text=log.checkpoint().text, signatures=(*log.signed().signatures, line))
    files = {"checkpoint": note.encode()}
    for tile, data in log.tiles.items():
        files[tile.path] = data
        if tile.level == 0:
            files[tile.entries_path] = encode_bundle([entry(tile.index * 256 + at) for at in range(tile.width)])
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    return log, reader.TilesReader(backend.LocalBackend(tmp_path))


def test_it_verifies_our_checkpoint_and_the_cosignature_on_it(served: tuple[Log, reader.TilesReader]) -> None:
    _, theirs = served
    head = theirs.get_checkpoint()
    keys = signing.VkeySet(signing.Vkey.from_string(LOG.vkey), signing.Vkey.from_string(witness("a").vkey))
    assert {key.name for key, _ in keys.verify(head.signatures, head)} == {ORIGIN, "witness.example/a"}
    other = tlog.Checkpoint(head.origin, head.size + 1, head.root_hash, head.signatures)
    assert keys.verify(other.signatures, other) == set()


def test_it_computes_our_root_and_reads_our_entries(served: tuple[Log, reader.TilesReader]) -> None:
    log, theirs = served
    theirs.get_checkpoint()
    size = log.frontier.size
    assert theirs.calculate_root_hash() == log.frontier.root()
    assert theirs.get_entry(size - 1) == entry(size - 1)


def test_its_proofs_are_ours_and_it_accepts_ours(served: tuple[Log, reader.TilesReader]) -> None:
    log, theirs = served
    theirs.get_checkpoint()
    size, root, read = log.frontier.size, log.frontier.root(), hashes_from_tiles(log.frontier.size, log.fetch)
    for index in {0, size // 3, size - 1}:
        ours = list(prove_inclusion(index, size, read))
        assert theirs.get_inclusion_proof(index, size).node_hashes == ours
        tlog.InclusionProof(index, size, ours).check(leaves()[index], root)
        with pytest.raises(tlog.InclusionProofInvalid):
            tlog.InclusionProof(index, size, [*ours, root]).check(leaves()[index], root)
    for old in {1, (size + 1) // 2}:
        ours = list(prove_consistency(old, size, read))
        assert theirs.get_consistency_proof(old, size).node_hashes == ours
        tlog.ConsistencyProof(old, size, ours).check(log_of(old).frontier.root(), root)
