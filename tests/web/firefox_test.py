#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Firefox hears a station by WebRTC and both streams, in the page too, and it is the station's sound.

usage: firefox_test.py TONE_STATION INFINARA     In a network of its own, which takes root; skipped without, or without Firefox.
"""
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "app"))
from browser import CLOSED, LISTEN, WATCH  # noqa: E402
from firefox import Firefox  # noqa: E402
from program import Program  # noqa: E402

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

TONE_STATION, INFINARA = sys.argv.pop(1), sys.argv.pop(1)
for command in ("link set lo up", "link add v0 type veth peer name v1", "link set v1 up", f"addr add {ADDRESS}/24 dev v0",
                "link set v0 up", "route add default via 198.51.100.1"):
    subprocess.run(["ip", *command.split()], check=True)


# Four seconds of both streams, by Firefox's own decoders: how alike they are where their positions say that they are the
# same (1: equal but for the loudness), and by how many samples one is shifted.
ALIKE = """
  const decoded = async (path, bytes) => {
    const answer = await fetch(path), reader = answer.body.getReader(), parts = [];
    for (let size = 0; size < bytes;) {
      const { value } = await reader.read();
      parts.push(value);
      size += value.length;
    }
    reader.cancel();
    const sound = await new OfflineAudioContext(2, 48000, 48000).decodeAudioData(await new Blob(parts).arrayBuffer());
    return { at: Number(answer.headers.get('Infinara-Position')), samples: sound.getChannelData(0) };
  };
  const [mp3, opus] = await Promise.all([decoded('stream', 4 * 24000), decoded('stream.opus', 4 * 16000)]);
  const begin = Math.max(mp3.at, opus.at) + 24000, length = 24000;
  let best = { like: -1 };
  for (let shift = -1500; shift <= 1500; ++shift) {
    let both = 0, one = 0, other = 0;
    for (let i = begin; i < begin + length; ++i) {
      const a = mp3.samples[i - mp3.at], b = opus.samples[i + shift - opus.at];
      both += a * b;
      one += a * a;
      other += b * b;
    }
    const like = both / Math.sqrt(one * other);
    if (like > best.like) best = { like, shift };
  }
  return best;
"""


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.radio = cls.enterClassContext(Program(INFINARA, RADIO_GENRE="jazz", RADIO_WEBRTC_ADDRESSES=ADDRESS))
        cls.browser = cls.enterClassContext(Firefox())
        cls.radio.wait("a burst", lambda: cls.radio.status()["position"] > 6)

    def open(self):
        self.browser.open(f"http://127.0.0.1:{self.radio.port}/")

    def test_the_page_plays_each_way(self):
        for sound, element, listeners in (("auto", "#live", "webrtc_listeners"), ("mp3", "#streamed", "http_listeners"),
                                          ("opus", "#streamed", "http_listeners")):
            with self.subTest(sound):
                self.open()
                self.browser.run("localStorage.setItem('infinara', JSON.stringify({sound: arguments[0]}))", sound)
                self.open()
                self.browser.run("document.querySelector('#play').click()")
                self.browser.wait("sound", lambda: self.browser.run(
                    "const one = document.querySelector(arguments[0]); return !one.paused && one.currentTime > 5", element))
                self.assertEqual(self.radio.status()[listeners], 1)
                self.assertEqual("opus" in self.browser.run("return document.querySelector('#streamed').src"), sound == "opus")
                self.browser.wait("the title", lambda: self.browser.run("return document.querySelector('#title').textContent")
                                  == self.radio.status()["track_name"])

    def test_both_streams_have_the_same_sound_at_the_same_position(self):
        self.open()
        alike = self.browser.run(ALIKE)
        print(alike)
        self.assertGreater(alike["like"], 0.95)
        self.assertLess(abs(alike["shift"]), 48)


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
