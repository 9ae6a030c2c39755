# SPDX-License-Identifier: Apache-2.0
"""A day of programme, made as fast as it can be from a cheap source: gaps, CPU and creeping memory."""
import os
import pathlib
import re
import subprocess

from table import Table

BUILD = pathlib.Path(os.environ["INFINARA_BUILD"])
HOURS = 24

result = subprocess.run([BUILD / "tests/plugins_day_test"], env=os.environ | {"INFINARA_HOURS": str(HOURS)},
                        stdout=subprocess.PIPE, text=True)
told = dict(re.findall(r"(\w+)=([-+.\de]+)", next((line for line in result.stdout.splitlines()
                                                   if line.startswith("day:")), "")))
table = Table("day")
table.row(what=f"{HOURS} h of programme: gaps", ours="none" if result.returncode == 0 else "see plugins_day_test",
          peer="", ratio="", reach="none", ok=result.returncode == 0)
if told:
    table.row(what=f"{HOURS} h of programme: CPU", ours=f"{float(told['cpu_s']):.1f} CPU-s", peer="", ratio="",
              reach="<= 60 CPU-s", ok=float(told["cpu_s"]) <= 60)
    table.row(what="resident memory, hour 1 and last",
              ours=f"{float(told['rss_kib_first']) / 1024:.1f} and {float(told['rss_kib_last']) / 1024:.1f} MiB",
              peer="", ratio="", reach="", ok=None)
    table.row(what="its slope after the first hour", ours=f"{float(told['slope_kib_per_hour']):.1f} KiB/h", peer="",
              ratio="", reach="<= 100 KiB/h", ok=float(told["slope_kib_per_hour"]) <= 100)
table.print()
