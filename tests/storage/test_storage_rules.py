"""The storage rules of an engine distributed by key, read off the tables; statements are watched in every test."""

import pytest
import sqlalchemy as sa

from protocol.states import OPEN_STATES, RecordState
from registry.store.columns import KEY_BYTES, metadata
from registry.store.distribution import PLAIN, REFERENCE, are_together, column_of, group_of, spread_tables
from registry.store.partitions import PARTITIONED
from registry.store.records import OPEN_IN_ANY_RULES
from registry.store.types import Octets, UtcTime
from tests.support.cells import every_cell
from tests.support.watch import complaints, fan_out_codes

TABLES = sorted(metadata.tables.values(), key=lambda table: table.name)
GROUPS = {"subject", "person", "household", "account", "participant", "signing_key", "entry", REFERENCE, PLAIN}
LED_BY = {
    "subject": {"subject_key"},
    "person": {"index_key"},
    "household": {"household_key"},
    "account": {"account_ref"},
    "participant": {"participant_id", "recipient"},
    "signing_key": {"key_id"},
    "entry": {"entry_id"},
}
SPREAD = [table for table, _ in spread_tables(metadata)]
KEY_COLUMNS = ("subject_key", "index_key", "household_key", "debtor_key", "register_key", "address_key")
HOMES_OF_A_RECORD = {"register_key", "address_key"}


def test_every_table_says_by_what_it_is_distributed() -> None:
    with every_cell() as cells:
        for table in TABLES:
            with cells.cell(table.name):
                assert group_of(table) in GROUPS
                assert column_of(table) in LED_BY.get(group_of(table), {None})


def test_every_table_has_a_primary_key_and_nothing_is_made_by_the_server() -> None:
    with every_cell() as cells:
        for table in TABLES:
            with cells.cell(table.name):
                assert table.primary_key.columns
                for column in table.columns:
                    assert column.server_default is None, column
                    assert column.default is None, column
                    assert column.onupdate is None, column
                    assert column.identity is None, column
                    assert table.autoincrement_column is None


def test_the_distribution_column_is_in_every_unique_constraint() -> None:
    with every_cell() as cells:
        for table in SPREAD:
            with cells.cell(table.name):
                column = str(column_of(table))
                unique = [each for each in table.constraints if isinstance(each, sa.UniqueConstraint)]
                unique += [each for each in table.indexes if each.unique]
                for each in unique:
                    assert column in each.columns, each.name


def test_foreign_keys_run_along_the_distribution_column_or_to_a_reference_table() -> None:
    with every_cell() as cells:
        for table in SPREAD:
            with cells.cell(table.name):
                column = column_of(table)
                for each in table.foreign_key_constraints:
                    target = each.referred_table
                    assert are_together(table, target), each.name
                    if column_of(target) is not None:
                        assert (each.column_keys[0], each.elements[0].column.name) == (column, column), each.name


def test_household_links_are_led_by_the_household_and_know_no_record() -> None:
    link = metadata.tables["household_link"]
    assert next(iter(link.primary_key.columns)).name == "household_key"
    assert [each.referred_table.name for each in link.foreign_key_constraints] == ["household"]


def test_no_record_is_looked_up_by_a_household() -> None:
    record = metadata.tables["record"]
    assert set(record.c.keys()) >= HOMES_OF_A_RECORD
    leading = [*record.indexes, *record.constraints]
    named = {
        column.name
        for each in leading
        if isinstance(each, sa.Index | sa.schema.ColumnCollectionConstraint)
        for column in each.columns
    }
    assert named & HOMES_OF_A_RECORD == set()


def test_keys_are_sixteen_bytes_and_checked() -> None:
    with every_cell() as cells:
        for table in TABLES:
            with cells.cell(table.name):
                for column in table.columns:
                    if column.name in KEY_COLUMNS:
                        assert isinstance(column.type, Octets)
                        assert column.type.length == KEY_BYTES
                checks = " ".join(
                    str(each.sqltext) for each in table.constraints if isinstance(each, sa.CheckConstraint)
                )
                checked = {each.column_keys[0] for each in table.foreign_key_constraints}
                for name in KEY_COLUMNS:
                    if name in table.columns:
                        assert f"length({name}) = {KEY_BYTES}" in checks or name in checked


