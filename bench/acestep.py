# SPDX-License-Identifier: Apache-2.0
"""What it costs to have the music made by an ACE-Step server: polling, listening to each track, waiting, memory.

A server of our own without a model (acestep-double) takes a second a track and answers as the real one. The
audition's peer is ffmpeg's decoder with its loudness meter on the same file. A deck is ready when its track was found
finished, fetched, listened to and decoded as far as a sink; p50 and the worst of 40 orders.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

from table import Table

WORK = 1.0            # seconds that the server takes for a track
IDLE_HOUR = 10        # CPU-s
AUDITION = 1.0        # CPU-s for three minutes
READY = (1.5, 4.0)    # seconds, p50 and p99
HELD = 1024           # kB of memory for a track that waits


def cpu_seconds(command):
    pid = os.posix_spawnp(command[0], command, os.environ,
                          file_actions=[(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime


def main():
    build = pathlib.Path(os.environ.get("INFINARA_BUILD", "build"))
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen([build / "tests" / "acestep-double", "--port", "0", "--delay", str(WORK), "--tune"],
                                  stdout=subprocess.PIPE, text=True)
        try:
            url = re.search(r"http://\S+?(?=,)", server.stdout.readline())[0]
            finished = []
            reader = threading.Thread(target=lambda: finished.extend(
                time.monotonic() for line in server.stdout if line.startswith("finished ")))
            reader.start()
            out = subprocess.run([build / "tests" / "acestep_cost", url, folder], capture_output=True, text=True,
                                 check=True, timeout=900).stdout
        finally:
            server.terminate()
            server.wait()
        reader.join()
        ours = {name: float(value) for name, value in re.findall(r"^(\S+) (\S+)$", out, re.M)}
        table = Table("acestep")
        for kind in ("mp3", "flac"):
            took = ours[f"audition-{kind}"]
            peer = min(cpu_seconds(["ffmpeg", "-nostdin", "-loglevel", "error", "-i", f"{folder}/track.{kind}",
                                    "-af", "ebur128=peak=true", "-f", "null", "-"]) for _ in range(3))
            table.row(what=f"audition of 180 s, {kind}", ours=f"{took:.2f} CPU-s",
                      peer=f"ffmpeg ebur128 {peer:.2f} CPU-s", ratio=f"{took / peer:.2f}", reach=f"<= {AUDITION} CPU-s",
                      ok=took <= AUDITION)
    table.row(what="looking at an idle server, an hour", ours=f"{ours['idle-hour']:.2f} CPU-s",
              reach=f"<= {IDLE_HOUR} CPU-s", ok=ours["idle-hour"] <= IDLE_HOUR)
    waits = sorted(at - max(done for done in finished if done < at)
                   for name, at in ours.items() if name.startswith("ready-at-"))
    for name, wait, reach in zip(("p50", "p99"), (waits[len(waits) // 2], waits[-1]), READY):
        table.row(what=f"status 1 to deck ready, {name}", ours=f"{wait:.2f} s", reach=f"<= {reach} s", ok=wait <= reach)
    table.row(what="memory for a track of 30 s that waits", ours=f"{ours['held-kilobytes']:.0f} kB",
              peer=f"its file {ours['held-file-kilobytes']:.0f} kB", reach=f"<= {HELD} kB",
              ok=ours["held-kilobytes"] <= HELD)
    table.print()


main()
