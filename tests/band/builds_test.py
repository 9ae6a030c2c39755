#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two builds of the house band, one for debugging and one for release, compose and play the same in every genre.

usage: builds_test.py RENDER_BAND_DEBUG RENDER_BAND
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import wave

BUILDS = sys.argv[1:3]
del sys.argv[1:3]
SECONDS = 3


def said(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Builds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.genres = said(BUILDS[0], "--genres").splitlines()

    def test_there_are_genres(self):
        self.assertGreaterEqual(len(self.genres), 14)

    def test_the_score_is_the_same(self):
        for genre in self.genres:
            for seconds in (SECONDS, 180):
                with self.subTest(genre, seconds=seconds):
                    debug, release = (said(build, genre, "7", str(seconds), "--score-json") for build in BUILDS)
                    self.assertGreater(len(release), 500)
                    self.assertEqual(debug, release)

    def test_every_sample_is_the_same(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

        def render(genre, number):
            file = folder / f"{genre}-{number}.wav"
            said(BUILDS[number], genre, "7", str(SECONDS), "--exact", "-o", file)
            with wave.open(str(file)) as sound:
                return sound.readframes(sound.getnframes())
        with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count())) as pool:
            pairs = {genre: [pool.submit(render, genre, number) for number in (0, 1)] for genre in self.genres}
            for genre, pair in pairs.items():
                with self.subTest(genre):
                    debug, release = (future.result() for future in pair)
                    self.assertEqual(len(release), SECONDS * 48000 * 4)
                    self.assertGreater(len(set(release)), 100, "it is silent")
                    first = next((i // 4 for i, (a, b) in enumerate(zip(debug, release)) if a != b), None)
                    self.assertIsNone(first, "the first frame that differs")


if __name__ == "__main__":
    unittest.main(verbosity=2)
