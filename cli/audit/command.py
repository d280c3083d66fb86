"""`clearline audit`: check the registry's log, a receipt or a fork without trusting the registry, and keep a mirror."""

import time
from pathlib import Path
from typing import Any, Final

import click

from auditlog.errors import LogRefused
from auditlog.fork import MAX_FORK_BYTES, parse_fork, verify_fork
from auditlog.mirror import Mirror
from auditlog.names import log_key, refusing
from auditlog.receipts import Trust, leaf_of, read_policy, verify
from auditlog.vkeys import read_vkeys, signing_key
from cli.audit.access import OpeningsAccess, openings_options
from cli.audit.ceremony import ceremony
from cli.audit.find import entries
from cli.audit.grade import grade
from cli.audit.heads import LOG_KEY, LOG_URL, head_of, open_log
from cli.audit.verify import run_audit
from cli.options import FILE, FOLDER, NEW_FILE, json_option
from cli.outcome import Failure
from cli.output import progress, tell
from crypto.tlog.keys import VerifierKey
from crypto.tlog.policy import MAX_POLICY_BYTES
from crypto.tlog.proof import MAX_RECEIPT_BYTES, parse_receipt
from serving.files import read_bounded

_MAX_ENTRY_FILE: Final = 1 << 16
_HASH_BYTES: Final = 32
_CLOCKS_DIFFER_SECONDS: Final = 30

_RECEIPT_KEY = click.option("--vkey", help="The vkey of that year's log, pinned.")
_RECEIPT_KEYS = click.option(
    "--vkeys", type=FILE, help="A file of vkeys that were pinned, one a line: the receipt's own is taken."
)


@click.group()
def audit() -> None:
    """Check the transparency log as an outsider: compute all of it again and trust nothing from the registry."""


audit.add_command(entries)
audit.add_command(grade)
audit.add_command(ceremony)


@audit.command("verify", short_help="Recompute a whole log and compare its head.")
@LOG_URL
@LOG_KEY
@click.option("--saved", type=NEW_FILE, help="Keep how far this came; the last head goes into SAVED.heads.")
@click.option("--since-saved", is_flag=True, help="Only what is new since the audit in --saved.")
@openings_options
@json_option
def verify_log(
    url: str, vkey: str, saved: Path | None, access: OpeningsAccess | None, *, since_saved: bool, as_json: bool
) -> None:
    """Fetch every entry, hash it again, and compare the tree with the signed head. Exit 1 if anything differs.

    Interrupted with --saved? The same command goes on, and ends as one run would have. With --openings also what the
    entries say is checked: against the public log, against the keys that the log tells of, and against its erasures.

    \b
    Examples:
      clearline audit verify --log-url https://registry.example/log/2026 --vkey registry.example/log/2026+0a1b2c3d+AQ...
      clearline audit verify --log-url URL --vkey VKEY --saved audit.json --since-saved
    """
    if since_saved and saved is None:
        raise click.UsageError("--since-saved needs --saved")
    key = log_key(vkey)
    with open_log(url) as reader:
        head = head_of(reader, key, None if saved is None else saved.with_name(saved.name + ".heads"))
        with progress(f"audit {key.name}") as show:
            told, findings = run_audit(
                head.checkpoint,
                reader=reader,
                key=key,
                url=url,
                path=saved,
                since_saved=since_saved,
                access=access,
                on_progress=show,
            )
    tell(told, as_json=as_json)
    if findings:
        raise Failure(f"the log does not hold: {findings} findings")


