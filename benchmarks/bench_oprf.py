"""Measures a token's cost for each side, in microseconds of one core an element, and libsodium's share of it.

    python benchmarks/bench_oprf.py [--batch 1000] [--rounds 7] [--json FILE]

Figures are CPU time of the one thread that works. Every round measures everything once and the best round counts for
each row: a busy machine only makes a figure worse, and the rows stay comparable.
"""

import argparse
import ctypes
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from crypto.oprf.client import blind_batch
from crypto.oprf.group import multiply
from crypto.oprf.server import blind_evaluate
from crypto.oprf.sodium import sodium
from crypto.oprf.suite import Mode, hash_to_group
from crypto.oprf.threshold import combine_batch, deal, verify_evaluation

THRESHOLD, COUNT = 2, 3
LOOPS = 300

MULTIPLY, ADD, HASH = "libsodium: multiply", "libsodium: add", "libsodium: hash to element"
BLIND, VERIFY, COMBINE = "gateway: blind", f"gateway: verify {THRESHOLD} proofs", "gateway: combine"
EVALUATE = "custodian: evaluate and prove"
# How often each step calls libsodium for one element: (multiplications, additions, hashes to the group).
CALLS = {
    BLIND: (1, 0, 1),
    VERIFY: (2 * THRESHOLD, 2 * THRESHOLD, 0),
    COMBINE: (THRESHOLD, THRESHOLD - 1, 0),
    EVALUATE: (2, 1, 0),
}


class Bench:
    """Keeps the best microseconds an element of each row."""

    def __init__(self) -> None:
        self.rows: dict[str, float] = {}

    def measure(self, name: str, elements: int, work: Callable[[], Any]) -> Any:
        """Run `work`, which handles `elements`, and give back its result."""
        start = time.thread_time()
        result = work()
        microseconds = (time.thread_time() - start) / elements * 1e6
        self.rows[name] = min(microseconds, self.rows.get(name, microseconds))
        return result


def measure_libsodium(bench: Bench) -> None:
    """Measure the bare calls, into one buffer and without a check."""
    scalar, element = os.urandom(31) + b"\x00", hash_to_group(b"x", Mode.VOPRF)
    uniform, out, library = os.urandom(64), (ctypes.c_char * 32)(), sodium()
    bench.measure(MULTIPLY, LOOPS, lambda: [library.scalarmult(out, scalar, element) for _ in range(LOOPS)])
    bench.measure(ADD, LOOPS, lambda: [library.add(out, element, element) for _ in range(LOOPS)])
    bench.measure(HASH, LOOPS, lambda: [library.from_hash(out, uniform) for _ in range(LOOPS)])


def measure_protocol(bench: Bench, batch: int) -> None:
    """Measure both sides of one batch through 2 of 3 custodians; check the first tokens against the dealt secret."""
    secret = os.urandom(31) + b"\x00"
    dealing = deal(secret, THRESHOLD, COUNT, os.urandom)
    asked = dealing.shares[:THRESHOLD]
    inputs = [b"subject %d" % n for n in range(batch)]

    blinded = bench.measure(BLIND, batch, lambda: blind_batch(inputs, os.urandom))
    blinds, elements = [one.blind for one in blinded], [one.blinded_element for one in blinded]
    answers = {}
    for share in asked:
        sk, pk = share.sk, share.pk
        measure = lambda sk=sk, pk=pk: blind_evaluate(sk, pk, elements, os.urandom)  # noqa: E731
        answers[share.index] = bench.measure(EVALUATE, batch, measure)

    def verify() -> None:
        for share in asked:
            verify_evaluation(share.pk, elements, *answers[share.index], index=share.index)

    bench.measure(VERIFY, batch, verify)
    evaluated = {index: elements for index, (elements, _proof) in answers.items()}
    tokens = bench.measure(COMBINE, batch, lambda: combine_batch(blinds, evaluated, threshold=THRESHOLD))
    if tokens[:10] != [multiply(secret, hash_to_group(text, Mode.VOPRF)) for text in inputs[:10]]:
        raise SystemExit("the tokens are not k * H(x)")


def summarise(rows: dict[str, float]) -> list[tuple[str, float, float]]:
    """Set libsodium's own time beside each row, and add up the gateway's three steps."""
    prices = (rows[MULTIPLY], rows[ADD], rows[HASH])
    table = [(name, rows[name], rows[name]) for name in (MULTIPLY, ADD, HASH)]
    for name, calls in CALLS.items():
        table.append((name, rows[name], sum(n * price for n, price in zip(calls, prices, strict=True))))
    gateway = [row for row in table if row[0] in (BLIND, VERIFY, COMBINE)]
    table.append(("gateway: whole element", sum(row[1] for row in gateway), sum(row[2] for row in gateway)))
    return table


def main() -> None:
    """Measure, print the table and, if asked, write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=1000, help="elements a batch (default 1000)")
    parser.add_argument("--rounds", type=int, default=7, help="rounds, of which the best counts (default 7)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    arguments = parser.parse_args()
    bench = Bench()
    for _ in range(arguments.rounds):
        measure_libsodium(bench)
        measure_protocol(bench, arguments.batch)
    table = summarise(bench.rows)
    print(f"microseconds of one core an element; batches of {arguments.batch}, {THRESHOLD} of {COUNT} custodians")
    print(f"{'':32}{'measured':>10}{'libsodium':>11}{'ours':>7}")
    for name, us, floor in table:
        print(f"{name:32}{us:10.1f}{floor:11.1f}{us / floor - 1:7.1%}")
    if arguments.json is not None:
        figures = {name: {"us": round(us, 2), "libsodium_us": round(floor, 2)} for name, us, floor in table}
        arguments.json.write_text(json.dumps({"batch": arguments.batch, "per_element": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
