#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `meson install` puts into a prefix is whole, and runs from wherever that prefix then lies.

usage: install_test.py BUILD
"""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "app"))
from program import Program  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()


def options():
    listed = subprocess.run(["meson", "introspect", "--buildoptions", BUILD], check=True, stdout=subprocess.PIPE, text=True)
    return {option["name"]: option["value"] for option in json.loads(listed.stdout)}


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="infinara-install-")))
        subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", folder / "there"], check=True,
                       stdout=subprocess.DEVNULL)
        cls.options = options()
        cls.prefix = folder / "elsewhere"  # nothing that was told when it was built names this place
        (folder / "there" / cls.options["prefix"].lstrip("/")).rename(cls.prefix)
        cls.plugins = cls.prefix / cls.options["libdir"] / "gstreamer-1.0"
        cls.registry = folder / "registry"

    def test_launch_files_and_documents_are_there(self):
        share = self.prefix / self.options["datadir"]
        for name in ("station", "crossfade", "house-band", "acestep", "snapcast"):
            self.assertIn("!", (share / "infinara" / "pipelines" / f"{name}.launch").read_text())
        for name in ("README.md", "CHANGELOG.md", "LICENSE", "NOTICE", "score-json.md"):
            self.assertTrue((share / "doc" / "infinara" / name).is_file(), name)

    def test_the_program_plays_with_its_own_plugin(self):
        for name in ("GST_PLUGIN_PATH", "GST_PLUGIN_PATH_1_0", "LD_LIBRARY_PATH"):  # those of the build
            os.environ.pop(name, None)
        program = self.prefix / self.options["bindir"] / "infinara"
        with Program(str(program), RADIO_GENRE="jazz", GST_REGISTRY=str(self.registry)) as radio:
            with socket.create_connection(("127.0.0.1", radio.port), timeout=60) as listener:
                listener.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
                heard = b""
                while len(heard) < 20000 and (more := listener.recv(65536)):
                    heard += more
            self.assertTrue(heard.startswith(b"HTTP/1.0 200"), heard[:100])
            self.assertIn(b"\xff\xfb", heard)
            maps = pathlib.Path(f"/proc/{radio.process.pid}/maps").read_text()
            self.assertIn(str(self.plugins / "libgstinfinara.so"), maps)
            self.assertNotIn(str(BUILD), maps)
            self.assertEqual(radio.end()[0], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
