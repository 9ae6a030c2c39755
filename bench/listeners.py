# SPDX-License-Identifier: Apache-2.0
"""What 19 more listeners cost a station, beside 20 encoders: the price of one ffmpeg for each listener.

The station is `infinara`, or where its generators are not built a gst-launch line with the same sink. Its
listener cost is the CPU time of the two threads that do nothing else (`door`, `listeners`), to the nanosecond
from the kernel's scheduler; composing and encoding go on beside them however many listen. On loopback the
kernel charges the sender for delivering too, so the figure is rather too high than too low.

Then crowds (tools/listeners.cpp) at one and the same MP3 file: httpbroadcastsink, and Debian's Icecast fed by
ffmpeg. Only what serves listeners counts: the sink's two threads, the process Icecast without its feeder. Icecast
is given its crowd slowly, since it turns quick ones away; its figure is for those who got in.
"""
import asyncio
import atexit
import contextlib
import json
import math
import os
import pathlib
import re
import resource
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
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
CROWD_SECONDS = 15      # of steady listening
JOINS = 1000            # a second
STALLED = 10000         # who do not read
SLOW_JOINS = 250        # at Icecast
SINK = "gst-launch-1.0 -q filesrc location={file} ! mpegaudioparse ! httpbroadcastsink address=127.0.0.1 port={port}"
RECORD = ("gst-launch-1.0 -q audiotestsrc wave=pink-noise num-buffers=14000 ! audio/x-raw,rate=48000,channels=2 ! "
          "lamemp3enc target=bitrate bitrate=192 cbr=true ! filesink location={file}")
FEED = ("ffmpeg -v error -re -i {file} -c copy -content_type audio/mpeg -f mp3 "
        "icecast://source:bench@127.0.0.1:{port}/stream")
ICECAST = """<icecast><limits><clients>20000</clients><sources>2</sources><burst-size>73728</burst-size>
<queue-size>524288</queue-size></limits><authentication><source-password>bench</source-password>
<admin-password>bench</admin-password></authentication><hostname>127.0.0.1</hostname><listen-socket>
<port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket><paths><logdir>{folder}</logdir>
<webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths><security>
<changeowner><user>nobody</user><group>nogroup</group></changeowner></security></icecast>
"""
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
        state = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, state, ignore_errors=True)
        command = [program, f"--port={port}", "--address=127.0.0.1", f"--state-dir={state}"]
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


def many_files():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def resident(pid):
    """KiB."""
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1024


def idle_seconds():
    return int(open("/proc/stat").readline().split()[4]) / os.sysconf("SC_CLK_TCK")


def in_send_buffers(port):
    """KiB of kernel memory that hold what a server's clients have not taken."""
    shown = subprocess.run(["ss", "-tmnH", f"sport = :{port}"], capture_output=True, text=True).stdout
    return sum(int(size) for size in re.findall(r"skmem:\(.*?,w(\d+),", shown)) / 1024


def crowd(server, names, port, count, joins, *more):
    """What a crowd was given and what it cost, as {"cost": CPU-s a listener-hour, …}."""
    empty = resident(server.pid)
    tool = pathlib.Path(os.environ["INFINARA_BUILD"]) / "tools/listeners"
    with subprocess.Popen([tool, str(port), "/stream", str(count), str(joins), str(CROWD_SECONDS), *more],
                          stdout=subprocess.PIPE, text=True) as running:
        running.stdout.readline()
        began, before, idle = time.monotonic(), cpu_seconds(server.pid, names), idle_seconds()
        grown, kernel = resident(server.pid) - empty, in_send_buffers(port) if more else math.nan
        running.stdout.readline()
        spent, lasted = cpu_seconds(server.pid, names) - before, time.monotonic() - began
        idle = (idle_seconds() - idle) / lasted / os.cpu_count()
        result = json.loads(running.stdout.read())
    result["cost"] = spent / (result["hours"] or math.nan)  # who is given too little is no saving
    result["memory"] = grown / count
    result["kernel"] = kernel / count
    result["load"] = spent / lasted  # of a core
    result["threads"] = len(list(pathlib.Path(f"/proc/{server.pid}/task").iterdir()))
    result["idle"] = idle
    return result


def wait_for(port, process):
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as client:
            client.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
            if b" 200 " in client.recv(100):
                return
        time.sleep(0.2)
    raise SystemExit(f"listeners: {process.args[0]} does not serve")


