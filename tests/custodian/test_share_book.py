"""A custodian's shares: several committees side by side, each in a file of its own that every change leaves whole."""

import datetime as dt
import logging
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.errors import SealBroken
from crypto.oprf.threshold import deal
from custodian.committee_share import ShareMalformed, ShareState, read_share, share_bytes
from custodian.share import save_share
from custodian.share_book import DealtFile, ShareBook, ShareExists, ShareMissing
from protocol.encodings import b64url_encode
from tests.support.parties import held
from tests.support.share_books import FORMED, a_book, a_share, ceremony, hold
from tests.support.small_disk import fill

DEALING = deal(None, 2, 3, os.urandom)
FIRST, SECOND = (a_share(DEALING, committee=number) for number in (1, 2))
NOW = FORMED + dt.timedelta(days=30)
LATER = NOW + dt.timedelta(days=1)


class Backwards:
    """A provider that can be told from none: it reverses, and binds the purpose."""

    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        return purpose.encode() + b"\n" + secret[::-1]

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        named, _, rest = sealed.partition(b"\n")
        if named != purpose.encode():
            raise SealBroken("the seal does not open")
        return rest[::-1]


@pytest.fixture
def book(tmp_path: Path) -> ShareBook:
    return a_book(tmp_path / "shares")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "lock")


def test_a_share_is_used_only_once_it_is_promoted(book: ShareBook) -> None:
    assert book.newest(NOW) is None
    book.add_pending(FIRST)
    assert (book.get(1, 1, NOW), book.held(NOW)) == (None, ())
    assert book.of_ceremony(ceremony(1001)) == FIRST
    promoted = book.promote(ceremony(1001))
    assert promoted == replace(FIRST, state=ShareState.HELD)
    assert (book.get(1, 1, NOW), book.newest(NOW)) == (promoted, promoted)


def test_committees_lie_side_by_side_and_the_latest_is_the_newest(book: ShareBook) -> None:
    shares = [a_share(DEALING, committee=committee, epoch=epoch) for epoch, committee in ((1, 9), (1, 10), (2, 1))]
    for share in reversed(shares):
        hold(book, share)
    assert [share.place for share in book.held(NOW)] == [(1, 9), (1, 10), (2, 1)]
    newest, ninth = book.newest(NOW), book.get(1, 9, NOW)
    assert newest is not None
    assert ninth is not None
    assert (newest.place, ninth.ceremony) == ((2, 1), shares[0].ceremony)
    assert book.get(2, 9, NOW) is None


def test_every_step_may_be_taken_again(book: ShareBook) -> None:
    for _ in range(2):
        book.add_pending(FIRST)
    for _ in range(2):
        book.promote(ceremony(1001))
        book.add_pending(FIRST)
        book.drop_pending(ceremony(1001))
    for _ in range(2):
        book.retire(1, 1, LATER)
    assert book.get(1, 1, NOW) == replace(FIRST, state=ShareState.HELD, retires_at=LATER)
    assert [share.place for share in book.expire(LATER)] == [(1, 1)]
    assert book.expire(LATER) == ()
    book.retire(1, 1, LATER)
    with pytest.raises(ShareMissing):
        book.promote(ceremony(1001))


@pytest.mark.parametrize("is_held", [False, True])
def test_another_share_of_the_same_committee_is_refused_and_the_first_stays(book: ShareBook, *, is_held: bool) -> None:
    book.add_pending(FIRST)
    if is_held:
        book.promote(ceremony(1001))
    kept = book.of_ceremony(ceremony(1001))
    for other in (replace(FIRST, ceremony=ceremony(7)), a_share(deal(None, 2, 3, os.urandom))):
        with pytest.raises(ShareExists, match=r"share-1-1\.json"):
            book.add_pending(other)
    assert book.of_ceremony(ceremony(1001)) == kept


def test_a_ceremony_that_came_to_nothing_leaves_room_for_the_next(book: ShareBook) -> None:
    book.add_pending(FIRST)
    book.drop_pending(ceremony(1001))
    other = replace(FIRST, ceremony=ceremony(7))
    book.add_pending(other)
    assert book.of_ceremony(ceremony(7)) == other


