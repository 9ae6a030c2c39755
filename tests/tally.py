#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what `meson test` ran: prints `N passed, N failed, N skipped`, fails if a test did or if a log has no passed one.

usage: tally.py LOG…      each a testlog.json of meson's
Each case of a GoogleTest program counts, any other program counts as one. A program that fails without a failed case
(it died, hung, or leaked at its end) counts as one failure.
"""
import json
import pathlib
import re
import sys

OUTCOMES = {"      OK": "passed", " FAILED ": "failed", " SKIPPED": "skipped"}
CASE = re.compile(r"\[ (      OK| FAILED | SKIPPED) \] .*\(\d+ ms\)$", re.MULTILINE)  # the end of one case
GOOD = ("OK", "EXPECTEDFAIL")


def outcomes(program):
    """of one program: a line of meson's testlog.json"""
    if program["result"] == "SKIP":
        return ["skipped"]
    found = [OUTCOMES[mark] for mark in CASE.findall(program.get("stdout", ""))]
    if program["result"] not in GOOD and "failed" not in found:
        found.append("failed")
    return found or ["passed"]


def ran(log):
    """the outcomes of all tests of one log; without a log, none"""
    try:
        text = pathlib.Path(log).read_text()
    except FileNotFoundError:
        return []
    return [outcome for line in text.splitlines() for outcome in outcomes(json.loads(line))]


def main():
    logs = [ran(log) for log in sys.argv[1:]]
    passed, failed, skipped = (sum(log.count(outcome) for log in logs) for outcome in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(0 if all("passed" in log for log in logs) and not failed else 1)


main()
