"""The access log over HTTP: C2SP paths for everybody, receipts and openings to whom they belong, cosignatures."""

import json
import sqlite3
import threading
import time
import uuid
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from api.examples import participants
from api.streaming import StreamBroken
from crypto.signing.jws import verify_compact
from crypto.tlog.bundles import verify_bundle
from crypto.tlog.checkpoint import Checkpoint, open_checkpoint, parse_signed_checkpoint
from crypto.tlog.merkle import leaf_hash, verify_consistency
from crypto.tlog.note import Note
from crypto.tlog.policy import parse_policy
from crypto.tlog.proof import parse_receipt, verify_receipt, verify_witnessed_receipt
from crypto.tlog.text import parse_hash
from crypto.tlog.tiles import Tile, edge_tiles
from protocol.codes import ServiceClass
from protocol.encodings import b64url_decode, b64url_encode
from protocol.log_entries import EntryKind, leaf_data, personal_digest, request_digest
from protocol.messages.inquiries import InquiryRequest
from protocol.receipts import PROMISE_TYPE
from protocol.wire.codec import write
from tests.support.api import LIMITS, NOBODYS, Client, field_error, lines, open_client, problem
from tests.support.builders import tokens
from tests.support.cells import every_cell
from tests.support.log_rounds import (
    YEAR,
    admit_witnesses,
    cosigned_note,
    integrate_all,
    propose,
    published,
    witness_key,
    witness_name,
)
from tests.support.logs import cosigned as stranger_cosigned

LOG = f"/log/{YEAR}"
TEXT = "text/plain; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"
ATTACKS = json.loads((Path(__file__).parents[1] / "vectors" / "tlog_attacks.json").read_bytes())


def asks(client: Client, who: str, *names: str) -> list[uuid.UUID]:
    """The entries of as many inquiries."""
    found = []
    for name in names:
        request = InquiryRequest(inquiry_ref="counter-1", tokens=tokens(name), service_class=ServiceClass.MOBILE)
        answer = client.post(who, "/v1/inquiries", write(request))
        assert answer.status_code == 201, answer.data
        found.append(uuid.UUID(answer.json["inquiry_id"]))
    return found


def grow(client: Client, folder: Path, *, by: int) -> Checkpoint:
    """Integrate ``by`` more inquiries at least."""
    for _ in range(0, by, 250):
        inquiry = {"inquiry_ref": "r", "tokens": write(tokens("many")), "service_class": "MOBILE"}
        answer = client.post("inquirer", "/v1/inquiries/batch", {"inquiries": [inquiry] * 250})
        assert answer.status_code == 201, answer.data
    return integrate_all(client.world, folder)


def leaf_of(client: Client, entry_id: uuid.UUID) -> bytes:
    entry = client.world.registry.store.read(lambda tx: tx.openings.find(entry_id))
    assert entry is not None
    return leaf_hash(leaf_data(entry.core, entry.core_salt))


def send_note(client: Client, note: bytes, *, who: str = "auditor", **more: Any) -> Any:
    return client.post(who, f"{LOG}/cosignatures", note, content_type=TEXT, **more)


def test_a_year_without_a_log_has_nothing(client: Client, tmp_path: Path) -> None:
    integrate_all(client.world, tmp_path)
    for path in ("checkpoint", "candidate-checkpoint", "witnessed-checkpoint", "policy", "tile/0/000"):
        assert problem(client.raw("GET", f"/log/2019/{path}", {})) == (404, "not-found")
    assert problem(client.raw("GET", "/log/2019/consistency?old=0&new=0", {})) == (404, "not-found")
    assert problem(client.get("auditor", "/log/2019/openings")) == (404, "not-found")
    assert problem(client.get("auditor", f"/log/2019/receipts/{NOBODYS}")) == (404, "not-found")


