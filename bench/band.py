# SPDX-License-Identifier: Apache-2.0
"""What the house band composes, and how fast it plays.

First its music: 80 tracks of 90 s in each genre as scores (bench/scores.py), the worst genre beside what is to be
reached. Then how much faster than it plays it works, on one core, and what it keeps in memory.

A track of 90 s in each genre, everything included: composing, opening the soundfont, rendering, levelling. The
figure is CPU time, so that what else the machine does counts little; the better of two runs.
"""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

import scores
from table import Table

SEED = "7"
TRACKS = range(1001, 1081)   # seeds that were not used while tuning
REACH = 30        # times real time
FIRST_MS = 100    # to the first 20 ms of sound
BANDS = 5
MEMORY_MB = 100   # of a process that does nothing else; a station may have 200

render_band = pathlib.Path(os.environ.get("INFINARA_BUILD", "build")) / "tools" / "render_band"


def run(*arguments):
    return subprocess.run([render_band, *arguments], capture_output=True, text=True, check=True).stdout


if not render_band.exists():
    sys.exit(f"{render_band} is not built")
def composed(genre, seed, seconds):
    return json.loads(run(genre, str(seed), str(seconds), "--score-json"))


def music_rows(table, genres):
    """A row for each measure: the worst genre, or all of them where they are few."""
    tracks = {genre: [composed(genre, seed, 90) for seed in TRACKS] for genre in genres}

    def row(what, of, reach, least=None, most=None, among=genres, shown="{:.2f}"):
        values = {genre: of(tracks[genre]) for genre in among}
        values = {genre: value for genre, value in values.items() if value is not None}
        worst = (min if least is not None else max)(values, key=values.get)
        ok = values[worst] >= least if least is not None else values[worst] <= most
        table.row(what=what, ours=f"{shown.format(values[worst])} ({worst})",
                  peer=f"median {shown.format(statistics.median(values.values()))}", reach=reach, ok=ok)

    def mean(of):
        def over(all_tracks):
            values = [value for track in all_tracks for value in of(track)]
            return statistics.mean(values) if values else None
        return over

    def each(of):
        return lambda all_tracks: statistics.mean(of(track) for track in all_tracks)

    row("line-ups in 80 tracks", lambda all_tracks: len({tuple(p["name"] for p in t["parts"]) for t in all_tracks}),
        ">= 40", least=40, shown="{:.0f}")
    row("tempi in 80 tracks", lambda all_tracks: len({round(t["bpm"], 1) for t in all_tracks}), ">= 30", least=30,
        shown="{:.0f}")
    heard = {genre: scores.heard_in_programmes(tracks[genre]) for genre in genres}
    by_genre = {id(tracks[genre]): heard[genre] for genre in genres}
    row("changes of 4 bars in 80 tracks", lambda all_tracks: len(by_genre[id(all_tracks)][1]["changes of 4 bars"]),
        ">= 100", least=100, shown="{:.0f}")
    for layer, reach in (("drum bars", .6), ("bass rhythms", .6), ("accompaniment rhythms", .6), ("tune rhythms", .6),
                         ("changes of 4 bars", .5)):
        row(f"heard before, minutes 30 to 45: {layer}", lambda all_tracks: by_genre[id(all_tracks)][0].get(layer),
            f"<= {reach}", most=reach)
    row("breakdown into the outro", each(scores.ends_in_breakdown), "0", most=0)
    row("sections shorter than 4 bars", each(scores.short_sections), "0", most=0)
    long = {genre: [composed(genre, seed, 600) for seed in TRACKS[:4]] for genre in genres}
    literal = {genre: statistics.mean(v for t in long[genre] for v in scores.literal_bars(t)) for genre in genres}
    worst = max(literal, key=literal.get)
    table.row(what="literal lead bars in 600 s", ours=f"{literal[worst]:.2f} ({worst})", reach="<= 0.4",
              peer=f"median {statistics.median(literal.values()):.2f}", ok=literal[worst] <= 0.4)
    sung = [genre for genre in genres if genre != "ambient"]
    row("tune on top", mean(scores.on_top), ">= 0.8", least=0.8, among=sung)
    row("velocity with pitch", mean(scores.swell), ">= 0.4", least=0.4)
    row("motif recurrence, least", each(scores.recurrence), ">= 0.4", least=0.4)
    row("motif recurrence, most", each(scores.recurrence), "<= 0.85", most=0.85)
    row("literal return", mean(scores.literal_returns), "<= 0.6", most=0.6)
    row("repeated notes", mean(scores.repeated), "<= 0.15", most=0.15)

    def solo_density(all_tracks):
        played = {role: [scores.density(t, role) for t in all_tracks] for role in ("solo", "lead")}
        notes = {role: sum(n for n, _ in counts) / max(1, sum(b for _, b in counts)) for role, counts in played.items()}
        return notes["solo"] / notes["lead"] if notes["solo"] else None
    row("solo to lead density", solo_density, ">= 1.6", least=1.6)
    row("three-handed strokes", each(scores.three_handed), "0", most=0)
    row("crashes a track", each(scores.crashes), "<= 0.5", most=0.5, among=["lofi hip hop", "jazz", "bossa nova"])
    row("parallels in the outer voices", mean(scores.parallels), "0", most=0, among=["classical"])


table = Table("band")
genres = run("--genres").splitlines()
music_rows(table, genres)
first = []
for genre in genres:
    speeds = []
    for _ in range(2):
        out = run(genre, SEED, "90")
        speeds.append(int(re.search(r"(\d+) x real time", out)[1]))
        first.append(int(re.search(r"first block +(\d+) ms", out)[1]))
        lufs = re.search(r"(-?[\d.]+) LUFS", out)[1]
    table.row(what=f"{genre}, 90 s ({lufs} LUFS)", ours=f"{max(speeds)} x real time", peer="needed: 1 x",
              ratio=f"{max(speeds)}", reach=f">= {REACH}", ok=max(speeds) >= REACH)
median = sorted(first)[len(first) // 2]
table.row(what="order to first sound, median", ours=f"{median} ms", reach=f"<= {FIRST_MS} ms", ok=median <= FIRST_MS)
for seconds in ("90", "600"):
    out = run(genres[0], SEED, seconds, "--together", str(BANDS))
    megabytes = int(re.search(r"(\d+) MB with", out)[1])
    table.row(what=f"{BANDS} tracks of {seconds} s at once, RSS", ours=f"{megabytes} MB",
              peer=re.search(r"(\d+ MB) before", out)[1] + " without one", reach=f"<= {MEMORY_MB} MB",
              ok=megabytes <= MEMORY_MB)
table.print()
