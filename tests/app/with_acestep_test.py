#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program with an ACE-Step server that is real but for its model.

usage: acestep_test.py INFINARA ACESTEP_DOUBLE
"""
import re
import subprocess
import sys
import tempfile
import threading
import unittest

from program import Program

DOUBLE = sys.argv.pop()
INFINARA = sys.argv.pop(1)
KEY = "open-sesame"


class Double:
    """acestep-double on 127.0.0.1 and a free port, or the one given."""

    def __init__(self, *options, port=0):
        self.process = subprocess.Popen([DOUBLE, "--quiet", "--port", str(port), *options], stdout=subprocess.PIPE, text=True)
        self.url = re.search(r"http://127\.0\.0\.1:\d+", self.process.stdout.readline())[0]
        self.port = int(self.url.rsplit(":", 1)[1])

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class WithAceStep(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def double(self, *options, port=0):
        double = Double(*options, port=port)
        self.addCleanup(lambda: double.process.poll() is None and double.kill())
        return double

    def radio(self, url, **settings):
        radio = Program(INFINARA, **{
            "ACESTEP_API_URL": url, "RADIO_GENRE": "jazz", "RADIO_TRACK_DURATION": "12",
            "RADIO_CROSSFADE_DURATION": "1", "RADIO_BUFFER_AHEAD": "1", "ACESTEP_SPOOL_DIR": self.folder + "/spool",
            "ACESTEP_STATE_FILE": self.folder + "/tasks.json"} | settings)
        self.addCleanup(radio.__exit__)
        log = threading.Thread(target=lambda: radio.said.extend(line.rstrip("\n") for line in radio.process.stdout))
        log.start()
        self.addCleanup(log.join)
        self.addCleanup(lambda: radio.process.poll() is None and radio.process.kill())
        return radio

    def on_air(self, radio, player, seconds=120):
        return radio.wait(player, lambda: radio.status()["config"]["model"] == player, seconds)

    def server(self, radio):
        return (radio.status()["servers"] or [{"state": "none", "reason": ""}])[0]

    def test_the_band_covers_until_there_is_a_track_and_when_the_server_dies(self):
        double = self.double("--delay", "2", "--key", KEY)
        radio = self.radio(double.url, ACESTEP_API_KEY=KEY)
        self.on_air(radio, "housebandsrc")
        self.on_air(radio, "acestepsrc")
        self.assertEqual((self.server(radio)["state"], self.server(radio)["url"]), ("HEALTHY", double.url))
        double.kill()
        self.on_air(radio, "housebandsrc")
        self.assertEqual(self.server(radio)["state"], "DOWN")
        self.assertIn("refused", self.server(radio)["reason"])
        self.double("--delay", "2", "--key", KEY, port=double.port)
        self.on_air(radio, "acestepsrc")
        code, _ = radio.end()
        self.assertEqual(code, 0)
        said = "\n".join(radio.said)
        self.assertEqual(said.count(f"  {double.url} is DOWN: "), 1, said)
        self.assertEqual(said.count("by acestepsrc, which takes over from housebandsrc"), 2, said)
        self.assertEqual(said.count("by housebandsrc, which covers for acestepsrc"), 1, said)
        self.assertNotIn(KEY, said)

    def test_a_key_that_is_missing_is_named(self):
        double = self.double("--key", KEY)
        radio = self.radio(double.url, ACESTEP_API_KEY="wrong-sesame")
        radio.wait("the state", lambda: self.server(radio)["state"] == "NEEDS_KEY")
        self.on_air(radio, "housebandsrc")
        self.assertNotIn("wrong-sesame", str(radio.status()))
        double.kill()
        self.double("--delay", "1", port=double.port)  # it wants none any more
        self.on_air(radio, "acestepsrc")

    def test_a_disk_that_takes_nothing_is_one_clear_line(self):
        double = self.double("--delay", "1")
        radio = self.radio(double.url, ACESTEP_SPOOL_DIR="/proc/self/none")
        self.on_air(radio, "housebandsrc")
        radio.wait("the line", lambda: any("is down" in line and "/proc/self/none" in line for line in radio.said))
        self.assertEqual(radio.status()["config"]["model"], "housebandsrc")

    def test_it_ends_at_once_during_a_generation(self):
        double = self.double("--delay", "60")
        radio = self.radio(double.url)
        radio.wait("a generation", lambda: any(job["stage"] for job in self.server(radio).get("jobs", [])))
        code, took = radio.end()
        self.assertEqual(code, 0)
        self.assertLess(took, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
