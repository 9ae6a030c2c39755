#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""WebRTC listeners come, leave, vanish, flood and talk nonsense: the others hear on, and nothing of them stays.

usage: peers_test.py TONE_STATION WHEP_LISTENERS     The clients are GStreamer's own webrtcbin.
"""
import collections
import concurrent.futures
import json
import random
import signal
import subprocess
import sys
import time
import unittest

import whep
from served import Served

WHEP_LISTENERS = sys.argv.pop()
TONE_STATION = sys.argv.pop()
GOOD = whep.GOOD
SLOW = whep.SLOW
TOLD = 1 * SLOW  # seconds until a player knows of its session's end


def WhepListeners(*arguments):
    return whep.WhepListeners(WHEP_LISTENERS, *arguments)


class Peers(unittest.TestCase):
    most = 32

    def setUp(self):
        self.station = self.begin(str(self.most))

    def begin(self, *arguments):
        process = subprocess.Popen([TONE_STATION, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return Served(process, int(process.stdout.readline()))

    def end(self, process):
        process.stdin.close()
        self.assertEqual(process.wait(60), 0)
        process.stdout.close()

    def warm(self):
        """What the first listener brings for good (libraries, a certificate) is there."""
        WhepListeners(self.station.port, 1, "leave").end()
        self.station.wait("it has left", lambda: self.station.status()["webrtc_listeners"] == 0, 5)
        time.sleep(1)
        return self.station.held()

    def test_comings_and_goings_are_not_heard_by_who_stays(self):
        held = self.warm()
        stays = WhepListeners(self.station.port, 1)
        for _ in range(5):
            listeners = WhepListeners(self.station.port, 10, "leave")
            self.assertEqual(listeners.connected, 10)
            listeners.end()
        first, begin = stays.fewest(), time.monotonic()
        for _ in range(3):
            last = stays.fewest()
        self.assertGreaterEqual(last - first, 45 * (time.monotonic() - begin) - 10)
        self.assertEqual(self.station.status()["queue_size"], 1, "the fast path is proven with webrtcbin too")
        stays.end()
        self.station.gives_back(held, 20 * SLOW)

    def test_rtp_goes_on_through_every_replacement_of_the_pipeline(self):
        for how in ((), ("long",)):  # by the SRTP fast path, and by webrtcbin alone
            with self.subTest(how):
                station = self.begin(*how, "4")
                stays = WhepListeners(station.port, 2)
                for _ in range(3):
                    before = stays.fewest()
                    station.process.send_signal(signal.SIGUSR1)
                    while stays.fewest() - before < 50:  # sound goes on; a busy machine takes its time
                        pass
                self.assertEqual(stays.jumps(), 0, "sequence numbers go up by one, timestamps by the time that passed")
                stays.end()

    def test_who_is_deleted_is_told(self):
        stays = WhepListeners(self.station.port, 3, "tells")
        begin = time.monotonic()
        self.assertEqual(len(stays.sessions()), 3)
        for path in stays.sessions():
            self.assertEqual(self.station.response("DELETE", path)[0].status, 200)
        for _ in range(3):
            self.assertLess(stays.closed() - begin, TOLD)
        stays.end()

    def test_all_are_told_when_the_station_ends(self):
        station = self.begin("32")
        stays = WhepListeners(station.port, 20, "tells")
        begin = time.monotonic()
        station.process.send_signal(signal.SIGTERM)
        told = [stays.closed() - begin for _ in range(20)]
        print(f"20 were told within {1000 * max(told):.0f} ms")
        self.assertLess(max(told), TOLD)
        stays.end()

    def test_who_vanishes_is_gone_in_twenty_seconds_and_who_only_listens_is_not(self):
        chatty, mute = WhepListeners(self.station.port, 3), WhepListeners(self.station.port, 3, "mute")  # with RTCP, and without a word of it
        for _ in range(22):
            before = mute.fewest()
        self.assertEqual(self.station.status()["webrtc_listeners"], 6)
        self.assertGreater(mute.fewest() - before, 25)
        chatty.process.send_signal(signal.SIGSTOP)  # its sockets are there, as with a network that is not
        mute.end(signal.SIGKILL)
        self.station.wait("nobody is left", lambda: self.station.status()["webrtc_listeners"] == 0, 20 * SLOW)
        chatty.end(signal.SIGKILL)

    def test_a_flood_fills_the_house_and_no_more(self):
        held = self.warm()
        stays = WhepListeners(self.station.port, 1)
        with concurrent.futures.ThreadPoolExecutor(50) as crowd:
            answers = list(crowd.map(lambda _: self.station.whep(GOOD)[0], range(200)))
        counts = {status: [a.status for a in answers].count(status) for status in {a.status for a in answers}}
        print(counts)
        self.assertEqual(counts, {201: self.most - 1, 503: 200 - self.most + 1})
        self.assertTrue(all(a.headers["Retry-After"] for a in answers if a.status == 503))
        before = stays.fewest()
        self.assertGreater(stays.fewest() - before, 25)
        stays.end()
        # None of the others ever connects.
        self.station.gives_back(held, 20 * SLOW)

    def test_an_address_may_have_so_many_sessions_and_another_has_its_own(self):
        station = self.begin("each=3")
        first, _ = station.whep(GOOD)
        self.assertEqual([station.whep(GOOD)[0].status for _ in range(4)], [201, 201, 503, 503])
        response, answer = station.whep(GOOD)
        self.assertEqual((response.headers["Retry-After"], json.loads(answer)["error"]),
                         ("10", "too many WebRTC listeners at your address"))
        self.assertEqual(station.whep(GOOD, source="127.0.0.2")[0].status, 201)
        self.assertEqual(station.response("DELETE", whep.session(first))[0].status, 200)
        self.assertEqual(station.whep(GOOD)[0].status, 201)

    def test_odd_offers_are_answered_soon_with_a_reason(self):
        held = self.warm()
        odd = {
            "nothing": "", "words": "hello", "a NUL": "v=0\r\n\0", "no opus": GOOD.replace("opus", "pcmu"),
            "sendonly": GOOD.replace("recvonly", "sendonly"), "inactive": GOOD.replace("recvonly", "inactive"),
            "video": GOOD.replace("m=audio", "m=video"), "port 0": GOOD.replace("audio 9", "audio 0"),
            "no ufrag": GOOD.replace("a=ice-ufrag:Ab1/\r\n", ""), "holdconn": GOOD.replace("actpass", "holdconn"),
            "no mid": GOOD.replace("a=mid:0\r\n", ""), "no setup": GOOD.replace("a=setup:actpass\r\n", ""),
            "no fingerprint": GOOD.replace("fingerprint", "finger"), "a fingerprint of no length": GOOD.replace("AB:", ""),
            "a fingerprint of no hash": GOOD.replace("sha-256", "sha-3"), "no pwd": GOOD.replace("ice-pwd", "ice"),
            "a short pwd": GOOD.replace("0123456789", ""), "a ufrag with a space": GOOD.replace("Ab1/", "A b"),
            "not encrypted": GOOD.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "no mux": GOOD.replace("a=rtcp-mux\r\n", ""),
            "two of a mid": GOOD + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n", "port -1": GOOD.replace("audio 9", "audio -1"),
            "port 99999": GOOD.replace("audio 9", "audio 99999"), "a type beyond 127": GOOD.replace("111", "300"),
            "a type of RTCP": GOOD.replace("111", "72"), "no m line": GOOD[:GOOD.index("m=")],
            "an answer": GOOD.replace("recvonly", "sendonly").replace("actpass", "active"), "binary": "\xff\xfe" * 500,
            "no version": GOOD[5:], "a line without a letter": GOOD + "=x\r\n", "html": "<html>" * 50,
            "all on one line": GOOD.replace("\r\n", " "), "a wrong mid": GOOD.replace("mid:0", "mid:a b"),
            "1000 sections": GOOD + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 1000, "64 KiB": GOOD + "a=x" * 22000,
        }
        for name, offer in odd.items():
            begin = time.monotonic()
            response, answer = self.station.whep(offer)
            self.assertIn(response.status // 100, (4,), name)
            if response.headers["Content-Type"] == "application/json":
                self.assertTrue(json.loads(answer)["error"], name)
            self.assertLess(time.monotonic() - begin, 2 * SLOW, name)
        self.assertGreaterEqual(len(odd), 34)
        for offer in (GOOD.replace("useinbandfec=1", "sprop-stereo=0"), GOOD.replace("a=recvonly\r\n", ""),
                      GOOD.replace("111", "96"),
                      GOOD + "".join(f"a=candidate:1 1 udp 1 127.0.0.1 {i + 9000} typ host\r\n" for i in range(1000))):
            begin = time.monotonic()
            response, answer = self.station.whep(offer)
            self.assertEqual(response.status, 201, answer)
            self.assertIn(b"a=sendonly", answer)
            self.assertEqual(answer.count(b"a=candidate:"), 1)
            self.assertIn(b" 127.0.0.1 ", answer)
            self.assertLess(time.monotonic() - begin, 2 * SLOW)
            path = whep.session(response)
            self.assertEqual(self.station.response("DELETE", path)[0].status, 200)
            self.assertEqual(self.station.response("DELETE", path)[0].status, 404)
        self.station.gives_back(held, 20 * SLOW)

    def test_five_hundred_broken_offers_hurt_nobody(self):
        held = self.warm()
        stays = WhepListeners(self.station.port, 1)
        rng = random.Random(20260101)
        words = ["\r\n", "\0", " ", "a=", "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", ":", "\xff", "99999999999999999999", "-1",
                 "a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n", "a=sendrecv\r\n", "%n", "/", "A" * 5000]
        answers = collections.Counter()
        for _ in range(500):
            lines = GOOD.splitlines(keepends=True)
            for _ in range(1 + rng.randrange(3)):
                at = rng.randrange(len(lines))
                match rng.randrange(5):
                    case 0:
                        lines.insert(at, rng.choice(lines))
                    case 1 if len(lines) > 1:
                        del lines[at]
                    case 2:
                        lines[at], lines[0] = lines[0], lines[at]
                    case 3:
                        place = rng.randrange(len(lines[at]) + 1)
                        lines[at] = lines[at][:place] + rng.choice(words) + lines[at][place:]
                    case 4:
                        place = rng.randrange(len(lines[at]))
                        lines[at] = lines[at][:place] + chr(ord(lines[at][place]) ^ (1 << rng.randrange(8))) + \
                            lines[at][place + 1:]
            text = "".join(lines)
            begin = time.monotonic()
            response, answer = self.station.whep(text)
            self.assertLess(time.monotonic() - begin, 2 * SLOW, repr(text))
            answers[response.status] += 1
            if response.status == 201:
                self.assertIn(b"a=sendonly", answer)
                self.assertEqual(self.station.response("DELETE", whep.session(response))[0].status, 200)
            else:
                self.assertIn(response.status, (400, 422), repr(text))
                self.assertTrue(json.loads(answer)["error"], repr(text))
        print(dict(answers))
        self.assertGreater(min(answers[201], answers[400]), 50)
        before = stays.fewest()
        self.assertGreater(stays.fewest() - before, 25)
        stays.end()
        self.station.gives_back(held, 20 * SLOW)


if __name__ == "__main__":
    unittest.main(verbosity=2)
