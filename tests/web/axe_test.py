#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""axe-core finds nothing on the page: at three sizes, in both themes, with each sheet open, without the station.

usage: axe_test.py INFINARA FOLDER     FOLDER: where npm puts axe-core; skipped without npm or its registry.
"""
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "app"))
from browser import Browser  # noqa: E402
from program import Program  # noqa: E402

INFINARA, FOLDER = sys.argv.pop(1), pathlib.Path(sys.argv.pop(1))
AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"

LOOK = """
  const { violations } = await axe.run();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
"""


def get_axe():
    """Whether it is there."""
    if not AXE.exists() and shutil.which("npm"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", FOLDER,
                        "axe-core@4.11.0"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=120, check=False)
    return AXE.exists()


class Axe(unittest.TestCase):
    def look(self, browser, what):
        # the spectrum and the picture change while it looks, and it cannot judge text on a canvas: the veil is for that
        with self.subTest(what):
            self.assertEqual(browser.run(LOOK), [])

    def theme(self, browser, theme):
        browser.command("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": theme}, {"name": "prefers-reduced-motion", "value": "reduce"}])

    def test_nothing_is_found(self):
        axe = AXE.read_text()
        with Program(INFINARA, RADIO_GENRE="jazz") as radio, Browser() as browser:
            radio.wait("a track", lambda: radio.status()["track_id"] != "")
            browser.open(f"http://127.0.0.1:{radio.port}/")
            browser.wait("the title", lambda: browser.text("#title") not in ("Tuning in…", "Silence"))
            browser.run(axe)
            for theme in ("dark", "light"):
                self.theme(browser, theme)
                for width, height in ((320, 640), (844, 390), (1440, 900)):
                    browser.size(width, height)
                    self.look(browser, f"{theme}, {width}×{height}")
                for sheet in ("#settings", "#track", "#access"):
                    browser.run("document.querySelector(arguments[0]).showModal()", sheet)
                    self.look(browser, f"{theme}, {sheet}")
                    browser.run("document.querySelector(arguments[0]).close()", sheet)
            radio.end()
            browser.wait("the trouble", lambda: browser.run("return !document.querySelector('#trouble').hidden"))
            self.look(browser, "without the station")


if __name__ == "__main__":
    if missing := Browser.missing():
        print("skipped: not installed: " + ", ".join(missing))
        sys.exit(77)
    if not get_axe():
        print("skipped: axe-core comes by npm, which is not installed or does not reach its registry")
        sys.exit(77)
    unittest.main(verbosity=2)