@audit.command("receipt")
@click.argument("file", type=FILE)
@_RECEIPT_KEY
@_RECEIPT_KEYS
@click.option("--entry", type=FILE, help="The entry: 33 bytes, or what opens it as one line of JSON.")
@click.option("--leaf", help="The entry's leaf hash in hex.")
@click.option("--policy", type=FILE, help="Which witnesses you believe (c2sp.org/tlog-policy).")
@click.option("--faults", type=click.IntRange(min=0), help="How many of them may lie.")
@json_option
def verify_receipt_file(
    file: Path,
    vkey: str | None,
    *,
    vkeys: Path | None,
    entry: Path | None,
    leaf: str | None,
    policy: Path | None,
    faults: int | None,
    as_json: bool,
) -> None:
    """Check a receipt offline. Exit 1 if the receipt is invalid.

    A receipt stays valid under the key of its own time, whatever the log is called now: give that vkey, or a
    file of all that you ever pinned.

    \b
    Examples:
      clearline audit receipt a.tlog-proof --vkey VKEY --entry a.tlog-proof.opening --policy witnesses --faults 1
      clearline audit receipt a.tlog-proof --vkeys pinned.vkeys --entry a.tlog-proof.opening
    """
    if (vkey is None) == (vkeys is None):
        raise click.UsageError("either --vkey or --vkeys")
    if (entry is None) == (leaf is None):
        raise click.UsageError("either --entry or --leaf")
    if (policy is None) != (faults is None):
        raise click.UsageError("--policy goes with --faults")
    raw = _read(file, MAX_RECEIPT_BYTES)
    key = log_key(vkey or "") if vkeys is None else _key_of(raw, vkeys)
    trust = Trust(key=key)
    if policy is not None and faults is not None:
        believed = read_policy(_read(policy, MAX_POLICY_BYTES), faults=faults, key=key)
        trust = Trust(key=key, policy=believed, latest=int(time.time()) + _CLOCKS_DIFFER_SECONDS)
    leaf_hash = _leaf(leaf or "") if entry is None else leaf_of(_read(entry, _MAX_ENTRY_FILE))
    receipt = verify(raw, leaf_hash, trust)
    grade = "integrated" if trust.policy is None else "witnessed"
    told = {"grade": grade, "log": key.name, "index": receipt.index, "size": receipt.signed.checkpoint.size}
    tell(told, as_json=as_json)


@audit.command("export", short_help="Keep a verified static mirror of a log.")
@LOG_URL
@LOG_KEY
@click.option("--out", type=FOLDER, required=True, help="The folder of the mirror.")
@json_option
def export(url: str, vkey: str, out: Path, *, as_json: bool) -> None:
    """Keep a static mirror: every tile and bundle, verified while it is written. The same command brings it up to date.

    \b
    Example:
      clearline audit export --log-url https://registry.example/log/2026 --vkey VKEY --out mirror/2026
    """
    key = log_key(vkey)
    with open_log(url) as reader, progress(f"export {key.name}") as show:
        head = head_of(reader, key, out.with_name(out.name + ".heads"))
        done = Mirror(out, reader).write(head, show)
    told = {"log": key.name, "size": head.checkpoint.size, "files": done.files, "fetched": done.fetched}
    tell(told | {"output": str(out)}, as_json=as_json)


@audit.command("fork", short_help="Check evidence of a fork offline.")
@click.argument("file", type=FILE)
@LOG_KEY
@json_option
def verify_fork_file(file: Path, vkey: str, *, as_json: bool) -> None:
    """Check evidence of a fork offline: the log's key signed two histories. Exit 1 if the file does not prove that.

    \b
    Example:
      clearline audit fork log-state/evidence/0123456789abcdef-700-800.fork --vkey VKEY
    """
    key = log_key(vkey)
    fork = parse_fork(_read(file, MAX_FORK_BYTES))
    verify_fork(fork, key)
    told: dict[str, Any] = {"log": key.name, "proven": "two histories under one key"}
    tell(told | {"sizes": fork.sizes}, as_json=as_json)


def _key_of(raw: bytes, keys: Path) -> VerifierKey:
    """Return the pinned vkey under which a receipt is signed."""
    with refusing("the receipt"):
        signed = parse_receipt(raw).signed
    key = signing_key(signed, read_vkeys(keys))
    if key is None:
        raise LogRefused("key-unknown", f"the receipt is signed under none of the vkeys in {keys}")
    return key


def _read(path: Path, limit: int) -> bytes:
    raw = read_bounded(path, limit)
    if raw is None or len(raw) > limit:
        raise Failure(f"{path}: is too long")
    return raw


def _leaf(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != _HASH_BYTES or raw.hex() != text:
        raise Failure("--leaf: is not 32 bytes in hex")
    return raw
