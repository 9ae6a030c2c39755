# SPDX-License-Identifier: Apache-2.0
"""What the joins of the house band are like, as the station makes them: planned, and beside them plain ones.

Orders follow each other along the walk, a genre for four tracks. 1000 joins are planned, 24 of them mixed from tracks
of 50 s and measured: how far the downbeats of the two tracks are apart, how long both basses are heard, how far the
loudness of 400 ms falls below the quieter side, the true peak, and what the dearest of its frames of 20 ms costs.
"""
import os
import pathlib
import re
import statistics
import subprocess
import sys

from table import Table

PLANNED, RENDERED, SECONDS, SEED = "1000", "24", "50", "5"
TOOL = pathlib.Path(os.environ.get("INFINARA_BUILD", "build")) / "tools" / "joins"


def joins(*arguments):
    lines = subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=True).stdout.splitlines()
    return [{name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|\S+)', line)} for line in lines]


def share(all_joins, *names):
    return 100 * sum(all(join[name] == "1" for name in names) for join in all_joins) / max(len(all_joins), 1)


if not TOOL.exists():
    sys.exit(f"{TOOL} is not built")
table = Table("joins")
planned = joins(PLANNED, RENDERED, SECONDS, SEED)
plain = joins(RENDERED, RENDERED, SECONDS, SEED, "plain")
within = [join for join in planned if join["from"] == join["to"]]
steps = [join for join in planned if join["from"] != join["to"]]
meeting = [join for join in steps if join["meet"] == "1"]
for what, of, names, reach in (("keys mix within a genre", within, ["key"], 95),
                               ("keys mix across a step of the walk", steps, ["key"], 80),
                               ("tempi mix within a genre", within, ["tempo"], 95),
                               ("tempi mix across a step that can meet", meeting, ["tempo"], 95),
                               ("both within a genre", within, ["key", "tempo"], 90)):
    got = share(of, *names)
    table.row(what=f"{what} ({len(of)})", ours=f"{got:.0f} %", reach=f">= {reach} %", ok=got >= reach)
for fit in sorted({join["fit"] for join in planned}):
    some = [join for join in planned if join["fit"] == fit]
    table.row(what=f"planned: {fit}, as {some[0]['words']}", ours=f"{100 * len(some) / len(planned):.0f} %")


def row(what, name, worst, reach, scale=lambda join: 1.0, unit=""):
    """The median and the worst, `worst` of two figures being the worse one."""
    figures = []
    for some in (planned, plain):
        values = [float(join[name]) * scale(join) for join in some if name in join]
        figures.append((statistics.median(values), worst(values)) if values else None)
    ours, peer = figures
    ok = None
    if reach and ours:
        ok = all(worst(a, b) == b for a, b in zip(ours, reach))
    table.row(what=what, ours="-" if not ours else f"{ours[0]:.2f} / {ours[1]:.2f}{unit}",
              peer="" if not peer else f"plain {peer[0]:.2f} / {peer[1]:.2f}{unit}",
              reach="" if not reach else f"{reach[0]} / {reach[1]}{unit}", ok=ok)


row("downbeats apart, median / worst", "downbeat", max, (5, 30), unit=" ms")
row("both basses, median / worst", "both_basses", max, (1, 1), lambda join: 1 / float(join["bar"]), " bars")
row("loudness below the quieter side", "dip", min, (-2, -5), unit=" dB")
row("true peak", "peak", max, (-1, -1), unit=" dBTP")
row("CPU time of the longest frame", "frame", max, (2, 4), unit=" ms")
row("length", "seconds", max, None, unit=" s")
table.print()
