from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.bulk import mapping as mapping_files
from gateway.bulk.export import Export, RawRow
from gateway.errors import FileBroken
from tests.support.exports import COLUMNS, debt, debts, table

SECRET = debt()["证件号码"]


@pytest.fixture
def read(tmp_path: Path, mappings: Path) -> Callable[..., list[RawRow]]:
    def checked_and_read(raw: bytes, mapping: str = "arrears") -> list[RawRow]:
        path = tmp_path / "export.csv"
        path.write_bytes(raw)
        export = Export(path, mapping_files.load(mappings / f"{mapping}.toml", mapping_files.Layout.ARREARS))
        return list(export.rows(export.check()))

    return checked_and_read


def broken(read: Callable[..., list[RawRow]], raw: bytes, mapping: str = "arrears") -> tuple[int, int, str]:
    with pytest.raises(FileBroken) as refused:
        read(raw, mapping)
    assert SECRET not in str(refused.value)
    assert "export.csv" in str(refused.value)
    return refused.value.line, refused.value.column, refused.value.what


def utf8(rows: list[dict[str, str]]) -> bytes:
    return table(rows).encode()


def test_rows_carry_their_number_line_and_cells(read: Callable[..., list[RawRow]]) -> None:
    rows = read(utf8([debt("A1"), debt("A2", 地址="一行\n两行"), debt("A3")]))
    assert [(row.number, row.line, row.label) for row in rows] == [(1, 2, "A1"), (2, 3, "A2"), (3, 5, "A3")]


def test_a_byte_order_mark_is_skipped(read: Callable[..., list[RawRow]]) -> None:
    assert len(read(b"\xef\xbb\xbf" + utf8(debts(2)))) == 2


def test_blank_lines_are_no_rows(read: Callable[..., list[RawRow]]) -> None:
    assert len(read(utf8(debts(2)) + b"\r\n\r\n")) == 2


def test_a_last_line_without_its_line_end_may_be_cut_off(read: Callable[..., list[RawRow]]) -> None:
    raw = utf8([debt("A1"), debt("A2", 代理商="DL0001")])
    line, column, what = broken(read, raw[:-4])
    assert (line, column) == (3, len(raw[:-4].decode().splitlines()[-1]) + 1)
    assert 'last_line_end = "optional"' in what


def test_a_last_line_without_its_line_end_is_a_row_where_the_mapping_says_so(
    read: Callable[..., list[RawRow]], mappings: Path
) -> None:
    path = mappings / "arrears.toml"
    path.write_text(path.read_text().replace("[file]", '[file]\nlast_line_end = "optional"'))
    assert len(read(utf8(debts(2)).rstrip())) == 2


def test_a_file_with_a_header_only_has_no_rows(read: Callable[..., list[RawRow]]) -> None:
    assert read(utf8([])) == []


def test_a_row_with_a_field_too_few_or_too_many_in_the_middle_is_a_broken_row_only(
    read: Callable[..., list[RawRow]],
) -> None:
    lines = utf8(debts(3)).splitlines(keepends=True)
    rows = read(lines[0] + b"A9,x\r\n" + lines[1] + b"x," + lines[2] + lines[3])
    assert [row.cells is None for row in rows] == [True, False, True, False]
    assert rows[0].label == "A9"


def test_gb18030_under_a_utf8_mapping_names_the_byte(read: Callable[..., list[RawRow]]) -> None:
    line, column, what = broken(read, table(debts(2)).encode("gb18030"))
    assert (line, column) == (1, 1)
    assert what == "the bytes are not utf-8, which the mapping says (they would be gb18030)"


def test_a_wrong_byte_later_in_the_file_is_found_at_its_line_and_column(read: Callable[..., list[RawRow]]) -> None:
    raw = utf8(debts(3)).replace("A000001,王".encode(), b"A000001,\xff")
    assert broken(read, raw)[:2] == (3, 9)


def test_columns_are_counted_in_characters(read: Callable[..., list[RawRow]]) -> None:
    raw = utf8([debt("王王王", 姓名="@")]).replace(b"@", b"\x80")
    assert broken(read, raw)[:2] == (2, 5)