@contextlib.contextmanager
def running(command, **more):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=many_files,
                               **more)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def crowds():
    """{(server, count): result}, each server anew for each crowd."""
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)  # Icecast logs as nobody
        file = f"{folder}/show.mp3"
        subprocess.run(RECORD.format(file=file).split(), check=True)
        for count in (1000, 5000, 10000):
            port = free_port()
            with running(SINK.format(file=file, port=port).split()) as sink:
                wait_for(port, sink)
                time.sleep(5)  # a whole burst is there
                results["ours", count] = crowd(sink, ("door", "listeners"), port, count, JOINS)
                if count == STALLED:
                    time.sleep(3)  # the crowd is gone
                    results["stalled", count] = crowd(sink, ("door", "listeners"), port, count, JOINS, "stalled")
            if count > 5000:
                continue
            port = free_port()
            config = pathlib.Path(folder, "icecast.xml")
            config.write_text(ICECAST.format(port=port, folder=folder))
            with running(["icecast2", "-c", str(config)]) as icecast:
                time.sleep(1)
                with running(FEED.format(file=file, port=port).split()):
                    wait_for(port, icecast)
                    time.sleep(5)
                    results["icecast", count] = crowd(icecast, None, port, count, SLOW_JOINS)
    return results


def show_crowds(table):
    results = crowds()
    for count in (1000, 5000):
        ours, peer = results["ours", count], results["icecast", count]
        ratio = ours["cost"] / peer["cost"]
        table.row(what=f"{count} listeners: CPU-s an hour of sound received", ours=f"{ours['cost']:.3f} CPU-s",
                  peer=f"Icecast {peer['cost']:.3f} CPU-s ({peer['connected']} in, {peer['dry']} ran dry)", ratio=f"{ratio:.2f}",
                  reach="<= 0.20", ok=ratio <= 0.2)
    ours, peer = results["ours", 5000], results["icecast", 5000]
    table.row(what=f"joins, {JOINS} a second to 5000: first byte",
              ours=f"p50 {ours['first_byte_p50']:.1f} ms, p99 {ours['first_byte_p99']:.1f} ms",
              peer=f"p50 {peer['first_byte_p50']:.0f} ms at {SLOW_JOINS} a second", reach="p50 <= 5 ms",
              ok=ours["first_byte_p50"] <= 5)
    table.row(what="the same: first second of sound", ours=f"p99 {ours['first_second_p99']:.1f} ms",
              peer=f"p99 {peer['first_second_p99']:.0f} ms", reach="p99 <= 100 ms", ok=ours["first_second_p99"] <= 100)
    table.row(what="memory a listener", ours=f"{ours['memory']:.2f} KiB", peer=f"{peer['memory']:.2f} KiB",
              reach="<= 2 KiB", ok=ours["memory"] <= 2)
    most = results["ours", 10000]
    table.row(what="threads with 1000 and with 10000", ours=f"{results['ours', 1000]['threads']}, {most['threads']}",
              reach="the same", ok=results["ours", 1000]["threads"] == most["threads"])
    real_time = most["dry"] == 0 and most["left"] == 0
    table.row(what="10000 listeners: in, of those ran dry or cut off", ours=f"{most['connected']}, {most['dry'] + most['left']} "
              f"({most['cost']:.3f} CPU-s a listener-hour, {most['idle']:.0%} idle)",
              reach="10000, 0 unless no idle CPU", ok=most["connected"] == 10000 and (real_time or most["idle"] < 0.05))
    stalled = results["stalled", STALLED]
    table.row(what=f"{STALLED} who do not read: memory each, CPU of all",
              ours=f"{stalled['kernel']:.0f} KiB in the kernel, {stalled['memory']:.2f} KiB here, "
              f"{stalled['load']:.1%} of a core ({stalled['connected']} in)",
              reach="<= 64 KiB, <= 2 KiB, <= 5 %",
              ok=stalled["kernel"] <= 64 and stalled["memory"] <= 2 and stalled["load"] <= 0.05)
    wrong = [sum(results["ours", n][key] for n in (1000, 5000, 10000))
             for key in ("offset", "broken", "undecodable", "skipped")]
    table.row(what="bytes before a frame, broken, undecodable, skipped", ours=", ".join(map(str, wrong)),
              peer=", ".join(str(peer[key]) for key in ("offset", "broken", "undecodable", "skipped")),
              reach="0, 0, 0, 0", ok=not any(wrong))


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
    show_crowds(table)
    table.print()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