def test_the_published_head_is_a_note_that_is_asked_for_again(client: Client, tmp_path: Path) -> None:
    assert problem(client.raw("GET", f"{LOG}/checkpoint", {})) == (404, "not-found")
    head = integrate_all(client.world, tmp_path)
    answer = client.raw("GET", f"{LOG}/checkpoint", {})
    assert (answer.status_code, answer.content_type, answer.headers["Cache-Control"]) == (200, TEXT, "no-cache")
    log = client.world.registry.log
    signed = open_checkpoint(answer.data, origin=log.origin(YEAR), log_keys=[log.key(YEAR)])
    assert signed.checkpoint == head
    assert head.size > 10


def test_tiles_and_bundles_of_the_published_size_are_kept_for_ever(client: Client, tmp_path: Path) -> None:
    first = integrate_all(client.world, tmp_path)
    head = grow(client, tmp_path, by=500)
    assert head.size > 512
    wanted = [*edge_tiles(head.size), *edge_tiles(first.size), Tile(level=0, index=0, width=256)]
    wanted.append(Tile(level=0, index=1, width=9))  # full by now, and a partial one all the same
    for tile in wanted:
        answer = client.raw("GET", f"{LOG}/{tile.path}", {})
        assert (answer.status_code, len(answer.data)) == (200, tile.width * 32), tile.path
        assert (answer.content_type, answer.headers["Cache-Control"]) == ("application/octet-stream", FOR_EVER)
        if tile.level == 0:
            bundle = client.raw("GET", f"{LOG}/{tile.entries_path}", {})
            assert (bundle.content_type, bundle.headers["Cache-Control"]) == ("application/octet-stream", FOR_EVER)
            assert {len(each) for each in verify_bundle(bundle.data, tile, answer.data)} == {33}


def test_what_is_integrated_and_not_published_is_not_served(client: Client, tmp_path: Path) -> None:
    integrate_all(client.world, tmp_path)
    size = published(client.world).size
    (entry_id,) = asks(client, "inquirer", "late")
    note = client.raw("GET", f"{LOG}/checkpoint", {}).data
    head = integrate_all(client.world, tmp_path)
    client.world.registry.store.write(lambda tx: tx.trees.publish(YEAR, note))  # as if we died before showing it
    assert client.raw("GET", f"{LOG}/checkpoint", {}).data == note
    assert client.raw("GET", f"{LOG}/tile/0/000.p/{size}", {}).status_code == 200
    assert problem(client.raw("GET", f"{LOG}/tile/0/000.p/{head.size}", {})) == (404, "not-found")
    assert problem(client.raw("GET", f"{LOG}/tile/entries/000.p/{head.size}", {})) == (404, "not-found")
    assert problem(client.raw("GET", f"{LOG}/consistency?old=0&new={head.size}", {})) == (404, "not-found")
    assert problem(client.get("inquirer", f"{LOG}/receipts/{entry_id}")) == (409, "receipt-pending")
    assert lines(client.get("auditor", f"{LOG}/openings"))[-1]["next"] == size


BAD_PATHS = {
    each["why"]: each["text"]
    for each in ATTACKS["attacks"]
    if each["read"] in ("tile-path", "entries-path")
    and each["text"].startswith("tile/")
    and each["text"] not in ("tile/0/000", "tile/entries/000")  # an attack only where the other kind is read
}


@pytest.mark.parametrize("why", list(BAD_PATHS))
def test_a_path_that_is_not_canonical_is_400_and_not_kept(shared: Client, why: str) -> None:
    answer = shared.raw("GET", f"/log/{YEAR}/{quote(BAD_PATHS[why])}", {})
    assert problem(answer) == (400, "bad-request")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["detail"] == "malformed"