def test_utf8_with_a_mark_under_a_gb18030_mapping_is_said(read: Callable[..., list[RawRow]]) -> None:
    line, column, what = broken(read, b"\xef\xbb\xbf" + utf8(debts(1)), "gb")
    assert (line, column, what) == (1, 1, "a UTF-8 byte order mark, but the mapping says gb18030")


def test_utf8_under_a_gb18030_mapping_is_refused(read: Callable[..., list[RawRow]]) -> None:
    assert broken(read, utf8(debts(3)), "gb")[0] == 1


def test_a_cut_inside_a_character_is_found(read: Callable[..., list[RawRow]]) -> None:
    raw = table(debts(2)).encode("gb18030")
    cut = raw[: raw.rindex("恶".encode("gb18030")) + 1]
    assert broken(read, cut, "gb")[0] == 3


def test_utf16_is_refused_at_its_first_byte(read: Callable[..., list[RawRow]]) -> None:
    assert broken(read, table(debts(1)).encode("utf-16"))[:2] == (1, 1)


def test_a_missing_column_is_named_with_those_that_were_found(read: Callable[..., list[RawRow]]) -> None:
    columns = tuple(each for each in COLUMNS if each != "本金")
    row = {name: value for name, value in debt().items() if name in columns}
    line, _, what = broken(read, table([row], columns).encode())
    assert line == 1
    assert "missing column '本金' (principal); found: 账户, 姓名" in what


def test_a_file_without_a_header_is_refused_without_repeating_its_first_row(read: Callable[..., list[RawRow]]) -> None:
    _, _, what = broken(read, utf8(debts(2)).partition(b"\n")[2])
    assert "no column of arrears.toml is in the first line" in what
    assert "王小明" not in what


def test_a_column_that_appears_twice_is_refused(read: Callable[..., list[RawRow]]) -> None:
    raw = utf8(debts(1)).replace("姓名".encode(), "本金".encode())
    assert broken(read, raw)[2] == "the column '本金' appears twice"


def test_an_empty_file_is_refused(read: Callable[..., list[RawRow]]) -> None:
    assert broken(read, b"") == (1, 1, "the file is empty")


@pytest.mark.parametrize("cut", [40, 60, 65])
def test_a_cut_off_last_row_is_found_where_it_ends(read: Callable[..., list[RawRow]], cut: int) -> None:
    raw = utf8(debts(3))[:-cut]
    line, column, what = broken(read, raw)
    assert (line, column) == (4, len(raw.decode().splitlines()[-1]) + 1)
    assert what.startswith("the file is cut off: its last row ends after ")


def test_an_unterminated_quote_is_found_where_it_opens(read: Callable[..., list[RawRow]]) -> None:
    lines = utf8(debts(4)).splitlines(keepends=True)
    lines[2] = lines[2].replace("王小明".encode(), '"王小明'.encode())
    line, column, what = broken(read, b"".join(lines))
    assert (line, column) == (3, 9)
    assert "never closed" in what


def test_an_unterminated_quote_before_a_long_rest_is_found_in_bounded_memory(read: Callable[..., list[RawRow]]) -> None:
    raw = utf8(debts(1)) + b'"A2,' + b"x" * 50 + b"\n" + utf8(debts(5000))
    assert broken(read, raw)[:2] == (3, 1)


def test_a_character_after_a_closing_quote_is_found(read: Callable[..., list[RawRow]]) -> None:
    raw = utf8([debt(姓名="QQ")]).replace(b"QQ", b'"Q"Q')
    assert broken(read, raw)[:2] == (2, 9)


def test_a_nul_is_found(read: Callable[..., list[RawRow]]) -> None:
    raw = utf8([debt("A1"), debt("A2", 姓名="QQ")]).replace(b"QQ", b"Q\0")
    assert broken(read, raw) == (3, 5, "a NUL character; is this a text file?")


def test_an_endless_line_is_refused(read: Callable[..., list[RawRow]]) -> None:
    assert "longer than" in broken(read, b"x" * 1_000_000)[2]


