#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What containers are made of agrees with the program, and the scripts in them do what they say. No container engine is needed.

usage: docker_test.py PROJECT_ROOT VERSION INFINARA
"""
import contextlib
import http.server
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

ROOT, VERSION, INFINARA = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
del sys.argv[1:]
DOCKER = ROOT / "docker"
sys.path.insert(0, str(DOCKER))
sys.dont_write_bytecode = True
import settings  # noqa: E402

PATIENCE = 60


class Files(unittest.TestCase):
    def test_every_setting_is_offered_and_handed_on(self):
        printed = subprocess.run([INFINARA, "--print-settings"], check=True, stdout=subprocess.PIPE, text=True).stdout
        self.assertEqual((DOCKER / ".env.example").read_text(), settings.env_example(printed), "run docker/settings.py INFINARA")
        text = (DOCKER / "compose.yaml").read_text()
        self.assertEqual(text, settings.compose(text, printed), "run docker/settings.py INFINARA")
        all_of_them = set(re.findall(r"^#([A-Z_]+)=", printed, re.M))
        offered = set(re.findall(r"^#([A-Z_]+)=", (DOCKER / ".env.example").read_text(), re.M))
        self.assertLessEqual(settings.FIXED, all_of_them)
        self.assertEqual(all_of_them - offered, {name for name in all_of_them if settings.is_fixed(name)})

    def test_the_values_of_the_example_are_taken(self):
        example = re.findall(r"^#([A-Z_]+)=(.*)$", (DOCKER / ".env.example").read_text(), re.M)
        values = {name: value for name, value in example if name.startswith(("RADIO_", "OLLAMA_"))}
        said = subprocess.run([INFINARA, "--port=x"], env=os.environ | values, capture_output=True, text=True)
        self.assertIn("RADIO_PORT", said.stderr)  # the only complaint: an option is read after all variables

    def test_the_image_has_the_version_of_the_project(self):
        text = (DOCKER / "Dockerfile").read_text()
        self.assertIn(f'org.opencontainers.image.version="{VERSION}"', text)

    def test_the_image_is_built_with_what_the_project_is_compiled_with(self):
        dev = re.search(r"^compile_packages=\((.*?)\)$", (ROOT / "dev").read_text(), re.M | re.S)[1]
        self.assertEqual(set(dev.split()) - set((DOCKER / "Dockerfile").read_text().split()), set())

    def test_the_image_has_the_elements_that_launch_files_and_sources_name(self):
        named = subprocess.run([sys.executable, "-B", DOCKER / "collect.py", "--elements", ROOT], check=True, stdout=subprocess.PIPE,
                               text=True).stdout.split()
        for element in ("mooddj", "lamemp3enc", "opusenc", "level", "appsink", "webrtcbin", "nicesrc", "srtpenc", "flacdec",
                        "mpg123audiodec", "wavparse", "oggdemux", "audioresample", "trackgain", "wavenc"):
            self.assertIn(element, named)

    def test_the_files_that_are_mounted_and_copied_are_there(self):
        for file in ("watch-api", "keep-below", "healthcheck", "collect.py"):
            self.assertTrue(os.access(DOCKER / file, os.X_OK), file)
        self.assertIn("./watch-api:/watch-api:ro", (DOCKER / "compose.gpu.yaml").read_text())


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802
        self.send_response(self.server.status if self.path in ("/healthz", "/health") else 404)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def answering(status):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.status = status
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


class HealthCheck(unittest.TestCase):
    def check(self, port):
        return subprocess.run([DOCKER / "healthcheck"], env=os.environ | {"RADIO_PORT": str(port)}, capture_output=True, text=True, timeout=PATIENCE)

    def test_it_tells_on_air_from_alive(self):
        with answering(200) as port:
            self.assertEqual((self.check(port).returncode, self.check(port).stdout), (0, "on air\n"))
        with answering(503) as port:
            self.assertEqual((self.check(port).returncode, self.check(port).stdout), (1, "not on air: 503\n"))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.assertEqual(self.check(port).returncode, 1)


class KeepBelow(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "api_audio").mkdir()

    def put(self, name, kilobytes, age):
        path = self.folder / "api_audio" / name
        path.write_bytes(bytes(kilobytes * 1000))
        os.utime(path, (2e9 - age, 2e9 - age))

    def left(self):
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())

    def test_the_oldest_tracks_go(self):
        for name, age in (("old.flac", 30), ("older one.flac", 40), ("new.flac", 10), ("newer.mp3", 5), ("oldest.wav", 50)):
            self.put(name, 400, age)
        self.put("model.bin", 5000, 100)  # no track
        subprocess.run([DOCKER / "keep-below", self.folder, "1", "0"], check=True, timeout=PATIENCE)
        self.assertEqual(self.left(), ["model.bin", "new.flac", "newer.mp3"])
        subprocess.run([DOCKER / "keep-below", self.folder, "1", "0"], check=True, timeout=PATIENCE)
        self.assertEqual(self.left(), ["model.bin", "new.flac", "newer.mp3"])

    def test_it_ends_when_it_is_told_to(self):
        self.put("a.flac", 2000, 1)
        with subprocess.Popen([DOCKER / "keep-below", self.folder, "1", "3600"]) as cleaner:
            while self.left():
                self.assertIsNone(cleaner.poll())
            cleaner.send_signal(signal.SIGTERM)
            self.assertEqual(cleaner.wait(PATIENCE), 0)

    def test_a_bad_call_is_refused(self):
        for words in ((), (self.folder,), (self.folder, "many"), ("/nonexistent", "5")):
            done = subprocess.run([DOCKER / "keep-below", *words], capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, 2)
            self.assertIn("usage", done.stderr)


# Answers until it is told to be mute, or to die.
SERVER = """
import http.server, os, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/key":
            self.send_response(200); self.end_headers(); self.wfile.write(os.environ.get("ACESTEP_API_KEY", "none").encode()); return
        if self.path == "/die": os._exit(3)
        if self.path == "/mute": self.server.mute_after = self.server.looks + 1
        if self.path == "/health": self.server.looks += 1
        self.send_response(200 if self.server.looks <= self.server.mute_after else 503); self.end_headers()
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer)
server.looks, server.mute_after = 0, 1e9
print("up", flush=True)
server.serve_forever()
"""


class WatchApi(unittest.TestCase):
    def start(self, **environment):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        watch = subprocess.Popen([DOCKER / "watch-api", sys.executable, "-c", SERVER, str(self.port)], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, env=os.environ | {"WATCH_PORT": str(self.port), "WATCH_SECONDS": "0.05",
                                                                                      "WATCH_MISSES": "2"} | environment)
        self.addCleanup(watch.communicate)
        self.addCleanup(watch.terminate)  # and its server with it
        self.assertEqual(watch.stdout.readline(), "up\n")
        return watch

    def get(self, path):
        with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", self.port), PATIENCE) as client:
            client.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            return client.makefile("rb").read().decode().rpartition("\r\n")[2]

    def once(self):
        return subprocess.run([DOCKER / "watch-api", "--once"], env=os.environ | {"WATCH_PORT": str(self.port)}, timeout=PATIENCE).returncode

    def test_a_server_that_dies_ends_it(self):
        watch = self.start()
        self.assertEqual(self.once(), 0)
        self.get("/die")
        self.assertEqual(watch.wait(PATIENCE), 3)
        self.assertNotEqual(self.once(), 0)

    def test_a_server_that_no_longer_answers_is_killed(self):
        watch = self.start()
        self.get("/mute")  # after one more look, which finds it well
        self.assertEqual(watch.wait(PATIENCE), 137)

    def test_it_ends_when_it_is_told_to(self):
        watch = self.start()
        watch.send_signal(signal.SIGTERM)
        self.assertEqual(watch.wait(PATIENCE), 0)
        self.assertNotEqual(self.once(), 0)

    def test_the_key_comes_from_a_file_and_an_empty_one_is_none(self):
        self.start(ACESTEP_API_KEY="")
        self.assertEqual(self.get("/key"), "none")
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("open-sesame\n")
            file.flush()
            self.start(ACESTEP_API_KEY_FILE=file.name)
            self.assertEqual(self.get("/key"), "open-sesame")


if __name__ == "__main__":
    unittest.main(verbosity=2)
