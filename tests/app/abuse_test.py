#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Strangers do to a real station's port what strangers do; a listener beside them notices nothing.

usage: abuse_test.py INFINARA

Where each fault is tried ("here" is this file; C++ tests by suite and name, the others by file):
  descriptors that leak      here; app/http_server TwoThousandOfEachKind…; cast/broadcaster LeavesNothingBehind
  heap that leaks            app/http_server TwoThousandOfEachKind…; cast/broadcaster LeavesNothingBehind
  a storm of connects        here; cast/broadcaster AStormOfJoins…; ./dev bench listeners (times)
  no descriptor left         here; door/door SaysThatItIsFullWithoutDescriptorsAndRecovers (CPU)
  an idle crowd              here; door/door ServesAStormBehindAnIdleCrowd
  slow heads and bodies      here; door/door EndsTheWaitForAHead
  one address takes all      here; door/door OneAddressCannotTakeAllPlaces
  huge bodies, ranges, heads here; door/head; app/http_server HugeRequestsCostNoMemory, KnowsNoRanges
  smuggling                  here; door/head Headers
  a fuzzed port              here; door/fuzz (60 s under ./dev test --asan)
  listeners who do not read  here; cast/lag; cast/closing_connections; web/listen a_stopped_player
  silent leavers             cast/broadcaster NoticesWhoLeaves; app/peers who_vanishes (there are no event streams)
  titles that break out      cast/icy_titles IsSafeWhateverTheTitle; cast/feed PutsAThousandBlocksInPlace
  hostile SDP, offer and go  app/peers; webrtc/offer
  a flood of peers           app/peers
  objects that leak          app/leaks
  races, memory              ./dev test --tsan, --asan, --valgrind
