# SPDX-License-Identifier: Apache-2.0
"""What the tests of the page share: a station of their own, its page in a browser."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "app"))
from browser import Browser  # noqa: E402
from program import Program  # noqa: E402

INFINARA = sys.argv[1]
PICTURES = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 and not sys.argv[2].startswith("-") else None

# The loudness of what the page plays, as the root mean square of a moment.
LOUDNESS = """
  window.meter ??= (() => {
    const context = new AudioContext(), analyser = context.createAnalyser();
    const audio = [document.querySelector('#live'), document.querySelector('#streamed')].find((one) => !one.paused);
    context.createMediaStreamSource(audio.srcObject ?? audio.captureStream()).connect(analyser);
    return () => {
      const wave = new Float32Array(analyser.fftSize);
      analyser.getFloatTimeDomainData(wave);
      return Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
    };
  })();
  return window.meter();
"""

# What the page asks for from now on is answered with these changes to what the station says.
PRETEND = """
  window.realFetch ??= window.fetch;
  const changes = arguments[0];
  window.fetch = async (...asked) => {
    const answer = await (await window.realFetch(...asked)).json();
    return new Response(JSON.stringify({ ...answer, ...changes }));
  };
"""


def station(**environment):
    return Program(INFINARA, **{"RADIO_TRACK_DURATION": "40", "RADIO_CROSSFADE_DURATION": "3",
                                "RADIO_GENRE": "jazz"} | environment)


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(Browser())

    def open(self, radio, port=None, prefix=""):
        """port: of a relay, where it stands at the path `prefix`."""
        radio.wait("a track", lambda: radio.status()["track_id"] != "")
        self.browser.size(1280, 900)
        self.browser.open(f"http://127.0.0.1:{port or radio.port}{prefix}/")
        genres = len(radio.status()["genres"])
        self.browser.wait(f"{genres} genres", lambda: self.count("#genres button") == genres)
        self.browser.complaints()

    def count(self, selector):
        return self.browser.run("return document.querySelectorAll(arguments[0]).length", selector)

    def attribute(self, selector, name):
        return self.browser.run("return document.querySelector(arguments[0]).getAttribute(arguments[1])", selector, name)

    def seconds_played(self):
        return self.browser.run("return Math.max(...[...document.querySelectorAll('#live, #streamed')]"
                                ".map((one) => one.paused ? 0 : one.currentTime))")

    def picture(self, name):
        if PICTURES:
            self.browser.picture(PICTURES / f"{name}.png")


def test_page():
    """Runs the tests of the program; options and names of tests come after `--`."""
    if missing := Browser.missing():
        print("skipped: not installed: " + ", ".join(missing))
        sys.exit(77)
    more = sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else []
    unittest.main("__main__", argv=sys.argv[:1] + more, verbosity=2)
