# SPDX-License-Identifier: Apache-2.0
"""How much faster than it plays the house band works, on one core, and what it keeps in memory.

A track of 90 s in each genre, everything included: composing, opening the soundfont, rendering, levelling. The
figure is CPU time, so that what else the machine does counts little; the better of two runs.
"""
import os
import pathlib
import re
import subprocess
import sys

from table import Table

SEED = "7"
REACH = 25        # times real time
FIRST_MS = 200    # to the first 20 ms of sound
BANDS = 5
MEMORY_MB = 100   # of a process that does nothing else; a station may have 200

render_band = pathlib.Path(os.environ.get("INFINARA_BUILD", "build")) / "tools" / "render_band"


def run(*arguments):
    return subprocess.run([render_band, *arguments], capture_output=True, text=True, check=True).stdout


if not render_band.exists():
    sys.exit(f"{render_band} is not built")
table = Table("band")
genres = run("--genres").splitlines()
first = []
for genre in genres:
    speeds = []
    for _ in range(2):
        out = run(genre, SEED, "90")
        speeds.append(int(re.search(r"(\d+) x real time", out)[1]))
        first.append(int(re.search(r"first block +(\d+) ms", out)[1]))
        lufs = re.search(r"(-?[\d.]+) LUFS", out)[1]
    table.row(what=f"{genre}, 90 s ({lufs} LUFS)", ours=f"{max(speeds)} x real time", peer="needed: 1 x",
              ratio=f"{max(speeds)}", reach=f">= {REACH}", ok=max(speeds) >= REACH)
median = sorted(first)[len(first) // 2]
table.row(what="order to first sound, median", ours=f"{median} ms", reach=f"<= {FIRST_MS} ms", ok=median <= FIRST_MS)
for seconds in ("90", "600"):
    out = run(genres[0], SEED, seconds, "--together", str(BANDS))
    megabytes = int(re.search(r"(\d+) MB with", out)[1])
    table.row(what=f"{BANDS} tracks of {seconds} s at once, RSS", ours=f"{megabytes} MB",
              peer=re.search(r"(\d+ MB) before", out)[1] + " without one", reach=f"<= {MEMORY_MB} MB",
              ok=megabytes <= MEMORY_MB)
table.print()