"""
import contextlib
import os
import random
import re
import resource
import select
import socket
import struct
import subprocess
import sys
import time
import unittest

from program import Program
from reader import Reader
from whep import GOOD

INFINARA = sys.argv.pop()
SLOW = 5 if os.environ.get("INFINARA_CHECKED") else 1
GET = b"GET /api/status HTTP/1.1\r\nHost: a\r\n\r\n"
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)


class Crowd(contextlib.ExitStack):
    """Sockets that are closed in the end."""

    def __init__(self, port):
        super().__init__()
        self.port = port

    def connect(self, said=b"", address=None, buffer=None):
        one = self.enter_context(socket.socket())
        if buffer:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        one.settimeout(30)
        if address:
            one.bind((address, 0))
        one.connect(("127.0.0.1", self.port))
        one.sendall(said)
        return one


def answer(one):
    """All that comes until the other side closes, and how long that took."""
    begin, got = time.monotonic(), b""
    with contextlib.suppress(ConnectionResetError):
        while more := one.recv(65536):
            got += more
    return got.decode("latin-1"), time.monotonic() - begin


def reset(one):
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.close()


class Abuse(unittest.TestCase):
    settings = {}
    prefix = []

    def setUp(self):
        self.radio = self.enterContext(Program(self.prefix + [INFINARA], RADIO_GENRE="ambient", **self.settings))
        self.radio.wait("a burst", lambda: self.radio.status()["position"] > 6, 60)

    def crowd(self):
        return self.enterContext(Crowd(self.radio.port))

    @contextlib.contextmanager
    def listener(self):
        """Somebody who listens meanwhile and must not notice."""
        begin = time.monotonic()
        with Reader(self.radio.port) as reader:
            yield
            self.assertEqual(self.radio.ask("GET", "/healthz")[0], 200)
            if reader.lead == float("inf"):
                self.radio.wait("sound", lambda: reader.lead < float("inf"))
            reader.check(self, min(time.monotonic() - begin, 60))


class Strangers(Abuse):
    def test_two_thousand_of_each_kind_leave_nothing(self):
        def kinds(crowd):
            yield "asks and goes", lambda: crowd.connect(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
            bad = b"POST /offer HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"
            yield "an offer that is none", lambda: crowd.connect(bad).recv(65536)
            yield "half a head", lambda: crowd.connect(b"GET /stream HT")
            yield "a reset", lambda: reset(crowd.connect(GET))
            yield "joins and leaves", lambda: crowd.connect(b"GET /stream HTTP/1.0\r\n\r\n").recv(1000)

        with self.listener():
            with Crowd(self.radio.port) as crowd:  # what comes for good is there
                for _, one in kinds(crowd):
                    for _ in range(20):
                        one()
            self.radio.wait("they have left", lambda: self.radio.status()["http_listeners"] == 1)
            before = self.radio.held()
            for name, _ in kinds(None):
                for _ in range(20):
                    with Crowd(self.radio.port) as crowd:
                        one = dict(kinds(crowd))[name]
                        for _ in range(100):
                            one()
                self.radio.wait(name, lambda: self.radio.held() <= before, 10)

    def test_huge_requests_are_refused_before_they_come(self):
        with self.listener():
            before = self.radio.memory()
            for path in ("/api/genre", "/nowhere", "/offer", "/whep"):
                for said, status in (("Content-Length: 300000000\r\n\r\n", 413),
                                     ("Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", 411)):
                    one = self.crowd().connect(f"POST {path} HTTP/1.1\r\nHost: a\r\n{said}".encode())
                    with contextlib.suppress(OSError):  # it does not listen to the end
                        for _ in range(50):
                            one.send(b"x" * 100000)
                    text, seconds = answer(one)
                    self.assertTrue(text == "" or text.startswith(f"HTTP/1.1 {status} "), text[:100])
                    self.assertLess(seconds, 2 * SLOW)
            ranges = "Range: bytes=" + ",".join(["0-"] * 3000)
            for _ in range(100):
                text, _ = answer(self.crowd().connect(f"GET / HTTP/1.1\r\nHost: a\r\n{ranges}\r\n\r\n".encode()))
                self.assertRegex(text, "^HTTP/1.1 (200|431) ")
            flood = b"".join(b"X-%d: y\r\n" % i for i in range(20000))
            for line, status in ((b"GET /" + b"a" * 50000 + b" HTTP/1.1\r\nContent-Length: x\r\n\r\n", 414),
                                 (b"GET / HTTP/1.1\r\nHost: a\r\n" + flood, 431)):
                for _ in range(500 if status == 414 else 50):
                    one = self.crowd().connect()
                    with contextlib.suppress(OSError):
                        one.sendall(line)
                    text, _ = answer(one)
                    self.assertTrue(text == "" or text.startswith(f"HTTP/1.1 {status} "), text[:100])
            self.assertLess(self.radio.memory() - before, 20000 * SLOW)  # the band plays on meanwhile and needs some

    def test_one_connection_is_one_answer(self):
        post = b"POST /api/skip HTTP/1.1\r\nHost: a\r\n"
        cases = {
            "both lengths": post + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "two lengths": post + b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n",
            "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "plus": post + b"Content-Length: +5\r\n\r\n", "a chunk of -5": post + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n",
            "bare line feeds": b"GET / HTTP/1.1\nHost: a\n\n", "a folded line": post + b"A: b\r\n c\r\n\r\n"}
        track = self.radio.status()["track_id"]
        for name, said in cases.items():
            text, _ = answer(self.crowd().connect(said + GET))
            self.assertEqual(len(re.findall("HTTP/1.1 ", text)), 1, name)
            self.assertRegex(text, "^HTTP/1.1 (411|400) ", name)
        self.assertEqual(self.radio.status()["track_id"], track, "nothing was skipped")

    def test_slow_heads_and_bodies_are_cut(self):
        body = b"POST /api/genre HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
        with self.listener():
            crowd, begin = self.crowd(), time.monotonic()
            slow = {crowd.connect(said): limit for said, limit in [(b"G", 5), (body, 10)] for _ in range(250)}
            took = {}
            while slow and time.monotonic() - begin < 20 * SLOW:
                for one in select.select(list(slow), [], [], 0)[0]:
                    text, _ = answer(one)
                    self.assertTrue(text == "" or text.startswith("HTTP/1.1 408 "), text[:100])
                    took.setdefault(slow.pop(one), []).append(time.monotonic() - begin)
                for one in slow:
                    with contextlib.suppress(OSError):
                        one.send(b"x")
                time.sleep(0.5)
        print({limit: (len(all_of), f"{min(all_of):.1f}-{max(all_of):.1f} s") for limit, all_of in took.items()})
        self.assertEqual({limit: len(all_of) for limit, all_of in took.items()}, {5: 250, 10: 250})
        for limit, all_of in took.items():
            self.assertLess(max(all_of), limit + 2 * SLOW)

    def test_whatever_is_sent_it_plays_on(self):
        rng = random.Random(7)
        seeds = [GET, b"GET /stream?burst=2 HTTP/1.0\r\nIcy-MetaData: 1\r\n\r\n", b"OPTIONS * HTTP/1.0\r\n\r\n",
                 b'POST /api/config HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n{"crossfade":3}',
                 b"POST /whep HTTP/1.1\r\nHost: a\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(GOOD)
                 + GOOD.encode(), b"DELETE /whep/0123 HTTP/1.1\r\nHost: a\r\n\r\n"]
        words = [b"\r\n", b"\0", b"%", b"\xff", b"../", b"Host: ", b":", b" ", b"[" * 70000, b"Content-Length: 9\r\n"]
        with self.listener():
            before = self.radio.held()
            for _ in range(1500):
                text = bytearray(rng.choice(seeds))
                for _ in range(rng.randrange(5)):
                    at = rng.randrange(len(text) + 1)
                    match rng.randrange(3):
                        case 0:
                            text[at:at] = rng.choice(words)
                        case 1:
                            del text[at:at + rng.randrange(9)]
                        case 2:
                            text[at:at + 1] = bytes([rng.randrange(256)])
                with Crowd(self.radio.port) as crowd:
                    one = crowd.connect()
                    with contextlib.suppress(OSError):
                        one.sendall(text)
                    if rng.randrange(2):
                        one.settimeout(0.01)
                        with contextlib.suppress(OSError):
                            one.recv(4096)
                    if rng.randrange(3) == 0:
                        reset(one)
            # Offers that were good are waited for, at most ten seconds.
            self.radio.gives_back(before, 30)

    def test_two_hundred_who_never_read_cost_little_and_disturb_nobody(self):
        with self.listener():
            memory = self.radio.memory()
            with Crowd(self.radio.port) as crowd:
                for _ in range(200):
                    crowd.connect(b"GET /stream HTTP/1.0\r\nUser-Agent: deaf\r\n\r\n", buffer=4096)
                self.radio.wait("they are in", lambda: self.radio.status()["http_listeners"] == 201)
                most, lag, begin = 0, 0, time.monotonic()
                while lag < 15:
                    self.assertLess(time.monotonic() - begin, 60 * SLOW)
                    shown = subprocess.run(["ss", "-tmnH", f"sport = :{self.radio.port}"], capture_output=True,
                                           text=True).stdout
                    most = max([most] + [int(size) for size in re.findall(r"skmem:\(.*?,w(\d+),", shown)])
                    lag = max(one["lag"] for one in self.radio.listeners())
                    time.sleep(0.5)
                print(f"{lag:.0f} s behind after {time.monotonic() - begin:.1f} s, at most {most} bytes in the kernel for one")
                self.assertEqual(self.radio.status()["http_listeners"], 201)
                self.assertGreater(most, 0)
                self.assertLessEqual(most, 65536)
                self.assertLess(self.radio.memory() - memory, 20000 * SLOW)
            self.radio.wait("they have left", lambda: self.radio.status()["http_listeners"] == 1, 10)


class OfOneAddress(Abuse):
    settings = {"RADIO_MAX_PER_ADDRESS": "64"}

    def test_one_address_cannot_take_all(self):
        with self.listener():  # from 127.0.0.1
            crowd = self.crowd()
            greedy = [crowd.connect(b"GET /stream HTTP/1.0\r\n\r\n", "127.0.0.2") for _ in range(1000)]
            status = [one.recv(12)[-3:] for one in greedy]
            self.assertEqual((status.count(b"200"), status.count(b"503")), (64, 936))
            begin = time.monotonic()
            text, _ = answer(crowd.connect(GET, "127.0.0.3"))
            self.assertIn(" 200 ", text[:20])
            self.assertLess(time.monotonic() - begin, 0.1 * 10 * SLOW)


class Crowded(Abuse):
    settings = {"RADIO_MAX_LISTENERS": "6000"}

    def test_five_thousand_join_at_once_beside_as_many_who_say_nothing(self):
        if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 11000:
            self.skipTest("the system lets a process have fewer than 11000 descriptors")
        many = 5000 // SLOW
        with self.listener():
            crowd = self.crowd()
            silent, since = [], time.monotonic()
            for _ in range(many):
                silent.append(crowd.connect())
            storm = [crowd.connect(b"GET /stream?burst=0 HTTP/1.0\r\n\r\n") for _ in range(many)]
            self.assertTrue(all(one.recv(12).endswith(b"200") for one in storm))
            asked = time.monotonic()
            for _ in range(20):
                self.assertIn(" 200 ", answer(crowd.connect(GET))[0][:20])
            print(f"{many} silent and {many} listening after {asked - since:.1f} s; a question took "
                  f"{(time.monotonic() - asked) / 20 * 1000:.1f} ms")
            for one in silent:
                self.assertEqual(answer(one)[0], "")
            self.assertLess(time.monotonic() - since, 30 * SLOW)
            self.assertGreaterEqual(self.radio.status()["http_listeners"], many)


class FewDescriptors(Abuse):
    prefix = ["prlimit", "--nofile=300:300"]

    def test_it_says_that_it_is_full_and_recovers(self):
        with self.listener():
            with Crowd(self.radio.port) as crowd:
                answers = []
                for _ in range(400):
                    one = crowd.connect(b"GET /stream HTTP/1.0\r\n\r\n")
                    answers.append(one.recv(4096).split(b"\r\n\r\n")[0])
                taken = sum(b" 200 " in head[:20] for head in answers)
                refused = [head for head in answers if b" 503 " in head[:20]]
                print(f"{taken} listen, {len(refused)} are told that it is full")
                self.assertGreater(taken, 50)
                self.assertGreater(len(refused), 50)
                self.assertEqual(taken + len(refused), 400)
                self.assertTrue(all(b"Retry-After: " in head for head in refused))
            begin = time.monotonic()
            self.radio.wait("it recovers", lambda: self.radio.response("GET", "/healthz")[0].status == 200, 10)
            self.assertLess(time.monotonic() - begin, 2 * SLOW)
            # WebRTC stops before it takes what the music needs.
            statuses = []
            for _ in range(60):
                response, text = self.radio.whep(GOOD)
                statuses.append(response.status)
                if response.status == 503:
                    self.assertRegex(text, b"no file descriptors left|the station is full")  # the one or the door
                    self.assertTrue(response.headers["Retry-After"])
            self.assertEqual(set(statuses), {201, 503})
            # None of them ever connects: they are disconnected.
            self.radio.wait("a session is free", lambda: self.radio.whep(GOOD)[0].status == 201, 30 * SLOW)


if __name__ == "__main__":
    unittest.main(verbosity=2)
