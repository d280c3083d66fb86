"""Take each opening to its entry in the order of the log, prove it, and report every fault with its place."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from auditlog.audit.findings import Findings
from auditlog.audit.proving import Judged, Prover
from auditlog.openings import Opening

MAX_WAITING: Final = 20_000
"""Entries of one instant are far fewer; each that waits is kept whole."""
NO_PLACES: Final[AbstractSet[int]] = frozenset()

OnProved = Callable[[Judged], None]


class OpeningAudit:
    """Checks openings one by one beside the entries of the log; faults go to ``findings``.

    ``on_proved`` gets each opening that was proved under the signed tree, in the order of the log; one whose key comes
    later in the log than itself follows at `settle`. ``has_gaps``: the reader is shown only some of the openings.
    """

    def __init__(
        self,
        openings: Iterator[Opening | None],
        prover: Prover,
        *,
        findings: Findings,
        on_proved: OnProved | None = None,
        has_gaps: bool = False,
        most_waiting: int = MAX_WAITING,
    ) -> None:
        self._openings = openings
        self._held: list[Opening | None] = []
        self.prover = prover
        self._findings = findings
        self._on_proved = on_proved
        self._has_gaps = has_gaps
        self._most_waiting = most_waiting
        self.count = self.proved = 0
        self._waiting: list[Judged] = []

    def check(self, first: int, entries: Sequence[bytes | None], changed: AbstractSet[int] = NO_PLACES) -> None:
        """Check the openings of consecutive entries; None is an entry that the log could not show.

        ``changed`` are the indexes of entries that are not those which the signed tree commits to.
        """
        for index, entry in enumerate(entries, first):
            opening = self._take(index)
            if opening is not None:
                self.count += 1
                self._note(self.prover.judge(opening, entry, is_signed=index not in changed))

    @property
    def is_waiting(self) -> bool:
        """Tell that some requests are still to be judged: a state that is saved now would forget them."""
        return bool(self._waiting)

    def settle(self) -> None:
        """Judge requests that waited for a key that came later in the log, as entries of one instant may."""
        for judged in self._waiting:
            fault = self._fault_of_late_key(judged)
            if fault is not None:
                self._findings.add(fault, judged.opening.index)
            else:
                self._show(judged)
        self._waiting = []

    def _note(self, judged: Judged) -> None:
        index = judged.opening.index
        for fault in judged.faults:
            self._findings.add(fault, index)
        if judged.awaits is not None and len(self._waiting) == self._most_waiting:
            self._findings.add("request-key-unknown", index)
        elif judged.awaits is not None:
            self._waiting.append(judged)
        else:
            self._show(judged)

    def _show(self, judged: Judged) -> None:
        if self.prover.proves(judged):
            self.proved += 1
            if self._on_proved is not None:
                self._on_proved(judged)

    def _fault_of_late_key(self, judged: Judged) -> str | None:
        request, book = judged.awaits, self.prover.book
        if request is None or judged.core is None or request.key_id not in book.keys:
            return "request-key-unknown"
        return book.fault(request, judged.core["by"])

    def _take(self, index: int) -> Opening | None:
        while True:
            if not self._held:
                try:
                    self._held.append(next(self._openings))
                except StopIteration:
                    self._miss(index)
                    return None
            held = self._held[0]
            if held is not None and held.index > index:
                self._miss(index)
                return None
            self._held.clear()
            if held is None:
                self._findings.add("opening-malformed", index)
                return None
            if held.index == index:
                return held
            self._findings.add("opening-order", held.index)

    def _miss(self, index: int) -> None:
        if not self._has_gaps:
            self._findings.add("opening-missing", index)
