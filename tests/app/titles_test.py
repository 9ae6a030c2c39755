#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The station names the same title and artist everywhere: API, ICY on both streams, players.

usage: titles_test.py PATH_OF_INFINARA
"""
import shutil
import socket
import subprocess
import sys
import unittest

from program import Program
from served import PATIENCE

INFINARA = sys.argv.pop(1)


def titles_of(port, path):
    """(response head, audio, the first title) as a client reads them that asked for titles"""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as peer, peer.makefile("rb") as answer:
        peer.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nIcy-MetaData: 1\r\n\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += answer.readline()
        head = head.decode()
        assert "icy-metaint: 16000" in head, head
        audio = b""
        for _ in range(8):
            audio += answer.read(16000)
            block = answer.read(16 * answer.read(1)[0]).decode()
            if block:
                return head, audio, block.split("StreamTitle='", 1)[1].split("';", 1)[0]
    raise AssertionError(f"no title in {path}")


class Titles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.radio = Program(INFINARA, RADIO_NAME="Nachtfunk Köln", RADIO_GENRE="jazz", RADIO_TRACK_DURATION="300")
        cls.radio.__enter__()
        cls.radio.wait("a track on air", lambda: cls.radio.status()["track_name"])
        now = cls.radio.status()
        cls.title = f"{now['artist']} - {now['track_name']}"
        cls.urls = [f"http://127.0.0.1:{cls.radio.port}/{path}" for path in ("stream", "stream.opus")]

    @classmethod
    def tearDownClass(cls):
        cls.radio.__exit__()

    def test_the_artist_is_the_band(self):
        self.assertEqual(self.radio.status()["artist"], "Infinara House Band")

    def test_both_streams_tell_what_the_api_tells(self):
        for path, bitrate, begin in (("/stream", 192, b"\xff\xfb"), ("/stream.opus", 128, b"OggS")):
            head, audio, title = titles_of(self.radio.port, path)
            self.assertEqual(title, self.title.replace("'", "’"), path)
            self.assertTrue(audio.startswith(begin), audio[:16])
            self.assertIn(f"icy-br: {bitrate}\r\n", head)
            self.assertIn("icy-name: Nachtfunk Köln\r\n".encode().decode(), head)

    def test_the_comment_header_of_opus_names_the_station_and_no_title(self):
        _, audio, _ = titles_of(self.radio.port, "/stream.opus")
        comments = audio[audio.index(b"OpusTags"):][:1000]
        self.assertIn("ORGANIZATION=Nachtfunk Köln".encode(), comments)
        self.assertNotIn(b"TITLE=", comments)

    def test_icecasts_status_tells_it_too(self):
        source = self.radio.ask("GET", "/status-json.xsl")[1]["icestats"]["source"]
        for one in source if isinstance(source, list) else [source]:
            self.assertEqual(one["title"], self.title)

    @unittest.skipUnless(shutil.which("mpv"), "no mpv")
    def test_mpv_shows_it(self):
        for url in self.urls:
            played = subprocess.run(["mpv", "--no-config", "--no-video", "--ao=null", "--untimed", "--length=6", "--term-status-msg=<${media-title}>", url],
                                    stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE + 30)
            self.assertIn(f"<{self.title.replace(chr(39), '’')}>", played.stdout + played.stderr, url)

    @unittest.skipUnless(shutil.which("ffmpeg"), "no ffmpeg")
    def test_ffmpeg_decodes_past_the_titles_without_a_word(self):
        for url in self.urls:
            heard = subprocess.run(["ffmpeg", "-v", "warning", "-i", url, "-t", "6", "-f", "null", "-"],
                                   stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE + 30)
            self.assertEqual((heard.returncode, heard.stderr), (0, ""), url)


unittest.main()
