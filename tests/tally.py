#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what `meson test` ran: prints `N passed, N failed, N skipped`, fails if a test did or if a log has no passed one.

usage: tally.py LOG…            each a testlog.json of meson's
       tally.py --failed LOG    prints the names of the programs that failed instead, one a line
Each case of a GoogleTest program counts, any other program counts as one. A program that fails without a failed case
(it died, hung, or leaked at its end) counts as one failure.
Where there is a NAME-first.json beside a NAME.json, the second holds another run of the programs that failed in the
first. That one counts, and the programs that passed only then are named.
"""
import json
import pathlib
import re
import sys

OUTCOMES = {"      OK": "passed", " FAILED ": "failed", " SKIPPED": "skipped"}
CASE = re.compile(r"\[ (      OK| FAILED | SKIPPED) \] .*\(\d+ ms\)$", re.MULTILINE)  # the end of one case
GOOD = ("OK", "EXPECTEDFAIL", "SKIP")


def outcomes(program):
    """of one program: a line of meson's testlog.json"""
    if program["result"] == "SKIP":
        return ["skipped"]
    found = [OUTCOMES[mark] for mark in CASE.findall(program.get("stdout", ""))]
    if program["result"] not in GOOD and "failed" not in found:
        found.append("failed")
    return found or ["passed"]


def programs(log):
    """those of one log by name; without a log, none"""
    try:
        text = pathlib.Path(log).read_text()
    except FileNotFoundError:
        return {}
    return {program["name"]: program for program in map(json.loads, text.splitlines())}


def failed(log):
    return {name for name, program in programs(log).items() if program["result"] not in GOOD}


def ran(log):
    """the outcomes of all tests of one log"""
    first = log.removesuffix(".json") + "-first.json"
    for name in sorted(failed(first) - failed(log)):
        print(f"Passed only when run again, alone: {name}")
    return [outcome for program in (programs(first) | programs(log)).values() for outcome in outcomes(program)]


def main():
    if sys.argv[1] == "--failed":
        for name in sorted(failed(sys.argv[2])):
            print(name.split(" / ")[-1])
        return
    logs = [ran(log) for log in sys.argv[1:]]
    passed, failures, skipped = (sum(log.count(outcome) for log in logs) for outcome in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failures} failed, {skipped} skipped")
    sys.exit(0 if all("passed" in log for log in logs) and not failures else 1)


main()
