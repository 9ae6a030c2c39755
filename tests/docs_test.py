#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails on a link in a document that leads nowhere, a file named there that is not, a decision without a line in the index, and a
setting or an output that README.md leaves out.

usage: docs_test.py PROJECT_ROOT
"""
import pathlib
import re
import subprocess
import sys

FENCE = re.compile(r"^```.*?^```", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*)$", re.M)
# A path in code marks, such as `src/music/genre.hpp` or `plugins/mixer/`.
PATH = re.compile(r"`((?:src|plugins|tests|fuzz|bench|docs|pipelines|web|tools)/[\w./-]+)`")

# What settings.cpp calls the variable of a setting.
VARIABLE = re.compile(r'"((?:RADIO|ACESTEP)_[A-Z_]+)"')

# The path of an output, first in its row.
OUTPUT = re.compile(r'^ *Output\{"([^"]+)"', re.M)


def documents(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "*.md"], capture_output=True, text=True)
    names = listed.stdout.split() if listed.returncode == 0 else [
        str(path.relative_to(root)) for path in root.rglob("*.md") if not path.relative_to(root).parts[0].startswith(("build", "."))]
    return [root / name for name in names]


def anchor(heading):
    """What a heading is called in a link, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(text):
    return {anchor(heading) for heading in HEADING.findall(FENCE.sub("", text))}


def offences(root):
    for document in documents(root):
        name, text = document.relative_to(root), document.read_text()
        for link in LINK.findall(FENCE.sub("", text)):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, fragment = link.partition("#")
            target = (document.parent / path) if path else document
            if not target.exists():
                yield f"{name}: the link {link} leads nowhere"
            elif fragment and fragment not in anchors(target.read_text()):
                yield f"{name}: {path or name} has no heading #{fragment}"
        for path in PATH.findall(text):
            # `src/music/programme` names a pair of files, `plugins/mooddj` a test; ROOM and NAME stand for any.
            places = (root / path, root / (path.rstrip("/") + ".hpp"), root / (path + ".cpp"), *root.glob(f"tests/{path.rstrip('/')}_test.*"))
            if not re.search("ROOM|NAME", path) and not any(place.exists() for place in places):
                yield f"{name}: there is no {path}"
    index = root / "docs/decisions/README.md"
    listed = set(LINK.findall(index.read_text()))
    for room in sorted(index.parent.glob("*.md")):
        if room == index:
            continue
        for heading in re.findall(r"^## +(.*)$", room.read_text(), re.M):
            if f"{room.name}#{anchor(heading)}" not in listed:
                yield f"docs/decisions/README.md: no line for {room.name}#{anchor(heading)}"
    readme = (root / "README.md").read_text()
    for variable in VARIABLE.findall((root / "src/config/settings.cpp").read_text()):
        if f"`{variable}`" not in readme:
            yield f"README.md: no line for the setting {variable}"
    for path in OUTPUT.findall((root / "src/station/outputs.hpp").read_text()):
        if not re.search(rf"{re.escape(path)}(?![\w.])", readme):
            yield f"README.md: no word of the output {path}"


if __name__ == "__main__":
    found = list(offences(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(found) or "every link of the documents leads somewhere")
    sys.exit(1 if found else 0)
