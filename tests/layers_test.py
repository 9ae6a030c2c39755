#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails on an #include that its folder's row in the table of HACKING.md does not name.

usage: layers_test.py PROJECT_ROOT
"""
import pathlib
import re
import sys

# The headers of C++20, and C's by their C++ names. Not among them: <math.h> and its like, and what later standards bring.
STANDARD = set("""
    algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits clocale
    cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib
    cstring ctime cuchar cwchar cwctype deque exception execution filesystem format forward_list fstream functional future
    initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex new
    numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location
    span sstream stack stdexcept stop_token streambuf string string_view strstream syncstream system_error thread tuple
    type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector version""".split())
# Those of them that know clocks, random generators, threads, files or the terminal.
IMPURE = set("""
    barrier chrono condition_variable csignal ctime filesystem fstream future iostream latch mutex random semaphore shared_mutex
    stop_token syncstream thread""".split())
# The operating system: POSIX.1-2017, and of Linux and glibc what is used.
POSIX = set("""
    arpa/inet.h dirent.h dlfcn.h errno.h fcntl.h fnmatch.h glob.h grp.h ifaddrs.h net/if.h netdb.h netinet/in.h netinet/tcp.h
    poll.h pthread.h pwd.h sched.h semaphore.h signal.h spawn.h sys/file.h sys/mman.h sys/random.h sys/resource.h sys/select.h
    sys/socket.h sys/stat.h sys/statvfs.h sys/time.h sys/times.h sys/types.h sys/uio.h sys/un.h sys/utsname.h sys/wait.h syslog.h
    termios.h time.h unistd.h
    linux/errqueue.h linux/openat2.h linux/sockios.h linux/tcp.h malloc.h sanitizer/lsan_interface.h sys/epoll.h sys/eventfd.h
    sys/inotify.h sys/ioctl.h sys/prctl.h sys/signalfd.h sys/syscall.h sys/timerfd.h xmmintrin.h""".split())
# library, as HACKING.md names it: the begins of its headers
LIBRARIES = {
    "GStreamer": ("gst/", "glib.h", "glib-object.h", "glib-unix.h", "gio/"),  # GLib is a part of its interface
    "GLib": ("glib.h", "glib-object.h", "glib-unix.h", "gio/"),
    "libsoup": ("libsoup/soup.h",),
    "json-glib": ("json-glib/json-glib.h",),
    "FluidSynth": ("fluidsynth.h",),
    "libsndfile": ("sndfile.h",),
    "libebur128": ("ebur128.h",),
    "libnice": ("nice/",),
    "nettle": ("nettle/",),
    "libsystemd": ("systemd/",),
    "SQLite": ("sqlite3.h",),
}
# A row of HACKING.md's table: folder, sentence, our own folders it may include, libraries. "pure std" is std without IMPURE.
ROW = re.compile(r"^\| `((?:src|plugins)[\w/]*)` \|[^|]*\|([^|]*)\|([^|]*)\|$", re.MULTILINE)
GENERATED = {"src/band": {"styles.hpp"}, "src/http": {"web_resource.h"}, "src/station": {"pipelines_resource.h"}}  # made by the build
DIRECTIVE = re.compile(r'^\s*(?:#|%:|\?\?=)\s*(?:include|include_next|import)\b\s*(.*)')
HEADER = re.compile(r'^([<"])([^>"]+)[>"]')
SOURCES = {".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".inc", ".inl", ".ipp"}


def names(cell):
    """the names in a cell, without the word where in the folder (" in `…`") and without a remark ("; …")"""
    return {name.strip() for name in re.sub(r" in `[^;]*|;.*", "", cell).split(",") if name.strip()}


def layers(root):
    """folder: the names of our folders and of the libraries that it may include. Bottom to top: none may include a folder of a
    later row. A folder within another has a row of its own, and may not include the other one unless that says so."""
    return {folder: (names(ours) - {"itself"}, names(libraries))
            for folder, ours, libraries in ROW.findall((root / "HACKING.md").read_text())}


def name_of(folder):
    return folder.removeprefix("src/")


def folder_of(root, path):
    """the innermost folder of the table that `path` is in"""
    return next((str(above.relative_to(root)) for above in path.parents if above != root and root in above.parents
                 and str(above.relative_to(root)) in LAYERS), None)


def header_at(root, folder, path, header):
    """our own header that `path` gets by this name, or None"""
    places = [root / "plugins"] if folder.startswith("plugins") else []
    if "/" not in header:
        places.insert(0, path.parent)
    else:
        places.append(root / "src")
    return next((place / header for place in places if (place / header).is_file()), None)


def may_include(root, folder, path, quote, header):
    ours, libraries = LAYERS[folder]
    if quote == '"':
        if header in GENERATED.get(folder, ()):
            return True
        found = header_at(root, folder, path, header)
        return found is not None and ".." not in header and name_of(folder_of(root, found)) in ours | {name_of(folder)}
    if header in STANDARD:
        return "std" in libraries or ("pure std" in libraries and header not in IMPURE)
    if header in POSIX:
        return "POSIX" in libraries
    return any(header.startswith(LIBRARIES[name]) for name in libraries & LIBRARIES.keys())


def offences(root):
    for path in sorted([*(root / "src").rglob("*"), *(root / "plugins").rglob("*")]):
        if path.suffix not in SOURCES:
            continue
        folder = folder_of(root, path)
        if folder is None:
            yield f"{path.relative_to(root)}: its folder is not in the table of layers"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            directive = DIRECTIVE.match(line)
            if not directive:
                continue
            match = HEADER.match(directive.group(1))
            if not match or not may_include(root, folder, path, *match.groups()):
                what = match.group(2) if match else directive.group(1)
                yield f"{path.relative_to(root)}:{number}: {folder} may not include {what}"
    for folder in sorted({path for top in ("src", "plugins") for path in (root / top).iterdir() if path.is_dir()}):
        if str(folder.relative_to(root)) not in LAYERS:
            yield f"{folder.relative_to(root)}: not in the table of layers"
    below = set()
    for folder, (ours, libraries) in LAYERS.items():
        if not (root / folder).is_dir():
            yield f"{folder}: there is no such folder"
        for name in sorted(libraries - LIBRARIES.keys() - {"std", "pure std", "POSIX"}):
            yield f"{folder}: LIBRARIES has no {name}"
        for name in sorted(ours - below):
            yield f"{folder}: {name} is no folder below it"
        below.add(name_of(folder))


root = pathlib.Path(sys.argv[1])
LAYERS = layers(root)
found = list(offences(root))
print("\n".join(found) or "every include is one that its folder may use")
sys.exit(1 if found else 0)
