"""Signed notes, checkpoints and cosignatures: what is written is read back, and only that; keys decide what counts."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import BadKey, TlogRefused
from crypto.tlog.checkpoint import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    parse_signed_checkpoint,
)
from crypto.tlog.cosignature import cosign, cosigned_message, verify_cosignature
from crypto.tlog.keys import SignatureKind, VerifierKey, check_name, parse_vkey
from crypto.tlog.merkle import EMPTY_ROOT
from crypto.tlog.note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    Note,
    NoteSignature,
    parse_note,
    parse_signature_lines,
    sign_note,
    verify_note,
)
from crypto.tlog.text import base64_decode, base64_encode, parse_decimal
from tests.support.logs import LOG, LOG_KEY, ORIGIN, cosigned, log_of, seeded_key, witness

# From the documentation of golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()

TEXT = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]) | st.just("\n")).map(lambda t: t + "\n")
NAME = st.text(
    st.characters(min_codepoint=33, exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"]), min_size=1, max_size=60
)
NAMES = NAME.filter(lambda name: "+" not in name)


def refused(code: str, function: Callable[..., Any] | type[Any], *arguments: Any, **named: Any) -> None:
    with pytest.raises(TlogRefused) as caught:
        function(*arguments, **named)
    assert caught.value.code == code


def signed(text: str, *extra: NoteSignature) -> Note:
    return Note(text=text, signatures=(sign_note(text, name=ORIGIN, private_key=LOG_KEY), *extra))


def by(name: str, key_id: bytes = b"1234", signature: bytes = bytes(64)) -> NoteSignature:
    return NoteSignature(name=name, key_id=key_id, signature=signature)


def test_the_note_of_the_go_documentation_verifies() -> None:
    verify_note(parse_note(PETERS_NOTE), [parse_vkey(PETER)])


def test_the_note_of_the_go_documentation_with_a_word_changed_does_not() -> None:
    changed = parse_note(PETERS_NOTE.replace(b"your", b"mine"))
    refused("signature-invalid", verify_note, changed, [parse_vkey(PETER)])


@given(text=TEXT, name=NAMES)
def test_a_note_is_read_as_it_was_written(text: str, name: str) -> None:
    note = Note(text=text, signatures=(sign_note(text, name=name, private_key=LOG_KEY), by("a/b"), by(name)))
    assert parse_note(note.encode()) == note
    verify_note(note, [VerifierKey(name=name, kind=SignatureKind.NOTE, public_key=LOG.public_key)])


@given(st.binary(max_size=80) | st.text(alphabet="a\n \u2014=A+", max_size=60).map(str.encode))
def test_a_note_is_read_only_if_it_would_be_written_so(raw: bytes) -> None:
    try:
        note = parse_note(raw)
    except TlogRefused:
        return
    assert note.encode() == raw


def test_lines_of_unknown_keys_are_ignored_whatever_they_say() -> None:
    stranger = by("stranger.example")
    same_name, same_id = by(ORIGIN), by("other.example", key_id=LOG.key_id)
    verify_note(signed("x\n", stranger, stranger, same_name, same_id), [LOG])


def test_a_note_that_only_strangers_signed_is_refused() -> None:
    refused("no-known-signature", verify_note, Note(text="x\n", signatures=(by(ORIGIN),)), [LOG])
    refused("no-known-signature", verify_note, signed("x\n"), [])


def test_a_known_key_signs_once() -> None:
    note = signed("x\n", *signed("x\n").signatures)
    refused("signature-repeated", verify_note, note, [LOG])


@pytest.mark.parametrize("length", [0, 1, 63, 65])
def test_a_known_key_with_a_signature_of_another_length_is_refused(length: int) -> None:
    line = by(ORIGIN, key_id=LOG.key_id, signature=bytes(length) or b"\0")
    refused("signature-invalid", verify_note, Note(text="x\n", signatures=(line,)), [LOG])


def test_one_bad_signature_of_a_known_key_refuses_the_note() -> None:
    other = VerifierKey(name="b", kind=SignatureKind.NOTE, public_key=witness("b").public_key)
    refused("signature-invalid", verify_note, signed("x\n", by("b", key_id=other.key_id)), [LOG, other])


def test_a_witness_key_does_not_sign_notes_and_a_log_key_does_not_cosign() -> None:
    refused("policy-unsound", verify_note, signed("x\n"), [witness("a")])
    refused("policy-unsound", verify_cosignature, log_of(1).checkpoint(), bytes(72), LOG, latest=1)


def test_signatures_are_counted_and_measured() -> None:
    assert MAX_SIGNATURES == 100
    many = (by("a"),) * MAX_SIGNATURES
    assert len(parse_note(Note(text="x\n", signatures=many).encode()).signatures) == MAX_SIGNATURES
    refused("too-large", signed, "x\n", *many)
    refused("too-large", parse_note, bytes(MAX_NOTE_BYTES + 1))
    refused("too-large", signed, "x" * MAX_NOTE_BYTES + "\n")
    refused("too-large", parse_signature_lines, "x" * (MAX_NOTE_BYTES + 1))


def test_sixteen_signatures_of_the_size_of_a_post_quantum_one_are_accepted() -> None:
    large = tuple(by(f"w{number}", signature=bytes(5000)) for number in range(16))
    assert parse_note(signed("x\n", *large).encode()).signatures[1:] == large


NO_TEXT = ["", "x", "x\r\n", "x\ty\n", "\0\n", "x\x0b\n", "\x1f\n"]


@pytest.mark.parametrize("text", [*NO_TEXT, "\ud800\n"])
def test_a_text_that_no_note_can_have_is_not_signed(text: str) -> None:
    refused("malformed", sign_note, text, name=ORIGIN, private_key=LOG_KEY)


@pytest.mark.parametrize("text", NO_TEXT)
def test_a_text_that_no_note_can_have_is_not_read_either(text: str) -> None:
    refused("malformed", parse_note, (text + "\n" + by("a").line).encode())
    if text.endswith("\n"):
        refused("malformed", parse_checkpoint, log_of(3).checkpoint().text + text)


def test_a_checkpoint_that_ends_within_a_line_is_not_read() -> None:
    whole = log_of(3).checkpoint().text + "an extension\n"
    assert parse_checkpoint(whole).extensions == ("an extension",)
    refused("malformed", parse_checkpoint, whole[:-1])


@pytest.mark.parametrize("raw", [b"x\n\xff\n\n", b"\xed\xa0\x80\n\n", b"x\n", b"\n", b""])
def test_what_is_no_text_at_all_is_no_note(raw: bytes) -> None:
    refused("malformed", parse_note, raw + by("a").line.encode())


def test_a_text_is_measured_where_it_is_written_and_where_it_is_read() -> None:
    assert MAX_NOTE_BYTES == 262_144
    longest = "\u6c49" * 87_381 + "\n"
    assert len(longest.encode()) == MAX_NOTE_BYTES
    sign_note(longest, name=ORIGIN, private_key=LOG_KEY)
    refused("too-large", sign_note, "x" + longest, name=ORIGIN, private_key=LOG_KEY)
    refused("too-large", parse_checkpoint, "x" + longest)
    line = "x" * (MAX_NOTE_BYTES - 1) + "\n"
    refused("malformed", parse_note, line.encode())
    refused("malformed", parse_checkpoint, line)
    refused("malformed", parse_signature_lines, line)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2028b", "a\u0085", "a\x1f", "\x07", "\ud800"])
def test_a_name_that_no_key_can_have_is_refused(name: str) -> None:
    refused("malformed", check_name, name)


def test_a_name_is_at_most_255_bytes_long() -> None:
    check_name("\u6c49" * 85)
    refused("too-large", check_name, "\u6c49" * 85 + "a")


@pytest.mark.parametrize("key_id", [b"", b"123", b"12345"])
def test_a_key_id_has_4_bytes(key_id: bytes) -> None:
    refused("malformed", by, "a", key_id=key_id)


def test_a_note_without_signatures_is_none() -> None:
    refused("malformed", Note, text="x\n", signatures=())


@given(name=NAMES, kind=st.sampled_from(SignatureKind))
def test_a_vkey_is_read_as_it_was_written(name: str, kind: SignatureKind) -> None:
    key = VerifierKey(name=name, kind=kind, public_key=LOG.public_key)
    assert parse_vkey(key.vkey) == key


def test_a_vkey_of_a_key_of_small_order_is_refused() -> None:
    with pytest.raises(BadKey):
        VerifierKey(name="a", kind=SignatureKind.NOTE, public_key=bytes(32))


def test_the_same_key_has_another_id_for_each_kind() -> None:
    log = VerifierKey(name="a", kind=SignatureKind.NOTE, public_key=LOG.public_key)
    cosigner = VerifierKey(name="a", kind=SignatureKind.COSIGNATURE, public_key=LOG.public_key)
    assert log.key_id != cosigner.key_id


@given(
    origin=NAMES,
    size=st.integers(1, 2**63 - 1),
    root=st.binary(min_size=32, max_size=32),
    extensions=st.lists(NAMES, max_size=3),
)
def test_a_checkpoint_is_read_as_it_was_written(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    one = Checkpoint(origin=origin, size=size, root=root, extensions=tuple(extensions))
    assert parse_checkpoint(one.text) == one


def test_the_empty_log_has_a_checkpoint() -> None:
    assert parse_checkpoint(log_of(0).checkpoint().text).root == EMPTY_ROOT


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"size": -1}, "out-of-range"),
        ({"size": 2**63}, "out-of-range"),
        ({"root": bytes(31)}, "malformed"),
        ({"size": 0}, "malformed"),
        ({"origin": ""}, "malformed"),
        ({"origin": "a\nb"}, "malformed"),
        ({"origin": "a\rb"}, "malformed"),
        ({"extensions": ("",)}, "malformed"),
        ({"extensions": ("a\n1",)}, "malformed"),
    ],
)
def test_a_checkpoint_that_cannot_be_written_is_refused(change: dict[str, Any], code: str) -> None:
    refused(code, Checkpoint, **{"origin": "a", "size": 1, "root": bytes(32)} | change)


def test_a_checkpoint_is_opened_for_its_log_only() -> None:
    raw = log_of(5).signed().encode()
    assert open_checkpoint(raw, origin=ORIGIN, log_keys=[LOG]).checkpoint == log_of(5).checkpoint()
    refused("origin-unknown", open_checkpoint, raw, origin="other.example", log_keys=[LOG])
    refused("no-known-signature", open_checkpoint, raw, origin=ORIGIN, log_keys=[])


def test_a_line_separator_of_unicode_does_not_end_a_line() -> None:
    one = Checkpoint(origin="a\u2028b\u0085c", size=1, root=bytes(32))
    assert parse_checkpoint(one.text).origin == "a\u2028b\u0085c"


def test_a_cosignature_covers_header_time_and_the_whole_text() -> None:
    checkpoint = Checkpoint(origin="example.com/behind-the-sofa", size=20852163, root=bytes(32), extensions=("more",))
    assert cosigned_message(checkpoint, 1679315147) == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n"
    )


@given(timestamp=st.integers(0, 2**63 - 1))
def test_a_cosignature_says_when_it_was_made(timestamp: int) -> None:
    checkpoint = log_of(3).checkpoint()
    line = cosigned(checkpoint, "a", timestamp)
    assert verify_cosignature(checkpoint, line.signature, witness("a"), latest=2**63 - 1) == timestamp
    if timestamp:
        refused("time-refused", verify_cosignature, checkpoint, line.signature, witness("a"), latest=timestamp - 1)


@given(bit=st.integers(0, 72 * 8 - 1))
def test_a_cosignature_with_any_single_change_is_refused(bit: int) -> None:
    checkpoint, latest = log_of(3).checkpoint(), 2**63 - 1
    line = cosigned(checkpoint, "a", 1_800_000_000).signature
    changed = (int.from_bytes(line, "big") ^ 1 << bit).to_bytes(72, "big")
    with pytest.raises(TlogRefused) as caught:
        verify_cosignature(checkpoint, changed, witness("a"), latest=latest)
    assert caught.value.code == ("time-refused" if bit == 72 * 8 - 1 else "signature-invalid")


@pytest.mark.parametrize("timestamp", [0, 2**63 - 1])
def test_a_cosignature_is_taken_up_to_its_own_time(timestamp: int) -> None:
    checkpoint = log_of(3).checkpoint()
    line = cosigned(checkpoint, "a", timestamp)
    assert verify_cosignature(checkpoint, line.signature, witness("a"), latest=timestamp) == timestamp
    refused("time-refused", verify_cosignature, checkpoint, line.signature, witness("a"), latest=timestamp - 1)


@pytest.mark.parametrize("timestamp", [-1, 2**63, 2**64])
def test_a_time_beyond_63_bits_is_not_cosigned(timestamp: int) -> None:
    refused("time-refused", cosign, log_of(1).checkpoint(), name="w", private_key=seeded_key("a"), timestamp=timestamp)


def test_a_cosignature_of_another_head_is_refused() -> None:
    line = cosigned(log_of(3).checkpoint(), "a", 5)
    other = log_of(4).checkpoint()
    refused("signature-invalid", verify_cosignature, other, line.signature, witness("a"), latest=9)
    refused("signature-invalid", verify_cosignature, other, line.signature[:-1], witness("a"), latest=9)


def test_the_lines_of_a_witness_are_read_alone() -> None:
    lines = (cosigned(log_of(3).checkpoint(), "a", 5), cosigned(log_of(3).checkpoint(), "b", 6))
    assert parse_signature_lines("".join(line.line for line in lines)) == lines
    assert parse_signature_lines("") == ()


def test_a_signed_checkpoint_keeps_every_line_of_its_note() -> None:
    note = log_of(3).signed()
    assert parse_signed_checkpoint(note.encode()).note == note


@given(st.integers(0, 2**63 - 1))
def test_a_number_is_read_as_it_was_written(number: int) -> None:
    assert parse_decimal(str(number)) == number


@given(st.binary(max_size=70), st.text(alphabet="AB=+/_- \n", max_size=9))
def test_base64_has_one_spelling(raw: bytes, other: str) -> None:
    assert base64_decode(base64_encode(raw)) == raw
    try:
        decoded = base64_decode(other)
    except TlogRefused:
        return
    assert base64_encode(decoded) == other
