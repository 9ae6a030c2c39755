#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A table of HTTP requests as players, monitors and proxies send them: each to the station, and to an icecast2 beside it.

usage: requests_test.py INFINARA

What Icecast answers is printed beside, not judged: where it says something else, the row says why.
"""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from program import PATIENCE, Program

INFINARA = sys.argv.pop(1)
OWN = "http://{host}"  # the address that the socket has

# name: (request, what the status must be, what the answer must contain). {host} is the station's own host:port.
TABLE = {
    "H7 a half-closed listener": ("GET /stream HTTP/1.0\r\n\r\n", 200, "audio/mpeg"),
    "H8 m3u without Host": ("GET /listen.m3u HTTP/1.0\r\n\r\n", 200, OWN + "/stream\n"),
    "H8 pls without Host": ("GET /listen.pls HTTP/1.0\r\n\r\n", 200, "=" + OWN + "/stream.opus\n"),
    "H9 another host in the target": ("GET http://other:99/listen.m3u HTTP/1.1\r\nHost: {host}\r\n\r\n", 200, "http://other:99/stream\n"),
    "H9 a port in the target": ("GET http://127.0.0.1/healthz HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n", 200, "position"),
    "H9 a stream by an absolute target": ("GET http://radio/stream HTTP/1.1\r\nHost: other\r\n\r\n", 200, "audio/mpeg"),
    "H9 two Hosts": ("GET http://radio/healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "twice"),
    "H9 no Host at all": ("GET http://radio/healthz HTTP/1.1\r\n\r\n", 400, "Host is missing"),
    **{f"H10 {path}": (f"GET {path} HTTP/1.0\r\n\r\n", 200, "audio/mpeg")
       for path in ("/stream", "/stream/", "/stream.mp3", "/;", "/;stream.mp3", "/;stream.nsv", "/stream.mp3?burst=1")},
    **{f"H10 {path}": (f"GET {path} HTTP/1.0\r\n\r\n", 200, "audio/ogg")
       for path in ("/stream.opus", "/stream.opus/", "/stream.ogg")},
    "H10 HEAD of an alias": ("HEAD /stream.mp3 HTTP/1.0\r\n\r\n", 200, "audio/mpeg"),
    "H10 OPTIONS of an alias": ("OPTIONS /stream.mp3 HTTP/1.1\r\nHost: a\r\n\r\n", 204, "Access-Control-Allow-Origin: *"),
    "H10 POST of an alias": ("POST /; HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405, "Allow: GET, HEAD, OPTIONS"),
    "H10 no such stream": ("GET /stream.aac HTTP/1.0\r\n\r\n", 404, "nothing here"),
    "H10 status-json.xsl": ("GET /status-json.xsl HTTP/1.0\r\n\r\n", 200, '"icestats"'),
    "H12 an empty line first": ("\r\nGET /healthz HTTP/1.0\r\n\r\n", 200, "position"),
    "H12 empty lines first": ("\r\n\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n", 200, "position"),
    "H12 a query of 6000 bytes": ("GET /healthz?" + "x" * 6000 + " HTTP/1.0\r\n\r\n", 200, "position"),
    "H12 a target of 8 KB": ("GET /healthz?" + "x" * (8192 - 9) + " HTTP/1.0\r\n\r\n", 200, "position"),
    "H12 a longer one": ("GET /healthz?" + "x" * 8192 + " HTTP/1.0\r\n\r\n", 414, "too long"),
    "H12 OPTIONS *": ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204, "Allow: GET, HEAD, POST"),
    "H12 OPTIONS * of HTTP/1.0": ("OPTIONS * HTTP/1.0\r\n\r\n", 204, "Allow: GET"),
    "H12 GET *": ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "must be a path"),
    "H13 a head in pieces": ("GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + "x" * 15000 + "\r\n\r\n", 200, "position"),
    "H14 listeners": ("GET /api/listeners HTTP/1.0\r\n\r\n", 200, '"streams"'),
}

ICECAST = """<icecast><limits><clients>100</clients><sources>2</sources></limits>
<authentication><source-password>x</source-password><admin-password>x</admin-password></authentication>
<hostname>localhost</hostname><listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><basedir>{folder}</basedir><logdir>{folder}</logdir><webroot>/usr/share/icecast2/web</webroot>
<adminroot>/usr/share/icecast2/admin</adminroot></paths>
<security><chroot>0</chroot>{user}</security></icecast>"""
NOBODY = "<changeowner><user>nobody</user><group>nogroup</group></changeowner>"


def ask(port, request, bytewise=False, end=False):
    """What comes until the other side closes; of a stream, its head."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as one:
        data = request.replace("{host}", f"127.0.0.1:{port}").encode()
        with contextlib.suppress(ConnectionError):  # the answer may come before the request's end
            for piece in (data[at:at + 1] for at in range(len(data))) if bytewise else (data,):
                one.sendall(piece)
            if end:
                one.shutdown(socket.SHUT_WR)
        got = b""
        with contextlib.suppress(ConnectionError):
            while more := one.recv(65536):
                got += more
                if b"audio/" in got and b"\r\n\r\n" in got:
                    break
        return got.decode("latin-1")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class Requests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.radio = cls.enterClassContext(Program(INFINARA, RADIO_GENRE="ambient"))
        cls.radio.wait("health", lambda: cls.radio.ask("GET", "/healthz")[0] == 200)

    def test_each_row_is_answered(self):
        for name, (request, status, text) in TABLE.items():
            with self.subTest(name):
                answer = ask(self.radio.port, request, bytewise="pieces" in name, end="half-closed" in name)
                self.assertRegex(answer[:20], rf"^HTTP/1\.[01] {status} ", answer[:500])
                self.assertIn(text.replace("{host}", f"127.0.0.1:{self.radio.port}"), answer)

    def test_icecast_beside_it(self):
        icecast = shutil.which("icecast2")
        if icecast is None:
            self.skipTest("icecast2 is not installed: nothing to compare with")
        folder = self.enterContext(tempfile.TemporaryDirectory())
        port = free_port()
        config = pathlib.Path(folder) / "icecast.xml"
        config.write_text(ICECAST.format(port=port, folder=folder, user=NOBODY if os.getuid() == 0 else ""))
        os.chmod(folder, 0o777)
        process = subprocess.Popen([icecast, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            self.assertLess(time.monotonic(), end, "icecast2 does not start")
            time.sleep(0.05)
        self.feed(port, "/stream", "mp3", "libmp3lame", "audio/mpeg")
        self.feed(port, "/stream.opus", "ogg", "libopus", "audio/ogg")
        end = time.monotonic() + PATIENCE
        while ask(port, "GET /status-json.xsl HTTP/1.0\r\n\r\n").count('"listenurl"') < 2:
            self.assertLess(time.monotonic(), end, "icecast2 has no sources")
            time.sleep(0.05)
        print()
        for name, (request, status, _) in TABLE.items():
            theirs = ask(port, request, bytewise="pieces" in name, end="half-closed" in name)[9:12] or "an end without an answer"
            print(f"{name:34} infinara {status}  icecast {theirs}")
        ours = json.loads(ask(self.radio.port, "GET /status-json.xsl HTTP/1.0\r\n\r\n").split("\r\n\r\n", 1)[1])["icestats"]
        icestats = json.loads(ask(port, "GET /status-json.xsl HTTP/1.0\r\n\r\n").split("\r\n\r\n", 1)[1])["icestats"]
        self.assertEqual(icestats.keys() - ours.keys(), set(), "a member of Icecast's is missing")
        for name, value in icestats.items():
            self.assertEqual(type(ours[name]), type(value), name)
        for one in icestats["source"]:
            mine = next(mine for mine in ours["source"] if mine["listenurl"].endswith(one["listenurl"][-7:]))
            for name, value in one.items():
                if name != "subtype":  # of Ogg
                    self.assertEqual(type(mine[name]), type(value), name)

    def feed(self, port, mount, container, codec, kind):
        """A source for icecast2, as long as the test."""
        if shutil.which("ffmpeg") is None:
            self.skipTest("ffmpeg is not installed: icecast2 would have no source")
        source = subprocess.Popen(["ffmpeg", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "sine", "-ar", "48000", "-ac", "2", "-c:a",
                                   codec, "-b:a", "128k", "-f", container, "-content_type", kind, "-ice_name", "Peer", "-ice_genre",
                                   "various", f"icecast://source:x@127.0.0.1:{port}{mount}"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.addCleanup(source.wait)
        self.addCleanup(source.kill)

    def test_monitors_find_each_source(self):
        self.radio.wait("a track", lambda: self.radio.status()["track_id"] != "")
        track = self.radio.status()
        sources = self.radio.ask("GET", "/status-json.xsl")[1]["icestats"]["source"]
        self.assertEqual([(one["server_type"], one["bitrate"], one["listeners"]) for one in sources[:2]],
                         [("audio/mpeg", 192, 0), ("audio/ogg", 128, 0)])
        base = f"http://127.0.0.1:{self.radio.port}"
        self.assertEqual([one["listenurl"] for one in sources], [base + one["path"] for one in track["streams"]])
        self.assertIn(track["track_name"], sources[0]["title"])
        one = self.radio.ask("GET", "/status-json.xsl?mount=/stream")[1]["icestats"]["source"]
        self.assertEqual(one["server_name"], "Infinara")


class Addresses(unittest.TestCase):
    def test_both_families_reach_it_by_default(self):
        with Program(INFINARA, RADIO_ADDRESS="") as radio:
            hosts = ["127.0.0.1"] + ["::1"] * pathlib.Path("/proc/net/if_inet6").exists()
            for host in hosts:
                with socket.create_connection((host, radio.port), PATIENCE) as one:
                    one.sendall(b"GET /listen.m3u HTTP/1.0\r\n\r\n")
                    answer = one.makefile().read()
                self.assertIn("http://" + (f"[{host}]" if ":" in host else host) + f":{radio.port}/stream\n", answer)

    def test_a_bad_list_of_proxies_is_one_line_and_no_start(self):
        done = subprocess.run([INFINARA], env=os.environ | {"RADIO_TRUSTED_PROXIES": "10.0.0.0/8, proxy"},
                              capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (
            2, 'RADIO_TRUSTED_PROXIES="10.0.0.0/8, proxy": must be addresses and ranges like 192.0.2.7, 10.0.0.0/8 or '
               'fd00::/8, separated by commas, or none\n'))


if __name__ == "__main__":
    unittest.main(verbosity=2)
