#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The band plays the same, bit by bit, with a subset of its font as with all of it.

usage: soundfont_subset_test.py PROJECT_ROOT RENDER_BAND
"""
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT, RENDER_BAND = pathlib.Path(sys.argv[1]), sys.argv[2]
del sys.argv[1:]
FONT = pathlib.Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")


def subset(font, path, *sheets):
    return subprocess.run([sys.executable, "-B", ROOT / "tools/soundfont_subset.py", font, path, *sheets], capture_output=True, text=True)


class Subset(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_it_sounds_as_the_whole_font_does(self):
        if not FONT.is_file() or shutil.which("flac") is None:
            self.skipTest("fluid-soundfont-gm or flac is not installed")
        small = self.folder / "small.sf3"
        made = subset(FONT, small, *sorted((ROOT / "src/band/styles").glob("*.style")))
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        self.assertLess(small.stat().st_size, 0.5 * FONT.stat().st_size)
        # Between them the four have all drum kits but one, strings, brass, pianos, guitars.
        for genre in ("jazz", "cinematic", "rock", "bossa nova"):
            heard = []
            for font in (FONT, small):
                wav = self.folder / "heard.wav"
                subprocess.run([RENDER_BAND, genre, "5", "20", "--font", font, "-o", wav], check=True, stdout=subprocess.DEVNULL)
                heard.append(wav.read_bytes())
            self.assertGreater(len(heard[0]), 44 + 18 * 192000)
            self.assertTrue(heard[0] == heard[1], f"{genre} differs")
        # What is kept is what the sheets name.
        jazz_alone = self.folder / "jazz.sf3"
        subset(FONT, jazz_alone, ROOT / "src/band/styles/jazz.style")
        self.assertLess(jazz_alone.stat().st_size, small.stat().st_size)

    def test_what_is_no_font_is_refused(self):
        wrong = self.folder / "wrong.sf2"
        wrong.write_bytes(b"RIFF" + struct.pack("<I", 4) + b"WAVE")
        made = subset(wrong, self.folder / "out.sf2", ROOT / "src/band/styles/jazz.style")
        self.assertNotEqual(made.returncode, 0)
        self.assertIn("not a SoundFont 2 file", made.stderr)
        self.assertFalse((self.folder / "out.sf2").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
