"""Makes the table that leads from a person's index key to the key of its rows, which no change of keys touches.

People listed before keep the index key under which their rows lie as their own key.
"""

import sqlalchemy as sa
from alembic import op

from migrations.steps import create_table

revision = "0048"
down_revision = "0047"

_LISTED = "INSERT INTO person_index (index_key, epoch, subject_key) SELECT subject_key, epoch, subject_key FROM subject"
# A tombstone does not know its epoch: the keys have been those of the first one until this revision.
_TOMBSTONES = (
    "INSERT INTO person_index (index_key, epoch, subject_key)"
    " SELECT DISTINCT subject_key, (SELECT min(epoch) FROM key_epoch), subject_key FROM sealed_record"
    " WHERE NOT EXISTS (SELECT 1 FROM subject WHERE subject.subject_key = sealed_record.subject_key)"
)


def upgrade() -> None:
    create_table(
        "person_index",
        sa.Column("index_key", sa.LargeBinary(16), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_key", sa.LargeBinary(16), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("length(index_key) = 16", name=op.f("ck_person_index_index_key_length")),
        sa.CheckConstraint("length(subject_key) = 16", name=op.f("ck_person_index_subject_key_length")),
        sa.PrimaryKeyConstraint("index_key", "epoch", name=op.f("pk_person_index")),
        sqlite_with_rowid=False,
    )
    op.execute(_LISTED)
    op.execute(_TOMBSTONES)
    op.create_index(op.f("ix_person_index_subject_key"), "person_index", ["subject_key"])
    ending = sa.text("ends_on IS NOT NULL")
    op.create_index(
        op.f("ix_person_index_ends_on"), "person_index", ["ends_on"], sqlite_where=ending, postgresql_where=ending
    )


def downgrade() -> None:
    """Refuse: nobody could be found any more who was listed since."""
    raise NotImplementedError("there is no way back: restore a backup instead")
