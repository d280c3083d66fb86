#!/usr/bin/env python3
"""Write a realistic, fully synthetic sample of three carriers' arrears before they join the registry.

It needs the standard library only. All content follows from --seed and --as-of, so the same call writes the same files.

    python3 make_sample.py OUT [--seed 7] [--as-of 2026-11-21] [--rows 6000] [--applicants 2000]

OUT/carrier-a.csv    arrears export of a mobile carrier, UTF-8, Chinese column names
OUT/carrier-b.csv    arrears export of a fixed-line and broadband carrier, GB18030, as spreadsheet programs save it
OUT/carrier-c.csv    arrears export of a converged carrier, UTF-8 with a byte order mark, other names and dates
OUT/applicants.csv   people and firms who ask for a new service on --as-of
OUT/truth-*.csv      a correct system's verdict of each row under the default rules

Amounts are yuan with two decimals. All numbers are made up: identity numbers carry a valid check digit
(GB 11643-1999, ISO 7064 MOD 11-2) but belong to nobody on purpose.
"""

# The code is a table of made-up cases: its figures and long branches are the content, and every draw of the generator
# counts, so that the code keeps the order in which the cases were first written.
# ruff: noqa: ANN001, ANN201, ANN204, C408, C901, D103, PLR0912, PLR0915, PLR2004, SIM905

import argparse
import csv
import datetime as dt
import pathlib
import random

AREAS = (
    "110105 120101 130102 210102 220102 310104 320106 330106 340102 350102 "
    "360102 370102 410105 420106 430102 440106 500103 510104 530102 610104"
).split()
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文辉力俊佳欣怡晨宇浩然子轩梓涵思雨博雅"
CITIES = [
    ("云南省", "昆明市", "五华区", "学府路"),
    ("江苏省", "南京市", "鼓楼区", "中山北路"),
    ("广东省", "广州市", "天河区", "体育东路"),
    ("四川省", "成都市", "锦江区", "春熙路"),
    ("陕西省", "西安市", "雁塔区", "小寨东路"),
    ("辽宁省", "沈阳市", "和平区", "南京南街"),
]
BEIJING = dt.timezone(dt.timedelta(hours=8))
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FIXED = ("固定电话", "宽带", "IPTV")
MOBILE = ("移动后付费",)
NOT_LISTABLE = {"争议": "REJ_OPEN_DISPUTE", "运营商原因": "REJ_CARRIER_CAUSED", "冒用身份": "REJ_STOLEN_IDENTITY"}


def check_digit(body):
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def resident_id(rng, born):
    body = rng.choice(AREAS) + born.strftime("%Y%m%d") + f"{rng.randrange(1, 996):03d}"
    return body + check_digit(body)


def legacy(number):
    return number[:6] + number[8:17]


