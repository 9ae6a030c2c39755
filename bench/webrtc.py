# SPDX-License-Identifier: Apache-2.0
"""What a WebRTC listener costs: the station's two ways beside a pipeline of appsrc, rtpopuspay and webrtcbin for each.

Three stations of one tone, encoded once, play at the same time, each to as many listeners: what a packet costs changes
with the minute. The cost without listeners is taken off. The listeners of each are one thread that only counts
(tools/light_listeners): on loopback a sender pays for the waking of its receivers, and the threads of fifty webrtcbins at
the other end are not the station's.
"""
import os
import pathlib
import subprocess
import time

from table import Table

BUILD = pathlib.Path(os.environ["INFINARA_BUILD"])
PEERS = 50
SECONDS = 30
FORMS = ([], ["long"], ["plain"])  # as tone_station calls them: fast path, webrtcbin path, a pipeline each


def program(*command):
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def end(process):
    process.stdin.close()
    rest = process.stdout.readlines()
    process.wait()
    return rest


def cpu_seconds(process):
    words = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def rates(processes, seconds):
    """CPU-s a second of each, over the same seconds."""
    before, begin = [cpu_seconds(process) for process in processes], time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - begin
    return [(cpu_seconds(process) - was) / took for process, was in zip(processes, before)]


def crowd(port):
    """PEERS listeners; their milliseconds to connect, the packets so far of the one with fewest."""
    listeners = program(BUILD / "tools/light_listeners", port, str(PEERS))
    connected = [float(word) for word in listeners.stdout.readline().split()[1:]]
    if len(connected) != PEERS:
        raise SystemExit(f"webrtc: {len(connected)} of {PEERS} connected")
    return listeners, connected, int(listeners.stdout.readline().split()[2])


def measure():
    """For each form: (CPU-s an hour for each peer, milliseconds to connect, packets a second of the one with fewest)."""
    stations = [program(BUILD / "tests/tone_station", *form) for form in FORMS]
    ports = [station.stdout.readline().strip() for station in stations]
    time.sleep(2)  # what a start costs is not what an idle station costs
    idle = rates(stations, SECONDS / 3)
    crowds = [crowd(port) for port in ports]  # one after the other: each connects to an unhurried station
    busy = rates(stations, SECONDS)
    packets = []
    for listeners, _, first in crowds:
        seconds = [int(line.split()[2]) for line in end(listeners)]  # a line each
        packets.append((seconds[-1] - first) / len(seconds))
    for station in stations:
        end(station)
    return [((ours - base) / PEERS * 3600, sorted(connected)[PEERS // 2], rate)
            for ours, base, (_, connected, _), rate in zip(busy, idle, crowds, packets)]


FRAME = 20 + 6.5  # milliseconds that Opus needs to hear before it speaks: a frame, and what it looks ahead


def delay():
    """Milliseconds from a sample to its being heard by a listener that buffers nothing: median of 20 ticks."""
    station = program(BUILD / "tests/tone_station", "ticks")
    listeners = program(BUILD / "tools/whep_listeners", station.stdout.readline().strip(), "1", "ticks")
    heard = (int(line.split()[1]) for line in listeners.stdout if line.startswith("tick"))
    heard = [next(heard) for _ in range(20)]
    end(listeners)
    told = [int(line.split()[1]) for line in end(station)]
    delays = sorted(min(tick - begun for begun in told if begun <= tick) / 1000 for tick in heard)
    return FRAME + delays[len(delays) // 2]


def main():
    late = delay()
    short, long, plain = measure()
    table = Table("webrtc")
    for name, ours, most in (("fast path", short, 1 / 3), ("webrtcbin path", long, 0.65)):
        ratio = ours[0] / plain[0]
        table.row(what=f"CPU-s per peer-hour, {PEERS} peers, {name}", ours=f"{ours[0]:.1f} CPU-s",
                  peer=f"a pipeline each {plain[0]:.1f} CPU-s", ratio=f"{ratio:.2f}", reach=f"<= {most:.2f}",
                  ok=ratio <= most)
    table.row(what="offer to first packet, median", ours=f"{short[1]:.0f} ms", peer=f"{plain[1]:.0f} ms",
              reach="<= 200 ms", ok=short[1] <= 200)
    table.row(what="sample to listener, median", ours=f"{late:.1f} ms", peer=f"Opus by itself {FRAME} ms",
              reach="<= 40 ms", ok=late <= 40)
    fewest = min(short[2], long[2])
    table.row(what="packets a second to the one with fewest", ours=f"{fewest:.1f}", peer=f"{plain[2]:.1f}",
              reach=">= 45", ok=fewest >= 45)
    table.print()


if __name__ == "__main__":
    main()
