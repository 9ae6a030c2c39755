#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each control of the page by mouse alone, by touch alone and by keyboard alone: in Chromium, and in Firefox where it is.

usage: hands_test.py INFINARA      INFINARA_LONG=1 adds sizes, and Firefox.
"""
import os
import unittest

from browser import Browser
from firefox import Firefox
from hands import Keyboard, Mouse, Touch
from station_page import INFINARA, station, test_page  # noqa: F401

IS_LONG = bool(os.environ.get("INFINARA_LONG"))
WALKS = [(Mouse, 1280, 900), (Touch, 390, 844), (Keyboard, 320, 568), (Touch, 844, 390), (Keyboard, 1280, 900)]


class Hands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Firefox has no WebRTC at 127.0.0.1; what is tried here is the page. No track ends between a press and its effect.
        cls.radio = cls.enterClassContext(station(RADIO_WEBRTC="off", RADIO_TRACK_DURATION="150"))
        cls.radio.wait("two tracks", lambda: cls.radio.status()["queue_size"] > 0)

    def read(self, script, *arguments):
        return self.browser.run(f"return {script}", *arguments)

    def attribute(self, selector, name):
        return self.read("document.querySelector(arguments[0]).getAttribute(arguments[1])", selector, name)

    def text(self, selector):
        return self.read("document.querySelector(arguments[0]).textContent", selector)

    def changes(self, what, act, look):
        before = look()
        act()
        self.browser.wait(what, lambda: look() != before, 20)

    def walk(self, browser, hand, width=1280, height=900):
        self.browser = browser
        browser.size(width, height)
        browser.open(f"http://127.0.0.1:{self.radio.port}/")
        browser.run("localStorage.clear()")
        browser.open(f"http://127.0.0.1:{self.radio.port}/")
        browser.wait("a vote can be given", lambda: not self.read("document.querySelector('#like').hidden"))
        wait, attribute, text = browser.wait, self.attribute, self.text

        self.changes("play", lambda: hand.press("#play"), lambda: attribute("#play", "aria-label"))
        wait("sound", lambda: self.read("document.querySelector('#streamed').currentTime") > 0.2)
        self.changes("mute", lambda: hand.press("#mute"), lambda: attribute("#mute", "aria-pressed"))
        self.changes("volume", lambda: hand.slide("#volume"), lambda: self.read("document.querySelector('#streamed').volume"))
        for vote in ("#like", "#dislike"):
            hand.press(vote)
            wait(vote, lambda vote=vote: attribute(vote, "aria-pressed") == "true")
        self.changes("Auto-DJ", lambda: hand.press("#auto-dj"), lambda: self.radio.status()["auto_dj"])
        wait("undo", lambda: not self.read("document.querySelector('#undo').hidden"))
        self.changes("undo", lambda: hand.press("#undo"), lambda: self.radio.status()["auto_dj"])
        here = self.radio.status()["genre"]
        later, now = [genre for genre in ("rock", "ambient", "classical") if genre != here][:2]
        hand.queue(f"#genres [value='{later}']")
        wait("the queue", lambda: "comes" in text("#answer"), 20)
        self.assertEqual(self.radio.status()["dj_genre"], later)
        hand.press(f"#genres [value='{now}']")
        wait("now", lambda: "is coming now" in text("#answer"), 20)
        wait("it is on air", lambda: self.radio.status()["genre"] == now)
        wait("it is shown", lambda: text("#title") == self.radio.status()["track_name"])
        before = text("#title")
        hand.press("#skip")
        wait("skip", lambda: text("#answer") == "Skipped.", 20)
        wait("the track before is listed", lambda: self.read("document.querySelector('#past-list .name')?.textContent") == before)

        is_open = lambda sheet: self.read("document.querySelector(arguments[0]).open", sheet)  # noqa: E731
        hand.press("#open-track")
        wait("the tracks", lambda: is_open("#track"))
        first = "#past-list li:first-child .vote"
        self.changes("a vote for an earlier track", lambda: hand.press(first), lambda: attribute(first, "aria-pressed"))
        hand.close("#track")
        wait("closed", lambda: not is_open("#track"))
        hand.press("#open-settings")
        wait("the settings", lambda: is_open("#settings"))
        hand.press("#sleep [value='30']")
        wait("the timer", lambda: text("#sleeps") == "stops in 30 minutes")
        hand.press("#sound [value='mp3']")
        wait("the stream", lambda: "mp3" in self.read("localStorage.getItem('infinara')"))
        for box, name in (("#motion", "motion"), ("#letters", "letters")):
            self.changes(name, lambda box=box: hand.press(box), lambda name=name: self.read("JSON.parse(localStorage.getItem('infinara'))[arguments[0]]", name))
        self.changes("full screen", lambda: hand.press("#full-screen"), lambda: self.read("document.fullscreenElement !== null"))
        browser.run("return document.exitFullscreen()")
        hand.close("#settings")
        wait("closed", lambda: not is_open("#settings"))
        self.changes("pause", lambda: hand.press("#play"), lambda: attribute("#play", "aria-label"))
        self.radio.wait("nobody listens", lambda: self.radio.status()["http_listeners"] == 0)

    def test_chromium(self):
        for hand, width, height in WALKS if IS_LONG else WALKS[:3]:
            with self.subTest(hand=hand.name, width=width), Browser() as browser:
                if hand is Touch:
                    browser.call("POST", "/goog/cdp/execute", {"cmd": "Emulation.setTouchEmulationEnabled", "params": {"enabled": True}})
                self.walk(browser, hand(browser), width, height)
                self.assertEqual(browser.complaints(), [])

    def test_firefox(self):
        if not IS_LONG:
            self.skipTest("part of ./dev test --long")
        if missing := Firefox.missing():
            self.skipTest("not installed: " + ", ".join(missing))
        for hand in (Mouse, Keyboard):
            with self.subTest(hand=hand.name), Firefox() as browser:
                self.walk(browser, hand(browser))


if __name__ == "__main__":
    test_page()
