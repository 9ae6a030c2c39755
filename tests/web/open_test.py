#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A page that is open and plays for an hour: neither its heap nor the station's memory grows.

usage: open_test.py INFINARA      INFINARA_MINUTES: of the hour, 60 as a rule.
"""
import os
import pathlib
import re
import statistics
import time

from station_page import PageTest, station, test_page

MINUTES = int(os.environ.get("INFINARA_MINUTES", "60"))


class Open(PageTest):
    def heap(self):
        """MB that the page holds after a collection, and its elements."""
        self.browser.command("HeapProfiler.collectGarbage")
        metrics = {one["name"]: one["value"] for one in self.browser.command("Performance.getMetrics")["metrics"]}
        return metrics["JSHeapUsedSize"] / 1e6, metrics["Nodes"]

    def test_an_hour(self):
        with station(RADIO_TRACK_DURATION="30") as radio:
            self.open(radio)
            self.browser.command("Performance.enable")
            self.browser.click("#play")
            self.browser.wait("sound", lambda: self.seconds_played() > 1)
            memory = pathlib.Path(f"/proc/{radio.process.pid}/status")
            heaps, nodes, memories = [], [], []
            for minute in range(MINUTES):
                time.sleep(60)  # the measure is the time
                heap, count = self.heap()
                heaps.append(heap)
                nodes.append(count)
                # without the pages of the instruments' file, which the DJ's walk brings in and the system takes back
                memories.append(int(re.search(r"RssAnon:\s+(\d+)", memory.read_text())[1]) / 1e3)
                print(f"minute {minute + 1}: heap {heap:.2f} MB, {count} nodes, station {memories[-1]:.1f} MB", flush=True)
                self.assertEqual(self.browser.complaints(), [])
            third = MINUTES // 3
            for what, values, most in (("heap", heaps, 1.05), ("nodes", nodes, 1.05), ("station", memories, 1.05)):
                middle, last = statistics.median(values[third:2 * third]), statistics.median(values[2 * third:])
                print(f"{what}: {middle:.2f} in the middle, {last:.2f} at the end")
                self.assertLess(last, middle * most, what)
            at = self.seconds_played()
            self.browser.wait("it plays on", lambda: self.seconds_played() > at + 1)


if __name__ == "__main__":
    test_page()
