"""Writes a carrier's export of any length, and the next month's, in which one row in so many is another."""

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from stdnum.iso7064 import mod_11_2

COLUMNS: Final = (
    "账户编号",
    "客户姓名",
    "证件类型",
    "证件号码",
    "户号",
    "装机地址",
    "业务类型",
    "应缴日期",
    "欠费本金",
    "停机日期",
    "拆机日期",
    "催缴通知日期",
    "通知渠道",
    "欠费类别",
    "代理商编码",
)
MAPPING: Final = "carrier-a"
_FIRST_BIRTH: Final = dt.date(1950, 1, 1)
_SERIALS: Final = 900
_AT_HOME: Final = 2
"""One row in so many has an address; the others are mobile lines without one."""


def write_export(path: Path, rows: int, today: dt.date, *, month: int, changed_every: int = 0) -> None:
    """Write ``rows`` debts, each of a person and an account of its own; the principal of every n-th one changed."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_rows(rows, today, month, changed_every))


def _rows(rows: int, today: dt.date, month: int, changed_every: int) -> Iterator[tuple[str, ...]]:
    due, notice = (today - dt.timedelta(days=200)).isoformat(), (today - dt.timedelta(days=150)).isoformat()
    for number in range(rows):
        changed = changed_every and number % changed_every == 0
        principal = f"{120 + number % 900 - (10 if changed else 0)}.00"
        home = number % _AT_HOME == 0
        yield (
            f"{1_380_000_000 + number}",
            f"month {month}",
            "居民身份证",
            _resident(number),
            "",
            _address(number) if home else "",
            "宽带" if home else "移动后付费",
            due,
            principal,
            "",
            "",
            notice,
            "短信",
            "恶意",
            "",
        )


def _resident(number: int) -> str:
    born = _FIRST_BIRTH + dt.timedelta(days=number // _SERIALS)
    body = f"110105{born:%Y%m%d}{number % _SERIALS + 10:03d}"
    return body + str(mod_11_2.calc_check_digit(body))


def _address(number: int) -> str:
    street, left = divmod(number // _AT_HOME, 4000)
    building, flat = divmod(left, 100)
    return f"云南省昆明市五华区学府路{street + 1}号{building + 1}栋{flat // 20 + 1}单元{flat % 20 + 1:02d}01室"
