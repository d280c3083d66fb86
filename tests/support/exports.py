"""Small exports and mapping files, row by row as a test wants them."""

import csv
import datetime as dt
import io
from pathlib import Path

from stdnum.iso7064 import mod_11_2

from tests.support.builders import TODAY

COLUMNS = (
    "账户",
    "姓名",
    "证件类型",
    "证件号码",
    "户号",
    "地址",
    "业务",
    "到期日",
    "本金",
    "停机",
    "拆机",
    "通知日",
    "渠道",
    "类别",
    "代理商",
)
ARREARS = """
[file]
encoding = "{encoding}"
dates = "%Y-%m-%d"
[columns]
account = "账户"
document_kind = "证件类型"
document_number = "证件号码"
household_register = "户号"
address = "地址"
service = "业务"
due_date = "到期日"
principal = "本金"
suspended_on = "停机"
ended_on = "拆机"
notice_date = "通知日"
notice_channel = "渠道"
category = "类别"
dealer = "代理商"
[values.document_kind]
"身份证" = "RESIDENT_ID"
"信用代码" = "ENTERPRISE"
[values.service]
"移动" = "MOBILE"
"宽带" = "BROADBAND"
[values.notice_channel]
"短信" = "SMS"
[values.category]
"恶意" = "MALICIOUS"
"争议" = "OPEN_DISPUTE"
"""
APPLICANTS = """
[columns]
reference = "order"
carrier = "carrier"
document_kind = "kind"
document_number = "number"
household_register = "register"
address = "address"
service = "service"
[values.document_kind]
"身份证" = "RESIDENT_ID"
"信用代码" = "ENTERPRISE"
[values.service]
"移动" = "MOBILE"
"宽带" = "BROADBAND"
"""
ADDRESS = "云南省昆明市五华区学府路287号19栋4单元1160室"


def write_mappings(folder: Path) -> None:
    (folder / "arrears.toml").write_text(ARREARS.format(encoding="utf-8"), encoding="utf-8")
    (folder / "gb.toml").write_text(ARREARS.format(encoding="gb18030"), encoding="utf-8")
    (folder / "applicants.toml").write_text(APPLICANTS, encoding="utf-8")


def resident(serial: int, *, born: dt.date = dt.date(1980, 1, 2)) -> str:
    """A resident number with a good check digit, made up."""
    body = f"110105{born:%Y%m%d}{serial:03d}"
    return body + str(mod_11_2.calc_check_digit(body))


def debt(account: str = "A001", **changes: str) -> dict[str, str]:
    """A listable debt of 120.00 yuan, 200 days past due, noticed 150 days ago."""
    row = dict.fromkeys(COLUMNS, "") | {
        "账户": account,
        "姓名": "王小明",
        "证件类型": "身份证",
        "证件号码": resident(1),
        "业务": "移动",
        "到期日": (TODAY - dt.timedelta(days=200)).isoformat(),
        "本金": "120.00",
        "通知日": (TODAY - dt.timedelta(days=150)).isoformat(),
        "渠道": "短信",
        "类别": "恶意",
    }
    return row | changes


def debts(count: int, *, first: int = 0) -> list[dict[str, str]]:
    """Different accounts of different debtors."""
    return [
        debt(f"A{n:06d}", 证件号码=resident(n % 990, born=dt.date(1960 + n // 990, 1, 2)))
        for n in range(first, first + count)
    ]


def table(rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write(path: Path, rows: list[dict[str, str]], *, encoding: str = "utf-8") -> Path:
    path.write_bytes(table(rows).encode(encoding))
    return path


def applicants(path: Path, *rows: tuple[str, ...]) -> Path:
    """Rows of (order, carrier, kind, number, register, address, service)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("order", "carrier", "kind", "number", "register", "address", "service"))
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def results(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
