"""Print what tlog-scales makes of a log: ``python tests/interop/scales_vectors.py > tests/vectors/tlog_scales.json``.

To be run where tlog-scales is installed, which our own environment is not: it is here to disagree with crypto/tlog.
"""

# ruff: noqa: T201 (its output is the file)

import hashlib
import importlib.metadata
import json
import tempfile
from pathlib import Path

from tlog_scales import signing, tlog, writer

ORIGIN = "log.example/scales"
STEPS = (1, 255, 1, 256, 87)
INCLUSIONS = ((0, 600), (255, 256), (256, 600), (599, 600))
CONSISTENCIES = ((1, 600), (256, 257), (257, 600), (513, 600), (599, 600))


def main() -> None:
    """A log of 600 entries that grows in steps, signed with a seed of 32 bytes of value 7."""
    signer = signing.PlainEd25519Signer(ORIGIN, bytes([7]) * 32)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "log"
        log = writer.TilesWriter.create(root, ORIGIN)
        count, checkpoints = 0, []
        for step in STEPS:
            for _ in range(step):
                log.add_leaf(f"entry {count}".encode())
                count += 1
            log.commit([signer], gc=False)
            checkpoints.append((root / "checkpoint").read_text())
        files = {
            str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(root.rglob("*"))
            if path.is_file() and path.name != "checkpoint"
        }
        proofs = {
            "inclusion": [
                {"index": index, "size": size, "proof": hexes(log.reader.get_inclusion_proof(index, size))}
                for index, size in INCLUSIONS
            ],
            "consistency": [
                {"old": old, "size": size, "proof": hexes(log.reader.get_consistency_proof(old, size))}
                for old, size in CONSISTENCIES
            ],
        }
    version = importlib.metadata.version("tlog-scales")
    vkey = signer.vkey.serialize()  # type: ignore[no-untyped-call]  # theirs
    content = {"by": f"tlog-scales {version}", "vkey": vkey, "checkpoints": checkpoints}
    print(json.dumps(content | {"files": files} | proofs, ensure_ascii=False, indent=1))


def hexes(proof: "tlog.InclusionProof | tlog.ConsistencyProof") -> list[str]:
    """The hashes of a proof."""
    return [each.hex() for each in proof.node_hashes]


if __name__ == "__main__":
    main()
