"""Keep the pointers from accounts to records; they are locked in the order of the accounts, before any subject."""

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa

from registry.domain.accounts import AccountPointer
from registry.store import columns
from registry.store.changes import Change
from registry.store.errors import Overtaken
from registry.store.prepared import ByKeys, Insert
from registry.store.repository import Repository, fan_out

# The key begins with the account, so that it distributes; no foreign key to the record, which lives with its subject.
account: Final = sa.Table(
    "account",
    columns.metadata,
    columns.octets("account_ref", 32),
    columns.text("creditor_id", 64),
    columns.key(),
    columns.uuid("record_id"),
    sa.PrimaryKeyConstraint("account_ref", "creditor_id"),
    columns.references(["creditor_id"], "participant", ["participant_id"]),
    columns.length("account_ref", 32),
    columns.length("subject_key"),
    # Only forgetting a subject uses this index.
    sa.Index(None, "subject_key"),
    info=columns.BY_ACCOUNT,
)

_INSERT: Final = Insert(account, new_only=True, mostly_new=True)
_LOCK: Final = ByKeys(sa.select(account).order_by(account.c.account_ref).with_for_update(), account.c.account_ref)
_READ: Final = ByKeys(sa.select(account).order_by(account.c.account_ref), account.c.account_ref)
_MOVE: Final = Change(account, ("subject_key", "record_id"))
_DROP: Final = Change(account)
_FORGET: Final = sa.delete(account).where(account.c.subject_key == sa.bindparam("at_key"))


class Accounts(Repository):
    """Distribution key: ``account_ref``, but where marked as a fan-out."""

    def lock(self, creditor_id: str, refs: Collection[bytes]) -> dict[bytes, AccountPointer]:
        """Lock the creditor's existing pointers until the transaction ends, in the order of the accounts.

        Call it before any subject is locked. SQLite's writer has locked the whole file already.
        """
        pointers = self._of(AccountPointer, _READ if self._is_sqlite else _LOCK, refs)
        return {each.account_ref: each for each in pointers if each.creditor_id == creditor_id}

    def point(self, pointers: Sequence[AccountPointer], locked: Collection[bytes]) -> None:
        """Let accounts point to records that are listed now; ``locked`` are the references that ``lock`` found.

        Raises Overtaken when another transaction listed on one of the other accounts since: the work runs again.
        """
        new = sorted((each for each in pointers if each.account_ref not in locked), key=attrgetter("account_ref"))
        if _INSERT.run(self._connection, new) != len(new):
            raise Overtaken
        _MOVE.run(self._connection, [each for each in pointers if each.account_ref in locked])

    def drop(self, creditor_id: str, refs: Collection[bytes]) -> None:
        """Delete the pointers of references that no account has any more."""
        _DROP.run_rows(self._connection, [(ref, creditor_id) for ref in sorted(refs)])

    @fan_out
    def forget(self, subject_keys: Collection[bytes]) -> None:
        """Delete every pointer to a record of these subjects."""
        if subject_keys:
            self._connection.execute(_FORGET, [{"at_key": each} for each in sorted(subject_keys)])
