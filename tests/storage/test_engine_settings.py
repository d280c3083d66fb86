"""The registry's settings are read strictly, and statements are prepared only where they say so."""

from pathlib import Path

import pytest
from psycopg.pq import TransactionStatus

from registry.settings import load
from registry.store.engines import Engines, make_engines
from serving.settings import SettingsError

SETTINGS = """
database_url = "postgresql://clearline@db/clearline"
public_url = "https://registry.example"
listen = "127.0.0.1:9100"
keys = "keys.json"
signing_key = "registry.pem"
signing_key_id = "registry-1"
"""


def thresholds(engines: Engines) -> list[int | None]:
    """After how many runs the driver prepares a statement, on each engine; None for never."""
    found = []
    for engine in (engines.write, engines.read):
        with engine.connect() as connection:
            found.append(connection.connection.driver_connection.prepare_threshold)
    engines.close()
    return found


def plan_modes(engines: Engines) -> list[str]:
    """The mode in which PostgreSQL plans prepared statements, on each engine, in a second transaction."""
    found = []
    for engine in (engines.write, engines.read):
        with engine.connect() as connection:
            connection.rollback()
            found.append(connection.exec_driver_sql("SELECT current_setting('plan_cache_mode')").scalar_one())
    engines.close()
    return found


def test_no_statement_is_prepared_unless_it_is_asked_for(postgres_url: str) -> None:
    assert thresholds(make_engines(postgres_url)) == [None, None]
    assert None not in thresholds(make_engines(postgres_url, prepared_statements=True))


def test_a_prepared_statement_keeps_one_plan(postgres_url: str) -> None:
    assert plan_modes(make_engines(postgres_url)) == ["auto", "auto"]
    assert plan_modes(make_engines(postgres_url, prepared_statements=True)) == ["force_generic_plan"] * 2


def test_a_read_leaves_no_transaction_open(postgres_url: str) -> None:
    for prepared in (False, True):
        engines = make_engines(postgres_url, prepared_statements=prepared)
        with engines.read.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
            driver = connection.connection.driver_connection
            assert driver is not None
            assert driver.info.transaction_status is TransactionStatus.IDLE
        engines.close()


def test_the_settings_prepare_nothing_unless_they_say_so(tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(SETTINGS)
    assert load(path, {}).prepared_statements is False
    path.write_text(SETTINGS + "prepared_statements = true\n")
    assert load(path, {}).prepared_statements is True


@pytest.mark.parametrize("name", ["registry 1", "r" * 65, "登记-1"])
def test_a_key_id_that_no_signature_can_name_is_refused_before_anything_starts(tmp_path: Path, name: str) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(SETTINGS.replace("registry-1", name))
    with pytest.raises(SettingsError, match="signing_key_id must be a key id") as refused:
        load(path, {})
    assert name not in str(refused.value)
