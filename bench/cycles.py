# SPDX-License-Identifier: Apache-2.0
"""Five hundred listeners by HTTP and as many by WebRTC come and leave in five waves: what is held at the end beside the
start, and memory after each wave. The waves are those of tests/app/cycles_test.py.
"""
import json
import os
import pathlib
import subprocess
import sys

from table import Table

BUILD = pathlib.Path(os.environ["INFINARA_BUILD"])
TEST = pathlib.Path(__file__).parent.parent / "tests/app/cycles_test.py"
CYCLES = "500"


def main():
    done = subprocess.run([sys.executable, TEST, BUILD / "tests/tone_station", BUILD / "tools/whep_listeners", CYCLES, CYCLES],
                          stdout=subprocess.PIPE, text=True)
    table = Table("cycles")
    for line in done.stdout.splitlines():
        told = json.loads(line)
        start, end, memory = told["start"], told["end"], told["memory"]
        for name in ("fds", "threads"):
            table.row(what=f"{name} after {CYCLES} by {told['kind']}", ours=end[name], peer=f"before {start[name]}",
                      reach="no more", ok=end[name] <= start[name])
        table.row(what=f"{told['measured']} after each {int(CYCLES) // 5} by {told['kind']}",
                  ours=" ".join(f"{kib / 1024:.1f}" for kib in memory) + " MiB", reach="<= 1 MiB more",
                  ok=memory[-1] - memory[0] <= 1024)
    table.print()
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
