#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Debian's package is made of agrees with the rest of the repository. `./dev deb` builds it.

usage: package_test.py PROJECT_ROOT VERSION INFINARA
"""
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

ROOT, VERSION, INFINARA = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
del sys.argv[1:]
UNIT = ROOT / "debian/infinara.service"


def field(name):
    """The packages of a field of debian/control, without their versions."""
    text = re.search(rf"^{name}: *(.*(?:\n .*)*)", (ROOT / "debian/control").read_text(), re.M)[1]
    return {item.split()[0].removesuffix(":any") for item in text.split(",") if item.strip()}


def packages(group):
    """The packages that ./dev names in a group of its own."""
    text = re.search(rf"^{group}=\((.*?)\)$", re.sub(r" +#.*", "", (ROOT / "dev").read_text()), re.M | re.S)[1]
    return {word for word in text.split() if not word.startswith('"')}


class Package(unittest.TestCase):
    def test_its_version_is_that_of_the_project(self):
        first = (ROOT / "debian/changelog").read_text().splitlines()[0]
        self.assertEqual(re.match(r"infinara \((\S+)\) ", first)[1], VERSION)

    def test_it_is_built_with_what_the_project_is_compiled_with(self):
        essential = {"g++", "ninja-build"}  # of build-essential, and what meson depends on
        self.assertEqual(packages("compile_packages") - essential - field("Build-Depends"), set())
        self.assertEqual(packages("deb_packages") - {"debhelper"} - field("Build-Depends"), set())

    def test_webrtc_is_recommended_and_the_streams_are_depended_on(self):
        self.assertLessEqual({"gstreamer1.0-plugins-bad", "gstreamer1.0-nice"}, field("Recommends"))
        self.assertLessEqual({"gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good"}, field("Depends"))
        self.assertEqual(field("Depends") & field("Recommends"), set())


class Service(unittest.TestCase):
    def test_it_waits_for_music_and_watches_it(self):
        text = UNIT.read_text()
        for line in ("Type=notify", "DynamicUser=yes", "StateDirectory=infinara", "ExecStart=/usr/bin/infinara",
                     "EnvironmentFile=-/etc/default/infinara"):
            self.assertIn(f"\n{line}\n", text)
        self.assertRegex(text, r"\nWatchdogSec=\d+\n")

    def test_systemd_calls_it_safe(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        said = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", UNIT], capture_output=True, text=True)
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
        self.assertIsNotNone(found, said.stdout + said.stderr)
        self.assertLessEqual(float(found[1]), 2.0)

    def test_systemd_knows_each_of_its_lines(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        said = subprocess.run(["systemd-analyze", "verify", "--man=no", UNIT], capture_output=True, text=True)
        complaints = [line for line in (said.stdout + said.stderr).splitlines() if UNIT.name in line and "is not executable" not in line]
        self.assertEqual(complaints, [])


class Settings(unittest.TestCase):
    def test_the_file_for_etc_default_has_each_setting_and_changes_none(self):
        help_text, printed = (subprocess.run([INFINARA, option], capture_output=True, text=True, check=True).stdout
                              for option in ("--help", "--print-settings"))
        named = re.findall(r"\(([A-Z_]+)=", re.sub(r"\s+", " ", help_text))
        self.assertEqual(re.findall(r"^#([A-Z_]+)=", printed, re.M), named)
        self.assertGreater(len(named), 40)
        self.assertEqual([line for line in printed.splitlines() if line and not line.startswith("#")], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
