import datetime as dt
import re
from pathlib import Path

import pytest

from gateway.bulk import mapping as mapping_files
from gateway.bulk.mapping import Layout, date_reader
from gateway.errors import MappingError
from protocol.codes import Category, ServiceClass
from protocol.identifiers import DocumentKind
from tests.support.exports import APPLICANTS, ARREARS
from tests.support.root import ROOT

EXAMPLES = ROOT / "examples" / "mappings"
GOOD = ARREARS.format(encoding="utf-8")


def load(tmp_path: Path, text: str, layout: Layout = Layout.ARREARS) -> mapping_files.FileMapping:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return mapping_files.load(path, layout)


@pytest.mark.parametrize("name", ["carrier-a", "carrier-b", "carrier-c"])
def test_the_example_mappings_of_arrears_are_good(name: str) -> None:
    read = mapping_files.load(EXAMPLES / f"{name}.toml", Layout.ARREARS)
    assert set(read.categories.values()) == set(Category)
    assert set(read.services.values()) == set(ServiceClass)
    assert set(read.kinds.values()) == set(DocumentKind)


def test_the_example_mapping_of_applicants_is_good() -> None:
    assert mapping_files.load(EXAMPLES / "applicants.toml", Layout.APPLICANTS).columns["reference"] == "order"


def test_names_of_people_are_in_no_mapping() -> None:
    for path in EXAMPLES.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        assert not any(f'"{column}"' in text for column in ("客户名称", "户名", "cust_name", "name"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace('principal = "本金"', ""), "columns.principal is missing"),
        (GOOD.replace('principal = "本金"', 'principel = "本金"'), "columns.principel is not known here"),
        (GOOD.replace('principal = "本金"', "principal = 3"), "columns.principal must be the name of a column"),
        (GOOD.replace('"本金"', '"账户"'), "columns uses one column for two fields"),
        (GOOD.replace('"utf-8"', '"latin-1"'), "file.encoding must be one of utf-8"),
        (GOOD.replace("[file]", '[file]\ndelimiter = "ab"'), "file.delimiter must be one character"),
        (GOOD.replace("[file]", '[file]\nlast_line_end = "no"'), "file.last_line_end must be"),
        (GOOD.replace("[file]", "[file]\nheader = true"), "file.header is not known here"),
        (GOOD.replace('dates = "%Y-%m-%d"', ""), "file.dates is missing"),
        (GOOD.replace("%Y-%m-%d", "%Y-%m"), "file.dates must hold %Y, %m and %d once each"),
        (GOOD.replace("%Y-%m-%d", "%Y-%m-%d %H"), "file.dates must hold"),
        (GOOD.replace('"SMS"', '"TEXT"'), 'values.notice_channel."短信" must be one of SMS'),
        (GOOD.partition("[values.category]")[0], "values.category is missing or empty"),
        (GOOD + '[values.colour]\n"a" = "b"\n', "values.colour is not known here"),
        (GOOD + "[accounts]\nwidth = 10\n", "accounts belongs into gateway.toml"),
        ("columns = 3", "columns must be a table"),
        ("[file", "not TOML"),
    ],
)
def test_a_wrong_mapping_names_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(MappingError) as refused:
        load(tmp_path, text)
    assert str(refused.value).startswith(f"{tmp_path / 'mapping.toml'}: ")
    assert says in str(refused.value)


def test_a_mapping_of_the_other_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"columns\.account is not known here"):
        load(tmp_path, GOOD, Layout.APPLICANTS)
    with pytest.raises(MappingError, match=r"columns\.reference is not known here"):
        load(tmp_path, APPLICANTS)


def test_a_missing_mapping_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read"):
        mapping_files.load(tmp_path / "none.toml", Layout.ARREARS)


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("%Y-%m-%d", "2025-03-04"),
        ("%Y/%m/%d", "2025/3/4"),
        ("%Y%m%d", "20250304"),
        ("%d.%m.%Y", "04.03.2025"),
        ("%Y年%m月%d日", "2025年3月4日"),
        ("%Y-%m-%d", " ２０２５－０３－０４ "),
    ],
)
def test_a_date_is_read_in_its_style(style: str, text: str) -> None:
    assert date_reader(style)(text) == dt.date(2025, 3, 4)


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("%Y-%m-%d", "2025-02-30"),
        ("%Y-%m-%d", "2025/02/03"),
        ("%Y-%m-%d", "25-02-03"),
        ("%Y-%m-%d", "2025-02-03 10:00"),
        ("%Y-%m-%d", "2025-2-003"),
        ("%Y-%m-%d", "1899-12-31"),
        ("%Y-%m-%d", "9999-01-01"),
        ("%Y%m%d", "2025304"),
        ("%Y%m%d", "2025-03-04"),
        ("%Y%m%d", "٢٠٢٥٠٣٠٤"),
    ],
)
def test_what_is_no_date_in_that_style_is_refused_without_repeating_it(style: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"^NOT_A_DATE$"):
        date_reader(style)(text)


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("%Y-%m-%d %H:%M:%S", "2025-03-04 23:59:59"),
        ("%Y-%m-%d %H:%M:%S.%f", "2025-03-04 14:22:31.0"),
        ("%Y/%m/%d %H:%M", "2025/3/4 9:05"),
        ("%Y%m%d%H%M%S", "20250304142231"),
        ("%Y-%m-%dT%H:%M:%S+08:00", "2025-03-04T00:00:00+08:00"),
        ("%Y年%m月%d日 %H:%M", "2025年3月4日 １４：２２"),
    ],
)
def test_a_time_of_day_behind_a_date_is_read_over(style: str, text: str) -> None:
    assert date_reader(style)(text) == dt.date(2025, 3, 4)


@pytest.mark.parametrize("text", ["2025-03-04", "2025-03-04 24:00:00", "2025-03-04 14:60:00", "2025-03-04 14:22"])
def test_a_time_of_day_that_is_none_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"^NOT_A_DATE$"):
        date_reader("%Y-%m-%d %H:%M:%S")(text)


@pytest.mark.parametrize("style", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S+00:00"])
def test_a_time_in_another_zone_may_be_another_day_and_is_refused(style: str) -> None:
    with pytest.raises(ValueError, match="must be a time in Beijing"):
        date_reader(style)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (APPLICANTS + '[defaults]\npurpose = "MARKETING"\n', "defaults.purpose must match NEW_LINE|ADD_LINE"),
        (APPLICANTS + '[defaults]\noutlet = "Wang Wei"\n', "defaults.outlet must match"),
        (APPLICANTS + "[defaults]\nport_in = true\n", "defaults.port_in must match YES|NO"),
        (APPLICANTS + '[defaults]\nagent = "A-017"\n', "defaults.agent is not known here"),
        (APPLICANTS + '[values.purpose]\n"新装" = "NEW"\n', 'values.purpose."新装" must be one of NEW_LINE'),
        (APPLICANTS + '[evidence]\nfolder = "papers"\n', "evidence is not known here"),
    ],
)
def test_circumstances_of_a_mapping_are_of_our_vocabularies(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(MappingError, match=re.escape(says)):
        load(tmp_path, text, Layout.APPLICANTS)


def test_defaults_are_no_part_of_a_mapping_of_arrears(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="defaults is not known here"):
        load(tmp_path, GOOD + '[defaults]\npurpose = "NEW_LINE"\n')