def uscc(rng):
    body = "91" + rng.choice(AREAS) + "".join(rng.choice("0123456789ABCDEFGH") for _ in range(9))
    total = sum(USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + USCC_ALPHABET[(31 - total % 31) % 31]


class World:
    """People and firms grouped in households; some owe money to some carriers."""

    def __init__(self, rng, as_of):
        self.rng, self.as_of, self.serial = rng, as_of, 0
        self.households = []
        for number in range(1, 12001):
            province, city, district, road = rng.choice(CITIES)
            size = rng.choice((1, 2, 2, 3, 3, 4, 5))
            place = dict(
                hukou=f"{rng.choice(AREAS)}{number:07d}",
                parts=(
                    province,
                    city,
                    district,
                    road,
                    rng.randrange(1, 300),
                    rng.randrange(1, 30),
                    rng.randrange(1, 6),
                    rng.randrange(101, 2905),
                ),
                members=[],
            )
            surname = rng.choice(SURNAMES)
            for _ in range(size):
                born = dt.date(rng.randrange(1948, 2004), rng.randrange(1, 13), rng.randrange(1, 29))
                name = (surname if rng.random() < 0.7 else rng.choice(SURNAMES)) + "".join(
                    rng.sample(GIVEN, rng.choice((1, 2, 2)))
                )
                place["members"].append(dict(kind="居民身份证", number=resident_id(rng, born), name=name, home=place))
            self.households.append(place)
        self.people = [m for h in self.households for m in h["members"]]
        self.firms = [
            dict(
                kind="统一社会信用代码",
                number=uscc(rng),
                name=f"{rng.choice(CITIES)[1][:-1]}{''.join(rng.sample(GIVEN, 2))}商贸有限公司",
                home=None,
            )
            for _ in range(120)
        ]

    def account(self, carrier):
        self.serial += 1
        return f"{carrier}{self.serial:09d}"


def address(rng, parts):
    province, city, district, road, number, block, unit, room = parts
    style = rng.randrange(4)
    if style == 0:
        return f"{province}{city}{district}{road}{number}号{block}栋{unit}单元{room}室"
    if style == 1:
        return f"{city}{district}{road}{number}号{block}幢{unit}单元{room}"
    if style == 2:
        wide = str.maketrans("0123456789", "０１２３４５６７８９")
        return f"{province}{city}{district}{road}{number}号 {block}号楼{unit}单元{room}室".translate(wide)
    return f"{province} {city} {district} {road}{number}号{block}-{unit}-{room}"


def arrears_row(world, carrier, fixed_share):
    """Make one row of a carrier's export with the verdict that a correct system must give it."""
    rng, as_of = world.rng, world.as_of
    debtor = rng.choice(world.firms) if rng.random() < 0.04 else rng.choice(world.people)
    service = rng.choice(FIXED) if rng.random() < fixed_share else rng.choice(MOBILE)
    due = as_of - dt.timedelta(days=rng.randrange(120, 900))
    notice = due + dt.timedelta(days=rng.randrange(35, 85))
    row = dict(
        name=debtor["name"],
        kind=debtor["kind"],
        number=debtor["number"],
        hukou=debtor["home"]["hukou"] if debtor["home"] and rng.random() < 0.8 else "",
        address=address(rng, debtor["home"]["parts"]) if debtor["home"] and service in FIXED else "",
        service=service,
        account=world.account(carrier),
        due=due,
        principal=f"{rng.randrange(10000, 380000) / 100:.2f}",
        suspended=due + dt.timedelta(days=rng.randrange(30, 80)),
        ended=None,
        notice=notice,
        channel=rng.choice(("短信", "挂号信", "上门", "他网号码电话")),
        category=rng.choices(("恶意", "无力缴纳", "错过周期", "政企"), (25, 20, 50, 5))[0],
        dealer=f"DL{rng.randrange(1, 80):04d}" if rng.random() < 0.6 else "",
    )
    row["ended"] = row["suspended"] + dt.timedelta(days=60) if rng.random() < 0.7 else None
    if row["ended"] and row["ended"] > as_of:
        row["ended"] = None
    verdict, debtor_key = "ACTIVE", debtor
    roll = rng.random()
    if roll < 0.015:
        row["number"], verdict = "1" * rng.choice((15, 18)), "REJ_INVALID_DOCUMENT"
    elif roll < 0.025:
        row["number"], verdict = row["number"][:14], "REJ_INVALID_DOCUMENT"
    elif roll < 0.035 and row["kind"] == "居民身份证":
        wrong = "0" if row["number"][-1] != "0" else "1"
        row["number"], verdict = row["number"][:-1] + wrong, "REJ_INVALID_DOCUMENT"
    elif roll < 0.042:
        row["number"], verdict = "", "REJ_INVALID_DOCUMENT"
    elif roll < 0.072 and row["kind"] == "居民身份证" and row["number"][6:8] == "19":
        row["number"] = legacy(row["number"])
    elif roll < 0.10 and row["kind"] == "居民身份证":
        row["number"] = rng.choice(
            (
                lambda n: n.lower(),
                lambda n: f" {n[:6]} {n[6:14]} {n[14:]} ",
                lambda n: n.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")),
            )
        )(row["number"])
    elif roll < 0.13:
        row["principal"], verdict = f"{rng.randrange(1, 9999) / 100:.2f}", "REJ_BELOW_MINIMUM"
    elif roll < 0.16:
        row["due"] = as_of - dt.timedelta(days=rng.randrange(5, 89))
        row["suspended"] = row["ended"] = None
        row["notice"] = row["due"] + dt.timedelta(days=2)
        verdict = "REJ_TOO_RECENT"
    elif roll < 0.19:
        row["notice"], row["channel"], verdict = None, "", "REJ_NO_NOTICE"
    elif roll < 0.22:
        row["notice"], verdict = as_of - dt.timedelta(days=rng.randrange(1, 29)), "PENDING"
    elif roll < 0.25:
        row["category"] = rng.choice(tuple(NOT_LISTABLE))
        verdict = NOT_LISTABLE[row["category"]]
    elif roll < 0.258 and debtor["kind"] == "居民身份证":
        born = dt.date(as_of.year - rng.randrange(9, 17), rng.randrange(1, 13), rng.randrange(1, 29))
        row["number"], verdict = resident_id(rng, born), "REJ_MINOR"
    elif roll < 0.264:
        row["principal"], verdict = rng.choice(("-35.00", "一百二十", "1e400", "12.345")), "REJ_INVALID_AMOUNT"
    elif roll < 0.270:
        row["due"], verdict = "2025-02-30", "REJ_INVALID_DATE"
    elif roll < 0.280 and row["address"]:
        row["address"] = "我住在东北一个美丽的小山村"  # no room number: no address key, the row itself stands
    return row, verdict, debtor_key


LAYOUTS = {
    "carrier-a": (
        "utf-8",
        "%Y-%m-%d",
        dict(
            name="客户名称",
            kind="证件类型",
            number="证件号码",
            hukou="户号",
            address="装机地址",
            service="业务类型",
            account="账户编号",
            due="应缴日期",
            principal="欠费本金",
            suspended="停机日期",
            ended="拆机日期",
            notice="催缴通知日期",
            channel="通知渠道",
            category="欠费类别",
            dealer="代理商编码",
        ),
    ),
    "carrier-b": (
        "gb18030",
        "%Y/%m/%d",
        dict(
            account="合同号",
            name="户名",
            kind="证件种类",
            number="证件号",
            address="安装地址",
            hukou="户口簿户号",
            service="产品",
            due="账单到期日",
            principal="欠费金额(元)",
            suspended="停机",
            ended="拆机",
            notice="告知日期",
            channel="告知方式",
            category="原因",
            dealer="渠道编码",
        ),
    ),
    "carrier-c": (
        "utf-8-sig",
        "%Y%m%d",
        dict(
            account="acct_no",
            kind="id_type",
            number="id_no",
            name="cust_name",
            hukou="hukou_no",
            address="address",
            service="service",
            due="due_date",
            principal="principal_cny",
            suspended="suspend_date",
            ended="terminate_date",
            notice="notice_date",
            channel="notice_channel",
            category="category",
            dealer="dealer",
        ),
    ),
}


def applicant(rng, world, listed):
    """Make an applicant, mostly a stranger; a third are debtors or live with one, so that every decision occurs."""
    roll = rng.random()
    if roll < 0.03:
        return rng.choice(world.firms)
    if roll < 0.36:
        home = rng.choice([p for p in rng.sample(world.people, 400) if p["number"] in listed])["home"]
        return rng.choice(home["members"])
    return rng.choice(world.people)


def render(row, style):
    return {k: (v.strftime(style) if isinstance(v, dt.date) else "" if v is None else v) for k, v in row.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=dt.datetime.now(BEIJING).date())
    parser.add_argument("--rows", type=int, default=6000, help="arrears rows over the three carriers")
    parser.add_argument("--applicants", type=int, default=2000)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(args.seed)
    world = World(rng, args.as_of)
    listed, listed_homes = {}, {}
    shares = {"carrier-a": (0.5, 0.0), "carrier-b": (0.3, 1.0), "carrier-c": (0.2, 0.5)}
    for carrier, (share, fixed_share) in shares.items():
        encoding, style, columns = LAYOUTS[carrier]
        rows, truths = [], []
        for _ in range(int(args.rows * share)):
            row, verdict, debtor = arrears_row(world, carrier[-1].upper(), fixed_share)
            rows.append(row)
            truths.append((row["account"], verdict))
            if rng.random() < 0.01 and verdict in ("ACTIVE", "PENDING"):  # the export repeats itself
                rows.append(dict(row))
                truths.append((row["account"], "DUPLICATE"))
            if verdict == "ACTIVE":
                listed.setdefault(debtor["number"], set()).add(carrier)
                if debtor["home"]:
                    usable = row["address"] and not row["address"].startswith("我住在")
                    if row["hukou"] or usable:
                        listed_homes.setdefault(debtor["home"]["hukou"], []).append(
                            (debtor["number"], row["service"] in FIXED, bool(row["hukou"]), bool(usable))
                        )
        with (args.out / f"{carrier}.csv").open("w", encoding=encoding, newline="") as f:
            writer = csv.DictWriter(f, columns.values())
            writer.writeheader()
            for row in rows:
                writer.writerow({columns[k]: v for k, v in render(row, style).items()})
        with (args.out / f"truth-{carrier}.csv").open("w", encoding="utf-8", newline="") as f:
            csv.writer(f).writerows([("account", "verdict"), *truths])
    with (
        (args.out / "applicants.csv").open("w", encoding="utf-8", newline="") as f,
        (args.out / "truth-applicants.csv").open("w", encoding="utf-8", newline="") as t,
    ):
        people, truth = csv.writer(f), csv.writer(t)
        people.writerow(("order", "carrier", "name", "id_type", "id_no", "hukou_no", "address", "service"))
        truth.writerow(("order", "decision", "why"))
        for n in range(args.applicants):
            who = applicant(rng, world, listed)
            service = rng.choice(FIXED + MOBILE * 3)
            home = who["home"]
            hukou = home["hukou"] if home and rng.random() < 0.85 else ""
            where = address(rng, home["parts"]) if home and service in FIXED else ""
            order = f"ORD{args.seed:03d}{n:06d}"
            people.writerow(
                (order, rng.choice(tuple(LAYOUTS)), who["name"], who["kind"], who["number"], hukou, where, service)
            )
            decision, why = "ALLOW", ""
            if who["number"] in listed:
                decision, why = "PAY_FIRST", "own arrears at " + "+".join(sorted(listed[who["number"]]))
            elif home:
                hits = [
                    fixed
                    for number, fixed, by_hukou, by_address in listed_homes.get(home["hukou"], ())
                    if number != who["number"] and ((by_hukou and hukou) or (by_address and where))
                ]
                if any(hits) and service in FIXED:
                    decision, why = "PAY_FIRST", "same household owes for a fixed service"
                elif hits:
                    decision, why = "REVIEW", "same household owes"
            truth.writerow((order, decision, why))


if __name__ == "__main__":
    main()
