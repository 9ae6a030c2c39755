#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What ./dev lint runs: format, licence lines, trailing space, scripts that parse, layers, clang-tidy.

usage: lint.py BUILD [FILE…]        no FILE: every file that git tracks
       lint.py --quick [FILE…]      all but clang-tidy; no build is needed
clang-tidy is slow, so a file that passed is asked again only when it, a header or .clang-tidy has changed. tests/ has rules of its own.
"""
import ast
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CPP = {".cpp", ".hpp"}
LICENSED = CPP | {".c", ".py", ".js", ".css", ".build", ".sh", ".style", ".dict"}
SPDX = "SPDX-License-Identifier: Apache-2.0"
CLANG_FORMAT = 14  # Debian 12's. Each major version sets some lines differently, so no other is asked.


def tracked():
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in out.split("\0") if name and (ROOT / name).is_file()]


def text_of(path):
    data = path.read_bytes()
    if b"\0" in data:
        return None
    return data.decode("utf-8", "replace")


def is_shell(path, text):
    return path.suffix == ".sh" or text.startswith(("#!/bin/bash", "#!/bin/sh"))


def plain_faults(path):
    """What can be said of a file by reading it."""
    text = text_of(path)
    if not text:
        return
    if path.name == "LICENSE" or path.suffix == ".http" or ROOT / "fuzz/corpus" in path.parents:  # bytes as a server or fuzzer made them
        return
    if (path.suffix in LICENSED or path.name == "meson_options.txt" or is_shell(path, text)) and SPDX not in text[:400]:
        yield f"{path}:1: no line '{SPDX}' at its head"
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            yield f"{path}:{number}: space at the end of the line"
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield f"{path}: does not end with one newline"
    if path.suffix == ".py":
        try:
            ast.parse(text)
        except SyntaxError as error:
            yield f"{path}:{error.lineno}: {error.msg}"
    if path.suffix == ".json":
        try:
            json.loads(text)
        except ValueError as error:
            yield f"{path}: {error}"
    if is_shell(path, text):
        run = subprocess.run(["bash", "-n", path], capture_output=True, text=True)
        if run.returncode:
            yield run.stderr.strip()


def format_faults(paths):
    if not paths:
        return
    version = subprocess.run(["clang-format", "--version"], check=True, capture_output=True, text=True).stdout
    if f"version {CLANG_FORMAT}." not in version:
        print(f"format: not checked, that needs clang-format {CLANG_FORMAT} and here is {version.strip()}")
        return
    run = subprocess.run(["clang-format", "--dry-run", "-Werror", *paths], capture_output=True, text=True)
    if run.returncode:
        yield run.stderr.strip()


def layer_faults():
    run = subprocess.run([sys.executable, ROOT / "tests/layers_test.py", ROOT], capture_output=True, text=True)
    if run.returncode:
        yield run.stdout.strip()


class Tidy:
    """clang-tidy over the translation units of the build, in parallel, with a stamp for each that passed."""

    def __init__(self, build, files):
        self.build = build
        self.stamps = build / "tidy"
        self.stamps.mkdir(exist_ok=True)
        self.rules = (ROOT / ".clang-tidy").read_bytes() + (ROOT / "tests/.clang-tidy").read_bytes()
        wanted = {path.resolve() for path in files}
        self.units = {}  # translation unit: what of ours it is made of
        for entry in json.loads((build / "compile_commands.json").read_text()):
            path = (build / entry["directory"] / entry["file"]).resolve()
            if path in wanted:
                self.units[path] = self.parts(path)

    @staticmethod
    def parts(path, roots=tuple(ROOT / name for name in ("src", "plugins", "tests", "tools"))):
        """The file and those of ours that it includes, and they in turn."""
        found, todo = set(), [path]
        while todo:
            part = todo.pop()
            if part in found:
                continue
            found.add(part)
            for name in re.findall(r'^#include "([^"]+)"', part.read_text(), re.MULTILINE):
                todo += [(root / name).resolve() for root in (part.parent, *roots) if (root / name).is_file()]
        return found

    def stamp(self, path):
        content = hashlib.sha256(self.rules)
        for part in sorted(self.units[path]):
            content.update(part.read_bytes())
        return self.stamps / f"{path.stem}-{content.hexdigest()[:32]}"

    def faults(self):
        todo = [path for path in self.units if not self.stamp(path).exists()]
        print(f"clang-tidy: {len(todo)} of {len(self.units)} files", flush=True)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for fault in pool.map(self.check, todo):
                if fault:
                    yield fault

    def check(self, path):
        run = subprocess.run(["clang-tidy", "-p", self.build, "--quiet", path], capture_output=True, text=True)
        if run.returncode or "Error parsing" in run.stderr:  # of its rules: it would go on with others
            return run.stdout.strip() or run.stderr.strip()
        self.stamp(path).touch()
        return None


def main():
    files = [pathlib.Path(name).resolve() for name in sys.argv[2:]] or tracked()
    cpp = [path for path in files if path.suffix in CPP]
    count = 0
    checks = [(fault for path in files for fault in plain_faults(path)), format_faults(cpp), layer_faults()]
    if sys.argv[1] != "--quick":
        checks.append(Tidy(pathlib.Path(sys.argv[1]).resolve(), cpp).faults())
    for faults in checks:
        for fault in faults:
            print(fault.replace(f"{ROOT}/", ""), flush=True)
            count += 1
    print(f"{len(files)} files, {count or 'no'} fault{'' if count == 1 else 's'}")
    sys.exit(1 if count else 0)


main()
