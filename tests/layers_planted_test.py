#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants includes in a copy of the tree: layers_test must refuse each bad one at its line, and no good one.

usage: layers_planted_test.py PROJECT_ROOT
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

BAD = [  # folder, line
    ("src/music", "#include <sqlite3.h>"),
    ("src/music", '#include "sqlite3.h"'),
    ("src/music", "  #  include   <sqlite3.h>  // why not"),
    ("src/music", "%:include <sqlite3.h>"),
    ("src/music", "#include_next <sqlite3.h>"),
    ("src/music", "#include SOME_HEADER"),
    ("src/music", "#include <gst/gst.h>"),
    ("src/music", "#include <sys/stat.h>"),
    ("src/music", "#include <chrono>"),
    ("src/music", "#include <random>"),
    ("src/music", "#include <fstream>"),
    ("src/music", "#include <math.h>"),
    ("src/music", "#include <boost/optional.hpp>"),
    ("src/music", '#include "sound/fade.hpp"'),
    ("src/music", '#include "../sound/fade.hpp"'),
    ("src/music", '#include "music/../sound/fade.hpp"'),
    ("src/music", "#include <../sound/fade.hpp>"),
    ("src/music", '#include "music/no_such.hpp"'),
    ("src/text", "#include <thread>"),
    ("src/text", "#include <curl/curl.h>"),
    ("src/sound", "#include <ebur128.h>"),
    ("src/sound", "#include <unistd.h>"),
    ("src/posix", '#include "text/list.hpp"'),
    ("src/cast", "#include <glib.h>"),
    ("src/cast", '#include "door/head.hpp"'),
    ("src/door", "#include <openssl/ssl.h>"),
    ("src/band", "#include <gst/gst.h>"),
    ("src/gstpp", "#include <libsoup/soup.h>"),
    ("src/gstpp", '#include "onair/message.hpp"'),
    ("src/remote", "#include <gst/gst.h>"),
    ("src/remote", "#include <curl/curl.h>"),
    ("src/onair", "#include <nice/agent.h>"),
    ("src/station", "#include <fluidsynth.h>"),
    ("src/station", '#include "band/band.hpp"'),
    ("src/station", '#include "cast/stream.hpp"'),
    ("src/station", '#include "app/api.hpp"'),
    ("src/station", "#include <unistd.h>"),
    ("src/app", "#include <json-glib/json-glib.h>"),
    ("src/glibpp", "#include <gst/gst.h>"),
    ("src/remote", '#include "remote/acestep/pool.hpp"'),
    ("src/remote/acestep", "#include <libsoup/soup.h>"),
    ("src/remote/acestep", "#include <json-glib/json-glib.h>"),
    ("plugins", "#include <libsoup/soup.h>"),
    ("plugins", "#include <fluidsynth.h>"),
    ("plugins", '#include "app/api.hpp"'),
    ("plugins", '#include "dj/deck.hpp"'),
    ("plugins/mixer", '#include "dj/deck.hpp"'),
    ("plugins/mixer", '#include "music/track.hpp"'),
    ("plugins/mixer", "#include <ebur128.h>"),
    ("plugins/mixer", "#include <unistd.h>"),
    ("plugins/dj", '#include "mixer/mix_pad.hpp"'),
    ("plugins/dj", '#include "remote/acestep/pool.hpp"'),
    ("plugins/band", '#include "acestep/acestep_uri.hpp"'),
    ("plugins/broadcast", '#include "sound/fade.hpp"'),
]
GOOD = [
    ("src/music", "#include <vector>"),
    ("src/music", "#include <cmath>"),
    ("src/music", '#include "music/genre.hpp"'),
    ("src/music", '#include "genre.hpp"'),
    ("src/music", '#include "text/ascii.hpp"'),
    ("src/music", "// #include <sqlite3.h> would be wrong"),
    ("src/door", "#include <sys/socket.h>"),
    ("src/band", "#include <fluidsynth.h>"),
    ("src/station", "#include <gio/gio.h>"),
    ("plugins", "#include <gst/base/gstbasesink.h>"),
    ("plugins/acestep", '#include "remote/acestep/pool.hpp"'),
    ("plugins/dj", '#include "audition/decoder.hpp"'),
    ("plugins/dj", '#include "elements.hpp"'),
    ("plugins/band", '#include "band/band.hpp"'),
]


def layers(root):
    run = subprocess.run([sys.executable, root / "tests/layers_test.py", root], capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


def main():
    source = pathlib.Path(sys.argv[1])
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in ("src", "plugins"):
            shutil.copytree(source / name, root / name)
        (root / "tests").mkdir()
        shutil.copy(source / "tests/layers_test.py", root / "tests")
        shutil.copy(source / "HACKING.md", root)
        code, said = layers(root)
        if code != 0:
            faults.append(f"the tree itself is refused: {said}")
        for suffix in (".cpp", ".hpp", ".h", ".c"):  # the kind of file makes no difference
            for place, line in BAD if suffix == ".cpp" else BAD[:1]:
                planted = root / place / ("planted" + suffix)
                planted.write_text(f"int planted();\n{line}\n")
                code, said = layers(root)
                if code == 0 or f"{place}/planted{suffix}:2: " not in said:
                    faults.append(f"{place}: passes: {line}")
                planted.unlink()
        for place, line in GOOD:
            planted = root / place / "planted.cpp"
            planted.write_text(f"int planted();\n{line}\n")
            code, said = layers(root)
            if code != 0:
                faults.append(f"{place}: is refused: {line}: {said}")
            planted.unlink()
        (root / "src/misc").mkdir()
        if layers(root)[0] == 0:
            faults.append("a folder that no row names passes")
        (root / "src/misc").rmdir()
        text = (root / "HACKING.md").read_text()
        for fault, old, new in (("a library that is not known passes", "POSIX, FluidSynth,", "POSIX, FluidSynths,"),
                                ("a folder that a lower one may include passes", "| text, music, sound | std, POSIX,", "| text, cast | std, POSIX,"),
                                ("a row without a folder passes", "| `src/log` |", "| `src/lag` |"),
                                ("a library that the row does not name passes", ", libsndfile |", " |")):
            assert old in text, old
            (root / "HACKING.md").write_text(text.replace(old, new))
            if layers(root)[0] == 0:
                faults.append(fault)
    print("\n".join(faults) or f"{len(BAD) + 3} bad includes and 5 bad tables are refused, {len(GOOD)} good ones pass")
    sys.exit(1 if faults else 0)


main()
