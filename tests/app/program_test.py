#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program from outside: how it starts, answers, changes its mind and ends.

usage: program_test.py INFINARA
"""
import array
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import unittest

from program import PATIENCE, Program
from served import Served

INFINARA = sys.argv.pop(1)
STATE = tempfile.TemporaryDirectory(prefix="infinara-state-")
# Under a checker everything takes longer; the bounds below are for the program as it is.
SLOW = 10 if os.environ.get("INFINARA_CHECKED") else 1

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup, and what is ignored is inherited


def refused(**environment):
    """A start that must fail: (exit code, what was said)."""
    done = subprocess.run([INFINARA], env=os.environ | {"RADIO_STATE_DIR": STATE.name} | environment, capture_output=True, text=True, timeout=PATIENCE)
    return done.returncode, done.stdout + done.stderr


class Starting(unittest.TestCase):
    def test_a_bad_value_is_one_line_and_no_start(self):
        code, said = refused(RADIO_CROSSFADE_DURATION="-5")
        self.assertEqual((code, said), (2, 'RADIO_CROSSFADE_DURATION="-5": must be seconds from 0 to 60\n'))

    def test_a_busy_port_is_one_line_and_no_start(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            code, said = refused(RADIO_ADDRESS="127.0.0.1", RADIO_PORT=str(port))
        self.assertEqual((code, said), (1, f"cannot listen on 127.0.0.1:{port}: Address already in use "
                                           "(RADIO_PORT chooses another)\n"))

    def test_missing_elements_are_named(self):
        code, said = refused(RADIO_PORT="0", GST_PLUGIN_SYSTEM_PATH_1_0="/nonexistent", GST_REGISTRY="/dev/null/none")
        self.assertEqual(code, 1)
        self.assertIn("lamemp3enc", said)
        self.assertIn("install gstreamer1.0-plugins-good", said)

    def test_it_says_what_is_not_used(self):
        with Program(INFINARA, OLLAMA_URL="http://127.0.0.1:1") as radio:
            self.assertIn("OLLAMA_URL", radio.process.stdout.readline())

    def test_it_names_a_variable_that_it_does_not_know(self):
        with Program(INFINARA, RADIO_CROSSFADE="sesame") as radio:
            said = radio.process.stdout.readline()
        self.assertIn("RADIO_CROSSFADE is no setting", said)
        self.assertNotIn("sesame", said)

    def test_it_says_which_addresses_webrtc_cannot_use(self):
        with Program(INFINARA, RADIO_WEBRTC_ADDRESSES="127.0.0.1, 192.0.2.77,2001:db8::77") as radio:
            said = [radio.process.stdout.readline() for _ in range(2)]
        for line, address in zip(said, ("192.0.2.77", "2001:db8::77")):
            self.assertIn(f"no WebRTC by {address}: this machine has no such address", line)

    def test_it_is_well_from_its_first_sound(self):
        with Program(INFINARA) as radio:
            radio.wait("a track", lambda: radio.status()["track_id"] != "")
            self.assertEqual(radio.ask("GET", "/healthz")[0], 200)


class Surroundings(unittest.TestCase):
    def test_a_diary_that_nobody_reads_does_not_stop_it(self):
        with Program(INFINARA) as radio:
            fcntl.fcntl(radio.process.stdout, fcntl.F_SETPIPE_SZ, 4096)
            radio.wait("a track", lambda: radio.status()["track_id"] != "")
            for _ in range(200):
                self.assertEqual(radio.ask("POST", "/api/skip")[0], 200)
            waits = array.array("i", [0])
            fcntl.ioctl(radio.process.stdout, termios.FIONREAD, waits)
            self.assertGreater(waits[0], 3000)  # a line more would not have gone in
            self.assertEqual(radio.ask("GET", "/healthz")[0], 200)
            self.assertEqual(radio.end()[0], 0)

    def test_its_sockets_never_take_the_place_of_closed_standard_streams(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = subprocess.Popen(["sh", "-c", 'exec "$0" <&- >&- 2>&-', INFINARA],
                                   env=os.environ | {"RADIO_ADDRESS": "127.0.0.1", "RADIO_PORT": str(port), "RADIO_STATE_DIR": STATE.name})
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def on_air():
            try:
                return Served(process, port).ask("GET", "/healthz")[0] == 200
            except ConnectionError:
                return False

        Served(process, port).wait("health", on_air)
        self.assertEqual({os.readlink(f"/proc/{process.pid}/fd/{stream}") for stream in range(3)}, {"/dev/null"})


class Playing(unittest.TestCase):
    def setUp(self):
        self.radio = Program(INFINARA, RADIO_TRACK_DURATION="20", RADIO_CROSSFADE_DURATION="2", RADIO_GENRE="jazz")
        self.addCleanup(self.radio.__exit__)

    def listen(self, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.radio.port, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request(method, "/stream")
        return connection.getresponse()

    def test_the_stream_is_mp3_and_its_listeners_are_counted(self):
        response = self.listen()
        self.assertEqual((response.status, response.headers["Content-Type"]), (200, "audio/mpeg"))
        sound = response.read(50000)
        # MPEG 1 layer III, 192 kbit/s, 48 kHz: every frame has 576 bytes
        start = sound.index(b"\xff\xfb\xb4")
        for frame in range(start, len(sound) - 4, 576):
            self.assertEqual(sound[frame:frame + 3], b"\xff\xfb\xb4")
        self.assertEqual(self.radio.status()["http_listeners"], 1)
        response.close()
        self.radio.wait("nobody listens", lambda: self.radio.status()["http_listeners"] == 0)

    def test_head_of_the_stream_ends(self):
        response = self.listen("HEAD")
        self.assertEqual((response.status, response.headers["Content-Type"]), (200, "audio/mpeg"))
        self.assertEqual(response.read(), b"")

    def test_it_is_healthy_and_says_what_is_on_air(self):
        self.radio.wait("health", lambda: self.radio.ask("GET", "/healthz")[0] == 200)
        self.radio.wait("a track", lambda: self.radio.status()["track_id"] != "")
        status = self.radio.status()
        self.assertEqual((status["genre"], status["dj_genre"]), ("jazz", "jazz"))
        self.assertIn(status["genre"], status["genres"])
        self.assertTrue(status["track_name"])
        self.assertGreater(status["duration"], 15)
        self.radio.wait("a queue", lambda: self.radio.status()["queue_size"] >= 3)
        self.assertEqual(self.radio.status()["next"]["genre"], "jazz")

    def test_a_genre_now_is_on_air_within_five_seconds(self):
        self.radio.wait("a track", lambda: self.radio.status()["track_id"] != "")
        self.assertEqual(self.radio.ask("POST", "/api/genre", {"genre": "rock", "when": "now"})[0], 200)
        took = self.radio.wait("rock", lambda: self.radio.status()["genre"] == "rock", 5 * SLOW)
        print(f"rock after {took:.1f} s")
        self.assertEqual(self.radio.status()["dj_genre"], "rock")

    def test_a_skip_brings_the_next_track(self):
        status = {}
        self.radio.wait("a full queue", lambda: status.update(self.radio.status()) or
                        (status["track_id"] and status["queue_size"] >= 3))
        self.assertEqual(self.radio.ask("POST", "/api/skip"), (200, {"ok": True}))
        self.radio.wait("the next track", lambda: self.radio.status()["track_id"] == status["next"]["track_id"], 3 * SLOW)

    def test_settings_are_kept(self):
        answer = {"ok": True, "track_duration": 60, "crossfade": 2.5}
        status, changed = self.radio.ask("POST", "/api/config", {"track_duration": 60, "crossfade": 2.5})
        self.assertEqual(set(changed.pop("not_kept")), {"track_duration", "crossfade"})  # both are set by variable
        self.assertEqual((status, changed), (200, answer))
        self.assertEqual(self.radio.ask("POST", "/api/config", {"track_duration": 90, "crossfade": 99})[0], 400)
        self.assertEqual(self.radio.ask("POST", "/api/config", {}), (200, answer))
        self.assertEqual(self.radio.ask("POST", "/api/autodj", {"enabled": False})[0], 200)
        self.assertIs(self.radio.status()["auto_dj"], False)

    def test_it_ends_at_once_when_told_to(self):
        response = self.listen()
        response.read(5000)
        code, took = self.radio.end()
        self.assertEqual(code, 0)
        self.assertLess(took, 1 * SLOW)
        response.read()  # to its end


class Ending(unittest.TestCase):
    def test_it_ends_at_once_when_it_has_only_begun(self):
        for how in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with Program(INFINARA) as radio:
                code, took = radio.end(how)
            self.assertEqual(code, 0)
            self.assertLess(took, 1 * SLOW)

    def test_nohup_keeps_it_on_air_when_its_terminal_goes(self):
        with Program(["sh", "-c", 'trap "" HUP; exec "$0"', INFINARA]) as radio:
            radio.wait("health", lambda: radio.ask("GET", "/healthz")[0] == 200)
            radio.process.send_signal(signal.SIGHUP)
            before = radio.ask("GET", "/healthz")[1]["position"]
            radio.wait("more music", lambda: radio.ask("GET", "/healthz")[1]["position"] > before + 0.5)
            self.assertEqual(radio.end()[0], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
