"""Joins a ceremony with secrets that a test knows beforehand, and writes down all that it sends, gets and holds.

    python -m tests.support.planted_custodian SETTINGS CEREMONY SEED SEEN

The secrets follow from SEED. SEEN is a folder: ``line`` gets each request and answer, ``memory-DEAL`` and
``memory-CONFIRM`` an image of the process after these steps of its own, when it knows the most.
"""

import hashlib
import itertools
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from ceremony.standing import Formed
from cli.custodian.ceremony_desk import opened
from custodian.ceremonies.driver import Driver
from custodian.ceremonies.peers import PeerCaller, Peers
from custodian.ceremonies.sitting import Surroundings
from protocol.messages.ceremonies import Step
from serving.clock import system_clock

_MAP = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw")
_PIECE = 1 << 20


def planted(seed: str) -> Callable[[int], bytes]:
    """Make a source of randomness: SHA-512 over the seed and a counter, at most 64 bytes a time."""
    turn = itertools.count()
    return lambda count: hashlib.sha512(f"{seed} {next(turn)}".encode()).digest()[:count]


def image_of(process: int | str) -> Iterator[bytes]:
    """Read all writable memory of a process piece by piece, each with the end of the one before."""
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{process}/maps").read_text(encoding="utf-8").splitlines():
            found = _MAP.match(line)
            if found is None:
                continue
            start, end = (int(each, 16) for each in found.groups())
            for at in range(start, end, _PIECE):
                try:
                    yield os.pread(memory.fileno(), min(_PIECE + 128, end - at), at)
                except OSError:
                    break  # a page of the kernel's own


class Recording(httpx.HTTPTransport):
    """The network, with every byte of requests and answers written down."""

    def __init__(self, line: Path) -> None:
        super().__init__()
        self._line = line

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        content = b"".join(answer.stream)  # type: ignore[arg-type]
        with self._line.open("ab") as file:
            file.write(f"{request.method} {request.url}\n{request.headers}\n".encode() + request.read())
            file.write(f"\n{answer.status_code} {answer.headers}\n".encode() + content + b"\n")
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(content))


def main(settings: str, ceremony: str, seed: str, seen: str) -> int:
    """Join, and return 0 if a committee was formed."""
    folder = Path(seen)
    with opened(Path(settings)) as here:
        me = here.desk.me

        def tell(line: str) -> None:
            _, _, rest = line.partition(" ")
            step, _, party = rest.partition(" ")
            if party == me.participant and step in {Step.DEAL, Step.CONFIRM}:
                with (folder / f"memory-{step}").open("wb") as file:
                    file.writelines(image_of("self"))

        callers = {
            peer.custodian: PeerCaller(
                peer,
                me.signer,
                clock=system_clock,
                monotonic=time.monotonic,
                random=os.urandom,
                transport=Recording(folder / "line"),
            )
            for peer in here.desk.peers
        }
        around = Surroundings(me=me, book=here.desk.book, clock=system_clock, random=planted(seed), tell=tell)
        outcome = Driver(ceremony, here.desk.store, Peers(callers, monotonic=time.monotonic), around).run(time.sleep)
        return 0 if isinstance(outcome.standing, Formed) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
