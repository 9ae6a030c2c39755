#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Headset and lock screen: the page obeys the system's media keys by MPRIS, on each transport, also after a pause.

usage: media_keys_test.py INFINARA     On a D-Bus session of its own.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "app"))
from browser import Browser  # noqa: E402
from program import Program  # noqa: E402

if missing := Browser.missing() + [name for name in ("playerctl", "dbus-run-session") if not shutil.which(name)]:
    print("skipped: not installed: " + ", ".join(missing))
    sys.exit(77)
if "INFINARA_BUS" not in os.environ:
    os.environ["INFINARA_BUS"] = "own"
    os.execvp("dbus-run-session", ["dbus-run-session", "--", sys.executable, *sys.argv])

INFINARA = sys.argv.pop(1)
TRIES = 10
PAUSES = [1, 60] if os.environ.get("INFINARA_LONG") else [1]


def playerctl(*command):
    """What it prints; empty without a player."""
    return subprocess.run(["playerctl", *command], capture_output=True, text=True, timeout=20).stdout.strip()


class MediaKeys(unittest.TestCase):
    def plays_as_told(self, sound, element):
        with Program(INFINARA, RADIO_TRACK_DURATION="40", RADIO_CROSSFADE_DURATION="3") as radio, Browser() as browser:
            radio.wait("a track", lambda: radio.status()["track_id"] != "")
            browser.open(f"http://127.0.0.1:{radio.port}/")
            browser.run("localStorage.setItem('infinara', JSON.stringify({sound: arguments[0]}))", sound)
            browser.open(f"http://127.0.0.1:{radio.port}/")
            browser.wait("the title", lambda: browser.text("#title") not in ("Tuning in…", "Silence"))

            def is_heard(by="#live, #streamed"):
                return browser.run("return [...document.querySelectorAll(arguments[0])].some("
                                   "(one) => !one.paused && one.currentTime > 0)", by)

            for _ in range(TRIES):
                browser.click("#play")
                browser.wait("sound", is_heard, 60)
                if is_heard(element):
                    break
                browser.click("#play")  # a busy machine took the stream
            if not is_heard(element):
                self.skipTest("WebRTC did not connect within the page's 3 s, again and again")
            browser.wait("the system knows", lambda: playerctl("status") == "Playing")
            browser.wait("the title", lambda: playerctl("metadata", "title") == browser.text("#title"))
            self.assertEqual(playerctl("metadata", "album"), browser.text("#genre") + " · Infinara")
            self.assertNotEqual(playerctl("metadata", "mpris:artUrl"), "")
            self.follows_the_ear(browser)
            for pause in PAUSES:
                playerctl("pause")
                browser.wait("silence", lambda: browser.run(
                    "return [...document.querySelectorAll('audio')].every((one) => one.paused)"))
                browser.wait("the system knows", lambda: playerctl("status") == "Paused")
                time.sleep(pause)
                playerctl("play")
                browser.wait("sound again", is_heard, 60)
            before = radio.status()["track_id"]
            playerctl("next")
            radio.wait("another track", lambda: radio.status()["track_id"] != before)
            browser.wait("its title", lambda: playerctl("metadata", "title") == radio.status()["track_name"], 30)

    def follows_the_ear(self, browser):
        """The system's place in the track is the page's, and goes on."""
        def places():
            minutes, seconds = browser.text("#position").split(":")
            return float(playerctl("position") or "nan"), int(minutes) * 60 + int(seconds)

        first = places()
        browser.wait("it goes on", lambda: places()[0] > first[0] + 2 and abs(places()[0] - places()[1]) < 2, 30)
        minutes, seconds = browser.text("#duration").split(":")
        length = int(playerctl("metadata", "mpris:length")) / 1e6
        self.assertLess(abs(length - int(minutes) * 60 - int(seconds)), 1.5)

    def test_by_the_stream(self):
        self.plays_as_told("mp3", "#streamed")

    def test_by_webrtc(self):
        self.plays_as_told("auto", "#live")


if __name__ == "__main__":
    unittest.main(verbosity=2)
