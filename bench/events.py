# SPDX-License-Identifier: Apache-2.0
"""A thousand clients that follow the station: by /api/events, and by asking for /api/status every two seconds. And how many
changes a second it takes, each answered when it is on the disk.

Tracks of 30 s: three times as many events as usual.
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
SECONDS = 60  # two tracks
PERIOD = 2  # seconds between two questions of a client
CONTROLLERS = (1, 10)  # connections that change something at once
CHANGING = 5  # seconds
REQUEST = "GET {} HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"

state = tempfile.TemporaryDirectory(prefix="infinara-bench-")
radio = subprocess.Popen([BUILD / "src/app/infinara"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         env=os.environ | {"RADIO_ADDRESS": "127.0.0.1", "RADIO_PORT": "0", "RADIO_SEED": "7", "RADIO_STATE_DIR": state.name,
                                           "RADIO_TRACK_DURATION": "30", "RADIO_CROSSFADE_DURATION": "6",
                                           "RADIO_MAX_PER_ADDRESS": "0", "RADIO_CHANGES_PER_MINUTE": "0"})
port = next(int(found[1]) for line in radio.stdout if (found := re.search(r"page http://[^/]*:(\d+)/", line)))


def cpu():
    """Seconds that each thread has used."""
    used = {}
    for thread in pathlib.Path(f"/proc/{radio.pid}/task").iterdir():
        with contextlib.suppress(OSError):
            used[thread.name] = int((thread / "schedstat").read_text().split()[0]) / 1e9
    return used


def since(before):
    """Seconds that the threads have used which were there before. Those that come and go compose tracks, now more, now less."""
    now = cpu()
    return sum(now[thread] - seconds for thread, seconds in before.items() if thread in now)


async def read(reader, count):
    while data := await reader.read(65536):
        count[0] += len(data)


async def follow(seconds):
    """(CPU-seconds, bytes) with all clients at /api/events."""
    count, writers, tasks = [0], [], []
    for _ in range(CLIENTS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST.format("/api/events").encode())
        tasks.append(asyncio.create_task(read(reader, count)))
        writers.append(writer)
    await asyncio.sleep(2)  # the snapshots are through
    before, count[0] = cpu(), 0
    await asyncio.sleep(seconds)
    used = since(before), count[0]
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


async def poll(seconds):
    """(CPU-seconds, bytes) with all clients asking for /api/status."""
    count, before = [0], cpu()
    end = time.monotonic() + seconds
    await asyncio.gather(*(ask(count, i * PERIOD / CLIENTS, end) for i in range(CLIENTS)))
    return since(before), count[0]


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
    idle = cpu()
    time.sleep(SECONDS)
    idle = since(idle)
    events, polls = asyncio.run(follow(SECONDS)), asyncio.run(poll(SECONDS))
    changes = {connections: asyncio.run(control(connections)) for connections in CONTROLLERS}
finally:
    radio.terminate()
    radio.wait()
    state.cleanup()

hours = CLIENTS * SECONDS / 3600
table = Table("events")
for name, unit, index, less in (("CPU", "CPU-s", 0, idle), ("bytes", "KB", 1, 0)):
    ours, peer = ((used[index] - less) / hours / (1000 if index else 1) for used in (events, polls))
    ratio = max(ours, 0) / peer
    table.row(what=f"{name} of a client-hour at {CLIENTS} clients", ours=f"{ours:.4f} {unit}",
              peer=f"polling each {PERIOD} s {peer:.4f} {unit}", ratio=f"{ratio:.3f}", reach="<= 0.05", ok=ratio <= 0.05)
for connections, rate in changes.items():
    table.row(what=f"changes a second by {connections} connection{'s' if connections > 1 else ''}", ours=f"{rate:.0f}")
table.print()
