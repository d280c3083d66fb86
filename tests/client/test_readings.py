"""A client that was made with a reading context says it with each reading, and with nothing else."""

import dataclasses
import os
from collections.abc import Mapping

import pytest

from client.deadline import Deadline
from client.errors import RegistryUnreachable
from client.peer import NOT_TOLD, ReadingContext, SignedPeer, Signer
from client.registry import RegistryClient
from client.sending import PeerSilent, Received
from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.messages.log import Log
from protocol.messages.steps import Step
from protocol.readings import ReadingPurpose, read_agent
from tests.support.builders import NOW

REFERENCE = bytes(range(16))
KEY = generate_signing_key(os.urandom)


@dataclasses.dataclass
class Silent:
    """Remembers the headers of what is sent, and never answers."""

    sent: list[Mapping[str, str]] = dataclasses.field(default_factory=list)

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        max_answer: int,
        deadline: Deadline | None = None,
    ) -> Received:
        """Send nothing."""
        del method, target, body, max_answer, deadline
        self.sent.append(headers)
        raise PeerSilent("not reachable")


def sent(reading: ReadingContext, *, posts: bool = False, attempts: int = 1) -> list[Mapping[str, str]]:
    line = Silent()
    signer = Signer(key_id="auditor-1", private_key=KEY, clock=lambda: NOW, random=os.urandom)
    client = RegistryClient(
        SignedPeer("https://registry.example", line, signer),
        signer,
        key_id="registry-1",
        public_key=public_bytes(KEY),
        attempts=attempts,
        monotonic=lambda: 0.0,
        sleep=lambda _: None,
        reading=reading,
    )
    with pytest.raises(RegistryUnreachable):
        client.post("/v1/x", Step(), Log) if posts else client.get("/v1/log", Log)
    return line.sent


CONTEXT = ReadingContext(purpose=ReadingPurpose.SAMPLE, agent=REFERENCE)


def test_each_reading_says_purpose_and_agent_under_a_salt_of_its_own() -> None:
    first, second = sent(CONTEXT, attempts=2)
    agents = [read_agent(each["Clearline-Agent"]) for each in (first, second)]
    assert [each["Clearline-Purpose"] for each in (first, second)] == ["SAMPLE", "SAMPLE"]
    assert [each.reference for each in agents] == [REFERENCE, REFERENCE]
    assert agents[0].salt != agents[1].salt
    assert first["Clearline-Agent-Digest"] != second["Clearline-Agent-Digest"]


def test_nothing_is_said_with_what_is_no_reading_or_by_who_says_nothing() -> None:
    for (headers,) in (sent(CONTEXT, posts=True), sent(NOT_TOLD)):
        assert not [name for name in headers if name.startswith("Clearline-")]


def test_half_of_it_may_be_said() -> None:
    (headers,) = sent(ReadingContext(purpose=ReadingPurpose.UPKEEP))
    assert headers["Clearline-Purpose"] == "UPKEEP"
    assert "Clearline-Agent" not in headers


def test_the_reference_is_not_printed() -> None:
    assert "agent" not in repr(CONTEXT)