def test_every_constraint_and_index_has_a_name_that_postgresql_keeps_whole() -> None:
    with every_cell() as cells:
        for table in TABLES:
            with cells.cell(table.name):
                ddl = str(sa.schema.CreateTable(table))
                constraints_and_indexes: list[sa.Constraint | sa.Index] = [*table.constraints, *table.indexes]
                for each in constraints_and_indexes:
                    assert each.name, each
                    assert len(str(each.name)) <= 63
                assert ddl.count("CONSTRAINT") == len(table.constraints)


def test_every_time_is_a_utc_time() -> None:
    with every_cell() as cells:
        for table in TABLES:
            with cells.cell(table.name):
                for column in table.columns:
                    assert not isinstance(column.type, sa.DateTime), column
                    if column.name.endswith(("_at", "_since", "_until")) or column.name == "at":
                        assert isinstance(column.type, UtcTime), column


def test_tables_that_grow_with_time_are_partitioned_by_month() -> None:
    cut = {table.name: table.dialect_options["postgresql"]["partition_by"] for table in TABLES}
    assert {name: how for name, how in cut.items() if how is not None} == {
        name: f"RANGE ({column})" for name, (column, _) in PARTITIONED.items()
    }
    for name, (column, _) in PARTITIONED.items():
        assert column in metadata.tables[name].primary_key.columns


def test_the_index_of_open_accounts_covers_every_state_in_which_a_debt_is_owed() -> None:
    assert set(OPEN_IN_ANY_RULES) >= OPEN_STATES
    assert not set(OPEN_IN_ANY_RULES) & {RecordState.CLEARED, RecordState.WITHDRAWN, RecordState.CANCELLED}


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("SELECT * FROM record WHERE record_id = 1", "asks every node for record"),
        ("SELECT subject_key FROM record WHERE state = 'ACTIVE'", "asks every node for record"),
        ("UPDATE record SET subject_key = 1 WHERE record_id = 1", "asks every node for record"),
        ("INSERT INTO record (record_id) VALUES (1)", "asks every node for record"),
        ("DELETE FROM request_nonce WHERE seen_at < 1", "asks every node for request_nonce"),
        ("SELECT * FROM subject WHERE epoch = 1 FOR UPDATE", "locks rows of subject"),
        ("SELECT * FROM subject WHERE epoch = 1 FOR NO KEY UPDATE", "locks rows of subject"),
        ("SELECT * FROM subject WHERE subject_key = 1 AND created_at < now()", "takes the server's time"),
        ("INSERT INTO participant (created_at) VALUES (CURRENT_TIMESTAMP)", "takes the server's time"),
        ("SELECT * FROM record AS a CROSS JOIN LATERAL (SELECT 1) AS b WHERE a.subject_key = 1", "joins laterally"),
        ("ALTER TABLE inquiry ATTACH PARTITION inquiry_m1 FOR VALUES FROM (1) TO (2)", "attaches a partition"),
        ("UPDATE record SET version=1, subject_key=2 WHERE record.subject_key = 1", "moves rows of record"),
        ("UPDATE account SET account_ref = given.new_ref FROM unnest(1) AS given WHERE account_ref = 1", "moves rows"),
        (
            "INSERT INTO subject (subject_key) VALUES (1) ON CONFLICT (subject_key) DO UPDATE SET subject_key = 2",
            "moves rows of subject",
        ),
        ("WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t", "is recursive"),
    ],
)
def test_the_watch_sees_a_statement_against_the_rules(statement: str, complaint: str) -> None:
    assert any(each.startswith(complaint) for each in complaints(statement, in_fan_out=False))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM record WHERE record.subject_key = ANY (%(keys)s)",
        "SELECT * FROM record WHERE record.subject_key IN (?, ?)",
        "INSERT INTO record (subject_key, record_id) VALUES (?, ?)",
        "UPDATE record SET state = ? WHERE record.subject_key = ? AND record.record_id = ?",
        "SELECT * FROM participant",
    ],
)
def test_the_watch_lets_a_keyed_statement_pass(statement: str) -> None:
    assert complaints(statement, in_fan_out=False) == ()