@pytest.mark.parametrize(
    "written", ["tile/0%2F000.p/1", "tile/0/%30%30%30.p/1", "%74ile/0/000.p/1", "tile/0/000.p/1?", "tile/0/000.p/1?&&"]
)
def test_another_spelling_of_a_path_is_400_and_not_kept(client: Client, tmp_path: Path, written: str) -> None:
    integrate_all(client.world, tmp_path)
    path, _, query = f"{LOG}/tile/0/000.p/1{written.partition('/1')[2]}".partition("?")
    as_gunicorn_gives_it = {"RAW_URI": f"{LOG}/{written}", "QUERY_STRING": query}
    answer = client.raw("GET", path, {}, environ_overrides=as_gunicorn_gives_it)
    assert problem(answer) == (400, "bad-request")
    assert (answer.headers["Cache-Control"], answer.json["detail"]) == ("no-store", "malformed")
    assert client.raw("GET", path, {}).status_code == 200


def test_a_refused_query_parameter_has_the_name_that_was_sent(client: Client) -> None:
    answer = client.get("auditor", f"{LOG}/openings?from=-1")
    assert answer.json["errors"] == [{"field": "from", "code": "wrong-type"}]


def test_a_canonical_path_beyond_the_head_is_404_and_not_kept(client: Client, tmp_path: Path) -> None:
    head = integrate_all(client.world, tmp_path)
    for path in (f"0/000.p/{head.size + 1}", "0/000", "0/x001/234", "1/000.p/1", "entries/000", "63/000"):
        answer = client.raw("GET", f"{LOG}/tile/{path}", {})
        assert problem(answer) == (404, "not-found"), path
        assert answer.headers["Cache-Control"] == "no-store"


def test_consistency_is_proved_between_published_sizes(client: Client, tmp_path: Path) -> None:
    old = integrate_all(client.world, tmp_path)
    new = grow(client, tmp_path, by=250)
    answer = client.raw("GET", f"{LOG}/consistency?old={old.size}&new={new.size}", {})
    assert (answer.status_code, answer.content_type) == (200, TEXT)
    proof = [parse_hash(line) for line in answer.text.splitlines()]
    verify_consistency(old_size=old.size, old_root=old.root, new_size=new.size, new_root=new.root, proof=proof)
    for query in (f"old={new.size}&new={new.size}", f"old=0&new={old.size}"):
        assert client.raw("GET", f"{LOG}/consistency?{query}", {}).data == b""
    assert field_error(client.raw("GET", f"{LOG}/consistency?old=2&new=1", {})) == ("old", "out-of-range")
    assert field_error(client.raw("GET", f"{LOG}/consistency?old=1", {})) == ("new", "required")
    assert field_error(client.raw("GET", f"{LOG}/consistency?old=01&new=2", {})) == ("old", "wrong-type")
    beyond = client.raw("GET", f"{LOG}/consistency?old=1&new={new.size + 1}", {})
    assert problem(beyond) == (404, "not-found")


def test_a_promise_is_given_before_integration_and_a_proof_after_it(client: Client, tmp_path: Path) -> None:
    integrate_all(client.world, tmp_path)
    (entry_id,) = asks(client, "inquirer", "asked")
    receipt = f"{LOG}/receipts/{entry_id}"
    pending = client.get("inquirer", receipt)
    assert problem(pending) == (409, "receipt-pending")
    assert pending.headers["Retry-After"] == "1"
    promised = client.get("inquirer", f"{receipt}?grade=promise")
    assert (promised.status_code, promised.content_type) == (200, "application/jose")
    key = client.world.signing_keys["registry"].public_key()
    _, payload = verify_compact(promised.text, typ=PROMISE_TYPE, resolve=lambda _: key)
    claims = json.loads(payload)
    leaf = leaf_of(client, entry_id)
    log = client.world.registry.log
    assert (claims["log"], claims["entry"], b64url_decode(claims["leaf"])) == (log.origin(YEAR), str(entry_id), leaf)
    assert (claims["accepted_at"][14:19], claims["integrate_by"][14:19]) == ("00:00", "01:00")
    head = integrate_all(client.world, tmp_path)
    given = client.get("inquirer", receipt)
    assert (given.status_code, given.content_type) == (200, TEXT)
    proof = parse_receipt(given.data)
    verify_receipt(proof, leaf, origin=log.origin(YEAR), log_keys=[log.key(YEAR)])
    assert proof.signed.checkpoint == head
    assert problem(client.get("inquirer", f"{receipt}?grade=witnessed")) == (409, "receipt-pending")


