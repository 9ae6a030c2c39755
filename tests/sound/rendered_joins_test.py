# SPDX-License-Identifier: Apache-2.0
"""Thirty joins of the house band along the walk, planned, rendered and mixed as a live programme: what is heard is what
was planned. The bounds are worse than what `./dev bench joins` measures of 200, since thirty are few.

usage: rendered_joins_test.py JOINS      the program tools/joins
"""
import concurrent.futures
import os
import re
import statistics
import subprocess
import sys

EACH, SECONDS, SEEDS = 10, 56, (41, 42, 43)


def joins(seed):
    lines = subprocess.run([sys.argv[1], str(EACH), str(EACH), str(SECONDS), str(seed)], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    return [{name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|\S+)', line)} for line in lines]


with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    rendered = [join for some in pool.map(joins, SEEDS) for join in some]
assert len(rendered) == EACH * len(SEEDS)
assert len({join["from"] for join in rendered}) >= 6, "genres"
figures = {name: [float(join[name]) for join in rendered if name in join]
           for name in ("downbeat", "inside", "dip", "peak", "early", "late")}
figures["basses"] = [float(join["both_basses"]) / float(join["bar"]) for join in rendered]
wrong = []
for name, sign, middle, worst, unit in (("downbeat", 1, 0.1, 1, "ms"), ("basses", 1, 0.7, 1, "bars"),
                                        ("inside", -1, -2, -5.5, "dB"), ("dip", -1, -2.5, -6.5, "dB"),
                                        ("peak", 1, -1, -0.9, "dBTP"), ("early", 1, 14, 14, "s"),
                                        ("late", 1, 14, 14, "s")):
    values = figures[name]
    got = (statistics.median(values), max(values) if sign > 0 else min(values))
    print(f"{name}: median {got[0]:.2f}, worst {got[1]:.2f} {unit} of {len(values)}")
    if any(sign * (value - bound) > 0 for value, bound in zip(got, (middle, worst))):
        wrong.append(f"{name}: {got}, at most {middle}, {worst} {unit}")
assert len(figures["downbeat"]) >= 10, "bars side by side"
figures["either"] = [max(ends) for ends in zip(figures["early"], figures["late"])]
for end, share in (("early", 1 / 3), ("late", 1 / 2), ("either", 2 / 3)):
    chosen = sum(left_out > 0 for left_out in figures[end])
    print(f"{end}: bars are left out in {chosen}")
    assert chosen >= share * len(rendered), f"{end}: bars are left out in {chosen} of {len(rendered)}"
assert not wrong, wrong