def test_a_retired_share_is_not_used_after_its_time_and_then_deleted(book: ShareBook, tmp_path: Path) -> None:
    hold(book, FIRST)
    hold(book, SECOND)
    book.retire(1, 1, LATER)
    before = LATER - dt.timedelta(microseconds=1)
    assert [share.place for share in book.held(before)] == [(1, 1), (1, 2)]
    assert [share.place for share in book.held(LATER)] == [(1, 2)]
    assert book.expire(before) == ()
    assert [share.place for share in book.expired(LATER)] == [(1, 1)]
    book.expire(LATER)
    assert (files(tmp_path / "shares"), book.expired(LATER)) == (["share-1-2.json"], ())


def test_an_end_is_never_put_off_and_a_pending_share_has_none(book: ShareBook) -> None:
    hold(book, FIRST)
    for at in (LATER, LATER + dt.timedelta(days=9), NOW):
        book.retire(1, 1, at)
    share = book.of_ceremony(ceremony(1001))
    assert share is not None
    assert share.retires_at == NOW
    book.add_pending(SECOND)
    book.retire(1, 2, NOW)
    assert book.of_ceremony(ceremony(1002)) == SECOND


def test_only_a_pending_share_of_a_ceremony_is_added(book: ShareBook) -> None:
    for wrong in (replace(FIRST, state=ShareState.HELD), replace(FIRST, ceremony=None), replace(FIRST, pk=SECOND.sk)):
        with pytest.raises(ShareMalformed):
            book.add_pending(wrong)


def test_another_process_sees_each_change_at_once(book: ShareBook, tmp_path: Path) -> None:
    other = a_book(tmp_path / "shares")
    assert other.held(NOW) == ()
    hold(book, FIRST)
    assert [share.place for share in other.held(NOW)] == [(1, 1)]
    hold(book, SECOND)
    book.retire(1, 1, NOW)
    assert [share.place for share in other.held(NOW)] == [(1, 2)]
    book.expire(NOW)
    assert other.expired(NOW) == ()


def test_a_damaged_file_is_one_line_and_the_others_are_served(
    book: ShareBook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hold(book, FIRST)
    hold(book, SECOND)
    path = tmp_path / "shares" / "share-1-1.json"
    path.write_bytes(path.read_bytes()[:-9])
    caplog.set_level(logging.INFO)
    for _ in range(3):
        assert [share.place for share in book.held(NOW)] == [(1, 2)]
    assert [record.message for record in caplog.records] == [
        f"share not served: {path}: is not a share (StrictJsonError)"
    ]
    assert book.damaged() == (path,)
    with pytest.raises(ShareExists):
        book.add_pending(FIRST)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "StrictJsonError"),
        (b'{"epoch":1}', "Malformed"),
        (b" " * 5000, "StrictJsonError"),
        (b"x" * 20_000, "StrictJsonError"),
        (b'{"clearline_sealed":1}', "is sealed, and no passphrase was given"),
        (share_bytes(SECOND), "is the file of another committee"),
        (share_bytes(FIRST).replace(b64url_encode(FIRST.pk).encode(), b64url_encode(b"\xff" * 32).encode()), "a pair"),
        (share_bytes(FIRST).replace(b'"index":1', b'"index":256'), "Malformed"),
        (share_bytes(FIRST).replace(b'"index":1', b'"index":0'), "Malformed"),
        (share_bytes(FIRST).replace(b'"index":1', b'"index":1,"more":1'), "Malformed"),
    ],
    ids=range(10),
)
def test_a_file_that_is_no_share_of_its_name_is_not_served(
    book: ShareBook, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes, says: str
) -> None:
    hold(book, FIRST)
    (tmp_path / "shares" / "share-1-1.json").write_bytes(content)
    assert book.held(NOW) == ()
    assert says in caplog.text
    assert b64url_encode(FIRST.sk) not in caplog.text


