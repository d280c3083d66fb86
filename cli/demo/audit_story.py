"""Lets the auditor of the demonstration ask the log about one person: who asked, why, where, and what followed."""

from pathlib import Path
from typing import Final

from auditlog.audit.entry_filter import Entry, EntryFilter
from auditlog.reader import LogReader
from cli.audit.access import OpeningsAccess
from cli.audit.entries import Question, answer
from cli.audit.filters import Asked
from cli.demo.ceremony import Parties
from cli.demo.offices import signed_by_auditor, typed
from cli.demo.settings_files import REGISTRY_KEY_ID
from cli.demo.story import Told
from cli.outcome import Failure
from cli.output import say
from client.peer import ReadingContext
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.keys import VerifierKey
from protocol.beijing import BEIJING
from protocol.encodings import b64url_decode
from protocol.log_entries import EntryKind
from protocol.readings import ReadingPurpose

_KINDS: Final = (EntryKind.INQUIRY, EntryKind.INQUIRY_RECHECKED, EntryKind.ACTIVATION, EntryKind.COLLECTED)
_FACTS: Final = ("purpose", "outlet", "decision", "outcome", "basis", "reason")


def tell_entries(
    parties: Parties, told: Told, head: Checkpoint, *, reader: LogReader, key: VerifierKey, url: str
) -> None:
    """Print the proved entries about the story's applicant, found by the inquiry that its order began with."""
    say("  11. the auditor asks the log who asked about this person, why, from where, and what followed:")
    found: list[Entry] = []

    def show(entry: Entry) -> None:
        found.append(entry)
        facts = {**entry.personal, **entry.facts}
        said = " ".join(str(facts[name]) for name in _FACTS if name in facts)
        say(f"      {entry.at.astimezone(BEIJING):%H:%M:%S} {entry.by} {entry.kind} {said}".rstrip())

    question = Question(
        key=key,
        url=url,
        access=_auditor(parties),
        asked=Asked(conditions=EntryFilter(kinds=frozenset(_KINDS)), like=(told.inquiry_id,)),
        limit=None,
        saved=None,
        own=None,
    )
    failure = answer(question, head, reader=reader, write=show, on_progress=_quietly)
    if failure is not None:
        raise failure
    kinds = {each.kind for each in found if each.facts.get("inquiry", str(each.entry_id)) == str(told.inquiry_id)}
    if not kinds >= {EntryKind.INQUIRY, EntryKind.INQUIRY_RECHECKED, EntryKind.ACTIVATION}:
        raise Failure("story: the log does not tell the order from its question to its outcome")
    words = ["audit", "entries", "--log-url", url, "--vkey", key.vkey, "--like-entry", str(told.inquiry_id)]
    say(f"      {typed([*words, *signed_by_auditor(parties)])}")


def _auditor(parties: Parties) -> OpeningsAccess:
    return OpeningsAccess(
        key=parties.offices["auditor"],
        key_id="auditor-1",
        registry_key=_public_key(parties.registry_public_key),
        registry_key_id=REGISTRY_KEY_ID,
        reading=ReadingContext(purpose=ReadingPurpose.SAMPLE),
    )


def _public_key(path: Path) -> bytes:
    return b64url_decode(path.read_text(encoding="ascii").strip(), length=32)


def _quietly(done: int, total: int) -> None:
    del done, total
