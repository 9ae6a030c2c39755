#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails on an #include that points upward. LAYERS is the table of HACKING.md.

usage: layers_test.py PROJECT_ROOT
"""
import pathlib
import re
import sys

# folder: (our own folders it may include, begin of the foreign headers it may include beside the standard library)
FRAMEWORK = ("gst/", "nice/", "nettle/", "glib", "gio/", "libsoup/", "json-glib/", "fluidsynth", "ebur128", "sqlite3")
POSIX = ("sys/", "netinet/", "arpa/", "unistd.h", "fcntl.h", "poll.h", "netdb.h", "signal.h", "pthread.h")
LAYERS = {
    "src/text": ((), ()),
    "src/music": ((), ()),
    "src/sound": ((), ()),
    "src/cast": (("text",), POSIX),
    "src/door": (("text",), POSIX),
    "src/band": (("music", "sound"), ("fluidsynth", "ebur128") + POSIX),
    "src/gstpp": ((), ("gst/", "glib")),
    "src/remote": (("text", "music"), ("glib", "gio/", "libsoup/", "json-glib/") + POSIX),
    "src/onair": (("music", "gstpp"), ("gst/",)),
    "plugins": (("text", "music", "sound", "cast", "door", "band", "gstpp", "remote", "onair"), ("gst/", "glib", "gio/", "ebur128") + POSIX),
    "src/station": (("text", "music", "door", "gstpp", "onair"),
                    ("gst/", "nice/", "nettle/", "glib", "gio/", "libsoup/", "json-glib/", "sqlite3") + POSIX),
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


found = list(offences(pathlib.Path(sys.argv[1])))
print("\n".join(found) or "every include points downward")
sys.exit(1 if found else 0)
