#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Threats that no other test stands against; which test stands against which is a table in docs/decisions/tests.md.

usage: threats_test.py INFINARA
"""
import contextlib
import http.client
import re
import socket
import sys
import unittest

from program import Program
from served import PATIENCE

INFINARA = sys.argv.pop(1)
EVIL = "\x1b[31mred\x07 \u202e fake"


class Threats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.radio = cls.enterClassContext(Program(INFINARA, RADIO_GENRE="jazz", RADIO_TRACK_DURATION="600"))
        cls.radio.wait("a track", lambda: cls.radio.status()["track_id"] != "")

    def figure(self, name):
        """Of /metrics, with its labels."""
        text = self.radio.response("GET", "/metrics")[1].decode()
        return float(next(line.rsplit(" ", 1)[1] for line in text.splitlines() if line.startswith(name + " ")))

    def test_row_16_a_client_that_does_not_read_events_is_let_go(self):
        dropped = 'infinara_event_client_drops_total{reason="behind"}'
        before = self.figure(dropped)
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", self.radio.port))
            client.sendall(b"GET /api/events HTTP/1.1\r\nHost: a\r\n\r\n")
            self.radio.wait("it is there", lambda: self.figure("infinara_event_clients") >= 1)
            for number in range(5000):
                self.radio.ask("POST", "/api/config", {"crossfade": 2 + number % 9})
                if number % 100 == 0 and self.figure(dropped) > before:
                    break
            self.radio.wait("it is dropped", lambda: self.figure(dropped) == before + 1)

    def test_row_20_scripts_of_other_sites_read_what_is_open_and_never_with_credentials(self):
        for path in ("/api/status", "/stream", "/stream.opus", "/api/history", "/api/position", "/listen.m3u"):
            headers = self.head(path, {"Origin": "http://evil.example"})
            self.assertEqual(headers["Access-Control-Allow-Origin"], "*", path)
            self.assertIsNone(headers["Access-Control-Allow-Credentials"], path)
        for path in ("/", "/page.js", "/healthz", "/metrics", "/api/access", "/api/config", "/api/genres"):
            self.assertIsNone(self.head(path, {"Origin": "http://evil.example"})["Access-Control-Allow-Origin"], path)

    def head(self, path, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.radio.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            return connection.getresponse().headers

    def test_row_24_a_line_of_the_log_is_one_line_without_controls(self):
        with Program(INFINARA, RADIO_GENRE="jazz", RADIO_TRACK_DURATION="600") as radio:
            radio.wait("a track", lambda: radio.status()["track_id"] != "")
            radio.ask("POST", "/api/genre", {"genre": f"jazz\nfake line {EVIL}"})
            for raw in (b"GET /stream HTTP/1.0\r\nUser-Agent: \x1b[31mred\x07\xff\r\n\r\n",
                        b"GET /\x1b[31m\xff HTTP/1.1\r\nHost: \x1b[31m\r\n\r\n",
                        b"GET /api/events HTTP/1.1\r\nHost: a\r\nLast-Event-ID: \x1b[31m\r\n\r\n"):
                with socket.create_connection(("127.0.0.1", radio.port)) as client:
                    client.sendall(raw)
                    client.recv(4096)
            radio.ask("POST", "/api/genre", {"genre": "rock", "when": "now"})
            radio.end()
            said = "\n".join(radio.said) + "\n" + radio.process.stdout.read()
        self.assertIn("rock", said)
        self.assertNotIn("fake line", [line[:9] for line in said.splitlines()])
        self.assertEqual(re.findall(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", said), [])


unittest.main()
