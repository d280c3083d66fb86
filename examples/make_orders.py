#!/usr/bin/env python3
"""Write a table of made-up orders whose end is known, to try `clearline grade backtest` on.

It needs the standard library only. All content follows from --seed, so the same call writes the same file.

    python3 make_orders.py OUT.csv [--seed 7] [--orders 6000]

Most applicants have no debt; some cleared one, pay by instalments, or owe. The risk of each grows with what is known of
it: the table shows what a backtest tells, and nothing about real people.
"""

import argparse
import pathlib
import random

HEADING = "opened_on,bad,open,plan_running,cleared_days,cleared_creditors,blocked_days,plans_broken,tenure"


def make_rows(orders: int, seed: int) -> list[str]:
    """The lines of so many orders, without the heading."""
    draw = random.Random(seed)
    return [_row(draw) for _ in range(orders)]


def _row(draw: random.Random) -> str:
    tenure = draw.choices([0, 12, 24, 36], [70, 12, 9, 9])[0]
    inputs, risk = ("0,0,,0,0,0", 0.05 - 0.0011 * tenure)
    kind = draw.choices(["nothing", "owes", "pays by instalments", "paid"], [80, 3, 3, 14])[0]
    if kind == "owes":
        inputs, risk = "1,0,,0,0,0", 0.5
    elif kind == "pays by instalments":
        inputs, risk = f"0,1,,1,{draw.randrange(60)},0", 0.3
    elif kind == "paid":
        creditors, broken = draw.choices([1, 2, 3], [8, 2, 1])[0], draw.choices([0, 1, 2], [8, 2, 1])[0]
        blocked = min(int(draw.expovariate(1 / 40)), 900)
        inputs = f"0,0,{draw.randrange(181)},{creditors},{blocked},{broken}"
        risk = 0.06 + 0.12 * (creditors - 1) + 0.002 * blocked + 0.1 * broken
    day = f"2026-{draw.randrange(1, 12):02d}-{draw.randrange(1, 28):02d}"
    return f"{day},{int(draw.random() < risk)},{inputs},{tenure}"


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--orders", type=int, default=6_000)
    given = parser.parse_args()
    given.out.write_text("\n".join([HEADING, *make_rows(given.orders, given.seed), ""]), encoding="utf-8")
    print(f"{given.orders} orders in {given.out}")


if __name__ == "__main__":
    main()
