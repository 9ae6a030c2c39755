# SPDX-License-Identifier: Apache-2.0
"""What 19 more listeners cost a station, beside 20 encoders: the price of one ffmpeg for each listener.

The station is `infinara`, or where its generators are not built a gst-launch line with the same sink. Its
listener cost is the CPU time of the two threads that do nothing else (`door`, `listeners`), to the nanosecond
from the kernel's scheduler; composing and encoding go on beside them however many listen. On loopback the
kernel charges the sender for delivering too, so the figure is rather too high than too low.
"""
import asyncio
import math
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import time

from table import Table

LISTENERS = 20
SECONDS = 15.0          # of each steady state
FRAME = 576             # bytes of an MP3 frame at 192 kbit/s and 48 kHz
RATE = 24000            # bytes a second
PCM_RATE = 192000
CHUNK = 0.1             # seconds of PCM given to an encoder at a time
ENCODER = ("ffmpeg", "-v", "error", "-f", "s16le", "-ar", "48000", "-ac", "2", "-i", "pipe:0",
           "-c:a", "libmp3lame", "-b:a", "192k", "-f", "mp3", "pipe:1")
PLAIN = ("gst-launch-1.0 -q audiotestsrc is-live=true wave=pink-noise ! audio/x-raw,rate=48000,channels=2 ! "
         "lamemp3enc target=bitrate bitrate=192 cbr=true ! httpbroadcastsink address=127.0.0.1 port={port}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid, names=None):
    """CPU time of a process' threads, or of those with one of these names."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            if names is None or (task / "comm").read_text().strip() in names:
                total += int((task / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            pass  # the thread has ended
    return total / 1e9


def has_element(name):
    return subprocess.run(["gst-inspect-1.0", name], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


def start_station(port):
    program = shutil.which("infinara")
    if program and has_element("mooddj") and has_element("housebandsrc"):
        command = [program, f"--port={port}", "--address=127.0.0.1"]
        what = "infinara"
    else:
        command = PLAIN.format(port=port).split()
        what = "gst-launch"
    return subprocess.Popen(command, stdout=subprocess.DEVNULL), what


class Listener:
    """Reads /stream as a quick player would; knows what came and when."""

    def __init__(self, port):
        self.port = port
        self.bytes = 0
        self.first = None    # seconds from asking to the first byte of sound
        self.second = None   # to the first second of it
        self.broken = 0      # places where a frame should begin and does not

    async def run(self):
        begin = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n")[0]:
                raise RuntimeError(f"the station said {head.splitlines()[0]!r}")
            while data := await reader.read(65536):
                now = time.monotonic() - begin
                self.first = self.first or now
                for at in range(-self.bytes % FRAME, len(data) - 1, FRAME):
                    self.broken += data[at] != 0xff or data[at + 1] & 0xe0 != 0xe0
                self.bytes += len(data)
                if self.second is None and self.bytes >= RATE:
                    self.second = now
        finally:
            writer.close()


async def first_sound(port, station):
    """Waits until the station sends; it may still be starting."""
    end = time.monotonic() + 30
    while time.monotonic() < end and station.poll() is None:
        listener = Listener(port)
        task = asyncio.create_task(listener.run())
        try:
            while not task.done() and time.monotonic() < end:
                await asyncio.sleep(0.05)
                if listener.bytes:
                    return
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    raise SystemExit("listeners: the station does not send")


async def station_cost(pid, port, count):
    """CPU-s a second while `count` listen, and the listeners."""
    listeners = [Listener(port) for _ in range(count)]
    tasks = [asyncio.create_task(one.run()) for one in listeners]
    await asyncio.sleep(3)  # joins and bursts are over
    for task in tasks:
        if task.done():
            task.result()
    before, began = cpu_seconds(pid, ("door", "listeners")), time.monotonic()
    received = sum(one.bytes for one in listeners)
    await asyncio.sleep(SECONDS)
    cost = (cpu_seconds(pid, ("door", "listeners")) - before) / (time.monotonic() - began)
    rate = (sum(one.bytes for one in listeners) - received) / (time.monotonic() - began) / count
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return cost, rate, listeners


def tone():
    """A second of a chord, which is work for an encoder."""
    samples = bytearray()
    for i in range(48000):
        value = sum(math.sin(2 * math.pi * f * i / 48000) for f in (220, 277, 330, 1760, 4400)) / 6
        samples += struct.pack("<hh", int(30000 * value), int(-30000 * value))
    return bytes(samples)


async def encoders_cost(count):
    """CPU-s a second of `count` encoders that are fed as fast as sound goes."""
    pcm = tone()
    running = [await asyncio.create_subprocess_exec(*ENCODER, stdin=asyncio.subprocess.PIPE,
                                                    stdout=asyncio.subprocess.PIPE) for _ in range(count)]

    async def drain(process):
        while await process.stdout.read(65536):
            pass

    drains = [asyncio.create_task(drain(process)) for process in running]
    size = int(PCM_RATE * CHUNK)
    begin, step, mark = time.monotonic(), 0, None
    while True:
        now = time.monotonic() - begin
        if mark is None and now > 3:
            mark = now, sum(cpu_seconds(process.pid) for process in running)
        if now > 3 + SECONDS:
            break
        chunk = pcm[step * size % len(pcm):][:size]
        for process in running:
            process.stdin.write(chunk)
        step += 1
        await asyncio.sleep(max(0.0, begin + step * CHUNK - time.monotonic()))
    cost = (sum(cpu_seconds(process.pid) for process in running) - mark[1]) / (now - mark[0])
    for process in running:
        process.kill()
        await process.wait()
    for task in drains:
        task.cancel()
    await asyncio.gather(*drains, return_exceptions=True)
    return cost


async def main():
    port = free_port()
    station, what = start_station(port)
    try:
        await first_sound(port, station)
        await asyncio.sleep(5)  # a whole burst is there
        one, _, _ = await station_cost(station.pid, port, 1)
        many, rate, listeners = await station_cost(station.pid, port, LISTENERS)
    finally:
        station.terminate()
        station.wait()
    encoders = await encoders_cost(LISTENERS)

    added, each = many - one, encoders / LISTENERS
    ratio = added / ((LISTENERS - 1) * each)
    table = Table("listeners")
    hour = 3600 / (LISTENERS - 1)
    table.row(what=f"{what}: CPU-s per added listener-hour", ours=f"{added * hour:.3f} CPU-s",
              peer=f"one ffmpeg each {each * 3600:.1f} CPU-s", ratio=f"{ratio:.2%}", reach="<= 1 %",
              ok=ratio <= 0.01)
    table.row(what=f"received by each of {LISTENERS}", ours=f"{rate / 125:.1f} kbit/s", peer="stream 192 kbit/s",
              ratio=f"{rate / RATE:.3f}", reach="0.95 to 1.05", ok=0.95 <= rate / RATE <= 1.05)
    seconds = sorted(one.second or math.inf for one in listeners)
    table.row(what="asking to first second of sound", ours=f"{seconds[len(seconds) // 2] * 1000:.1f} ms "
              f"(worst {seconds[-1] * 1000:.1f})", reach="worst <= 100 ms", ok=seconds[-1] <= 0.1)
    broken = sum(one.broken for one in listeners)
    table.row(what="frames that do not begin where they should", ours=broken, reach="0", ok=broken == 0)
    table.print()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