def test_a_receipt_is_its_owners_and_the_overseers(client: Client, tmp_path: Path) -> None:
    (entry_id,) = asks(client, "carrier-a", "asked")
    integrate_all(client.world, tmp_path)
    for grade in ("promise", "integrated"):
        path = f"{LOG}/receipts/{entry_id}?grade={grade}"
        given = {who: client.get(who, path) for who in ("carrier-a", "auditor", "regulator")}
        assert {each.status_code for each in given.values()} == {200}
        assert len({each.data for each in given.values()}) == 1
        for stranger in ("carrier-b", "inquirer", "operator", "custodian"):
            assert problem(client.get(stranger, path)) == (404, "not-found")
    assert problem(client.get("auditor", f"/log/{YEAR - 1}/receipts/{entry_id}")) == (404, "not-found")
    for name in (NOBODYS, "ffffffff-ffff-ffff-ffff-ffffffffffff"):
        assert problem(client.get("auditor", f"{LOG}/receipts/{name}")) == (404, "not-found")
    assert field_error(client.get("auditor", f"{LOG}/receipts/{entry_id}?grade=best")) == ("grade", "invalid")
    assert field_error(client.get("auditor", f"{LOG}/receipts/{entry_id}?wait=11")) == ("wait", "out-of-range")


def test_who_waits_for_a_receipt_gets_it_when_it_is_there_and_holds_no_connection(
    client: Client, tmp_path: Path
) -> None:
    integrate_all(client.world, tmp_path)
    (entry_id,) = asks(client, "inquirer", "asked")
    answers: list[Any] = []
    waiting = threading.Thread(
        target=lambda: answers.append(client.get("inquirer", f"{LOG}/receipts/{entry_id}?wait=10"))
    )
    waiting.start()
    time.sleep(0.3)
    assert answers == []
    integrate_all(client.world, tmp_path)
    waiting.join(timeout=5)
    assert [each.status_code for each in answers] == [200]


def test_who_comes_when_enough_are_waiting_is_answered_at_once(founded_sqlite_template: Path, tmp_path: Path) -> None:
    for client in open_client(founded_sqlite_template, tmp_path, replace(LIMITS, waiting=0)):
        (entry_id,) = asks(client, "inquirer", "asked")
        started = time.monotonic()
        pending = client.get("inquirer", f"{LOG}/receipts/{entry_id}?wait=10")
        assert problem(pending) == (409, "receipt-pending")
        assert time.monotonic() - started < 5


def test_an_auditors_reading_is_in_the_log_before_it_reads(client: Client, tmp_path: Path) -> None:
    head = integrate_all(client.world, tmp_path)
    found = lines(client.get("auditor", f"{LOG}/openings?from=3&limit=4"))
    assert [each["index"] for each in found[:-1]] == [3, 4, 5, 6]
    assert found[-1] == {"end": True, "next": 7, "size": head.size}
    grown = integrate_all(client.world, tmp_path)
    assert grown.size == head.size + 1
    (last, _) = lines(client.get("regulator", f"{LOG}/openings?from={head.size}"))
    core = json.loads(last["core"])
    assert (core["kind"], core["by"]) == (EntryKind.LOG_READ, "auditor")
    assert core["facts"] == {"year": YEAR, "from": 3, "to": 7}
    # Nothing was read where nothing is: whoever follows the log comes to an end.
    again = integrate_all(client.world, tmp_path)
    assert lines(client.get("auditor", f"{LOG}/openings?from={again.size}")) == [
        {"end": True, "next": again.size, "size": again.size}
    ]
    assert integrate_all(client.world, tmp_path) == again


