#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""MP3, Ogg Opus and WebRTC at once while tracks fade and genres change: nobody misses a thing.

usage: both_ways_test.py INFINARA WHEP_LISTENERS
"""
import concurrent.futures
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "app"))
import whep  # noqa: E402
from browser import LISTEN, Browser  # noqa: E402
from program import Program  # noqa: E402
from reader import Reader  # noqa: E402

WHEP_LISTENERS = sys.argv.pop()
INFINARA = sys.argv.pop()
SECONDS = 24
CHECKED = bool(os.environ.get("INFINARA_CHECKED"))


def pages(ogg):
    """(page number, granule position, flags) of each whole page."""
    at = 0
    while at + 27 <= len(ogg):
        assert ogg[at:at + 4] == b"OggS", "a page is broken"
        size = 27 + ogg[at + 26] + sum(ogg[at + 27:at + 27 + ogg[at + 26]])
        if at + size <= len(ogg):
            yield (int.from_bytes(ogg[at + 18:at + 22], "little"), int.from_bytes(ogg[at + 6:at + 14], "little"),
                   ogg[at + 5])
        at += size


class BothWays(unittest.TestCase):
    def setUp(self):
        self.radio = self.enterContext(Program(INFINARA, RADIO_TRACK_DURATION="20", RADIO_CROSSFADE_DURATION="3",
                                               RADIO_GENRE="jazz"))
        self.radio.wait("a full queue", lambda: self.radio.status()["queue_size"] >= 3)
        # Past what a burst reaches back to: the programme may begin before its first track sounds.
        self.radio.wait("a burst", lambda: self.radio.status()["position"] > 6)

    def change_everything(self):
        """A change every three seconds, for SECONDS."""
        fades = set()
        for path, wish in (("skip", None), ("genre", {"genre": "rock", "when": "now"}), ("autodj", {"enabled": False}),
                           ("skip", None), ("genre", {"genre": "ambient", "when": "queue"}), ("config", {"crossfade": 5}),
                           ("genre", {"genre": "electronic", "when": "now"}), ("autodj", {"enabled": True})):
            self.assertEqual(self.radio.ask("POST", f"/api/{path}", wish)[0], 200, path)
            end = time.monotonic() + SECONDS / 8
            while time.monotonic() < end:
                fades.add(self.radio.status()["track_id"])
                time.sleep(0.2)
        self.assertGreaterEqual(len(fades), 4, "tracks did change")

    def decode(self, sound, kind):
        with tempfile.NamedTemporaryFile(suffix=kind) as file:
            file.write(sound)
            file.flush()
            done = subprocess.run(["ffmpeg", "-hide_banner", "-nostats", "-xerror", "-err_detect", "explode", "-i",
                                   file.name, "-af", "silencedetect=noise=-70dB:d=0.3", "-f", "null", "-"],
                                  capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("silence_start", done.stderr)
        self.assertNotRegex(done.stderr.lower(), "error|invalid|missing")

    def test_nobody_misses_a_thing(self):
        listeners = subprocess.Popen([WHEP_LISTENERS, str(self.radio.port), "2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                text=True)
        self.assertEqual(len(listeners.stdout.readline().split()), 1 + 2)
        with Reader(self.radio.port) as first, Reader(self.radio.port) as second, \
                Reader(self.radio.port, "/stream.opus") as opus, Browser() as browser, \
                concurrent.futures.ThreadPoolExecutor() as pool:
            browser.open(f"http://127.0.0.1:{self.radio.port}/")
            browser.press("x")
            page = pool.submit(browser.run, LISTEN, "whep", True, False, SECONDS - 4)
            began = time.monotonic()
            before = int(listeners.stdout.readline().split()[2])
            self.change_everything()
            lasted = time.monotonic() - began
            heard = page.result(60)
            self.assertEqual(self.radio.status()["webrtc_listeners"], 3)
            self.assertEqual(self.radio.status()["http_listeners"], 3)
        listeners.stdin.close()
        last = [int(line.split()[2]) for line in listeners.stdout if line.startswith("packets")][-1]
        listeners.wait()
        listeners.stdout.close()

        frames, others = first.check(self, lasted), second.check(self, lasted)
        # From a frame on that there is but once: the first may be a carrier of its own, and silence repeats itself.
        start = next(i for i in range(5, len(others)) if frames.count(others[i]) == 1)
        shared = frames[frames.index(others[start]):], others[start:]
        count = min(len(part) for part in shared)
        self.assertGreaterEqual(count * 0.024, lasted)
        self.assertEqual(shared[0][:count], shared[1][:count])
        self.decode(bytes(first.sound), ".mp3")

        found = list(pages(bytes(opus.sound)))
        numbers = [number for number, _, _ in found[2:]]  # the headers are everybody's first
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        self.assertGreaterEqual((found[-1][1] - found[2][1]) / 48000, lasted - 1)
        self.assertNotEqual(len(opus.sound), 0)
        self.decode(bytes(opus.sound), ".opus")

        print(f"{lasted:.1f} s: {len(frames)} frames, lead {first.lead:.2f} s; {len(found)} pages; WebRTC {last - before}"
              f" packets; page {({name: heard.get(name) for name in ('packets', 'lost', 'concealed', 'error')})}")
        self.assertGreaterEqual(last - before, (48 if not CHECKED else 40) * lasted)
        self.assertEqual(heard.get("lost"), 0, heard)
        self.assertGreater(heard["packets"], 45 * (SECONDS - 4))

    def test_players_are_told_when_the_program_ends(self):
        listeners = whep.WhepListeners(WHEP_LISTENERS, self.radio.port, 5, "tells")
        begin = time.monotonic()
        self.radio.process.send_signal(signal.SIGTERM)
        told = [listeners.closed() - begin for _ in range(5)]
        print(f"five players were told within {1000 * max(told):.0f} ms")
        self.assertLess(max(told), 5)  # some milliseconds, and the rest for a busy machine
        listeners.end()


if __name__ == "__main__":
    if missing := Browser.missing():
        print("skipped: not installed: " + ", ".join(missing))
        sys.exit(77)
    unittest.main(verbosity=2)
