"""The streamed report: a verdict a row, resumable, in constant memory, and never mistaken for complete."""

import gzip
import io
import json
import os
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from werkzeug.test import TestResponse

import api.routes.records
from api.limits import CHUNK_ROWS, Limits
from api.rows import Line, chunks, parse_record
from api.rows import lines as cut
from api.streaming import Batches, StreamBroken
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry.usecases.records import report as reporting
from registry.usecases.records.report import ReportedRow
from tests.support.api import Client, lines, open_client, problem
from tests.support.apps import an_app
from tests.support.batches import NDJSON, body, row
from tests.support.builders import a_report


def test_a_thousand_rows_get_a_thousand_verdicts_in_order(shared: Client) -> None:
    response = shared.batch("carrier-a", body(1_000), key="thousand")
    found = lines(response)
    assert response.status_code == 200
    assert response.content_type == NDJSON
    assert [each["row_id"] for each in found[:-1]] == [f"A{number}" for number in range(1_000)]
    assert {each["verdict"] for each in found[:-1]} == {"ACTIVE"}
    assert found[-1] == {"end": True, "rows": 1_000, "chunks": 2}
    progress = shared.get("carrier-a", "/v1/record-batches/thousand").json
    assert progress == {"batch_key": "thousand", "chunks": 2, "rows": 1_000, "incarnation": 1}


def test_malformed_rows_get_their_verdict_in_place_and_stop_nothing(shared: Client) -> None:
    named = json.dumps({"row_id": "my-row", "unknown": 1}).encode()
    long_row = json.dumps({"row_id": "long", "dealer": "x" * 10_000}).encode()
    bad_element = json.dumps(write(a_report("m2", "M2")) | {"tokens": {"epoch": 1, "subject": "A" * 43}}).encode()
    sent = [b"[]", b"not json", named, long_row, b'{"row_id":"has space"}', row(7_001), bad_element]
    response = shared.batch("carrier-b", b"\n".join(sent), key="malformed")
    assert [(each.get("row_id"), each.get("verdict")) for each in lines(response)] == [
        ("line-1", "REJ_MALFORMED_ROW"),
        ("line-2", "REJ_MALFORMED_ROW"),
        ("my-row", "REJ_MALFORMED_ROW"),
        ("line-4", "REJ_MALFORMED_ROW"),
        ("line-5", "REJ_MALFORMED_ROW"),
        ("A7001", "ACTIVE"),
        ("M2", "REJ_MALFORMED_ROW"),
        (None, None),
    ]


def test_blank_lines_are_no_rows_wherever_they_stand(shared: Client) -> None:
    reported = [row(60_000 + number) for number in range(3)]
    plain = shared.batch("carrier-b", b"\n".join(reported), key="dense")
    sparse = b"\n\r\n" + b"\n \t\n\n".join(reported) + b"\n\n  \n"
    again = shared.batch("carrier-b", sparse, key="dense")
    assert again.data == plain.data
    assert lines(again)[-1] == {"end": True, "rows": 3, "chunks": 1}
    named = shared.batch("carrier-b", b"\n\n\nno json\n\n\nnor this", key="sparse-names")
    assert [each.get("row_id") for each in lines(named)] == ["line-1", "line-2", None]


def test_blank_lines_move_no_row_to_another_chunk(shared: Client) -> None:
    rows = body(CHUNK_ROWS + 10, lambda number: row(61_000 + number))
    first = shared.batch("carrier-b", rows.replace(b"\n", b"\n\n\n"), key="spread")
    assert lines(first)[-1] == {"end": True, "rows": CHUNK_ROWS + 10, "chunks": 2}
    rest = b"\n".join(rows.splitlines()[CHUNK_ROWS:])
    resumed = shared.batch("carrier-b", b"\n\n" + rest, key="spread", query="?first_chunk=1")
    assert lines(resumed)[:-1] == lines(first)[CHUNK_ROWS:-1]


def test_a_batch_of_blank_lines_alone_is_no_batch(shared: Client) -> None:
    for number, blank in enumerate((b"", b"\n", b"\n" * 70_000, b" \r\n\t\n" * 70_000)):
        assert problem(shared.batch("carrier-b", blank, key=f"blank-{number}")) == (400, "malformed-body")


