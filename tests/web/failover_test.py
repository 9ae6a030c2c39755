#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sound comes back by itself, and stays at the live edge: after outages of the network, the station and the browser.

usage: failover_test.py INFINARA      INFINARA_LONG=1 adds outages of 20 and 40 s. With a network of its own, as root.
"""
import os
import subprocess
import sys
import time

from relay import Relay
from station_page import INFINARA, PageTest, station, test_page

IS_LONG = bool(os.environ.get("INFINARA_LONG"))
PARALLEL_RETRY = 90000  # ms, of web/player.js

# Seconds that the ear is behind the station, by the stream; null while there is no sound.
DELAY = """
  const stream = document.querySelector('#streamed');
  if (stream.paused || stream.played.length === 0 || !stream.getAttribute('src')) return null;
  const key = new URL(stream.src).searchParams.get('listener');
  const {listener, output} = await (await fetch(`api/position?listener=${key}`)).json();
  if (listener === null) return null;
  return output / 48000 - listener / 48000 - (stream.currentTime - stream.played.start(0));
"""
MOST = 7  # seconds behind: the burst of 3 s, a batch, and a busy machine


class Failover(PageTest):
    @classmethod
    def setUpClass(cls):
        if "INFINARA_NETWORK" in os.environ:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        super().setUpClass()

    def play(self, radio, sound="mp3", port=None):
        self.open(radio, port)
        self.browser.run("localStorage.setItem('infinara', JSON.stringify({sound: arguments[0]}))", sound)
        self.open(radio, port)
        self.browser.click("#play")
        self.browser.wait("sound", lambda: self.seconds_played() > 1)

    def delay(self):
        return self.browser.run(DELAY)

    def at_the_live_edge(self, what, most=MOST):
        def is_there():
            delay = self.delay()
            return self.is_live() or (delay is not None and delay < most)

        self.browser.wait(what, is_there, 300)
        at = self.seconds_played()
        self.browser.wait("it plays on", lambda: self.seconds_played() > at + 1)

    def is_live(self):
        return self.browser.run("return !document.querySelector('#live').paused")

    def rules(self, *rules):
        for rule in rules:
            subprocess.run(["ip", "rule", *rule.split()], check=True)

    def test_without_udp_the_stream_plays_and_webrtc_follows_once_there_is(self):
        if "INFINARA_NETWORK" not in os.environ:
            if subprocess.run(["unshare", "-n", "ip", "link", "set", "lo", "up"], capture_output=True).returncode != 0:
                self.skipTest("takes a network of its own, so root")
            command = [sys.executable, __file__, INFINARA, "--", f"Failover.{self._testMethodName}"]
            return self.assertEqual(subprocess.run(["unshare", "-n", "--", *command], env=os.environ | {"INFINARA_NETWORK": "own"}).returncode, 0)
        # The table of local addresses comes before all rules, so another place is made for it first.
        self.rules("add pref 100 lookup local", "del pref 0", "add pref 10 ipproto udp prohibit")
        try:
            with station() as radio:
                self.open(radio)
                self.browser.run("localStorage.setItem('infinara', JSON.stringify({sound: 'auto'}))")
                self.open(radio)
                self.browser.run("const real = setTimeout; window.setTimeout = (f, ms) => real(f, ms === arguments[0] ? 2000 : ms)", PARALLEL_RETRY)
                self.browser.click("#play")
                self.browser.wait("the stream", lambda: self.browser.run("return document.querySelector('#streamed').currentTime") > 1)
                self.assertFalse(self.is_live())
                self.rules("del pref 10")
                self.browser.wait("WebRTC", self.is_live, 150)
                radio.wait("WebRTC alone", lambda: (radio.status()["http_listeners"], radio.status()["webrtc_listeners"]) == (0, 1))
                # And away again while it plays.
                self.rules("add pref 10 ipproto udp prohibit")
                self.browser.wait("the stream again", lambda: not self.is_live() and self.seconds_played() > 1, 90)
        finally:
            subprocess.run("ip rule del pref 10", shell=True, capture_output=True)

    def test_a_relay_that_holds_back_6_s_twice_leaves_nobody_behind(self):
        with station() as radio, Relay(radio.port) as relay:
            self.play(radio, port=relay.port)
            self.at_the_live_edge("the live edge")
            for _ in range(2):  # the second falls into the new connection that the first brings about
                relay.hold()
                time.sleep(6)
                relay.let_go()
                at = self.seconds_played()
                self.browser.wait("it plays on", lambda at=at: self.seconds_played() > at or self.seconds_played() > 1)
            self.at_the_live_edge("the live edge again", 5)
            radio.wait("one listener", lambda: radio.status()["http_listeners"] == 1)

    def test_a_browser_that_stood_still_is_at_the_live_edge_again(self):
        for sound in ("mp3", "auto"):
            for seconds in (9, 40) if IS_LONG else (9,):
                with self.subTest(sound=sound, seconds=seconds), station() as radio:
                    self.play(radio, sound)
                    self.browser.stand_still(seconds)
                    if self.is_live():
                        at = self.seconds_played()
                        self.browser.wait("it plays on", lambda at=at: 1 < self.seconds_played() != at)
                    else:
                        self.at_the_live_edge("the live edge")
                    # The title is that of the ear, which is at the live edge.
                    self.browser.wait("the title", lambda: self.browser.text("#title") == radio.status()["track_name"])

    def test_a_station_that_was_away_is_heard_again(self):
        for sound in ("mp3", "auto"):
            with self.subTest(sound=sound):
                with station() as radio:
                    self.play(radio, sound)
                    radio.end()
                self.browser.wait("the trouble", lambda: "does not answer" in self.browser.text("#trouble"))
                if IS_LONG:
                    time.sleep(20)
                with station(RADIO_PORT=str(radio.port)) as again:
                    begin = time.monotonic()
                    self.browser.wait("sound", lambda: self.seconds_played() > 0.2)
                    print(f"{sound}: sound {time.monotonic() - begin:.1f} s after the station was there")
                    again.wait("a listener", lambda: again.status()["http_listeners"] + again.status()["webrtc_listeners"] == 1)


if __name__ == "__main__":
    test_page()
