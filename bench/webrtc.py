# SPDX-License-Identifier: Apache-2.0
"""What a WebRTC listener costs: the station's two ways beside a pipeline of appsrc, rtpopuspay and webrtcbin for each.

Each runs by itself with the same tone, encoded once, and the same listeners; the cost without listeners is taken off.
They take turns, since what a packet costs changes with the minute; the median of each is told.
"""
import os
import pathlib
import subprocess
import time

from table import Table

BUILD = pathlib.Path(os.environ["INFINARA_BUILD"])
PEERS = 50
SECONDS = 10
ROUNDS = 3


def cpu_seconds(pid):
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def rate(pid, seconds):
    before, begin = cpu_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / (time.monotonic() - begin)


def measure(form):
    """(CPU-s an hour for each peer, milliseconds to connect, packets a second of the one with fewest)."""
    station = subprocess.Popen([BUILD / "tests/tone_station"] + form, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True)
    port = station.stdout.readline().strip()
    time.sleep(2)
    idle = rate(station.pid, SECONDS / 2)
    ears = subprocess.Popen([BUILD / "tools/whep_ears", port, str(PEERS)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    connected = [float(word) for word in ears.stdout.readline().split()[1:]]
    if len(connected) != PEERS:
        raise SystemExit(f"webrtc: {len(connected)} of {PEERS} connected")
    first = int(ears.stdout.readline().split()[2])
    busy = rate(station.pid, SECONDS)
    ears.stdin.close()
    seconds = [int(line.split()[2]) for line in ears.stdout if line.startswith("packets")]  # a line each
    packets = (seconds[-1] - first) / len(seconds)
    ears.wait()
    station.stdin.close()
    station.wait()
    return (busy - idle) / PEERS * 3600, sorted(connected)[PEERS // 2], packets


FRAME = 20 + 6.5  # milliseconds that Opus needs to hear before it speaks: a frame, and what it looks ahead


def delay():
    """Milliseconds from a sample to its being heard by a listener that buffers nothing: median of 20 ticks."""
    station = subprocess.Popen([BUILD / "tests/tone_station", "ticks"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True)
    port = station.stdout.readline().strip()
    ears = subprocess.Popen([BUILD / "tools/whep_ears", port, "1", "ticks"], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    heard = (int(line.split()[1]) for line in ears.stdout if line.startswith("tick"))
    heard = [next(heard) for _ in range(20)]
    ears.stdin.close()
    ears.stdout.close()
    ears.wait()
    station.stdin.close()
    told = [int(line.split()[1]) for line in station.stdout]
    station.wait()
    delays = sorted(min(tick - begun for begun in told if begun <= tick) / 1000 for tick in heard)
    return FRAME + delays[len(delays) // 2]


def main():
    late = delay()
    rounds = [(measure([]), measure(["long"]), measure(["plain"])) for _ in range(ROUNDS)]
    short, long, plain = ([sorted(values)[ROUNDS // 2] for values in zip(*form)] for form in zip(*rounds))
    table = Table("webrtc")
    for name, ours, most in (("short way", short, 1 / 3), ("public way", long, 0.65)):
        ratio = ours[0] / plain[0]
        table.row(what=f"CPU-s per peer-hour, {PEERS} peers, {name}", ours=f"{ours[0]:.1f} CPU-s",
                  peer=f"a pipeline each {plain[0]:.1f} CPU-s", ratio=f"{ratio:.2f}", reach=f"<= {most:.2f}",
                  ok=ratio <= most)
    table.row(what="offer to first packet, median", ours=f"{short[1]:.0f} ms", peer=f"{plain[1]:.0f} ms",
              reach="<= 200 ms", ok=short[1] <= 200)
    table.row(what="sample to listener, median", ours=f"{late:.1f} ms", peer=f"Opus by itself {FRAME} ms",
              reach="<= 40 ms", ok=late <= 40)
    table.row(what="packets a second to the one with fewest", ours=f"{short[2]:.1f}", peer=f"{plain[2]:.1f}",
              reach=">= 45", ok=short[2] >= 45)
    table.print()


if __name__ == "__main__":
    main()
