"""Tables of the daily bound on take-outs: a creditor's count of a day, and what a second key confirmed on it."""

from typing import Final

from sqlalchemy import PrimaryKeyConstraint, Table

from registry.store.columns import BY_PARTICIPANT, at_least, day, integer, metadata, references, text, time, uuid

# A counter, as the chunks of a batch are: the rows that it counts have entries of their own.
take_out_day: Final = Table(
    "take_out_day",
    metadata,
    text("participant_id", 64),
    day("day"),
    integer("open_at_start"),
    integer("taken"),
    integer("held"),
    text("held_key_id", 64, nullable=True),
    PrimaryKeyConstraint("participant_id", "day"),
    references(["participant_id"], "participant"),
    at_least("open_at_start", 0),
    at_least("taken", 0),
    at_least("held", 0),
    info=BY_PARTICIPANT,
)

take_out_confirmation: Final = Table(
    "take_out_confirmation",
    metadata,
    text("participant_id", 64),
    day("day"),
    integer("take_outs"),
    integer("unused"),
    text("key_id", 64),
    time("confirmed_at"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("participant_id", "day"),
    references(["participant_id", "day"], "take_out_day"),
    at_least("take_outs", 1),
    at_least("unused", 0),
    info=BY_PARTICIPANT,
)
