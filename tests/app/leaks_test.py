#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""GStreamer's own tracer finds nothing left of a day of programme and of fifty WebRTC listeners.

usage: leaks_test.py TONE_STATION WHEP_LISTENERS DAY_TEST
"""
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from whep import WhepListeners

DAY_TEST = sys.argv.pop()
WHEP_LISTENERS = sys.argv.pop()
TONE_STATION = sys.argv.pop()
# GStreamer keeps its certificate for as long as the process lives.
ITS_OWN = collections.Counter({"GstDtlsAgent": 1})


class Leaks(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.log = pathlib.Path(folder) / "log"
        self.environment = os.environ | {"GST_TRACERS": "leaks", "GST_DEBUG": "GST_TRACER:7", "GST_DEBUG_NO_COLOR": "1",
                                         "GST_DEBUG_FILE": str(self.log)}

    def left(self):
        """What was alive when GStreamer ended, by type."""
        text = self.log.read_text(errors="replace")
        self.assertIn("object-alive", text, "the tracer did not speak")  # it announces its words at least
        return collections.Counter(re.findall(r"object-alive, type-name=\(string\)(\w+)", text))

    def test_of_fifty_peers_nothing_is_left(self):
        station = subprocess.Popen([TONE_STATION, "64"], env=self.environment, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        port = int(station.stdout.readline())
        for _ in range(5):
            listeners = WhepListeners(WHEP_LISTENERS, port, 10, "leave")
            self.assertEqual(listeners.connected, 10)
            listeners.end()
        stays = WhepListeners(WHEP_LISTENERS, port, 2)  # the station ends with somebody there
        station.stdin.close()
        self.assertEqual(station.wait(60), 0)
        station.stdout.close()
        stays.end()
        self.assertEqual(self.left() - ITS_OWN, collections.Counter())

    def test_of_a_day_nothing_is_left(self):
        done = subprocess.run([DAY_TEST], env=self.environment, capture_output=True, text=True, timeout=200)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.left(), collections.Counter())


if __name__ == "__main__":
    unittest.main(verbosity=2)