def test_openings_give_the_leaves_and_the_signed_requests_behind_them(client: Client, tmp_path: Path) -> None:
    (entry_id,) = asks(client, "carrier-a", "asked")
    head = integrate_all(client.world, tmp_path)
    tile = client.raw("GET", f"{LOG}/tile/0/000.p/{head.size}", {}).data
    answer = client.get("auditor", f"{LOG}/openings")
    assert (answer.status_code, answer.content_type) == (200, "application/x-ndjson")
    *found, end = lines(answer)
    assert end == {"end": True, "next": head.size, "size": head.size}
    for each in found:
        leaf = leaf_hash(leaf_data(each["core"].encode(), b64url_decode(each["core_salt"])))
        assert tile[each["index"] * 32 :][:32] == leaf
    (own,) = [each for each in found if each["id"] == str(entry_id)]
    core = json.loads(own["core"])
    salted = personal_digest(own["personal"].encode(), b64url_decode(own["personal_salt"]))
    assert core["personal"] == salted.hex()
    request = own["request"]
    base, signature = b64url_decode(request["signature_base"]), b64url_decode(request["signature"])
    assert (request["key_id"], core["request"]) == ("carrier-a-1", request_digest(base, signature).hex())
    client.world.signing_keys["carrier-a"].public_key().verify(signature, base)


def test_a_carrier_reads_its_own_entries_only_and_that_is_no_entry(client: Client, tmp_path: Path) -> None:
    own = asks(client, "carrier-a", "one", "two")
    asks(client, "carrier-b", "three")
    head = integrate_all(client.world, tmp_path)
    *found, end = lines(client.get("carrier-a", f"{LOG}/openings?limit=10000"))
    assert sorted(each["id"] for each in found) == sorted(map(str, own))
    assert {json.loads(each["core"])["by"] for each in found} == {"carrier-a"}
    assert end == {"end": True, "next": head.size, "size": head.size}
    assert integrate_all(client.world, tmp_path) == head


def test_nobody_is_called_as_the_registry_is_in_its_own_entries(client: Client) -> None:
    new = participants.NEW_PARTICIPANT | {"participant_id": "registry", "key_id": "registry-9"}
    assert field_error(client.post("operator", "/v1/participants", new)) == ("participant_id", "reserved")


def test_openings_come_in_windows_whatever_is_asked_for(client: Client, tmp_path: Path) -> None:
    head = grow(client, tmp_path, by=2250)
    *found, end = lines(client.get("auditor", f"{LOG}/openings?from=1&limit=10000"))
    assert [each["index"] for each in found] == list(range(1, head.size))
    assert end["next"] == head.size
    *some, end = lines(client.get("auditor", f"{LOG}/openings?from=990&limit=1020"))
    assert [each["index"] for each in some] == list(range(990, 2010))
    assert end["next"] == 2010
    assert field_error(client.get("auditor", f"{LOG}/openings?limit=10001")) == ("limit", "out-of-range")


def forget_leaf(folder: Path, index: int) -> None:
    """What the database's own triggers prevent: somebody who owns it takes a leaf out."""
    with closing(sqlite3.connect(folder / "registry.db")) as database, database:
        database.execute("DROP TRIGGER log_leaf_no_delete")
        database.execute("DELETE FROM log_leaf WHERE leaf_index = ?", (index,))


def test_openings_that_cannot_go_on_say_so_and_do_not_end(client: Client, tmp_path: Path) -> None:
    grow(client, tmp_path, by=1500)
    forget_leaf(tmp_path, 1200)
    assert problem(client.get("auditor", f"{LOG}/openings?from=1100&limit=200")) == (500, "internal")
    path = f"{LOG}/openings?limit=10000"
    answer = client.app.test_client().get(path, headers=client.signed("auditor", "GET", path), buffered=False)
    received: list[bytes] = []
    with pytest.raises(StreamBroken):
        received.extend(answer.iter_encoded())
    answer.close()
    *found, last = [json.loads(line) for line in b"".join(received).splitlines()]
    assert [each["index"] for each in found] == list(range(1000))
    assert (last["end"], last["problem"]["type"]) == (False, "urn:clearline:problem:internal")


