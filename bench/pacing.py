# SPDX-License-Identifier: Apache-2.0
"""How punctually a live mix sends its frames, for a minute, beside a thread that only sleeps by the same clock.

The lateness of a frame is the clock's time at the mixer's output less the frame's timestamp. Drift is how much the
most punctual frame of the last quarter is later than that of the first: 0 to within a millisecond means that the
timestamps and the clock stay together.
"""
import os
import subprocess

from table import Table

SECONDS = 60
BUILD = os.environ["INFINARA_BUILD"]


def ms(ns):
    return f"{int(ns) / 1e6:.2f} ms"


text = subprocess.run([os.path.join(BUILD, "tools/pacing"), str(SECONDS)], stdout=subprocess.PIPE, check=True,
                      text=True).stdout
figure = {name: int(value) for name, value in (line.split() for line in text.splitlines())}

table = Table("pacing")
table.row(what=f"jumps of the timestamps in {figure['frames']} frames", ours=figure["jumps"], reach="0",
          ok=figure["jumps"] == 0)
table.row(what=f"drift against the clock in {SECONDS} s", ours=ms(figure["drift"]), reach="0 (< 1 ms)",
          ok=abs(figure["drift"]) < 1_000_000)
table.row(what="frames with an underrun", ours=figure["underruns"], reach="0", ok=figure["underruns"] == 0)
for share in ("p50", "p99", "max"):
    table.row(what=f"lateness {share}", ours=ms(figure[f"mix-{share}"]),
              peer=f"bare clock_nanosleep {ms(figure[f'bare-{share}'])}",
              ratio=f"{figure[f'mix-{share}'] / max(figure[f'bare-{share}'], 1):.1f}")
table.print()
