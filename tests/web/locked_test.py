#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of a station with both passwords, also behind a proxy that shows it at a path of its own.

usage: locked_test.py INFINARA
"""
from relay import Relay
from station_page import PageTest, station, test_page

PASSWORD, TOKEN = "listen-to-sesame", "control-by-sesame"


class Locked(PageTest):
    def use(self, radio, base):
        # By an address with the password, as people keep it; then as one who was asked by the browser, which keeps it too.
        self.browser.open(base.replace("//", f"//anybody:{PASSWORD}@"))
        self.browser.wait("the genres", lambda: self.count("#genres button") == len(radio.status()["genres"]))
        self.browser.click("#play")
        self.browser.wait("sound", lambda: self.seconds_played() > 1)
        self.browser.click("#play")
        self.browser.open(base)
        self.browser.wait("the genres", lambda: self.count("#genres button") == len(radio.status()["genres"]))
        self.browser.run("localStorage.clear()")
        self.browser.complaints()
        for sound in ("auto", "mp3"):
            self.browser.run("localStorage.setItem('infinara', JSON.stringify({sound: arguments[0]}))", sound)
            self.browser.open(base)
            self.browser.wait("the genres", lambda: self.count("#genres button") == len(radio.status()["genres"]))
            self.browser.click("#play")
            self.browser.wait("sound", lambda: self.seconds_played() > 1)
            self.browser.click("#play")
            radio.wait("nobody listens", lambda: radio.status()["http_listeners"] + radio.status()["webrtc_listeners"] == 0)
        before = self.attribute("#auto-dj", "aria-checked")
        self.browser.click("#auto-dj")
        self.browser.wait("the question", lambda: self.browser.run("return document.querySelector('#access').open"))
        self.browser.run("document.querySelector('#token').value = arguments[0]", TOKEN)
        self.browser.click("#use-token")
        self.browser.wait("it is done", lambda: self.attribute("#auto-dj", "aria-checked") != before)
        self.assertEqual(str(radio.status()["auto_dj"]).lower(), self.attribute("#auto-dj", "aria-checked"))
        self.browser.click("#skip")  # asked no more
        self.browser.wait("an answer", lambda: self.browser.text("#answer") == "Skipped.")
        self.assertFalse(self.browser.run("return document.querySelector('#access').open"))
        self.browser.click("#play")  # with the token in the page, the sound plays still
        self.browser.wait("sound", lambda: self.seconds_played() > 1)
        self.browser.click("#play")
        self.assertEqual(self.browser.complaints(), [])

    def test_both_passwords(self):
        with station(RADIO_LISTEN_PASSWORD=PASSWORD, RADIO_CONTROL_TOKEN=TOKEN) as radio:
            radio.wait("a track", lambda: radio.status()["track_id"] != "")
            self.use(radio, f"http://127.0.0.1:{radio.port}/")
            with Relay(radio.port, "/radio") as relay:
                self.use(radio, f"http://127.0.0.1:{relay.port}/radio/")


if __name__ == "__main__":
    test_page()