def test_a_megabyte_of_line_feeds_in_49_bytes_costs_nothing(shared: Client) -> None:
    bombed = zstandard.ZstdCompressor(level=19).compress(b"\n" * 1024 * 1024)
    assert len(bombed) < 64
    begun = time.monotonic()
    response = shared.batch("carrier-b", bombed, key="line-feeds", encoding="zstd")
    assert problem(response) == (400, "malformed-body")
    assert time.monotonic() - begun < 5


def malformed(count: int) -> bytes:
    return b"x\n" * count


def ended_by_malformed_rows(response: TestResponse) -> bool:
    last = lines(response)[-1]
    assert response.status_code == 200
    return last["end"] is False and last["problem"]["type"] == "urn:clearline:problem:too-many-malformed-rows"


def test_a_hundred_malformed_rows_in_a_row_end_the_batch_and_their_chunk_has_not_happened(shared: Client) -> None:
    good = body(CHUNK_ROWS, lambda number: row(62_000 + number))
    tail = body(20, lambda number: row(63_000 + number))
    stopped = shared.batch("carrier-b", good + tail + malformed(100) + tail, key="garbage")
    assert ended_by_malformed_rows(stopped)
    assert len(lines(stopped)) == CHUNK_ROWS + 1
    assert shared.get("carrier-b", "/v1/record-batches/garbage").json["chunks"] == 1
    assert shared.batch("carrier-b", good + tail + malformed(100) + tail, key="garbage").data == stopped.data
    mended = lines(shared.batch("carrier-b", good + tail + malformed(99) + tail, key="garbage"))
    assert mended[:CHUNK_ROWS] == lines(stopped)[:-1]
    assert mended[-1] == {"end": True, "rows": CHUNK_ROWS + 139, "chunks": 2}


def test_malformed_rows_are_counted_over_chunks_and_from_the_first_row_on(shared: Client) -> None:
    assert ended_by_malformed_rows(shared.batch("carrier-b", malformed(100), key="only-garbage"))
    assert problem(shared.get("carrier-b", "/v1/record-batches/only-garbage")) == (404, "not-found")
    good = body(CHUNK_ROWS - 60, lambda number: row(64_000 + number))
    over = shared.batch("carrier-b", good + malformed(100), key="over-the-edge")
    assert ended_by_malformed_rows(over)
    assert shared.get("carrier-b", "/v1/record-batches/over-the-edge").json == {
        "batch_key": "over-the-edge",
        "chunks": 1,
        "rows": CHUNK_ROWS,
        "incarnation": 1,
    }


def test_rows_with_tokens_of_an_unknown_epoch_are_malformed_and_end_a_batch_too(shared: Client) -> None:
    foreign = json.dumps(write(a_report("f", "F")) | {"tokens": write(a_report("f").tokens) | {"epoch": 9}})
    assert ended_by_malformed_rows(shared.batch("carrier-b", (foreign + "\n").encode() * 100, key="foreign"))


def test_the_same_batch_again_gives_the_stored_verdicts_and_doubles_nothing(shared: Client) -> None:
    rows = body(700, lambda number: row(10_000 + number))
    first, again = (shared.batch("carrier-a", rows, key="again") for _ in range(2))
    assert first.data == again.data
    assert shared.get("carrier-a", "/v1/record-batches/again").json["rows"] == 700


def test_the_same_key_with_other_rows_is_refused(shared: Client) -> None:
    shared.batch("carrier-a", body(2, lambda number: row(20_000 + number)), key="reused")
    response = shared.batch("carrier-a", body(2, lambda number: row(21_000 + number)), key="reused")
    assert problem(response) == (422, "idempotency-key-reused")


def with_commit(commit: Callable[..., bytes]) -> Batches[ReportedRow]:
    """The batches of records with another use case."""
    return replace(api.routes.records._BATCHES, judge=commit)


def cut_after(limit: int) -> Callable[..., bytes]:
    """The real use case, until the database goes away."""
    real = reporting.report_chunk
    done = iter(range(1_000_000))

    def report_chunk(*arguments: object) -> bytes:
        if next(done) >= limit:
            raise Refusal(Problem.UNAVAILABLE)
        return real(*arguments)  # type: ignore[arg-type]

    return report_chunk


