"""Holds the scorecard that a second version of the rules begins with; the founding rules grade nobody.

Its points were chosen by simulation on synthetic data, for what they must not reward (docs/spec/grades.md).
"""

from typing import Any, Final

from protocol.codes import ServiceClass

_BINS: Final[dict[str, list[tuple[int, int, str | None]]]] = {
    "plan_running": [(0, 0, None), (1, -60, "PLAN_RUNNING")],
    "cleared_days": [(-1, 0, None), (0, -15, "CLEARED_RECENTLY"), (91, -5, "CLEARED_EARLIER"), (181, 0, None)],
    "cleared_creditors": [(0, 0, None), (2, -30, "SEVERAL_CREDITORS"), (3, -60, "SEVERAL_CREDITORS")],
    "blocked_days": [(0, 0, None), (31, -10, "PAID_LATE"), (181, -25, "PAID_VERY_LATE")],
    "plans_broken": [(0, 0, None), (2, -40, "PLANS_BROKEN")],
    "tenure": [
        (0, 0, "NO_ATTESTATION"),
        (12, 20, "SHORT_ATTESTATION"),
        (24, 55, "SHORT_ATTESTATION"),
        (36, 90, "LONG_ATTESTATION"),
    ],
}
"""For each input its bins: the least value, the points, and the reason."""
_TEXTS: Final = (
    ("DEBT_OPEN", "有一笔欠费尚未结清", "A debt is open"),
    ("NOTHING_ADVERSE", "没有不利记录", "Nothing adverse is known"),
    ("PLAN_RUNNING", "分期还款尚未完成", "An instalment plan is still running"),
    ("CLEARED_RECENTLY", "近90天内刚结清一笔欠费", "A debt ended in the last 90 days"),
    ("CLEARED_EARLIER", "91至180天前结清过一笔欠费", "A debt ended 91 to 180 days ago"),
    ("SEVERAL_CREDITORS", "180天内在两家以上企业有过欠费", "Debts to two or more companies in the last 180 days"),
    (
        "PAID_LATE",
        "欠费列入名单后超过30天才结清或商定分期",
        "A debt was on the list for over 30 days before it was paid or put under a plan",
    ),
    (
        "PAID_VERY_LATE",
        "欠费列入名单后超过180天才结清或商定分期",
        "A debt was on the list for over 180 days before it was paid or put under a plan",
    ),
    ("PLANS_BROKEN", "180天内两次以上未按约分期还款", "Two or more instalment plans were broken in the last 180 days"),
    (
        "NO_ATTESTATION",
        "没有经本人同意出具的按时缴费证明",
        "Nobody attests, with consent, that bills were paid in time",
    ),
    (
        "SHORT_ATTESTATION",
        "经本人同意的按时缴费证明不足36个月",
        "Less than 36 months of bills paid in time are attested",
    ),
    ("LONG_ATTESTATION", "经本人同意的按时缴费证明满36个月", "36 months or more of bills paid in time are attested"),
)

FIRST_GRADE: Final[dict[str, Any]] = {
    "base": 500,
    "history_days": 180,
    "cuts": [{"grade": "A", "at_least": 580}, {"grade": "B", "at_least": 550}, {"grade": "C", "at_least": 480}],
    "characteristics": [
        {
            "input": name,
            "bins": [
                {"from_value": value, "points": points, **({} if reason is None else {"reason": reason})}
                for value, points, reason in bins
            ],
        }
        for name, bins in _BINS.items()
    ],
    "reasons": [{"code": code, "zh": zh, "en": en} for code, zh, en in _TEXTS],
    "limit_bills": {"A": 3, "B": 2, "C": 1},
    "average_bill_fen": {
        ServiceClass.MOBILE.value: 59_00,
        ServiceClass.FIXED_VOICE.value: 30_00,
        ServiceClass.BROADBAND.value: 80_00,
        ServiceClass.IPTV.value: 30_00,
    },
    "deposit": {"cap_fen": 500_00, "months": 12, "bills_in_time": 6, "end_days": 15, "interest_ppm_year": 0},
    "review_working_days": 3,
    "attestations": {"allowed": False, "most_days": 365, "demand_working_days": 10, "ending_days": 30},
}
"""The group ``grade`` of the rules as JSON, for a proposal to start from."""
