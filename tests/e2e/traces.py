"""What of a person could be found in a trace, in which encodings, and the search for all of it at once."""

import base64
import gzip
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

import zstandard

from cli.demo.plan import CARRIERS
from gateway.bulk.export import Export
from gateway.bulk.mapping import Layout, load
from protocol.identifiers import DocumentKind, InvalidDocument, oprf_input, parse_document
from tests.e2e.running import MAPPINGS, data

PREFIX = 6
"""No needle is shorter than this many bytes: in random bytes a shorter one turns up by chance.

48 bits against some thousand needles and some ten million places is one chance in thousands. So a name of two
characters is looked for in UTF-8 and in JSON's escapes, where it has six and twelve bytes, and not in GB18030, where
it has four.
"""
NAMES = {"carrier-a": "客户名称", "carrier-b": "户名", "carrier-c": "cust_name", "applicants": "name"}
PERSONAL = ("document_number", "household_register", "address")
TOKEN = re.compile(rb"[A-Za-z0-9_-]{12,}")


def sample_needles() -> "Needles":
    """Every needle of the sample with what it is."""
    found: dict[bytes, str] = {}
    for name in (*CARRIERS, "applicants"):
        for what, text in personal_texts(name):
            for encoding, needle in spellings(text):
                if len(needle) >= PREFIX:
                    found.setdefault(needle, f"{what} of {name} in {encoding}")
    return Needles(found)


def personal_texts(name: str) -> Iterator[tuple[str, str]]:
    """The personal cells of one file, as they stand there and as they are normalised before they are hashed."""
    layout = Layout.APPLICANTS if name == "applicants" else Layout.ARREARS
    mapping = load(MAPPINGS / f"{name}.toml", layout)
    export = Export(data() / f"{name}.csv", mapping)
    checked = export.check()
    fields = PERSONAL if layout is Layout.APPLICANTS else (*PERSONAL, "account")
    header = (
        (data() / f"{name}.csv")
        .read_bytes()
        .decode("utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding)
        .splitlines()[0]
        .split(",")
    )
    for row in export.rows(checked):
        yield "name", row.cells[header.index(NAMES[name])]
        for each in fields:
            cell = row.cells[checked.positions[each]]
            yield each, cell
            yield each, unicodedata.normalize("NFKC", cell).replace(" ", "").upper()
        kind = mapping.kinds[row.cells[checked.positions["document_kind"]].strip()]
        yield from _canonical(kind, row.cells[checked.positions["document_number"]])


def _canonical(kind: DocumentKind, number: str) -> Iterator[tuple[str, str]]:
    from datetime import date  # noqa: PLC0415 - used here alone

    try:
        document = parse_document(kind, number, today=date(2026, 11, 21))
    except InvalidDocument:
        return
    yield "document_number", document.number
    yield "document_number", document.number.lower()
    yield "OPRF input", oprf_input(document).decode("utf-8", errors="replace")


def spellings(text: str) -> Iterator[tuple[str, bytes]]:
    """The byte forms in which a text could have been written down."""
    text = text.strip()
    if not text:
        return
    yield "UTF-8", text.encode()
    yield "GB18030", text.encode("gb18030")
    yield "UTF-16", text.encode("utf-16-le")
    yield "UTF-16", text.encode("utf-16-be")
    escaped = text.encode("ascii", "backslashreplace")
    yield "JSON escapes", escaped
    yield "JSON escapes", escaped.upper().replace(b"\\U", b"\\u")


class Needles:
    """The byte strings that are looked for, each with what it is; made once, since many texts are searched."""

    def __init__(self, known: Mapping[bytes, str]) -> None:
        self.known = dict(known)
        self._by_prefix: dict[bytes, list[bytes]] = {}
        for needle in known:
            self._by_prefix.setdefault(needle[:PREFIX], []).append(needle)

    def search(self, haystack: bytes) -> list[str]:
        """List the needles in the haystack, by one walk that compares prefixes."""
        found = set()
        for place in range(len(haystack) - PREFIX + 1):
            for each in self._by_prefix.get(haystack[place : place + PREFIX], ()):
                if haystack.startswith(each, place):
                    found.add(self.known[each])
        return sorted(found)


def readable(raw: bytes) -> Iterable[bytes]:
    """The bytes as they are; an HTTP message's body also without chunks and compression; and all base64 opened."""
    yield raw
    body = _body(raw) if b"HTTP/1.1" in raw[:4096].split(b"\r\n")[0] else b""
    if body:
        yield body
    opened = [_opened(each) for each in TOKEN.findall(body or raw)]
    yield b"\n".join(opened)


def _body(message: bytes) -> bytes:
    head, _, body = message.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if fields.get(b"transfer-encoding") == b"chunked":
        body = _unchunked(body)
    match fields.get(b"content-encoding"):
        case b"gzip":
            return gzip.decompress(body)
        case b"zstd":
            return zstandard.ZstdDecompressor().stream_reader(BytesIO(body)).read()
        case _:
            return body


def _unchunked(body: bytes) -> bytes:
    whole, stream = b"", BytesIO(body)
    while size := int(stream.readline().split(b";")[0] or b"0", 16):
        whole += stream.read(size)
        stream.readline()
    return whole


def _opened(text: bytes) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except ValueError:
        return b""


def files_under(*folders: Path) -> list[Path]:
    """Every file, whatever it is called."""
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