def test_a_registry_that_fails_in_the_middle_is_told_and_the_rest_is_sent_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = body(1_200)
    with monkeypatch.context() as patch:
        patch.setattr(api.routes.records, "_BATCHES", with_commit(cut_after(1)))
        broken = lines(client.batch("carrier-a", rows, key="cut"))
    assert len(broken) == CHUNK_ROWS + 1
    assert broken[-1]["end"] is False
    assert broken[-1]["problem"]["type"] == "urn:clearline:problem:unavailable"
    assert client.get("carrier-a", "/v1/record-batches/cut").json["chunks"] == 1

    whole = lines(client.batch("carrier-a", rows, key="cut"))
    assert whole[:CHUNK_ROWS] == broken[:-1]
    assert whole[-1] == {"end": True, "rows": 1_200, "chunks": 3}
    assert {each["verdict"] for each in whole[:-1]} == {"ACTIVE"}


def test_a_batch_may_be_resumed_at_a_chunk_with_only_the_rest_of_its_rows(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(api.routes.records, "_BATCHES", with_commit(cut_after(2)))
        client.batch("carrier-a", body(1_200), key="rest")
    rest = body(200, lambda number: row(1_000 + number))
    found = lines(client.batch("carrier-a", rest, key="rest", query="?first_chunk=2"))
    assert found[-1] == {"end": True, "rows": 200, "chunks": 1}
    assert client.get("carrier-a", "/v1/record-batches/rest").json == {
        "batch_key": "rest",
        "chunks": 3,
        "rows": 1_200,
        "incarnation": 1,
    }


def test_a_resumed_batch_leaves_no_hole(shared: Client) -> None:
    response = shared.batch("carrier-a", body(1), key="hole", query="?first_chunk=1")
    assert problem(response) == (422, "invalid-field")
    for query in ("?first_chunk=-1", "?first_chunk=01", "?first_chunk=x", "?first_row=1"):
        assert problem(shared.batch("carrier-a", body(1), key="hole", query=query)) == (422, "invalid-field")


def test_an_unexpected_failure_in_the_middle_hides_itself_and_breaks_the_connection(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = reporting.report_chunk
    done = iter(range(10))

    def report_chunk(*arguments: object) -> bytes:
        if next(done):
            raise LookupError("secret-of-the-database")
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(api.routes.records, "_BATCHES", with_commit(report_chunk))
    headers = client.signed("carrier-a", "POST", "/v1/record-batches", body(600), content_type=NDJSON)
    response = client.app.test_client().open(
        "/v1/record-batches", method="POST", headers=headers, data=body(600), buffered=False
    )
    received = io.BytesIO()
    with pytest.raises(StreamBroken):
        received.writelines(response.iter_encoded())
    response.close()
    last = json.loads(received.getvalue().splitlines()[-1])
    assert last["end"] is False
    assert last["problem"]["type"] == "urn:clearline:problem:internal"
    incident = last["problem"]["detail"].removeprefix("incident ")
    assert incident in caplog.text
    assert "secret-of-the-database" not in received.getvalue().decode() + caplog.text


def test_compressed_rows_give_the_same_verdicts(shared: Client) -> None:
    rows = body(600, lambda number: row(30_000 + number))
    plain = shared.batch("carrier-c", rows, key="plain")
    half = len(rows) // 2
    encodings = {
        "gzip": gzip.compress(rows),
        "zstd": zstandard.ZstdCompressor().compress(rows),
    }
    members = {
        "gzip": gzip.compress(rows[:half]) + gzip.compress(rows[half:]),
        "zstd": b"".join(zstandard.ZstdCompressor().compress(part) for part in (rows[:half], rows[half:])),
    }
    for encoding, whole in encodings.items():
        for encoded in (whole, members[encoding]):
            again = shared.batch("carrier-c", encoded, key="plain", encoding=encoding)
            assert again.data == plain.data


def bomb(encoding: str, size: int) -> bytes:
    block = b" " * 1024 * 1024
    if encoding == "zstd":
        compressor = zstandard.ZstdCompressor().compressobj()
        return b"".join(compressor.compress(block) for _ in range(size)) + compressor.flush()
    gzipped = zlib.compressobj(9, wbits=31)
    return b"".join(gzipped.compress(block) for _ in range(size)) + gzipped.flush()


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_decompression_bomb_is_refused_before_any_row_and_in_little_memory(shared: Client, encoding: str) -> None:
    rows = gzip.compress(row(40_000) + b"\n") if encoding == "gzip" else zstandard.compress(row(40_000) + b"\n")
    bombed = rows + bomb(encoding, 256)
    tracemalloc.start()
    response = shared.batch("carrier-a", bombed, key=f"bomb-{encoding}", encoding=encoding)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert problem(response) == (413, "body-too-large")
    assert peak < 24 * 1024 * 1024
    assert problem(shared.get("carrier-a", f"/v1/record-batches/bomb-{encoding}")) == (404, "not-found")


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_compressed_body_that_is_cut_or_garbled_is_refused_whole(shared: Client, encoding: str) -> None:
    rows = body(50, lambda number: row(50_000 + number))
    whole = gzip.compress(rows) if encoding == "gzip" else zstandard.ZstdCompressor(write_checksum=True).compress(rows)
    garbled = bytearray(whole)
    garbled[len(whole) // 2] ^= 0xFF
    for number, bad in enumerate((whole[:-1], whole[:5], b"garbage", whole + b"garbage", bytes(garbled), rows)):
        key = f"garbled-{encoding}-{number}"
        response = shared.batch("carrier-a", bad, key=key, encoding=encoding)
        assert problem(response) == (400, "malformed-body"), number
        assert problem(shared.get("carrier-a", f"/v1/record-batches/{key}")) == (404, "not-found")


def test_a_batch_beyond_its_limit_is_refused(founded_sqlite_template: Path, tmp_path: Path) -> None:
    small = Limits(batch_bytes=1_000, batch_decoded_bytes=10_000)
    for client in open_client(founded_sqlite_template, tmp_path, small):
        assert problem(client.batch("carrier-a", body(5), key="long")) == (413, "body-too-large")
        chunked = client.send_chunked("carrier-a", "/v1/record-batches", body(5), content_type=NDJSON)
        assert problem(chunked) == (413, "body-too-large")


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_a_hundred_thousand_rows_pass_in_constant_memory(client: Client) -> None:
    """20 MB of rows in, 6 MB of verdicts out: the process may grow by 8 MB, less than the rows."""
    client.app = an_app(client.world.registry, Limits(spool_memory_bytes=64 * 1024))
    client.batch("carrier-a", body(1), key="warm")
    count = 100_000
    report = row(0)
    noise = (b"not json %06d %s" % (number, b"x" * 180) for number in range(count))
    raw = b"".join((each if number % 99 else report) + b"\n" for number, each in enumerate(noise))
    headers = client.signed("carrier-a", "POST", "/v1/record-batches", raw, content_type=NDJSON)
    before = peak = resident_bytes()
    response = client.app.test_client().open(
        "/v1/record-batches",
        method="POST",
        headers=headers,
        input_stream=io.BytesIO(raw),
        content_length=len(raw),
        buffered=False,
    )
    seen, last = 0, b""
    for piece in response.response:
        last = piece if isinstance(piece, bytes) else piece.encode()
        seen += last.count(b"\n")
        peak = max(peak, resident_bytes())
    response.close()
    assert json.loads(last) == {"end": True, "rows": count, "chunks": count // CHUNK_ROWS}
    assert seen == count + 1
    assert peak - before < 8 * 1024 * 1024


def test_lines_are_cut_the_same_way_wherever_the_blocks_end() -> None:
    data = b"one\n\n \r\n\t\ntwo\r\n" + b"x" * 50 + b"\nlast"
    for size in range(1, len(data) + 1):
        blocks = [data[start : start + size] for start in range(0, len(data), size)]
        found = list(cut(blocks, 10))
        assert [each.content for each in found] == [b"one", b"two\r", None, b"last"]
        assert len({each.mark for each in found}) == 4
        assert [each.mark for each in found] == [each.mark for each in cut([data], 10)]


def test_no_two_lists_of_lines_have_one_digest() -> None:
    def digest(*blocks: bytes) -> bytes:
        found: Iterator[Line] = cut(blocks, 100)
        (chunk,) = chunks(found, parse_record, batch_key="b", first_chunk=0, line_bytes=100)
        return chunk.rows_digest

    assert len({digest(each) for each in (b"ab", b"a\nb", b"a b", b" ab", b"ab\r", b"a" * 101, b"a" * 102)}) == 7
    for blank in (b"ab\n", b"\nab", b"ab\n\n", b" \t\r\nab\n \n", b"\r\n\r\nab\n  "):
        assert digest(blank) == digest(b"ab")
