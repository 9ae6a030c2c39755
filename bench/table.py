# SPDX-License-Identifier: Apache-2.0
"""Prints what a bench measured: ours and the peer's figure side by side, and whether ours is where it should be.

    table = Table("mix")
    table.row(what="90 s, always fading", ours="0.9 CPU-s", peer="audiomixer 2.1 CPU-s", ratio="0.43",
              reach="<= 0.5", ok=True)      # ok=None: nothing to judge
    table.print()
"""
import os
import sys
import unicodedata

COLUMNS = ("what", "ours", "peer", "ratio", "reach", "ok")
JUDGED = {True: "yes", False: "MISSED", None: "-"}
RIGHT = {"ratio"}


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text if not unicodedata.combining(c))


def padded(text, size, right=False):
    space = " " * (size - width(text))
    return space + text if right else text + space


class Table:
    def __init__(self, name):
        self.name = name
        self.rows = []

    def row(self, what, ours, peer="", ratio="", reach="", ok=None):
        """One measure. Everything is text, figures with their unit; a cell may be a number too."""
        ok = None if ok is None else bool(ok)  # a numpy-like or int truth is a truth
        self.rows.append([str(cell) for cell in (what, ours, peer, ratio, reach)] + [JUDGED[ok]])

    def lines(self):
        head = list(COLUMNS)
        sizes = [max(width(row[i]) for row in [head] + self.rows) for i in range(len(head))]

        def line(cells):
            return "  ".join(padded(cell, size, name in RIGHT)
                             for cell, size, name in zip(cells, sizes, COLUMNS)).rstrip()

        yield f"{self.name}: {self.verdict()}"
        yield line(head)
        yield "  ".join("-" * size for size in sizes)
        yield from map(line, self.rows)

    def verdict(self):
        judged = [row[-1] for row in self.rows if row[-1] != JUDGED[None]]
        if not judged:
            return "nothing to judge"
        missed = judged.count(JUDGED[False])
        return f"{missed} of {len(judged)} missed" if missed else f"all {len(judged)} reached"

    def print(self):
        text = "\n".join(self.lines()) + "\n"
        sys.stdout.write(text)
        sys.stdout.flush()
        summary = os.environ.get("INFINARA_BENCH_SUMMARY")  # `./dev bench` shows all tables again at its end
        if summary:
            with open(summary, "a", encoding="utf-8") as file:
                file.write(text + "\n")
