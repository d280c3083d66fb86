"""Work on the next pieces while the present one is finished: results in input order, few pieces in memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")


def in_order(
    work: Callable[[_Piece], _Result], pieces: Iterable[_Piece], *, threads: ThreadPoolExecutor, depth: int
) -> Iterator[_Result]:
    """Run ``map`` with at most ``depth`` pieces under way; the first failure ends it and drops pieces not begun."""
    under_way: deque[Future[_Result]] = deque()
    waiting = iter(pieces)
    try:
        for piece in waiting:
            under_way.append(threads.submit(work, piece))
            if len(under_way) >= depth:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()


def chunks(items: Iterable[_Piece], size: int) -> Iterator[list[_Piece]]:
    """Cut items into lists of ``size``, the last one shorter."""
    waiting = iter(items)
    while chunk := list(islice(waiting, size)):
        yield chunk
