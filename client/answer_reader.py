"""Read one HTTP/1.1 answer (RFC 9112) from a connection: strictly, and no more bytes than were agreed."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from client.sending import AnswerTooLong, Received

_PIECE: Final = 64 * 1024
_MAX_HEAD: Final = 64 * 1024
"""Bytes of a status line with its fields, or of the fields behind a chunked body."""
_MAX_INTERIM: Final = 8
_END: Final = b"\r\n\r\n"
_STATUS: Final = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?")
_FIELD: Final = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)")
_LENGTH: Final = re.compile(r"[0-9]{1,15}")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?")
_FIRST_FINAL: Final = 200
_UPGRADED: Final = 101
_WITHOUT_BODY: Final = frozenset({204, 304})


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
        self._held = bytearray()
        self.is_begun = False
        """A byte of the answer has come."""
        self.can_be_kept = False
        """The connection may carry another request once the answer was read."""

    def read(self) -> Received:
        """Read the answer; raises AnswerMalformed, AnswerCut or AnswerTooLong, and what ``receive`` raises."""
        for _ in range(_MAX_INTERIM):
            version, status, fields = self._head()
            if status >= _FIRST_FINAL:
                body, is_framed = self._body(status, fields)
                options = {each.strip().lower() for each in fields.get("connection", "").split(",")}
                self.can_be_kept = is_framed and version == b"1" and "close" not in options and not self._held
                return Received(status=status, headers=FieldsOfAnswer(fields), body=body)
            if status == _UPGRADED:
                break
        raise AnswerMalformed

    def _head(self) -> tuple[bytes, int, dict[str, str]]:
        first, *lines = self._take_until(_END).split(b"\r\n")
        said = _STATUS.fullmatch(first)
        if said is None:
            raise AnswerMalformed
        return said[1], int(said[2]), _fields(lines)

    def _body(self, status: int, fields: Mapping[str, str]) -> tuple[bytes, bool]:
        """Read the body (RFC 9112, section 6.3), and tell whether it has an end of its own."""
        coding, length = fields.get("transfer-encoding"), fields.get("content-length")
        if status in _WITHOUT_BODY:
            return b"", True
        if coding is not None:
            # Both at once are how two readers are made to disagree about an answer's end.
            if coding.lower() != "chunked" or length is not None:
                raise AnswerMalformed
            return self._chunks(), True
        if length is None:
            return self._to_the_end(), False
        if _LENGTH.fullmatch(length) is None:
            raise AnswerMalformed
        return self._take(self._bounded(int(length))), True

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            said = _CHUNK.fullmatch(self._take_until(b"\r\n"))
            if said is None:
                raise AnswerMalformed
            size = int(said[1], 16)
            if size == 0:
                break
            self._bounded(len(body) + size)
            body += self._take(size)
            if self._take(2) != b"\r\n":
                raise AnswerMalformed
        seen = 0
        while line := self._take_until(b"\r\n"):
            # Fields behind the body are not signed: nobody looks at them.
            seen += len(line)
            if seen > _MAX_HEAD:
                raise AnswerMalformed
        return bytes(body)

    def _to_the_end(self) -> bytes:
        self._bounded(len(self._held))
        while piece := self._receive(_PIECE):
            self._held += piece
            self._bounded(len(self._held))
        return self._take(len(self._held))

    def _bounded(self, length: int) -> int:
        if length > self._max_answer:
            raise AnswerTooLong
        return length

    def _take(self, count: int) -> bytes:
        while len(self._held) < count:
            self._more()
        taken = bytes(self._held[:count])
        del self._held[:count]
        return taken

    def _take_until(self, end: bytes) -> bytes:
        """Take what stands before ``end``, and drop that."""
        searched = 0
        while (found := self._held.find(end, searched)) < 0:
            searched = max(0, len(self._held) - len(end) + 1)
            if searched > _MAX_HEAD:
                raise AnswerMalformed
            self._more()
        taken = self._take(found)
        del self._held[: len(end)]
        return taken

    def _more(self) -> None:
        piece = self._receive(_PIECE)
        if not piece:
            raise AnswerCut
        self.is_begun = True
        self._held += piece


def _fields(lines: list[bytes]) -> dict[str, str]:
    """Read header fields; a repeated one is joined by commas (RFC 9110, section 5.3), a folded one is refused."""
    fields: dict[str, str] = {}
    for line in lines:
        said = _FIELD.fullmatch(line)
        if said is None:
            raise AnswerMalformed
        name, value = said[1].decode("ascii").lower(), said[2].strip(b" \t").decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields
