# SPDX-License-Identifier: Apache-2.0
"""What the joins of the house band are like, as the station makes them: planned, and beside them plain ones.

Orders follow each other along the walk, a genre for four tracks. 1000 joins are planned, 200 of them mixed from tracks
of 56 s and measured: how far the downbeats of the two tracks are apart, how long both basses are heard, how far the
loudness of 400 ms falls below the quieter side (in the join, and with 2 s on either side), how much of the tracks was
left out for that, the true peak, and what the dearest of its frames of 20 ms costs. Beside them: the same for plain
joins, how far tracks fall by themselves, and the downbeats where the tracks do not tell their beats. Takes 4 to 5
minutes of two cores.
"""
import concurrent.futures
import os
import pathlib
import re
import statistics
import subprocess
import sys

from table import Table

PLANNED, RENDERED, FEW, SECONDS, SEED = 1000, 200, 20, 56, 11
PARTS = 4  # of the planned joins, a process and a seed each
TOOL = pathlib.Path(os.environ.get("INFINARA_BUILD", "build")) / "tools" / "joins"


def joins(*arguments):
    lines = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, check=True).stdout.splitlines()
    return [{name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|\S+)', line)} for line in lines]


def share(all_joins, *names):
    return 100 * sum(all(join[name] == "1" for name in names) for join in all_joins) / max(len(all_joins), 1)


if not TOOL.exists():
    sys.exit(f"{TOOL} is not built")
table = Table("joins")
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    parts = [pool.submit(joins, PLANNED // PARTS, RENDERED // PARTS, SECONDS, SEED + part) for part in range(PARTS)]
    others = [pool.submit(joins, FEW, FEW, SECONDS, SEED, how) for how in ("plain", "found")]
    planned = [join for part in parts for join in part.result()]
    plain, found = (other.result() for other in others)
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
sure = [float(join["downbeat"]) for join in found if "downbeat" in join]
if sure:
    worst = sorted(sure)[int(0.95 * (len(sure) - 1))]
    table.row(what=f"likewise, beats found in the sound ({len(sure)} of {len(found)}), median / p95",
              ours=f"{statistics.median(sure):.2f} / {worst:.2f} ms", reach="20 / 30 ms",
              ok=statistics.median(sure) <= 20 and worst <= 30)
row("both basses, median / worst", "both_basses", max, (1, 1), lambda join: 1 / float(join["bar"]), " bars")
row("loudness in the join below the quieter side", "inside", min, (-2, -5), unit=" dB")
row("likewise, with 2 s before and after", "dip", min, (-2, -5), unit=" dB")
row("likewise, each track alone in as long a part of its middle", "rest", min, None, unit=" dB")
row("left out of the track that leaves", "early", max, None, unit=" s")
row("left out of the track that comes", "late", max, None, unit=" s")
row("true peak", "peak", max, (-1, -1), unit=" dBTP")
row("CPU time of the longest frame", "frame", max, (2, 4), unit=" ms")
row("length", "seconds", max, None, unit=" s")
table.print()
