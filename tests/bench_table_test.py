#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of ./dev bench: columns line up, a missed reach is seen."""
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
from table import Table  # noqa: E402


class TableTest(unittest.TestCase):
    def test_columns_line_up(self):
        table = Table("mix")
        table.row(what="a long description", ours="1 s", peer="audiomixer 2 s", ratio="0.50", reach="<= 0.5", ok=True)
        table.row(what="µ", ours="12.25 ms", ratio=3, ok=None)
        _, head, rule, *rows = table.lines()
        start = head.index("ours")
        self.assertEqual([row[start:start + 3] for row in rows], ["1 s", "12."])
        self.assertEqual([row[start - 2:start] for row in [rule, *rows]], ["  "] * 3)
        end = head.index("ratio") + len("ratio")
        self.assertEqual([row[:end][-4:] for row in rows], ["0.50", "   3"])

    def test_says_what_was_missed(self):
        table = Table("pace")
        self.assertIn("nothing to judge", next(table.lines()))
        table.row(what="jumps", ours=0, reach="0", ok=True)
        self.assertIn("all 1 reached", next(table.lines()))
        table.row(what="drift", ours="3 ms", reach="0", ok=False)
        table.row(what="rss", ours="80 MB")
        self.assertIn("1 of 2 missed", next(table.lines()))
        self.assertTrue(list(table.lines())[-2].endswith("MISSED"))


unittest.main()
