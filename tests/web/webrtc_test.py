#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""WebRTC in a real browser: the tone of a station on the left is heard on the left.

usage: webrtc_test.py TONE_STATION
"""
import json
import pathlib
import signal
import subprocess
import sys
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from browser import CLOSED, LISTEN, RESTART, WATCH, Browser  # noqa: E402

TONE_STATION = sys.argv.pop(1)


class WebRtc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.station = subprocess.Popen([TONE_STATION], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.end)
        cls.url = f"http://127.0.0.1:{int(cls.station.stdout.readline())}"
        cls.browser = cls.enterClassContext(Browser())

    @classmethod
    def end(cls):
        cls.station.stdin.close()
        ended = cls.station.wait(30)
        cls.station.stdout.close()
        assert ended == 0, f"the station ended with {ended}"

    def setUp(self):
        self.browser.open(self.url + "/")
        self.browser.press("x")  # a browser lets nothing sound before its user does something

    def status(self):
        with urllib.request.urlopen(self.url + "/api/status") as response:
            return json.load(response)

    def nobody(self):
        return self.status()["webrtc_listeners"] == 0

    def listen(self, way="whep", stereo=True, video=False, seconds=4):
        heard = self.browser.run(LISTEN, way, stereo, video, seconds)
        self.assertNotIn("error", heard)
        print({name: value for name, value in heard.items() if name != "sdp"})
        self.assertEqual(heard["state"], "connected")
        self.assertGreater(heard["packets"], 35 * seconds)
        self.assertGreater(heard["energy"], 0)
        self.assertEqual(self.status()["webrtc_listeners"], 1)
        return heard

    def leave(self):
        self.browser.run("await fetch(session, {method: 'DELETE'})")
        self.browser.wait("nobody listens", self.nobody, 2)

    def told(self, begin):
        """Within a second of `begin` the browser knows that the session is over."""
        at, state = self.browser.run(CLOSED)
        print(f"closed after {at - begin:.0f} ms, connectionState {state}")
        self.assertLess(at - begin, 1000)

    def test_a_deleted_session_is_closed_in_the_browser_at_once(self):
        self.listen(seconds=1)
        self.browser.run(WATCH)
        self.told(self.browser.run("const begin = Date.now(); await fetch(session, {method: 'DELETE'}); return begin"))

    def test_the_stations_end_is_known_in_the_browser_at_once(self):
        for signalled in (None, signal.SIGTERM):  # its standard input ends, or it is told to
            with self.subTest(signalled), subprocess.Popen(
                    [TONE_STATION], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as station:
                self.browser.open(f"http://127.0.0.1:{int(station.stdout.readline())}/")
                self.browser.press("x")
                self.assertEqual(self.browser.run(LISTEN, "whep", True, False, 1)["state"], "connected")
                self.browser.run(WATCH)
                begin = time.time() * 1000
                if signalled:
                    station.send_signal(signalled)
                else:
                    station.stdin.close()
                self.told(begin)
                self.assertEqual(station.wait(30), 0)

    def test_a_player_that_restarts_ice_begins_anew_and_hears(self):
        self.listen(seconds=1)
        took = self.browser.run(RESTART)
        print(took)
        self.assertEqual(took["status"], 422)
        self.assertLess(took["ms"], 5000)
        self.assertEqual(self.status()["webrtc_listeners"], 1)
        self.leave()

    def test_whep_keeps_left_and_right(self):
        heard = self.listen()
        self.assertGreater(heard["left"], 0.1)
        self.assertLess(heard["right"], heard["left"] / 20)
        self.assertEqual(self.status()["queue_size"], 1, "it takes the SRTP fast path")
        self.leave()

    def test_the_originals_offer_keeps_left_and_right(self):
        heard = self.listen("offer")
        self.assertGreater(heard["left"], 0.1)
        self.assertLess(heard["right"], heard["left"] / 20)
        self.leave()

    def test_a_player_that_asks_for_video_too_gets_sound(self):
        heard = self.listen(video=True, seconds=1)
        self.assertIn("m=video 0 ", heard["sdp"])
        self.leave()

    def test_a_player_that_says_nothing_of_stereo_hears(self):
        self.listen(stereo=False, seconds=1)
        self.leave()

    def test_a_closed_connection_is_noticed_at_once(self):
        self.listen(seconds=1)
        self.browser.run("peer.close()")
        self.browser.wait("nobody listens", self.nobody, 3)

    def test_a_page_that_is_left_is_noticed_within_twenty_seconds(self):
        self.listen(seconds=7)
        self.browser.open("about:blank")
        self.browser.wait("nobody listens", self.nobody, 20)

    def test_a_browser_that_is_killed_is_noticed_within_twenty_seconds(self):
        with Browser() as browser:
            browser.open(self.url + "/")
            browser.press("x")
            self.assertEqual(browser.run(LISTEN, "whep", True, False, 1)["state"], "connected")
            self.assertEqual(self.status()["webrtc_listeners"], 1)
            browser.kill()
            browser.wait("nobody listens", self.nobody, 20)


if __name__ == "__main__":
    if missing := Browser.missing():
        print("skipped: not installed: " + ", ".join(missing))
        sys.exit(77)
    unittest.main(verbosity=2)
