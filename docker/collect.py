#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gathers what the image needs beside its base: the installed program, the GStreamer plugins of the elements that
pipelines/ and the sources name, and every library that those are linked with. Fails where one is missing.

usage: collect.py SOURCE STAGED OUT BASE
  STAGED  where `meson install` has put the program, its prefix being /usr
  OUT     a new folder, to be copied onto the base
  BASE    a file with the paths of all files of the base, a line each: they are not copied
       collect.py --elements SOURCE     prints the elements
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys


def elements(source):
    """Names of elements, as launch lines and the sources write them."""
    found = set()
    for launch in (source / "pipelines").glob("*.launch"):
        found |= set(re.findall(r"(?:^|!)[ \t]*([a-z][a-z0-9]*)(?=\s|$)", launch.read_text(), re.M))
    for folder in ("src", "plugins"):
        for file in (source / folder).rglob("*.cpp"):
            found |= set(re.findall(r'\b(?:make|factory_make|factory_find)\("([a-z0-9]+)"', file.read_text()))
    decoders = (source / "plugins/audition/decoder.cpp").read_text()
    for names in re.findall(r'\{"[a-z-]+/[a-z-]+", \{([^}]*)\}\}', decoders):
        found |= set(re.findall(r'"([a-z0-9]+)"', names))
    webrtc = (source / "src/webrtc/peers.cpp").read_text()
    found |= set(re.findall(r'"([a-z0-9]+)"', re.search(r"why_unavailable\(\) \{.*?\{(.*?)\}", webrtc, re.S)[1]))
    return sorted(found)


def output(*command, **more):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **more).stdout


class Image:
    def __init__(self, staged, out, base):
        self.staged, self.out = staged, out
        self.base = {os.path.realpath(path) for path in base.read_text().splitlines()}
        self.linked = set()

    def put(self, path):
        """One file of this machine at its own place; of a link, the file behind it."""
        path = pathlib.Path(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        if os.path.realpath(path) in self.base:
            return
        target = self.out / path.relative_to("/")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        self.put_libraries(path)

    def put_libraries(self, binary):
        if (real := os.path.realpath(binary)) in self.linked:
            return
        self.linked.add(real)
        with open(real, "rb") as file:
            if file.read(4) != b"\x7fELF":
                return
        listed = output("ldd", real)
        if missing := re.findall(r"(\S+) => not found", listed):
            raise SystemExit(f"{binary}: no library {', '.join(missing)}")
        for library in re.findall(r"=> (/\S+)", listed):
            self.put(library)

    def put_staged(self):
        shutil.copytree(self.staged, self.out, ignore=shutil.ignore_patterns("doc"))
        for path in self.out.rglob("*"):
            if path.is_file():
                self.put_libraries(path)


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--elements":
        print("\n".join(elements(pathlib.Path(sys.argv[2]))))
        return
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    source, staged, out, base = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    image = Image(staged, out, base)
    image.put_staged()
    environment = os.environ | {"GST_PLUGIN_PATH": str(next(out.rglob("libgstinfinara.so")).parent)}
    for element in elements(source):
        try:
            described = output("gst-inspect-1.0", element, env=environment)
        except subprocess.CalledProcessError:
            raise SystemExit(f"there is no element {element}") from None
        plugin = re.search(r"^ *Filename +(/\S+)", described, re.M)[1]
        if not plugin.startswith(str(out)):
            image.put(plugin)
    libraries = pathlib.Path(output("pkg-config", "--variable=libdir", "gstreamer-1.0").strip())
    image.put(next(libraries.rglob("gst-plugin-scanner")))
    image.put(libraries / "gstreamer-1.0/libgsttypefindfunctions.so")  # no element: it tells a FLAC file from an MP3 file
    image.put(libraries / "gio/modules/libgiognutls.so")  # TLS, for ACE-Step by https
    image.put("/etc/ssl/certs/ca-certificates.crt")
    for folder, _, files in os.walk(out):
        for name in files:
            print(f"{os.path.getsize(os.path.join(folder, name)):>10} {os.path.relpath(os.path.join(folder, name), out)}")


main()