def test_a_quorum_makes_the_candidate_the_witnessed_head(client: Client, tmp_path: Path) -> None:
    world = client.world
    admit_witnesses(world, "a", "b", "c")
    (entry_id,) = asks(client, "inquirer", "asked")
    integrate_all(world, tmp_path)
    candidate = propose(world)
    given = client.raw("GET", f"{LOG}/candidate-checkpoint", {})
    assert parse_signed_checkpoint(given.data).checkpoint == candidate
    assert problem(client.raw("GET", f"{LOG}/witnessed-checkpoint", {})) == (404, "not-found")
    first = send_note(client, cosigned_note(world, candidate, "a"), who="carrier-b")
    assert first.json == {"size": candidate.size, "cosigned_by": [witness_name("a")], "quorum": False}
    receipt = f"{LOG}/receipts/{entry_id}?grade=witnessed"
    assert problem(client.get("inquirer", receipt)) == (409, "receipt-pending")
    twice = send_note(client, cosigned_note(world, candidate, "a", seconds=5))
    assert twice.json == first.json
    second = send_note(client, cosigned_note(world, candidate, "b"))
    assert second.json["quorum"] is True
    assert second.json["cosigned_by"] == [witness_name("a"), witness_name("b")]
    late = send_note(client, cosigned_note(world, candidate, "c"))
    assert (len(late.json["cosigned_by"]), late.json["quorum"]) == (3, True)
    witnessed = client.raw("GET", f"{LOG}/witnessed-checkpoint", {})
    assert (witnessed.content_type, len(parse_signed_checkpoint(witnessed.data).note.signatures)) == (TEXT, 4)
    policy = parse_policy(client.raw("GET", f"{LOG}/policy", {}).data, faults=0)
    assert (len(policy.quorum.witnesses), policy.quorum.threshold) == (3, 2)
    proof = parse_receipt(client.get("inquirer", receipt).data)
    latest = int(world.clock.now.timestamp()) + 10
    verify_witnessed_receipt(proof, leaf_of(client, entry_id), origin=candidate.origin, policy=policy, latest=latest)


def test_a_candidate_that_was_superseded_is_answered_and_not_kept(client: Client, tmp_path: Path) -> None:
    world = client.world
    admit_witnesses(world, "a")
    integrate_all(world, tmp_path)
    old = propose(world)
    asks(client, "inquirer", "asked")
    integrate_all(world, tmp_path)
    assert propose(world) == old
    world.clock.forward(seconds=21)
    new = propose(world)
    assert new.size > old.size
    answer = send_note(client, cosigned_note(world, old, "a"))
    assert answer.json == {"size": old.size, "cosigned_by": [witness_name("a")], "quorum": False}
    assert problem(client.raw("GET", f"{LOG}/witnessed-checkpoint", {})) == (404, "not-found")
    assert send_note(client, cosigned_note(world, new, "a")).json["quorum"] is True


def test_a_head_that_is_not_ours_is_unknown(client: Client, tmp_path: Path) -> None:
    world = client.world
    admit_witnesses(world, "a")
    head = integrate_all(world, tmp_path)
    others = {
        "another root": Checkpoint(origin=head.origin, size=head.size, root=bytes(32)),
        "beyond": Checkpoint(origin=head.origin, size=head.size + 1, root=head.root),
        "smaller with this root": Checkpoint(origin=head.origin, size=head.size - 1, root=head.root),
        "an extension": Checkpoint(origin=head.origin, size=head.size, root=head.root, extensions=("more",)),
    }
    for name, other in others.items():
        assert problem(send_note(client, cosigned_note(world, other, "a"))) == (409, "head-unknown"), name