def test_a_mark_excuses_a_missing_key_and_never_a_lock() -> None:
    assert complaints("SELECT * FROM record WHERE record_id = 1", in_fan_out=True) == ()
    assert complaints("SELECT * FROM record FOR UPDATE", in_fan_out=True) != ()


def test_a_spread_database_locks_rows_of_one_key_at_a_time() -> None:
    many = "SELECT subject_key FROM subject WHERE subject.subject_key = ANY (%s) ORDER BY 1 FOR NO KEY UPDATE"
    assert complaints(many, in_fan_out=False, spread=True) == ("locks rows of subject under many keys at once",)
    assert complaints(many, in_fan_out=False) == ()
    assert complaints(many.replace("ANY (%s)", "%s"), in_fan_out=False, spread=True) == ()


def test_few_methods_ask_every_node() -> None:
    assert {code.co_qualname if hasattr(code, "co_qualname") else code.co_name for code in fan_out_codes()} == {
        "Accounts.forget",
        "Clock.newest_entry_at",
        "DueWork.counts",
        "DueWork.total",
        "People.end",
        "People.end_on",
        "People.ending",
        "Retention.answers",
        "Retention.chunks",
        "Retention.collections",
        "Retention.dead_letters",
        "Retention.deposits",
        "Retention.ended_links",
        "Retention.events",
        "Retention.hits",
        "Retention.inquiries",
        "Retention.quotes",
        "Retention.activations",
        "Retention.grade_reviews",
        "Retention.rechecks",
        "Retention.tallies",
        "Retention.transfers",
        "Retention.unread",
        "Retention.withdrawals",
        "Attestations.count_demands",
        "Attestations.drop_ended",
        "Attestations.ending",
        "Attestations.find",
        "Attestations.find_demand",
        "Attestations.over",
        "Archive.due_expiry",
        "Archive.due_purge",
        "Archive.due_sealing",
        "Archive.find",
        "Archive.unlink",
        "Clearances.find",
        "Collected.direction",
        "Collected.due",
        "Collected.find",
        "Collected.page",
        "Deposits.figures",
        "Deposits.find",
        "Deposits.held_by",
        "Deposits.to_tell",
        "Disputes.due_lapsed",
        "Disputes.due_silent",
        "Disputes.due_reminders",
        "Disputes.find",
        "Disputes.page",
        "Evidence.find",
        "Evidence.not_matched",
        "IdleSubjects.due",
        "IdleSubjects.forget",
        "IdleSubjects.kept_until",
        "Statements.forget",
        "Households.links_of",
        "Naming.without_entry",
        "Openings.first",
        "Openings.newest",
        "Personal.of_entries",
        "Personal.old",
        "Pending.count",
        "Pending.oldest",
        "Pending.batch",
        "Pending.take_out",
        "Partitions.count",
        "Partitions.drop",
        "TakeOuts.forget",
        "Partitions.ensure",
        "Plans.due",
        "Plans.page",
        "Settlements.page",
        "Transfers.page",
        "RedList.page",
        "Disassociations.page",
        "Plans.find",
        "Quotes.by_reference",
        "Disassociations.find",
        "Disassociations.of_subject",
        "Records.count_by_state",
        "Records.due_pending",
        "Records.find",
        "Records.of_account",
        "Records.open_of",
        "RecordPages.of_all",
        "RecordPages.of_creditor",
        "Records.subjects_of",
        "RedList.find",
        "Requests.forget_nonces",
        "Reversals.find",
        "Settlements.find",
        "Tallies.counted",
        "Tallies.of_day",
        "Transfers.find",
        "Transfers.lapsing",
    }
