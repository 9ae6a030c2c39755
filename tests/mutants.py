#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes the code in one place, builds the tests of that room and runs them: a change that none of them notices is told.

usage: mutants.py [--each N] [--seed N] [--folder F] [ROOM…]      each: mutants of a room, 12 unless said; ROOM as music

It works on a copy of the tree in the folder, build-mutants/ unless said. Which places are taken hangs on the text of their lines alone, so the
sample stays when files move. What does not compile is no mutant, and the next place is taken. A mutant that changes
nothing that can be observed stands in EQUIVALENT with the reason.
"""
import argparse
import collections
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = ("music", "sound", "cast", "door", "http", "json")
PATIENCE = 120  # seconds for one test program; a mutant that hangs is noticed

# what is looked for: what it becomes
OPERATORS = [
    (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "), (r" == ", " != "), (r" != ", " == "),
    (r" && ", " || "), (r" \|\| ", " && "), (r" \+ ", " - "), (r" - ", " + "), (r" \* ", " / "), (r" / ", " * "),
    (r" \+= ", " -= "), (r" -= ", " += "), (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r"(?<=[(&|] )!|(?<=\()!", ""),
    (r"\bstd::min\b", "std::max"), (r"\bstd::max\b", "std::min"), (r"\bcontinue;", "break;"), (r"\bbreak;", ""),
    (r"(?<![\w.'\"])(\d+)(?![\w.'\"])", lambda found: str(int(found[1]) + 1)),
    (r"(?<![\w.'\"])(\d+\.\d+)(?![\w.'\"])", lambda found: str(float(found[1]) * 1.5 + 0.1)),
]

# (room, line as it stands, line as changed): why nobody can tell them apart
EQUIVALENT = {
    ("cast", "for (int i = 0; i < 4; ++i)", "for (int i = 0; i < 5; ++i)"):
        "so much is read away at once; what is left is read away next time",
    ("sound", "for (std::size_t m = 0; m < pairs; ++m, at += kBodyStep)", "for (std::size_t m = 0; m <= pairs; ++m, at += kBodyStep)"):
        "one gain more in the room that is left behind the gains; nobody reads it",
    ("json", "if (whole && std::from_chars(rest.data(), rest.data() + i, value).ec != std::errc{}) return 0;",
     "if (whole && std::from_chars(rest.data(), rest.data() + i, value).ec != std::errc{}) return 1;"):
        "a number that does not fit has a digit after its first character, and no scalar ends before a digit",
    ("http", "const auto weight = text::trimmed(item.substr(semicolon + 1));", "const auto weight = text::trimmed(item.substr(semicolon - 1));"):
        "the character before the semicolon belongs to gzip or *, which is no digit of a weight",
    ("http", "gsize read = 0, written = 0;", "gsize read = 1, written = 0;"):
        "g_converter_convert() sets it",
}

Mutant = collections.namedtuple("Mutant", "room file line old new")


def code_of(line):
    """the line without its comment, or nothing where a change would mean nothing"""
    text = line.strip()
    if text.startswith(("//", "#", "using ", "namespace ", "template", "static_assert", "constexpr auto kNames")):
        return ""
    return line.split("//")[0]


def mutants_of(tree, room):
    """all of them, in an order that is chance but stays"""
    found = []
    for path in sorted((tree / "src" / room).iterdir()):
        if path.suffix not in (".cpp", ".hpp"):
            continue
        for number, line in enumerate(path.read_text().split("\n")):
            code = code_of(line)
            for pattern, change in OPERATORS:
                for place in re.finditer(pattern, code):
                    if code[:place.start()].count('"') % 2:
                        continue  # inside of a text
                    new = line[:place.start()] + (change(place) if callable(change) else change) + line[place.end():]
                    found.append(Mutant(room, path.relative_to(tree), number, line, new))
    return sorted(found, key=lambda mutant: hashlib.sha256(
        f"{arguments.seed} {room} {mutant.old.strip()} {mutant.new.strip()}".encode()).digest())


class Copy:
    """The tree and its build, apart from the one that people work in."""

    def __init__(self):
        folder = pathlib.Path(arguments.folder).resolve()
        self.tree = folder / "tree"
        self.build = folder / "build"
        self.tree.mkdir(parents=True, exist_ok=True)
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        wanted = {name for name in names.split("\0") if name and (ROOT / name).is_file()}
        for path in list(self.tree.rglob("*")):
            if path.is_file() and str(path.relative_to(self.tree)) not in wanted:
                path.unlink()
        for name in wanted:
            target, content = self.tree / name, (ROOT / name).read_bytes()
            if not target.exists() or target.read_bytes() != content:  # what stays is not built again
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                target.chmod((ROOT / name).stat().st_mode)
        if not (self.build / "build.ninja").exists():
            subprocess.run(["meson", "setup", "-Dbench=false", "-Doptimization=1", self.build, self.tree], check=True,
                           stdout=subprocess.DEVNULL)
        listed = subprocess.run(["meson", "introspect", "--tests", self.build], check=True, capture_output=True, text=True)
        self.tests = [test for test in json.loads(listed.stdout)
                      if "infinara:pure" in test["suite"]]

    def programs(self, room):
        return [test["cmd"][0] for test in self.tests if f"infinara:{room}" in test["suite"]]

    def builds(self, room):
        targets = [str(pathlib.Path(program).relative_to(self.build)) for program in self.programs(room)]
        return subprocess.run(["ninja", "-C", self.build, *targets], stdout=subprocess.DEVNULL).returncode == 0

    def who_fails(self, room):
        """the first test that does not pass, or None"""
        for program in self.programs(room):
            run = subprocess.Popen([program, "--gtest_brief=1", "--gtest_fail_fast"], cwd=self.build, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
                                   env=os.environ | {"MALLOC_PERTURB_": "165"})  # what is read after free() is nonsense
            try:
                said, _ = run.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                run.communicate()
                return f"{pathlib.Path(program).name} hangs"
            if run.returncode:
                failed = re.search(r"\[  FAILED  \] (\S+)", said)
                return failed[1] if failed else f"{pathlib.Path(program).name} dies"
        return None

    def with_(self, mutant):
        """(it compiles, who notices)"""
        path = self.tree / mutant.file
        text = path.read_text()
        lines = text.split("\n")
        lines[mutant.line] = mutant.new
        path.write_text("\n".join(lines))
        try:
            if not self.builds(mutant.room):
                return False, None
            return True, self.who_fails(mutant.room)
        finally:
            path.write_text(text)


def key(mutant):
    return mutant.room, mutant.old.strip(), mutant.new.strip()


def main():
    copy = Copy()
    tried = equivalent = 0
    unnoticed = []
    for room in arguments.rooms or ROOMS:
        if not copy.builds(room) or copy.who_fails(room):
            sys.exit(f"The tests of {room} fail without any change.")
        here = 0
        for mutant in mutants_of(copy.tree, room):
            if here == arguments.each:
                break
            where = f"{mutant.file}:{mutant.line + 1}: {mutant.old.strip()}  →  {mutant.new.strip()}"
            if reason := EQUIVALENT.get(key(mutant)):
                print(f"{where}\n    equivalent: {reason}", flush=True)
                equivalent += 1
                continue
            begin = time.monotonic()
            compiles, noticed = copy.with_(mutant)
            if not compiles:
                continue
            here += 1
            print(f"{where}\n    {noticed or 'UNNOTICED'}, {time.monotonic() - begin:.0f} s", flush=True)
            if not noticed:
                unnoticed.append(where)
        tried += here
        copy.builds(room)
    print(f"{tried} mutants: {tried - len(unnoticed)} noticed, {len(unnoticed)} not; {equivalent} more are equivalent")
    for where in unnoticed:
        print("  " + where)
    sys.exit(1 if unnoticed else 0)


parser = argparse.ArgumentParser()
parser.add_argument("--each", type=int, default=12)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--folder", default=ROOT / "build-mutants")
parser.add_argument("rooms", nargs="*")
arguments = parser.parse_args()
main()