def test_a_note_that_nobody_known_signed_is_refused_with_the_reason(client: Client, tmp_path: Path) -> None:
    world = client.world
    head = integrate_all(world, tmp_path)
    propose(world)

    def refused(note: bytes) -> tuple[int, str, str]:
        answer = send_note(client, note)
        return (*problem(answer), answer.json["detail"])

    good = cosigned_note(world, head, "a")
    assert refused(good) == (422, "statement-invalid", "no-known-signature")
    admit_witnesses(world, "a", "b")
    assert refused(b"") == (400, "malformed-body", "malformed")
    assert refused(b"\xff" * 40) == (400, "malformed-body", "malformed")
    assert refused(good[:-1]) == (400, "malformed-body", "malformed")
    assert refused(good + b"\n") == (400, "malformed-body", "malformed")
    foreign = Checkpoint(origin="log.example/2026", size=head.size, root=head.root)
    assert refused(cosigned_note(world, foreign, "a")) == (422, "statement-invalid", "origin-unknown")
    future = cosigned_note(world, head, "a", seconds=60)
    assert refused(future) == (422, "statement-invalid", "time-refused")
    other = Checkpoint(origin=head.origin, size=head.size, root=bytes(32))
    lines_of_other = parse_signed_checkpoint(cosigned_note(world, other, "a")).note.signatures
    forged = Note(text=head.text, signatures=lines_of_other).encode()
    assert refused(forged) == (422, "statement-invalid", "signature-invalid")
    repeated = Note(text=head.text, signatures=parse_signed_checkpoint(good).note.signatures * 2).encode()
    assert refused(repeated) == (422, "statement-invalid", "signature-repeated")
    stranger = Note(text=head.text, signatures=(stranger_cosigned(head, "stranger", 1),)).encode()
    assert refused(stranger) == (422, "statement-invalid", "no-known-signature")
    mixed = Note(
        text=head.text,
        signatures=(stranger_cosigned(head, "stranger", 1), *parse_signed_checkpoint(good).note.signatures),
    )
    assert send_note(client, mixed.encode()).json["cosigned_by"] == [witness_name("a")]
    candidate = parse_signed_checkpoint(client.raw("GET", f"{LOG}/candidate-checkpoint", {}).data)
    assert {each.name for each in candidate.note.signatures} == {head.origin, witness_name("a")}


NOTES = [each for each in ATTACKS["attacks"] if each["read"] in ("checkpoint", "witnessed")]


def test_no_note_of_an_attacker_is_taken(shared: Client) -> None:
    with every_cell() as table:
        for case in NOTES:
            with table.cell(case["why"]):
                note = bytes.fromhex(case["raw_hex"]) if "raw_hex" in case else case["text"].encode()
                answer = send_note(shared, note)
                assert problem(answer)[0] in (400, 422), answer.data
                assert answer.json["detail"] in ("malformed", "too-large", "origin-unknown")


def test_cosignatures_are_text_with_a_key_and_no_longer_than_a_note(client: Client, tmp_path: Path) -> None:
    head = integrate_all(client.world, tmp_path)
    admit_witnesses(client.world, "a")
    note = cosigned_note(client.world, head, "a")
    path = f"{LOG}/cosignatures"
    assert problem(client.post("auditor", path, note, content_type="application/json")) == (415, "media-type")
    assert problem(send_note(client, b"x" * (256 * 1024 + 1))) == (413, "body-too-large")
    assert client.post("auditor", path, note, content_type="text/plain", key="once").status_code == 200
    again = send_note(client, note, key="once")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert problem(send_note(client, note + b"x", key="once"))[1] == "malformed-body"


