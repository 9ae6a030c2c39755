#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What listeners decode from the station's Opus stream clips nowhere: encoders lift the peaks of a track, and the band
leaves room for it. A track of each genre through 128 kbit/s; libebur128, within ffmpeg, measures the true peak.

usage: opus_headroom_test.py RENDER_BAND
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SEED, SECONDS, MOST = "31", "30", -1.0  # dBTP; of 40 tracks of 90 s the highest peak was just that
RENDER_BAND = sys.argv[1]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def true_peak(genre):
    with tempfile.TemporaryDirectory() as folder:
        wav, opus = pathlib.Path(folder, "track.wav"), pathlib.Path(folder, "track.opus")
        run(RENDER_BAND, genre, SEED, SECONDS, "-o", wav)
        run("gst-launch-1.0", "-q", "filesrc", f"location={wav}", "!", "wavparse", "!", "audioconvert", "!", "opusenc",
            "bitrate=128000", "!", "oggmux", "!", "filesink", f"location={opus}")
        heard = run("ffmpeg", "-nostdin", "-hide_banner", "-i", opus, "-af", "ebur128=peak=true", "-f", "null", "-").stderr
        return float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", heard)[-1])


genres = run(RENDER_BAND, "--genres").stdout.splitlines()
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    peaks = dict(zip(genres, pool.map(true_peak, genres)))
for genre, peak in peaks.items():
    print(f"{genre}: {peak} dBTP")
wrong = [genre for genre, peak in peaks.items() if peak > MOST]
sys.exit(f"above {MOST} dBTP: {', '.join(wrong)}" if wrong else 0)
