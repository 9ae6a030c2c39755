#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What people listen with joins the streams of a real station in the middle, and none complains.

usage: listen_test.py INFINARA
"""
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "app"))
from browser import Browser  # noqa: E402
from program import Program  # noqa: E402

INFINARA = sys.argv.pop(1)
STREAMS = {"/stream": "mp3", "/stream.opus": "opus"}

PLAY = """
  window.players ??= {};
  const player = window.players[arguments[0]] = new Audio(arguments[0]);
  player.muted = true;
  player.play().catch(error => player.fault = String(error));
"""
HEARD = """
  const player = window.players[arguments[0]];
  if (player.fault || player.error) throw new Error(player.fault ?? player.error.message);
  return player.currentTime;
"""


class ListenTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.radio = cls.enterClassContext(Program(INFINARA, RADIO_GENRE="jazz"))
        cls.radio.wait("sound", lambda: cls.radio.status()["position"] > 6)

    def url(self, path):
        return f"http://127.0.0.1:{self.radio.port}{path}"

    def run_quietly(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def test_a_browser_plays_both(self):
        with Browser() as browser:
            browser.open(self.url("/"))
            browser.click("body")  # a page may only make sound for somebody
            for path in STREAMS:
                browser.run(PLAY, path)
            for path in STREAMS:
                # More than the burst holds: it goes on playing what comes.
                browser.wait(f"{path} plays", lambda: browser.run(HEARD, path) > 6, 40)

    def test_a_browser_that_is_killed_has_left(self):
        self.radio.wait("nobody listens", lambda: self.radio.status()["http_listeners"] == 0)
        with Browser() as browser:
            browser.open(self.url("/"))
            browser.click("body")
            browser.run(PLAY, "/stream")
            browser.wait("it plays", lambda: browser.run(HEARD, "/stream") > 1, 40)
            browser.kill()
            self.radio.wait("nobody listens", lambda: self.radio.status()["http_listeners"] == 0, 5)

    def test_ffmpeg_decodes_every_byte_of_both(self):
        for path, codec in STREAMS.items():
            for _ in range(3):
                said = self.run_quietly("ffmpeg", "-hide_banner", "-v", "info", "-xerror", "-i", self.url(path), "-t",
                                        "3", "-f", "null", "-")
                self.assertIn(f"Audio: {codec}", said)
                self.assertNotRegex(said, re.compile("error|invalid|missing", re.IGNORECASE))

    def test_mpv_plays_both(self):
        for path in STREAMS:
            said = self.run_quietly("mpv", "--no-config", "--ao=null", "--vo=null", "--length=3", self.url(path))
            self.assertNotRegex(said, re.compile("error|fail", re.IGNORECASE))

    def test_mpg123_plays_the_mp3(self):
        said = self.run_quietly("mpg123", "-n", "200", "-w", "/dev/null", self.url("/stream"))
        self.assertNotRegex(said, re.compile("error|warning", re.IGNORECASE))

    def test_the_playlists_lead_to_the_streams(self):
        for path in ("/listen.m3u", "/listen.pls"):
            status, text = self.radio.ask("GET", path)
            self.assertEqual(status, 200)
            found = re.findall(r"http://\S+", text.decode())
            self.assertEqual(found, [self.url(stream) for stream in STREAMS])
            self.assertEqual(self.radio.ask("HEAD", path)[0], 200)

    def test_players_questions_get_the_answers_they_expect(self):
        for line, status in (("GET /stream HTTP/1.1\r\nRange: bytes=0-", "200"), ("HEAD /stream.opus HTTP/1.0", "200"),
                             ("OPTIONS /stream HTTP/1.1\r\nAccess-Control-Request-Headers: icy-metadata", "204")):
            with self.subTest(line), socket.create_connection(("127.0.0.1", self.radio.port), 10) as client:
                client.sendall(f"{line}\r\nHost: radio.local\r\n\r\n".encode())
                answer = client.recv(4096).decode("latin-1")
                self.assertIn(f" {status} ", answer.splitlines()[0])
                self.assertIn("Access-Control-Allow-Origin: *", answer)

    def test_a_stopped_player_plays_on_when_it_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            heard = pathlib.Path(folder, "heard")
            player = subprocess.Popen(("curl", "-s", "-o", heard, "-A", "stopped", self.url("/stream")))
            try:
                def lag():
                    return [one["lag"] for one in self.radio.listeners() if one["agent"] == "stopped"]
                self.radio.wait("it listens", lag)
                time.sleep(3)  # its buffers grow as those of a real listener
                player.send_signal(subprocess.signal.SIGSTOP)
                self.radio.wait("it is behind", lambda: lag()[0] > 10, 60)
                before = heard.stat().st_size
                player.send_signal(subprocess.signal.SIGCONT)
                self.radio.wait("it has caught up", lambda: lag()[0] == 0, 30)
                self.radio.wait("all has arrived", lambda: heard.stat().st_size > before + 24000 * 12, 30)
                self.assertIsNone(player.poll())
            finally:
                player.kill()
                player.wait()


if __name__ == "__main__":
    unittest.main(verbosity=2)