def test_the_operator_admits_a_witness_once(client: Client, tmp_path: Path) -> None:
    integrate_all(client.world, tmp_path)
    key = witness_key("a")
    new = {"participant_id": "carrier-a", "name": key.name, "public_key": b64url_encode(key.public_key)}
    admitted = client.post("operator", "/v1/witnesses", new)
    assert (admitted.status_code, admitted.json["vkey"], admitted.json["url"]) == (201, key.vkey, None)
    assert client.get("operator", "/v1/witnesses").json == {"witnesses": [admitted.json]}
    assert problem(client.post("operator", "/v1/witnesses", new)) == (409, "already-exists")
    renamed = new | {"name": "another.example/witness"}
    assert problem(client.post("operator", "/v1/witnesses", renamed)) == (409, "already-exists")
    nobody = renamed | {"participant_id": "nobody", "public_key": b64url_encode(witness_key("b").public_key)}
    assert problem(client.post("operator", "/v1/witnesses", nobody)) == (404, "not-found")
    for changes, refused in (
        ({"url": "http://witness.example"}, ("url", "not-https")),
        ({"url": "https://10.0.0.1"}, ("url", "private-address")),
        ({"name": "a+b"}, ("name", "invalid")),
        ({"name": "none"}, ("name", "invalid")),
        ({"name": "a.example/../witness"}, ("name", "invalid")),
        ({"name": "a.example//witness"}, ("name", "invalid")),
        ({"name": "clearline-witnesses"}, ("name", "invalid")),
        ({"public_key": b64url_encode(client.world.registry.log.public_key)}, ("public_key", "invalid")),
        ({"public_key": b64url_encode(bytes(32))}, ("public_key", "invalid")),
    ):
        fresh = {"participant_id": "carrier-b", "name": "b.example", "public_key": new["public_key"]} | changes
        assert field_error(client.post("operator", "/v1/witnesses", fresh)) == refused
    integrate_all(client.world, tmp_path)
    (last, _) = lines(client.get("auditor", f"{LOG}/openings?from={published(client.world).size - 1}"))
    core = json.loads(last["core"])
    assert (core["kind"], core["facts"]["name"]) == (EntryKind.WITNESS_ADDED, key.name)


def test_the_operator_removes_a_witness_for_ever(client: Client) -> None:
    key = witness_key("a")
    new = {"participant_id": "carrier-a", "name": key.name, "public_key": b64url_encode(key.public_key)}
    admitted: Any = client.post("operator", "/v1/witnesses", new).json
    assert admitted["removed_at"] is None
    gone = client.post("operator", f"/v1/witnesses/{key.name}/removal", {})
    assert (gone.status_code, gone.json["removed_at"] is not None) == (200, True)
    assert gone.json == admitted | {"removed_at": gone.json["removed_at"]}
    client.world.clock.forward(hours=1)
    assert client.post("operator", f"/v1/witnesses/{key.name}/removal", {}).json == gone.json
    assert client.get("operator", "/v1/witnesses").json == {"witnesses": [gone.json]}
    other = b64url_encode(witness_key("b").public_key)
    for again in (new, new | {"name": "b.example/witness"}, new | {"public_key": other}):
        assert problem(client.post("operator", "/v1/witnesses", again)) == (409, "already-exists")
    assert problem(client.post("operator", "/v1/witnesses/b.example/witness/removal", {})) == (404, "not-found")
    assert problem(client.post("operator", f"/v1/witnesses/{'a' * 256}/removal", {})) == (404, "not-found")


@pytest.mark.parametrize("name", ["a.example/w?b#c", "a.example/100%25", "removal", "a;b,c=d&e"])
def test_every_name_that_is_admitted_can_be_named_to_be_removed(client: Client, name: str) -> None:
    new = {"participant_id": "carrier-a", "name": name, "public_key": b64url_encode(witness_key("a").public_key)}
    assert client.post("operator", "/v1/witnesses", new).status_code == 201
    gone = client.post("operator", f"/v1/witnesses/{quote(name)}/removal", {})
    assert (gone.status_code, gone.json["name"]) == (200, name)


def test_what_is_no_path_of_the_log_is_a_strangers_401(shared: Client) -> None:
    assert problem(shared.raw("GET", f"{LOG}/checkpoint?fresh=1", {}))[0] == 422
    assert problem(shared.raw("GET", "/log/26/checkpoint", {}))[0] == 401
    assert problem(shared.raw("POST", f"{LOG}/checkpoint", {}))[0] == 401