def test_a_file_that_others_may_open_and_a_folder_that_is_none_hold_no_share(
    book: ShareBook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hold(book, FIRST)
    path = tmp_path / "shares" / "share-1-1.json"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    assert book.held(NOW) == ()
    assert "chmod 600" in caplog.text
    path.chmod(0o600)
    assert len(book.held(NOW)) == 1
    assert ShareBook(path, Backwards()).held(NOW) == ()
    assert "the folder cannot be read" in caplog.text


def test_shares_are_sealed_for_their_own_place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "shares"
    book = a_book(folder, FIRST, SECOND, provider=Backwards())
    assert all(b64url_encode(FIRST.sk).encode() not in path.read_bytes() for path in folder.iterdir())
    assert [share.place for share in a_book(folder, provider=Backwards()).held(NOW)] == [(1, 1), (1, 2)]
    (folder / "share-1-1.json").replace(folder / "share-1-2.json")
    assert book.held(NOW) == ()
    assert "share-1-2.json: the seal does not open" in caplog.text


def test_a_share_file_is_read_back_and_shows_no_secret() -> None:
    whole = replace(FIRST, state=ShareState.HELD, retires_at=LATER)
    assert read_share(share_bytes(whole)) == whole
    assert b"PENDING" not in share_bytes(FIRST)
    assert b64url_encode(FIRST.sk) not in repr(whole)
    assert repr(FIRST.sk) not in repr(whole)


def test_a_dealers_file_counts_as_committee_1_and_ends_with_its_copy(tmp_path: Path) -> None:
    folder, dealt = tmp_path / "shares", DealtFile(path=tmp_path / "share.json", threshold=2)
    save_share(dealt.path, held(DEALING, 1))
    book = a_book(folder, SECOND, dealt=dealt)
    first = book.get(1, 1, NOW)
    assert first is not None
    assert (first.sk, first.threshold, first.canary, first.formed_at) == (FIRST.sk, 2, None, None)
    with pytest.raises(ShareExists):
        book.add_pending(FIRST)
    book.retire(1, 1, LATER)
    assert [share.retires_at for share in book.held(NOW)] == [LATER, None]
    assert [share.place for share in a_book(folder, dealt=dealt).held(LATER)] == [(1, 2)]
    (folder / "share-1-1.json").write_bytes(b"damaged")
    assert [share.place for share in book.held(NOW)] == [(1, 2)]
    (folder / "share-1-1.json").unlink()
    book.retire(1, 1, LATER)
    book.expire(LATER)
    assert (files(folder), dealt.path.exists()) == (["share-1-2.json"], False)
    assert [share.place for share in book.held(NOW)] == [(1, 2)]


def test_a_dealers_file_of_another_epoch_outlives_the_copy(tmp_path: Path) -> None:
    dealt = DealtFile(path=tmp_path / "share.json", threshold=2)
    save_share(dealt.path, held(DEALING, 1))
    book = a_book(tmp_path / "shares", dealt=dealt)
    book.retire(1, 1, NOW)
    dealt.path.unlink()
    save_share(dealt.path, held(DEALING, 1, epoch=2))
    book.expire(NOW)
    assert [share.place for share in book.held(NOW)] == [(2, 1)]


def test_a_full_disk_keeps_what_was_there_and_names_the_file(small_disk: Path) -> None:
    book = a_book(small_disk / "shares", FIRST)
    book.add_pending(SECOND)
    fill(small_disk / "filler")
    third = a_share(DEALING, committee=3)
    for change in (
        lambda: book.add_pending(third),
        lambda: book.promote(ceremony(1002)),
        lambda: book.retire(1, 1, LATER),
    ):
        with pytest.raises(OSError, match="No space left") as trouble:
            change()
        assert str(trouble.value.filename).startswith(f"{small_disk}/shares/share-1-")
    assert book.held(LATER) == (replace(FIRST, state=ShareState.HELD),)
    assert (book.of_ceremony(ceremony(1002)), book.of_ceremony(ceremony(1003))) == (SECOND, None)
    assert files(small_disk / "shares") == ["share-1-1.json", "share-1-2.json"]
    book.drop_pending(ceremony(1002))
    assert files(small_disk / "shares") == ["share-1-1.json"]


def _change_for_ever(book: ShareBook) -> None:
    try:
        while True:
            hold(book, SECOND)
            book.retire(1, 2, NOW)
            book.expire(NOW)
    finally:
        os._exit(1)


def test_a_process_killed_at_any_moment_leaves_one_whole_state(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "shares"
    a_book(folder, FIRST)
    for number in range(12):
        child = os.fork()
        if child == 0:
            _change_for_ever(a_book(folder))
        time.sleep(0.002 * number)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        left = a_book(folder)
        assert left.get(1, 1, NOW) == replace(FIRST, state=ShareState.HELD)
        assert left.damaged() == ()
    left.expire(NOW)
    assert not [name for name in files(folder) if name.endswith(".new")]
    assert caplog.text == ""
