#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""WebRTC in Firefox: the tone of a station is heard, with both channels, and the end is known at once.

usage: firefox_test.py TONE_STATION     In a network of its own, which takes root; skipped without, or without Firefox.
"""
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from browser import CLOSED, LISTEN, WATCH  # noqa: E402
from firefox import Firefox  # noqa: E402

ADDRESS = "198.51.100.2"  # RFC 5737

if missing := Firefox.missing():
    print("skipped: not installed: " + ", ".join(missing))
    sys.exit(77)
if "INFINARA_NETWORK" not in os.environ:
    if subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode != 0:
        print("skipped: a network of its own takes root and the right to unshare")
        sys.exit(77)
    os.environ["INFINARA_NETWORK"] = "own"
    os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.argv])

TONE_STATION = sys.argv.pop(1)
for command in ("link set lo up", "link add v0 type veth peer name v1", "link set v1 up", f"addr add {ADDRESS}/24 dev v0",
                "link set v0 up", "route add default via 198.51.100.1"):
    subprocess.run(["ip", *command.split()], check=True)


class WebRtc(unittest.TestCase):
    def test_firefox_hears_left_and_right_and_the_end(self):
        with subprocess.Popen([TONE_STATION, "by=" + ADDRESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as station, Firefox() as browser:
            browser.open(f"http://127.0.0.1:{int(station.stdout.readline())}/")
            heard = browser.run(LISTEN, "whep", True, False, 2)
            self.assertNotIn("error", heard)
            print({name: value for name, value in heard.items() if name != "sdp"})
            self.assertEqual(heard["state"], "connected")
            self.assertGreater(heard["packets"], 70)
            # Without a sound card Firefox runs no AudioContext, but it measures what it decodes. The tone on the left
            # alone has 0.257 a second, as in Chromium; mixed down to one channel it would have a quarter of that.
            self.assertAlmostEqual(heard["energy"] * 48000 / heard["samples"], 0.257, delta=0.02)
            browser.run(WATCH)
            begin = browser.run("const begin = Date.now(); await fetch(session, {method: 'DELETE'}); return begin")
            at, state = browser.run(CLOSED)
            print(f"closed after {at - begin} ms, connectionState {state}")
            self.assertLess(at - begin, 1000)
            station.stdin.close()
            self.assertEqual(station.wait(30), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
