#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails on an #include that points upward, and where LAYERS is not the table of HACKING.md.

usage: layers_test.py PROJECT_ROOT
"""
import pathlib
import re
import sys

# folder: (our own folders it may include, begin of the foreign headers it may include beside the standard library)
FRAMEWORK = ("gst/", "nice/", "nettle/", "glib", "gio/", "libsoup/", "json-glib/", "fluidsynth", "ebur128")
POSIX = ("sys/", "netinet/", "arpa/", "unistd.h", "fcntl.h", "poll.h", "netdb.h", "signal.h", "pthread.h")
LAYERS = {
    "src/text": ((), ()),
    "src/posix": ((), POSIX),
    "src/music": (("text",), ()),
    "src/sound": ((), ()),
    "src/cast": (("text", "posix"), POSIX),
    "src/door": (("text", "posix"), POSIX),
    "src/band": (("text", "music", "sound"), ("fluidsynth",) + POSIX),
    "src/gstpp": ((), ("gst/", "glib")),
    "src/remote": (("text", "posix", "music"), ("glib", "gio/", "libsoup/", "json-glib/") + POSIX),
    "src/onair": (("music", "gstpp"), ("gst/",)),
    "plugins": (("text", "posix", "music", "sound", "cast", "door", "band", "gstpp", "remote", "onair"), ("gst/", "glib", "gio/", "ebur128") + POSIX),
    "src/station": (("text", "music", "door", "gstpp", "onair"),
                    ("gst/", "nice/", "nettle/", "glib", "gio/", "libsoup/") + POSIX),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def offences(root):
    for folder in sorted({str(p.relative_to(root)) for p in (root / "src").iterdir() if p.is_dir()} | {"plugins"}):
        if folder not in LAYERS:
            yield f"{folder}: not in the table of layers"
            continue
        ours, foreign = LAYERS[folder]
        own = folder.split("/")[-1]
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                quote, header = match.groups()
                if quote == '"':
                    top = header.split("/")[0]
                    allowed = "/" not in header or top in ours or top == own
                else:
                    allowed = not header.startswith(FRAMEWORK + POSIX) or header.startswith(foreign)
                if not allowed:
                    yield f"{path.relative_to(root)}:{number}: {folder} may not include {header}"


def differences(root):
    """between LAYERS and HACKING.md: which of our own folders each may include"""
    table = {}  # folder: its cell "may include"
    for row in re.findall(r"^\| `(src/\w+|plugins)` \|(.*)\|$", (root / "HACKING.md").read_text(), re.MULTILINE):
        table[row[0]] = row[1].split("|")[1].split(";")[0].strip()
    for folder in LAYERS.keys() | table.keys():
        ours = LAYERS.get(folder, ((), ()))[0]
        if table.get(folder) == "all of the above":
            said = {above.split("/")[-1] for above in table if above.startswith("src/")} - {"station"}
        else:
            said = set(table.get(folder, "nothing").split(", ")) - {"itself"}
        if said != set(ours):
            yield f"{folder}: HACKING.md lets it include {', '.join(sorted(said)) or 'itself'}, LAYERS {', '.join(ours) or 'itself'}"


root = pathlib.Path(sys.argv[1])
found = [*offences(root), *differences(root)]
print("\n".join(found) or "every include points downward")
sys.exit(1 if found else 0)