def test_a_missing_file_is_one_clear_line(tmp_path: Path, mappings: Path) -> None:
    export = Export(
        tmp_path / "export.csv", mapping_files.load(mappings / "arrears.toml", mapping_files.Layout.ARREARS)
    )
    with pytest.raises(FileBroken, match="cannot be read"):
        export.check()


def test_a_file_that_changes_between_the_passes_is_refused(tmp_path: Path, mappings: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(utf8(debts(2)))
    export = Export(path, mapping_files.load(mappings / "arrears.toml", mapping_files.Layout.ARREARS))
    checked = export.check()
    path.write_bytes(utf8(debts(3)))
    with pytest.raises(FileBroken, match="changed"):
        list(export.rows(checked))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("\r\n", "\r").encode(), "carriage return (CR) alone"),
        (lambda text: text.replace("\r\n", "\r").encode() * 3000, "carriage return (CR) alone"),
        (lambda text: text.encode("utf-16"), "the file is UTF-16"),
        (lambda text: text.encode("utf-16-be"), "the file seems to be UTF-16"),
        (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), "the file is UTF-16"),
        (lambda text: text.encode("utf-32"), "the file is UTF-32"),
        (lambda _text: b"PK\x03\x04\x14\0\0\0\x08\0xl/", "Excel or OpenDocument"),
        (lambda _text: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel spreadsheet (xls)"),
        (lambda _text: b"\x1f\x8b\x08\0", "compressed"),
        (lambda _text: b"%PDF-1.7\n", "PDF"),
        (lambda _text: b"\xef\xbb\xbf <html><table>", "a web page"),
        (lambda text: text.replace(",", "\t").encode(), "the delimiter is a tab, but the mapping says ','"),
        (lambda text: text.replace(",", ";").encode(), "the delimiter is ';'"),
        (lambda text: text.replace(",", "，").encode(), "the delimiter is '，'"),
        (lambda text: text.replace("\r\n", ",\r\n").replace(",\r\n", "\r\n", 1).encode(), "no row has the 15 fields"),
    ],
)
@pytest.mark.parametrize("mapping", ["arrears", "gb"])
def test_a_file_of_another_format_is_named_for_what_it_is(
    read: Callable[..., list[RawRow]], change: Callable[..., bytes], says: str, mapping: str
) -> None:
    encoded = change(table(debts(3)))
    if mapping == "gb" and encoded[:1] == "账".encode()[:1]:
        encoded = encoded.decode().encode("gb18030")
    assert says in broken(read, encoded, mapping)[2]


@pytest.mark.parametrize(("mapping", "encoding"), [("arrears", "utf-8"), ("gb", "gb18030")])
@pytest.mark.parametrize(
    ("before", "says"),
    [
        ("sep=,\r\n", "separator line (sep=); take it out"),
        ("2026年11月欠费\r\n\r\n", "the columns are named in line 3; take the lines before"),
        ("a\r\n" * 12, "is there a header"),
    ],
    ids=["separator", "title", "no-header"],
)
def test_lines_above_the_header_are_named_for_what_they_are(
    read: Callable[..., list[RawRow]], before: str, says: str, mapping: str, encoding: str
) -> None:
    line, _, what = broken(read, (before + table(debts(3))).encode(encoding), mapping)
    assert line == 1
    assert says in what


def test_a_carriage_return_inside_a_quoted_cell_is_text(read: Callable[..., list[RawRow]]) -> None:
    assert len(read(utf8([debt(地址="一行\r两行"), debt("A2")]))) == 2


def test_a_carriage_return_alone_later_in_the_file_is_found_at_its_line(read: Callable[..., list[RawRow]]) -> None:
    lines = utf8(debts(3)).splitlines(keepends=True)
    line, _, what = broken(read, b"".join([*lines[:3], lines[3].replace(b"\r\n", b"\r"), lines[1]]))
    assert line == 4
    assert "carriage return" in what


def test_a_short_last_row_may_be_a_total(read: Callable[..., list[RawRow]]) -> None:
    _, _, what = broken(read, utf8(debts(2)) + "合计,,1063.12\r\n".encode())
    assert what.startswith("the file is cut off: its last row ends after 3 of 15 fields")
    assert "if that row is a total" in what
