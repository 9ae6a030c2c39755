#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the program tells systemd: that it is ready when there is music, that it lives, that it ends.

usage: service_manager_test.py INFINARA
"""
import pathlib
import socket
import sys
import tempfile
import unittest

from program import PATIENCE, Program

INFINARA = sys.argv.pop(1)


class ServiceManager(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="infinara-notify-"))
        self.path = str(pathlib.Path(folder) / "socket")
        self.socket = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self.socket.bind(self.path)
        self.socket.settimeout(PATIENCE)

    def told(self):
        return self.socket.recv(4096).decode().split("\n")

    def test_ready_with_the_first_music_then_alive_then_stopping(self):
        with Program(INFINARA, NOTIFY_SOCKET=self.path) as radio:
            before = []
            while "READY=1" not in before:
                self.assertNotIn("WATCHDOG=1", before)
                before = self.told()
            self.assertTrue(radio.ask("GET", "/healthz")[1]["position"] > 0)
            later = []
            while "WATCHDOG=1" not in later:
                later = self.told()
            code, _ = radio.end()
            self.assertEqual(code, 0)
            while "STOPPING=1" not in self.told():  # fails by the time-out of the socket
                pass


if __name__ == "__main__":
    unittest.main(verbosity=2)
