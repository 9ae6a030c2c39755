#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What ./dev coverage prints: by room, how many of its lines the tests ran, as gcov counted them.

usage: coverage.py BUILD [ROOM…]      ROOM, as src/music: its lines that no test ran
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Rooms of pure code, where nothing but a missing test leaves a line out; the test fails below this share.
PURE = ("src/text", "src/json", "src/music", "src/sound", "src/http", "src/config", "src/cast", "src/door")
ENOUGH = 0.95


def counted(build, data):
    """file: {line: how often it ran}, of one object file"""
    # It fails where a generated file is out of its reach, and tells of the others all the same.
    run = subprocess.run(["gcov", "--json-format", "--stdout", data], cwd=build, capture_output=True, text=True)
    found = collections.defaultdict(collections.Counter)
    for document in run.stdout.splitlines():
        for file in json.loads(document)["files"]:
            path = (build / file["file"]).resolve()
            if path.is_file() and path.is_relative_to(ROOT) and not path.is_relative_to(build):
                for line in file["lines"]:
                    found[path.relative_to(ROOT)][line["line_number"]] += line["count"]
    return found


def room_of(path):
    return str(path.parent)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    # What no test ran has no .gcda; its lines count all the same. What has no object is of an earlier tree.
    notes = [path.with_suffix(".gcda") if path.with_suffix(".gcda").exists() else path
             for path in build.rglob("*.gcno") if path.with_suffix(".o").exists()]
    lines = collections.defaultdict(collections.Counter)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda data: counted(build, data), sorted(notes)):
            for path, counts in found.items():
                lines[path].update(counts)
    rooms = collections.defaultdict(lambda: [0, 0])
    for path, counts in lines.items():
        if path.parts[0] in ("src", "plugins"):
            rooms[room_of(path)][0] += sum(count > 0 for count in counts.values())
            rooms[room_of(path)][1] += len(counts)
    print(f"{'room':<20}{'lines':>7}{'run':>7}{'share':>8}")
    for room, (ran, known) in sorted(rooms.items()):
        print(f"{room:<20}{known:>7}{ran:>7}{ran / known:>8.1%}")
    ran, known = (sum(counts[i] for counts in rooms.values()) for i in (0, 1))
    print(f"{'all':<20}{known:>7}{ran:>7}{ran / known:>8.1%}")
    for path, counts in sorted(lines.items()):
        if room_of(path) in sys.argv[2:]:
            text = (ROOT / path).read_text().split("\n")
            for number in sorted(number for number, count in counts.items() if not count):
                print(f"{path}:{number}: {text[number - 1].strip()}")
    low = [room for room in PURE if room in rooms and rooms[room][0] < ENOUGH * rooms[room][1]]
    if low:
        sys.exit(f"Below {ENOUGH:.0%}: " + ", ".join(low))


main()
