# SPDX-License-Identifier: Apache-2.0
"""How fast the station starts, and what it weighs.

- exec of `infinara` to the first MP3 byte of sound at a listener who waits from the first moment on (five starts).
  Which byte that is, ffmpeg says: the first frame whose decoded samples exceed -60 dBFS; it counts as heard when the
  frame after it has arrived, since a decoder wants that much.
- resident memory after 60 s, with three tracks of 90 s ahead, and with two of 600 s: the third waits while those ready
  last 8 minutes.
"""
import array
import contextlib
import json
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile
import sys
import time
import urllib.request

from table import Table

BUILD = pathlib.Path(os.environ["INFINARA_BUILD"])
INFINARA = BUILD / "src/app/infinara"
FRAME_BYTES, FRAME_SAMPLES = 576, 1152  # MPEG 1 layer III, 192 kbit/s, 48 kHz
LOUD = 33  # of 32768: -60 dBFS
STARTS = 5
SETTLING = 60  # seconds
AHEAD = {90: 3, 600: 2}  # tracks ready by then, for each length of a track in seconds


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextlib.contextmanager
def station(port, **settings):
    with tempfile.TemporaryDirectory() as state:
        environment = os.environ | {"RADIO_ADDRESS": "127.0.0.1", "RADIO_PORT": str(port), "RADIO_STATE_DIR": state} | settings
        process = subprocess.Popen([INFINARA], env=environment, stdout=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(10)


def connected(port, deadline):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.001)


def arrivals(connection, seconds):
    """[(when, bytes so far)] of the body, and the body."""
    connection.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
    data, times, end = b"", [], time.monotonic() + seconds
    head = None
    while time.monotonic() < end:
        data += connection.recv(65536)
        if head is None and b"\r\n\r\n" in data:
            head = data.index(b"\r\n\r\n") + 4
        if head is not None:
            times.append((time.monotonic(), len(data) - head))
    return times, data[head:]


def first_sound(body):
    """The number of bytes after which a decoder has the first frame of sound."""
    pcm = subprocess.run(["ffmpeg", "-v", "error", "-f", "mp3", "-i", "-", "-f", "s16le", "-ac", "2", "-"],
                         input=body, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    samples = array.array("h", pcm[:len(pcm) // 2 * 2])
    frame = next((i // (2 * FRAME_SAMPLES) for i, sample in enumerate(samples) if abs(sample) > LOUD), None)
    if frame is None:
        sys.exit("no sound within the first seconds")
    return (frame + 2) * FRAME_BYTES


def time_to_sound():
    port = free_port()
    begin = time.monotonic()
    with station(port), connected(port, begin + 10) as connection:
        answered = time.monotonic()
        times, body = arrivals(connection, 4)
    needed = first_sound(body)
    heard = next(when for when, size in times if size >= needed)
    return heard - begin, answered - begin


def resident(pid):
    fields = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status"))
    return int(fields["VmRSS"].split()[0]) / 1024, int(fields["VmHWM"].split()[0]) / 1024


def weights():
    """{track length: (MiB now, MiB at most, tracks ready)}, both stations running side by side, a listener each."""
    with contextlib.ExitStack() as stack:
        stations = {}
        for length in AHEAD:
            port = free_port()
            process = stack.enter_context(station(port, RADIO_TRACK_DURATION=str(length)))
            listener = stack.enter_context(connected(port, time.monotonic() + 10))
            listener.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
            stations[length] = (port, process, listener)
        end = time.monotonic() + SETTLING
        while time.monotonic() < end:
            for _, _, listener in stations.values():
                listener.recv(65536)
        result = {}
        for length, (port, process, _) in stations.items():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status") as response:
                ready = json.load(response)["queue_size"]
            result[length] = (*resident(process.pid), ready)
        return result


time_to_sound()  # the registry of plugins is read once, and the files are warm
sounds, doors = zip(*(time_to_sound() for _ in range(STARTS)))
table = Table("start")
median = statistics.median(sounds)
table.row(what=f"exec to the first sound at a listener, median of {STARTS}",
          ours=f"{median:.2f} s ({min(sounds):.2f} to {max(sounds):.2f})", reach="<= 1 s", ok=median <= 1)
table.row(what="exec to an open door, median", ours=f"{statistics.median(doors) * 1000:.0f} ms")
for length, (now, most, ready) in weights().items():
    table.row(what=f"memory after {SETTLING} s, tracks of {length} s, {ready} ahead",
              ours=f"{now:.0f} MiB (at most {most:.0f})", reach=f"<= 200 MB, {AHEAD[length]} ahead",
              ok=most * 1.048576 <= 200 and ready >= AHEAD[length])
table.print()
