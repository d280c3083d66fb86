"""One signed call to the registry: retried only where that is safe, its answer verified, its incarnation watched."""

from collections.abc import Callable
from copy import copy
from typing import Any, Final, Self
from uuid import UUID

from client import answers
from client.deadline import AGAIN_SECONDS, Deadline
from client.errors import IncarnationChanged, RegistryAnswerBroken, RegistryRefused, RegistryUnreachable
from client.incarnations import Incarnations
from client.lifeline import CircuitOpen
from client.peer import JSON, NOT_TOLD, Answer, ReadingContext, SignedPeer, Signer
from client.pinned_key import PinnedKey
from client.problems import problem_errors, problem_figures, problem_name
from client.retrying import BUSY_SECONDS, asked_pause, waits_for_its_turn, worth_repeating
from client.sending import AnswerTooLong, PeerSilent
from protocol.encodings import b64url_encode
from protocol.incarnation import HEADER
from protocol.problems import Problem
from protocol.readings import LOG_ENTRY_HEADER

_FIRST_PAUSE: Final = 0.25
_LEAST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 8.0
_REDIRECTION: Final = 300
_KEY_BYTES: Final = 16
_NOT_CALLED: Final = "the registry did not answer lately, and was not called"
_NOT_FOUND: Final = Problem.NOT_FOUND.value.name
_DIFFERS: Final = Problem.INCARNATION_DIFFERS.value.name


class RegistryLine:
    """The line to one registry under one pinned key. Thread-safe."""

    def __init__(
        self,
        peer: SignedPeer,
        signer: Signer,
        *,
        pinned: PinnedKey,
        attempts: int,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        incarnations: Incarnations,
        reading: ReadingContext = NOT_TOLD,
        on_entry: Callable[[UUID], None] = lambda _: None,
    ) -> None:
        """``on_entry`` gets the id of the log's entry of each reading whose signed answer names one."""
        self.incarnations = incarnations
        self.peer = peer
        self._signer = signer
        self._pinned = pinned
        self._reading = reading
        self._on_entry = on_entry
        self._attempts = attempts
        self._monotonic = monotonic
        self._sleep = sleep
        self.meant: int | None = None
        self.deadline: Deadline | None = None

    def under(self, incarnation: int) -> Self:
        """Return the line bound to one incarnation: a registry of another one refuses its requests, streams included.

        An older registry, without incarnations, is not sent that header.
        """
        bound = copy(self)
        bound.meant = incarnation if self.incarnations.is_named else None
        return bound

    def within(self, deadline: Deadline) -> Self:
        """Return the line bound to a deadline, which all calls over it share."""
        bound = copy(self)
        bound.deadline = deadline
        return bound

    def trying(self) -> Self:
        """Return the line for calls that find out whether the registry answers, although it did not lately."""
        bound = copy(self)
        bound.peer = self.peer.trying()
        return bound

    def expect_answer(self) -> None:
        """Raise RegistryUnreachable where a call would not even begin, since the registry did not answer lately."""
        lifeline = self.peer.lifeline
        if lifeline is not None and not lifeline.lets_through:
            raise RegistryUnreachable(_NOT_CALLED)

    def _rest(self, attempt: int) -> None:
        """Wait before requesting an incomplete answer once more."""
        self._sleep(_FIRST_PAUSE * 2**attempt)

    def _random_key(self) -> str:
        return b64url_encode(self._signer.random(_KEY_BYTES))

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = JSON,
        idempotency_key: str | None = None,
        max_answer: int = answers.MAX_ANSWER,
        streams: bool = False,
    ) -> Answer:
        # Every call can be repeated: a GET changes nothing, a POST carries its key through all attempts.
        pause, trouble, attempt, busy_until = 0.0, "no attempt was made", 0, self._monotonic() + BUSY_SECONDS
        while attempt < self._attempts and (not attempt or self._is_time_left(pause)):
            if pause:
                self._sleep(pause)
            pause = min(max(pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
            attempt += 1
            try:
                answer = self._exchange(
                    method,
                    path,
                    body=body,
                    content_type=content_type,
                    idempotency_key=idempotency_key,
                    max_answer=max_answer,
                )
            except PeerSilent as silent:
                trouble, pause = silent.reason, self._hurried(pause)
                continue
            self._pinned.verify(answer, now=self._signer.clock(), streams=streams)
            if "Signature" in answer.headers:
                self.incarnations.see(answer.headers.get(HEADER))
            if answer.status < _REDIRECTION:
                self._tell_entry(answer)
                return answer
            trouble = f"{problem_name(answer)} ({answer.status})"
            if self.meant is not None and problem_name(answer) == _DIFFERS:
                raise IncarnationChanged(self.meant, self.incarnations.newest)
            if not worth_repeating(answer):
                raise self._refusal(answer)
            pause = asked_pause(answer, pause, _LONGEST_PAUSE)
            if waits_for_its_turn(answer) and self.deadline is None and self._monotonic() < busy_until:
                attempt -= 1
        within = "" if attempt == 1 else f" in {attempt} attempts"
        raise RegistryUnreachable(f"the registry gave no answer{within}: {trouble}")

    def _tell_entry(self, answer: Answer) -> None:
        entry = answer.headers.get(LOG_ENTRY_HEADER)
        if entry is None or "Signature" not in answer.headers:
            return
        try:
            entry_id = UUID(entry)
        except ValueError:
            raise RegistryAnswerBroken("the name of the log's entry is no id", answers.FORM) from None
        self._on_entry(entry_id)

    def _exchange(self, method: str, path: str, **more: Any) -> Answer:
        """Make one attempt; raises PeerSilent where another may have more luck."""
        try:
            return self.peer.exchange(
                method,
                path,
                incarnation=self.meant,
                reading=self._reading if method == "GET" else NOT_TOLD,
                deadline=None if self.deadline is None else self.deadline.attempt(),
                **more,
            )
        except AnswerTooLong:
            raise RegistryAnswerBroken("the registry's answer is too long", "answer-too-long") from None
        except CircuitOpen:
            raise RegistryUnreachable(_NOT_CALLED) from None

    def _hurried(self, pause: float) -> float:
        """Shorten a pause that nobody asked for, so that it does not use up the time of the next attempt."""
        return pause if self.deadline is None else min(pause, max(_LEAST_PAUSE, self.deadline.left() - AGAIN_SECONDS))

    def _is_time_left(self, pause: float) -> bool:
        return self.deadline is None or self.deadline.left() - pause >= AGAIN_SECONDS

    def _refusal(self, answer: Answer) -> RegistryRefused:
        name = problem_name(answer)
        hint = self.incarnations.hint if name == _NOT_FOUND else None
        return RegistryRefused(name, answer.status, problem_errors(answer), problem_figures(answer), hint)
