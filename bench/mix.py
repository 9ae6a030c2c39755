# SPDX-License-Identifier: Apache-2.0
"""CPU time of a mix that is always fading, beside stock audiomixer and ffmpeg acrossfade on the same files.

Eight tracks of 120 s with crossfades of 60 s make 540 s of programme in which two tracks are heard at any time.
audiomixer gets the same tracks at the same offsets and need not fade them. The figures are CPU seconds (user and
system) of the whole process, the median of several runs that take turns.
"""
import array
import os
import random
import statistics
import sys
import tempfile
import wave

from table import Table

RATE, SECONDS, TRACKS, FADE, RUNS = 48000, 120, 8, 60, 5
PROGRAMME = TRACKS * SECONDS - (TRACKS - 1) * FADE


def write_noise(path, seed):
    """Stereo noise of a quarter of full scale; one second of it, turned each second so that nothing repeats in step."""
    rng = random.Random(seed)
    second = array.array("h", (rng.randint(-8192, 8191) for _ in range(2 * RATE)))
    with wave.open(path, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for _ in range(SECONDS):
            cut = 2 * rng.randrange(RATE)
            file.writeframes((second[cut:] + second[:cut]).tobytes())


def cpu_seconds(command):
    pid = os.posix_spawnp(command[0], command, os.environ,
                          file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime


def launch(mixer, files):
    return ["gst-launch-1.0", "-q", *mixer, "name=mix", "!", "fakesink"] + [
        word for i, file in enumerate(files)
        for word in ("filesrc", f"location={file}", "!", "wavparse", "!", f"mix.sink_{i}")]


def acrossfade(files):
    links = "".join(f"[{'x' if i > 1 else ''}{i - 1 if i > 1 else 0}][{i}]acrossfade=d={FADE}[x{i}];"
                    for i in range(1, len(files)))
    return ["ffmpeg", "-nostdin", "-loglevel", "error", *(word for file in files for word in ("-i", file)),
            "-filter_complex", links.rstrip(";"), "-map", f"[x{len(files) - 1}]", "-f", "null", "-"]


def main():
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, f"{i}.wav") for i in range(TRACKS)]
        for i, file in enumerate(files):
            write_noise(file, i)
        offsets = [f"sink_{i}::offset={i * (SECONDS - FADE) * 1_000_000_000}" for i in range(TRACKS)]
        commands = {
            "ours": launch(["smoothstepmix", "is-live=false", f"crossfade={FADE}"], files),
            "audiomixer": launch(["audiomixer", *offsets], files),
            "acrossfade": acrossfade(files),
        }
        times = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                times[name].append(cpu_seconds(command))
        figure = {name: statistics.median(runs) for name, runs in times.items()}

    def text(name):
        spread = f"{min(times[name]):.2f}-{max(times[name]):.2f}"
        return f"{figure[name]:.2f} CPU-s ({spread}), {figure[name] * 3600 / PROGRAMME:.1f} a programme hour"

    table = Table("mix")
    for peer, what, reach in (("audiomixer", "stock audiomixer", 1 / 2), ("acrossfade", "ffmpeg acrossfade", 1 / 4)):
        ratio = figure["ours"] / figure[peer]
        table.row(what=f"always fading, {PROGRAMME} s", ours=text("ours"), peer=f"{what} {text(peer)}",
                  ratio=f"{ratio:.2f}", reach=f"<= {reach}", ok=ratio <= reach)
    table.print()


main()
