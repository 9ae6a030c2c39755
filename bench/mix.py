# SPDX-License-Identifier: Apache-2.0
"""CPU time of a mix that is always fading, beside stock audiomixer and ffmpeg acrossfade on the same files.

Eight tracks of 120 s with crossfades of 60 s make 540 s of programme, in which two tracks are heard but for the first
and the last 60 s. audiomixer gets the same tracks at the same offsets and need not fade them. A planned programme has
as many tracks of 64 s at 60 beats a minute, each joined to the next over eight bars, 32 s: a gain for each band, and
the search for bars and gains that keep the true peak below its limit; audiomixer beside it has those files and offsets
too. The figures are CPU seconds (user and system) of the whole process, the median of several runs that take turns.
"""
import array
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import wave

from table import Table

RATE, SECONDS, TRACKS, FADE, RUNS = 48000, 120, 8, 60, 5
PROGRAMME = TRACKS * SECONDS - (TRACKS - 1) * FADE
BARS = 32  # seconds, eight bars
PLANNED = (TRACKS + 1) * BARS
TAGS = ("infinara-first-downbeat=(guint64)0", f"infinara-beat=(double){RATE}", "infinara-beats-per-bar=(uint)4")


def write_noise(path, seed, seconds):
    """Stereo noise of a quarter of full scale; one second of it, turned each second so that nothing repeats in step."""
    rng = random.Random(seed)
    second = array.array("h", (rng.randint(-8192, 8191) for _ in range(2 * RATE)))
    with wave.open(path, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for _ in range(seconds):
            cut = 2 * rng.randrange(RATE)
            file.writeframes((second[cut:] + second[:cut]).tobytes())


def cpu_seconds(command):
    pid = os.posix_spawnp(command[0], command, os.environ,
                          file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime


def launch(mixer, files, *after):
    return ["gst-launch-1.0", "-q", *mixer, "name=mix", "!", "fakesink"] + [
        word for i, file in enumerate(files)
        for word in ("filesrc", f"location={file}", "!", "wavparse", "!", *after, f"mix.sink_{i}")]


def acrossfade(files):
    links = "".join(f"[{'x' if i > 1 else ''}{i - 1 if i > 1 else 0}][{i}]acrossfade=d={FADE}[x{i}];"
                    for i in range(1, len(files)))
    return ["ffmpeg", "-nostdin", "-loglevel", "error", *(word for file in files for word in ("-i", file)),
            "-filter_complex", links.rstrip(";"), "-map", f"[x{len(files) - 1}]", "-f", "null", "-"]


def planned_joins(command):
    """How many joins of this programme have gains of their own for each band."""
    lines = subprocess.run(["-m" if word == "-q" else word for word in command], capture_output=True, text=True, check=True).stdout
    return len(re.findall(r"smoothstepmix-fade,.*low-delay=", lines))


def main():
    with tempfile.TemporaryDirectory() as folder:
        long = [os.path.join(folder, f"{i}.wav") for i in range(TRACKS)]
        short = [os.path.join(folder, f"{i}-short.wav") for i in range(TRACKS)]
        for i in range(TRACKS):
            write_noise(long[i], i, SECONDS)
            write_noise(short[i], i, 2 * BARS)

        def audiomixer(files, apart):
            return launch(["audiomixer", *(f"sink_{i}::offset={i * apart * 1_000_000_000}" for i in range(TRACKS))], files)

        commands = {
            "ours": launch(["smoothstepmix", "is-live=false", "join=plain", f"crossfade={FADE}"], long),
            "audiomixer": audiomixer(long, SECONDS - FADE),
            "acrossfade": acrossfade(long),
            "planned": launch(["smoothstepmix", "is-live=false", "join=planned", f"crossfade={BARS}"], short,
                              "taginject", f"tags={','.join(TAGS)}", "!"),
            "audiomixer, short": audiomixer(short, BARS),
        }
        joins = planned_joins(commands["planned"])
        if joins != TRACKS - 1:
            sys.exit(f"{joins} of {TRACKS - 1} joins are planned")
        times = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                times[name].append(cpu_seconds(command))
        figure = {name: statistics.median(runs) for name, runs in times.items()}

    def text(name, seconds):
        spread = f"{min(times[name]):.2f}-{max(times[name]):.2f}"
        return f"{figure[name]:.2f} CPU-s ({spread}), {figure[name] * 3600 / seconds:.1f} a programme hour"

    table = Table("mix")
    for ours, what, seconds, peer, peer_name, reach in (
            ("ours", "always fading", PROGRAMME, "audiomixer", "stock audiomixer", 0.5),
            ("ours", "always fading", PROGRAMME, "acrossfade", "ffmpeg acrossfade", 0.25),
            ("planned", "planned joins, one after the other", PLANNED, "audiomixer, short", "stock audiomixer", 0.6)):
        ratio = figure[ours] / figure[peer]
        table.row(what=f"{what}, {seconds} s", ours=text(ours, seconds), peer=f"{peer_name} {text(peer, seconds)}",
                  ratio=f"{ratio:.2f}", reach=f"<= {reach}", ok=ratio <= reach)
    table.print()


main()
