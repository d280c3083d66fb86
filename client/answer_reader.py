"""Read one HTTP/1.1 answer from a connection: h11 parses, and no more bytes are taken than were agreed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import h11

from client.sending import AnswerTooLong, Received

_PIECE: Final = 64 * 1024
_MAX_HEAD: Final = 64 * 1024
"""Bytes of a status line with its fields, or of the fields behind a chunked body."""
_MAX_INTERIM: Final = 8
_ASKED: Final = h11.Request(method="GET", target="/", headers=[("Host", "peer")])
"""The parser has to know that a request went out; the sent one is written by `Connections`."""


class AnswerMalformed(Exception):
    """The bytes are no answer of HTTP/1.1, or of a form that we do not take."""


class AnswerCut(Exception):
    """The connection ended inside an answer, or before it."""


class FieldsOfAnswer(Mapping[str, str]):
    """Header fields under their names in lower case; any case finds them."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


class AnswerReader:
    """Reads one answer; ``receive`` takes a number of bytes and gives at most so many, none at the end."""

    def __init__(self, receive: Callable[[int], bytes], max_answer: int) -> None:
        self._receive = receive
        self._max_answer = max_answer
        self._parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)
        self._parser.send(_ASKED)
        self._parser.send(h11.EndOfMessage())
        self.is_begun = False
        """A byte of the answer has come."""
        self.can_be_kept = False
        """The connection may carry another request once the answer was read."""

    def read(self) -> Received:
        """Read the answer; raises AnswerMalformed, AnswerCut or AnswerTooLong, and what ``receive`` raises."""
        response = self._head()
        fields = self._fields_of(response)
        body = bytearray()
        while not isinstance(event := self._next(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise AnswerMalformed
            body += event.data
            self._bounded(len(body))
        # Bytes behind the answer were not asked for: nothing may follow them.
        self.can_be_kept = self._parser.their_state is h11.DONE and self._parser.trailing_data == (b"", False)
        return Received(status=response.status_code, headers=FieldsOfAnswer(fields), body=bytes(body))

    def _head(self) -> h11.Response:
        for _ in range(_MAX_INTERIM):
            event = self._next()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                break
        raise AnswerMalformed

    def _next(self) -> object:
        """Return the next part of the answer, a body's bytes as they come."""
        is_over = False
        while True:
            try:
                event = self._parser.next_event()
            except h11.RemoteProtocolError:
                raise (AnswerCut if is_over else AnswerMalformed) from None
            if event is not h11.NEED_DATA:
                return event
            piece = self._receive(_PIECE)
            is_over = not piece
            self.is_begun = self.is_begun or not is_over
            self._parser.receive_data(piece)

    def _bounded(self, length: int) -> None:
        if length > self._max_answer:
            raise AnswerTooLong

    def _fields_of(self, response: h11.Response) -> dict[str, str]:
        """Join repeated header fields by commas (RFC 9110, section 5.3)."""
        fields: dict[str, str] = {}
        for raw_name, raw_value in response.headers:
            name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        if "transfer-encoding" in fields and "content-length" in fields:
            # Both at once are how two readers are made to disagree about an answer's end.
            raise AnswerMalformed
        self._bounded(int(fields.get("content-length", "0")))
        return fields
