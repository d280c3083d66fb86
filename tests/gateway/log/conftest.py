"""A reader of a log in memory, and where its heads are kept."""

import httpx
import pytest

from gateway.log.heads import COSIGNED, HeadKeeper
from gateway.log.reader import LogReader
from tests.log_server import LOG, LOG_URL, filled


@pytest.fixture
def server():
    return filled(700)


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def reader(server, pauses):
    with (
        httpx.Client(transport=httpx.WSGITransport(server)) as http,
        LogReader(LOG_URL, http, sleep=pauses.append) as reading,
    ):
        yield reading


@pytest.fixture
def keeper(tmp_path):
    return HeadKeeper(tmp_path / "state", LOG)


@pytest.fixture
def cosigned(tmp_path):
    return HeadKeeper(tmp_path / "state", LOG, kind=COSIGNED)
