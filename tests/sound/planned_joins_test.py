# SPDX-License-Identifier: Apache-2.0
"""A thousand joins of the house band along the walk, planned and not rendered: keys and tempi mix as often as they
are meant to, each join is made for what was found, and `plain` plans nothing.

usage: planned_joins_test.py JOINS      the program tools/joins
"""
import re
import subprocess
import sys

FALLBACKS = {"tempo", "key"}  # of tracks that tell beats and keys


def joins(seed, *more):
    lines = subprocess.run([sys.argv[1], "1000", "0", "50", str(seed), *more], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    return [{name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|\S+)', line)} for line in lines]


def share(some, *names):
    return sum(all(join[name] == "1" for name in names) for join in some) / len(some)


for seed in (7, 8):
    planned = joins(seed)
    assert len(planned) == 1000
    within = [join for join in planned if join["from"] == join["to"]]
    steps = [join for join in planned if join["from"] != join["to"]]
    assert len({join["from"] for join in planned}) >= 12, "the walk goes everywhere"
    for what, got, least in (("keys within a genre", share(within, "key"), 0.95),
                             ("tempi within a genre", share(within, "tempo"), 0.95),
                             ("both within a genre", share(within, "key", "tempo"), 0.90),
                             ("keys across a step", share(steps, "key"), 0.80),
                             ("tempi across a step that can meet",
                              share([join for join in steps if join["meet"] == "1"], "tempo"), 0.95)):
        assert got >= least, f"seed {seed}: {what}: {got:.3f}"
    fits = {join["fit"] for join in planned}
    assert fits == {"bars"} | FALLBACKS, fits
    for join in planned:
        assert int(join["bars"]) in (1, 2, 4, 8), join
        assert " at " in join["words"], join
        if join["fit"] in FALLBACKS:
            assert int(join["bars"]) <= 4, join
        if join["tempo"] == "0":
            assert join["fit"] != "bars", join
    assert joins(seed) == planned, "the same seed plans the same joins"

assert {(join["fit"], join["bars"], join["words"]) for join in joins(7, "plain")} == {("plain", "0", "")}
print("4000 joins planned")
