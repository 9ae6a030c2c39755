#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of a station whose ACE-Step server is slow, and then gone: it says what is heard and what is being made.

usage: slow_generator_test.py INFINARA ACESTEP_DOUBLE
"""
import pathlib
import re
import subprocess
import sys
import tempfile

DOUBLE = sys.argv.pop(2)
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from station_page import PageTest, station, test_page  # noqa: E402

DELAY = 12  # seconds that the server takes for a track


class SlowGenerator(PageTest):
    def test_it_is_told_what_is_heard_and_what_is_made(self):
        spool = self.enterContext(tempfile.TemporaryDirectory())
        with subprocess.Popen([DOUBLE, "--quiet", "--port", "0", "--delay", str(DELAY)], stdout=subprocess.PIPE, text=True) as double:
            self.addCleanup(double.kill)
            url = re.search(r"http://127\.0\.0\.1:\d+", double.stdout.readline())[0]
            with station(ACESTEP_API_URL=url, RADIO_BUFFER_AHEAD="1", ACESTEP_SPOOL_DIR=spool + "/spool",
                         ACESTEP_STATE_FILE=spool + "/tasks.json") as radio:
                self.open(radio)
                said = []

                def maker():
                    text = self.browser.text("#maker")
                    if text not in said[-1:]:
                        said.append(text)
                    return text

                progress = re.compile(r"ACE-Step is making (?:the next track|a track of Jazz), (\d+) %")
                self.browser.wait("the work goes on", lambda: progress.fullmatch(maker()) and sum(map(bool, map(progress.fullmatch, said))) > 2)
                # the house band plays meanwhile, and the page says so
                self.assertIn("Infinara House Band", self.browser.text("#track-facts"))
                percents = [int(found[1]) for found in map(progress.fullmatch, said) if found]
                self.assertEqual(percents, sorted(percents), said)
                self.browser.wait("its track is heard", lambda: "House Band" not in self.browser.text("#track-facts"))
                self.assertEqual(radio.status()["config"]["model"], "acestepsrc")
                self.assertTrue(self.browser.text("#track-caption").startswith("Made from the words: "))
                double.kill()
                self.browser.wait("its end is told", lambda: maker().startswith("ACE-Step does not answer; the house band "), 120)
                self.assertEqual(self.browser.complaints(), [])


if __name__ == "__main__":
    test_page()
