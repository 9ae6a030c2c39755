# SPDX-License-Identifier: Apache-2.0
"""A thousand clients that follow the station: by /api/events, and by asking for /api/status every two seconds. And how many
changes a second it takes, each answered when it is on the disk.

Tracks of 90 s, which is short: by default the band's last 80 to 240 s, and most events come with a track.
"""
import asyncio
import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import urllib.request

from table import Table

BUILD = pathlib.Path(os.environ["INFINARA_BUILD"])
CLIENTS = 1000
TRACK, FADE = 90, 15  # seconds
FOLLOWING = 2 * (TRACK - FADE)  # seconds at /api/events: two tracks
POLLING = 60
PERIOD = 2  # seconds between two questions of a client
CONTROLLERS = (1, 10)  # connections that change something at once
CHANGING = 5  # seconds
REQUEST = "GET {} HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"

state = tempfile.TemporaryDirectory(prefix="infinara-bench-")
radio = subprocess.Popen([BUILD / "src/app/infinara"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         env=os.environ | {"RADIO_ADDRESS": "127.0.0.1", "RADIO_PORT": "0", "RADIO_SEED": "7", "RADIO_STATE_DIR": state.name,
                                           "RADIO_TRACK_DURATION": str(TRACK), "RADIO_CROSSFADE_DURATION": str(FADE),
                                           "RADIO_MAX_PER_ADDRESS": "0", "RADIO_CHANGES_PER_MINUTE": "0"})
port = next(int(found[1]) for line in radio.stdout if (found := re.search(r"page http://[^/]*:(\d+)/", line)))


def cpu():
    """Seconds that the process has used so far, without its streaming threads: these make and encode music, now more, now less."""
    used = 0
    for thread in pathlib.Path(f"/proc/{radio.pid}/task").iterdir():
        with contextlib.suppress(OSError):
            if not (thread / "comm").read_text().endswith(":src\n"):
                used += int((thread / "schedstat").read_text().split()[0]) / 1e9
    return used


async def read(reader, count):
    while data := await reader.read(65536):
        count[0] += len(data)


def at_rest():
    """(CPU-seconds, bytes) a second with no client."""
    before = cpu()
    time.sleep(FOLLOWING)
    return (cpu() - before) / FOLLOWING, 0


async def follow():
    """(CPU-seconds, bytes) a second with all clients at /api/events."""
    count, writers, tasks = [0], [], []
    for _ in range(CLIENTS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST.format("/api/events").encode())
        tasks.append(asyncio.create_task(read(reader, count)))
        writers.append(writer)
    await asyncio.sleep(2)  # the snapshots are through
    before, count[0] = cpu(), 0
    await asyncio.sleep(FOLLOWING)
    used = (cpu() - before) / FOLLOWING, count[0] / FOLLOWING
    for writer in writers:
        writer.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    return used


async def ask(count, begin, end):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(begin)
    while time.monotonic() < end:
        writer.write(REQUEST.format("/api/status").encode())
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(re.search(rb"Content-Length: (\d+)", head)[1]))
        count[0] += len(head) + len(body)
        await asyncio.sleep(PERIOD)
    writer.close()


async def poll():
    """(CPU-seconds, bytes) a second with all clients asking for /api/status."""
    count, before = [0], cpu()
    end = time.monotonic() + POLLING
    await asyncio.gather(*(ask(count, i * PERIOD / CLIENTS, end) for i in range(CLIENTS)))
    return (cpu() - before) / POLLING, count[0] / POLLING


async def change(end, count):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < end:
        body = json.dumps({"enabled": count[0] % 2 == 0}).encode()
        head = REQUEST.format("/api/autodj").replace("GET", "POST")[:-2]
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        await reader.readexactly(int(re.search(rb"Content-Length: (\d+)", head)[1]))
        count[0] += 1
    writer.close()


async def control(connections):
    """Changes a second."""
    count = [0]
    await asyncio.gather(*(change(time.monotonic() + CHANGING, count) for _ in range(connections)))
    return count[0] / CHANGING


try:
    while not json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status"))["queue_size"]:
        time.sleep(0.2)
    time.sleep(10)  # the queue is full: nothing is composed meanwhile
    idle, events, polls = at_rest(), asyncio.run(follow()), asyncio.run(poll())
    changes = {connections: asyncio.run(control(connections)) for connections in CONTROLLERS}
finally:
    radio.terminate()
    radio.wait()
    state.cleanup()

table = Table("events")
for name, unit, index, size in (("CPU", "CPU-s", 0, 1), ("bytes", "KB", 1, 1000)):
    ours, peer = ((used[index] - idle[index]) * 3600 / CLIENTS / size for used in (events, polls))
    ratio = max(ours, 0) / peer
    table.row(what=f"{name} of a client-hour at {CLIENTS} clients", ours=f"{ours:.4f} {unit}",
              peer=f"polling each {PERIOD} s {peer:.4f} {unit}", ratio=f"{ratio:.3f}", reach="<= 0.05", ok=ratio <= 0.05)
for connections, rate in changes.items():
    table.row(what=f"changes a second by {connections} connection{'s' if connections > 1 else ''}", ours=f"{rate:.0f}")
table.print()
