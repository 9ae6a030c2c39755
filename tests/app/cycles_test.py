#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Listeners come and leave, wave after wave: descriptors, threads and memory are those of the start.

usage: cycles_test.py TONE_STATION WHEP_LISTENERS [HTTP WEBRTC]     how many of each; ./dev bench cycles runs 500 of both
"""
import json
import os
import signal
import socket
import subprocess
import sys
import time
import unittest

import whep
from served import Served

WAVES = 5
COUNTS = {"http": 500, "webrtc": 100}
if len(sys.argv) > 4:
    COUNTS["webrtc"] = int(sys.argv.pop())
    COUNTS["http"] = int(sys.argv.pop())
WHEP_LISTENERS = sys.argv.pop()
TONE_STATION = sys.argv.pop()
CHECKED = bool(os.environ.get("INFINARA_CHECKED"))
# What may be kept after the first wave, KiB; a checker keeps what is freed. By HTTP it is what is resident. By WebRTC it
# is the heap in use: the holes that peers leave in the heap grow by 2 MiB in the first 2000 and are used again. One
# arena for all threads, so that all of the heap is counted.
MEMORY = {"http": 512, "webrtc": 1024}


class Cycles(unittest.TestCase):
    def start(self, *command, port=None):
        """Its port is the first thing it says, if not known."""
        process = subprocess.Popen(command, env=os.environ | {"MALLOC_ARENA_MAX": "1"}, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.terminate)
        self.served = Served(process, port or int(process.stdout.readline()))
        return self.served

    def held(self):
        return dict(zip(("fds", "threads"), self.served.held()))

    def settle(self, start):
        """Until as much is held as at the start, and a little longer."""
        end = time.monotonic() + 60
        while not all(now <= start[name] for name, now in self.held().items()):
            self.assertLess(time.monotonic(), end, f"{self.held()} and not {start}")
            time.sleep(0.1)
        time.sleep(0.5)

    def heap(self):
        """In use, in KiB."""
        self.served.process.send_signal(signal.SIGUSR2)
        return int(self.served.process.stdout.readline()) / 1024

    def waves(self, kind, wave, measured, memory_now):
        wave(20)  # what comes for good is there
        start, since = self.held(), time.monotonic()
        while time.monotonic() - since < 3:
            time.sleep(0.1)
            if self.held() != start:
                start, since = self.held(), time.monotonic()
        memory = []
        for _ in range(WAVES):
            wave(COUNTS[kind] // WAVES)
            self.settle(start)
            memory.append(memory_now())
        print(json.dumps({"kind": kind, "cycles": COUNTS[kind], "start": start, "end": self.held(),
                          "measured": measured, "memory": memory}))
        if not CHECKED:
            self.assertLess(memory[-1] - memory[0], MEMORY[kind])

    def test_by_http(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        radio = self.start("gst-launch-1.0", "audiotestsrc", "is-live=true", "!", "lamemp3enc", "target=bitrate", "bitrate=192",
                           "cbr=true", "!", "httpbroadcastsink", "address=127.0.0.1", f"port={port}", port=port)
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                self.assertIsNone(radio.process.poll())
                self.assertLess(time.monotonic(), end)
                time.sleep(0.1)

        def wave(count):
            listeners = []
            for i in range(count):
                listeners.append(socket.create_connection(("127.0.0.1", port), 30))
                listeners[-1].sendall(b"GET / HTTP/1.1\r\nHost: a\r\nIcy-MetaData: 1\r\n\r\n")
                self.assertIn(b" 200 ", listeners[-1].recv(20))
                if i % 3:  # some leave while others are there
                    listeners.pop(0).close()
            for one in listeners:
                one.close()

        self.waves("http", wave, "resident", self.served.memory)

    def test_by_webrtc(self):
        port = self.start(TONE_STATION, "64").port

        def wave(count):
            while count > 0:
                listeners = whep.WhepListeners(WHEP_LISTENERS, port, min(count, 20), "leave")
                self.assertEqual(listeners.connected, min(count, 20))
                listeners.end()
                count -= 20

        self.waves("webrtc", wave, "heap in use", self.heap)

    def test_by_offers_that_nobody_follows(self):
        station = self.start(TONE_STATION, "impatient", "64")

        def wave(count):
            while count > 0:
                status = station.whep(whep.GOOD)[0].status
                self.assertIn(status, (201, 503))
                if status == 201:
                    count -= 1
                else:
                    time.sleep(0.05)

        self.waves("webrtc", wave, "heap in use", self.heap)


if __name__ == "__main__":
    unittest.main(verbosity=2)
