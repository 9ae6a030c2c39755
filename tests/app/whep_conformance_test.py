#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""WHEP to the letter: a row for each MUST, SHALL and SHOULD of the draft, run over a real endpoint.

usage: whep_conformance_test.py TONE_STATION WHEP_LISTENERS

The text is that of the working group (draft-ietf-wish-whep, April 2026). Requirements of players are met by the players
here: GStreamer's webrtcbin (whep_listeners), and aiortc where it is installed, whose parser of SDP is strict. Authentication
is not served yet.
"""
import json
import pathlib
import re
import subprocess
import sys
import time
import unittest

import ice
import whep
from served import Served

WHEP_LISTENERS = sys.argv.pop()
TONE_STATION = sys.argv.pop()
SDP, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
UFRAG, PASSWORD = "Ab1/", "0123456789abcdefghijkl+/"
HOST = "a=candidate:1 1 udp 2130706431 127.0.0.1 50001 typ host\r\n"
TRICKLE = f"a=ice-ufrag:{UFRAG}\r\na=ice-pwd:{PASSWORD}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"
RESTART = "a=ice-ufrag:Zz99\r\na=ice-pwd:zzzzzzzzzzzzzzzzzzzzzzzz\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n" + HOST
VIDEO = ("m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=recvonly\r\na=rtcp-mux\r\n"
         f"a=ice-ufrag:{UFRAG}\r\na=ice-pwd:{PASSWORD}\r\na=rtpmap:96 VP8/90000\r\n")

ROWS = []


def row(section, level, text):
    """A check that stands for one requirement of the draft."""
    def keep(check):
        ROWS.append((section, level, text, check))
        return check
    return keep


class Conformance(unittest.TestCase):
    """What the rows use."""

    @classmethod
    def setUpClass(cls):
        cls.stations = []
        cls.station = cls.begin()
        cls.silent = cls.begin("silent")
        cls.full = cls.begin("1")

    @classmethod
    def begin(cls, *arguments):
        process = subprocess.Popen([TONE_STATION, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.stations.append(process)
        return Served(process, int(process.stdout.readline()))

    @classmethod
    def tearDownClass(cls):
        for process in cls.stations:
            process.stdin.close()
        for process in cls.stations:
            assert process.wait(60) == 0
            process.stdout.close()

    def post(self, offer=whep.GOOD, path="/whep", **more):
        """(path of the session, answer, response) of an offer that must be taken."""
        response, answer = self.station.response("POST", path, offer, Content_Type=SDP, **more)
        self.assertEqual(response.status, 201, answer)
        session = whep.session(response, path)
        self.addCleanup(self.station.response, "DELETE", session)
        return session, answer.decode(), response

    def refused(self, response, *statuses):
        self.assertIn(response.status, statuses or range(400, 500))

    def patch(self, session, body, match=None, kind=FRAGMENT):
        headers = {"Content_Type": kind} | ({"If_Match": match} if match is not None else {})
        return self.station.response("PATCH", session, body, **headers)

    def test_table(self):
        for section, level, text, check in ROWS:
            with self.subTest(section=section, text=text):
                begin, failed = time.monotonic(), True
                try:
                    failed = check(self) is not None
                finally:
                    print(f"{section:6} {level:11} {'FAILED' if failed else 'holds ':6} {time.monotonic() - begin:5.1f} s  {text}")
                self.doCleanups()


@row("4.1", "MUST", "GET on endpoint and session: 2xx without content")
def _(t):
    session, _, _ = t.post()
    for path in ("/whep", "/whep/", session):
        response, body = t.station.response("GET", path)
        t.assertEqual((response.status // 100, body), (2, b""), path)
        t.assertIsNone(response.headers["Content-Type"])


@row("4.1", "SHOULD", "HEAD on the endpoint: 200, Content-Type application/sdp")
def _(t):
    for path in ("/whep", "/whep/"):
        response, body = t.station.response("HEAD", path)
        t.assertEqual((response.status, response.headers["Content-Type"], body), (200, SDP, b""))


@row("4.2", "MUST", "an offer is answered with 201, application/sdp, the answer, and a Location")
def _(t):
    for path in ("/whep", "/whep/", "/whep?token=x"):
        session, answer, response = t.post(path=path)
        t.assertEqual(response.headers["Content-Type"], SDP)
        t.assertTrue(answer.startswith("v=0\r\n"))
        t.assertRegex(session, r"^/whep/[0-9a-f]{32}$")
        t.assertEqual(t.station.response("GET", session)[0].status, 204)


@row("4.2", "MUST", "the answer follows JSEP: sections, mids, formats and setup fit the offer")
def _(t):
    offer = whep.GOOD.replace("m=audio", VIDEO + "m=audio") + VIDEO.replace("a=mid:1", "a=mid:2")
    _, answer, _ = t.post(offer)
    t.assertEqual(re.findall(r"^m=(\S+) (\d+) ", answer, re.M), [("video", "0"), ("audio", "9"), ("video", "0")])
    t.assertEqual(re.findall(r"^a=mid:(\S+)", answer, re.M), ["1", "0", "2"])
    audio = answer[answer.index("m=audio"):answer.rindex("m=video")]
    t.assertIn("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", audio)
    t.assertIn("a=rtpmap:111 OPUS/48000/2", audio.replace("opus", "OPUS"))
    t.assertRegex(audio, r"a=setup:(active|passive)\r\n")
    t.assertRegex(audio, r"a=fingerprint:sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}\r\n")
    t.assertEqual(answer.count("a=ice-options:trickle\r\n"), 1)
    t.assertLess(answer.index("a=ice-options"), answer.index("m="), "ice-options stands at the session")
    for line in answer.split("\r\n")[:-1]:
        t.assertRegex(line, r"^[a-z]=\S")


@row("4.2", "MUST", "a counter-offer (406) is an endpoint's choice; this one takes the client's offer")
def _(t):
    for offer in (whep.GOOD, whep.GOOD.replace("recvonly", "sendrecv"), whep.GOOD.replace("111", "96")):
        _, _, response = t.post(offer)
        t.assertEqual(response.status, 201)


@row("4.2", "MUST", "another content type than application/sdp, or malformed SDP: 4xx")
def _(t):
    for kind in ("text/plain", "application/json", FRAGMENT, ""):
        t.refused(t.station.response("POST", "/whep", whep.GOOD, Content_Type=kind)[0], 415)
    for broken in ("", "hello", "{}", whep.GOOD[5:], whep.GOOD[:whep.GOOD.index("m=")], whep.GOOD.replace("a=mid:0", "a=mid:a b")):
        t.refused(t.station.whep(broken)[0], 400)
    for kind in ("Application/SDP", "application/sdp; charset=utf-8", "application/sdp ;x=y"):
        response, _ = t.station.response("POST", "/whep", whep.GOOD, Content_Type=kind)
        t.assertEqual(response.status, 201, kind)
        t.station.response("DELETE", whep.session(response))


@row("4.2", "MUST NOT", "offers say neither inactive nor sendonly; recvonly and sendrecv are both taken")
def _(t):
    for direction in ("inactive", "sendonly"):
        t.refused(t.station.whep(whep.GOOD.replace("recvonly", direction))[0], 422)
    for direction in ("recvonly", "sendrecv"):
        t.post(whep.GOOD.replace("recvonly", direction))


@row("4.2", "MUST", "the answer says sendonly")
def _(t):
    for direction in ("a=recvonly\r\n", "a=sendrecv\r\n", ""):
        _, answer, _ = t.post(whep.GOOD.replace("a=recvonly\r\n", direction))
        t.assertEqual(re.findall(r"^a=(sendonly|recvonly|sendrecv|inactive)\r", answer, re.M), ["sendonly"])


@row("4.2", "SHALL", "no sound to send: 409 with Retry-After")
def _(t):
    response, _ = t.silent.whep(whep.GOOD)
    t.assertEqual(response.status, 409)
    t.assertGreater(int(response.headers["Retry-After"]), 0)


@row("4.2", "SHALL", "DTLS is torn down when the session ends: the player knows within a second")
def _(t):
    listeners = whep.WhepListeners(WHEP_LISTENERS, t.station.port, 1, "tells")
    t.assertEqual(listeners.connected, 1)
    listeners.fewest()
    begin = time.monotonic()
    t.assertEqual(t.station.response("DELETE", listeners.sessions()[0])[0].status, 200)
    t.assertLess(listeners.closed() - begin, 1 * whep.SLOW)
    listeners.end()


@row("4.2", "SHALL", "DTLS is torn down by the player: the session ends")
def _(t):
    listeners = whep.WhepListeners(WHEP_LISTENERS, t.station.port, 1, "close")
    session, = listeners.sessions()
    t.station.wait("the session has ended", lambda: t.station.response("GET", session)[0].status == 404, 5)
    listeners.end()


@row("4.3", "MUST", "DELETE ends the session: 200, then 404")
def _(t):
    session, _, _ = t.post()
    t.assertEqual(t.station.response("DELETE", session)[0].status, 200)
    for method in ("DELETE", "PATCH", "GET"):
        t.assertEqual(t.station.response(method, session)[0].status, 404)


@row("4.3", "MUST", "consent is revoked at once (RFC 7675, 5.2): no check is answered after DELETE")
def _(t):
    session, answer, _ = t.post()
    t.assertTrue(ice.consents(answer, UFRAG, 4))
    t.station.response("DELETE", session)
    end = time.monotonic() + 1
    while ice.consents(answer, UFRAG, 0.2):
        t.assertLess(time.monotonic(), end)


@row("4.3", "MUST", "OPTIONS serves CORS, for endpoint and session")
def _(t):
    session, _, response = t.post(Origin="https://player.example")
    t.assertEqual(response.headers["Access-Control-Allow-Origin"], "*")
    for header in ("Location", "ETag", "Link"):
        t.assertIn(header, response.headers["Access-Control-Expose-Headers"])
    for path, method in (("/whep", "POST"), ("/whep/", "POST"), (session, "PATCH"), (session, "DELETE")):
        response, body = t.station.response("OPTIONS", path, Origin="https://player.example",
                                            Access_Control_Request_Method=method,
                                            Access_Control_Request_Headers="content-type,if-match,authorization")
        t.assertEqual((response.status, body), (200, b""))
        t.assertEqual(response.headers["Access-Control-Allow-Origin"], "*")
        t.assertIn(method, response.headers["Access-Control-Allow-Methods"])
        for header in ("content-type", "if-match", "authorization"):
            t.assertIn(header, response.headers["Access-Control-Allow-Headers"].lower())


@row("4.3", "SHOULD", "each OPTIONS answer says Accept-Post: application/sdp")
def _(t):
    session, _, _ = t.post()
    for path in ("/whep", "/whep/", session):
        t.assertEqual(t.station.response("OPTIONS", path)[0].headers["Accept-Post"], SDP)


@row("4.4.1", "MUST", "PATCH with another content type, or a malformed fragment: 4xx")
def _(t):
    session, _, response = t.post()
    for kind in (SDP, "text/plain", "application/json"):
        t.refused(t.patch(session, TRICKLE, response.headers["ETag"], kind)[0], 415)
    for broken in ("hello", "", "a=ice-ufrag:\r\n", "m=audio\r\n", TRICKLE + "a=candidate:hello\r\n"):
        t.refused(t.patch(session, broken, response.headers["ETag"])[0], 400)


@row("4.4.1", "MUST", "trickle ICE is served and a restart is not: 422 for a restart")
def _(t):
    session, _, response = t.post()
    for match in ("*", '"*"', response.headers["ETag"]):
        t.refused(t.patch(session, RESTART, match)[0], 422)


@row("4.4.1", "MUST", "201 has a strong entity tag of its own for each ICE session")
def _(t):
    tags = {t.post()[2].headers["ETag"] for _ in range(3)}
    t.assertEqual(len(tags), 3)
    for tag in tags:
        t.assertRegex(tag, r'^"[!#-~]+"$')


@row("4.4.1", "MUST", "entity tags are ignored in a DELETE")
def _(t):
    session, _, _ = t.post()
    t.assertEqual(t.station.response("DELETE", session, If_Match='"other"')[0].status, 200)


@row("4.4.1", "MUST", "no If-Match: 428; another entity tag: 412; compared strongly")
def _(t):
    session, _, response = t.post()
    tag = response.headers["ETag"]
    t.refused(t.patch(session, TRICKLE)[0], 428)
    for other in ('"other"', "W/" + tag, "zzz" + tag, tag.strip('"'), tag + "zzz", f'W/{tag}, "a"'):
        t.refused(t.patch(session, TRICKLE, other)[0], 412)
    for same in (tag, f'"other", {tag}', f'W/"a",{tag}', "*", '"*"'):
        t.assertEqual(t.patch(session, TRICKLE, same)[0].status, 204, same)


@row("4.4.2", "SHALL", "the answer has all candidates of the server: a=end-of-candidates")
def _(t):
    _, answer, _ = t.post()
    t.assertRegex(answer, r"a=candidate:\S+ 1 UDP \d+ 127\.0\.0\.1 \d+ typ host")
    t.assertIn("a=end-of-candidates\r\n", answer)
    t.assertGreater(answer.index("a=end-of-candidates"), answer.rindex("a=candidate"))


@row("4.4.2", "MUST", "fragments as in RFC 8840: pseudo m= line, mid, group, session- or media-level ufrag")
def _(t):
    session, _, response = t.post()
    head = "a=group:BUNDLE 0\r\na=ice-options:trickle ice2\r\n"
    for fragment in (head + TRICKLE + HOST, TRICKLE + HOST + "a=end-of-candidates\r\n", TRICKLE + "a=end-of-candidates\r\n",
                     "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n" + f"a=ice-ufrag:{UFRAG}\r\na=ice-pwd:{PASSWORD}\r\n" + HOST,
                     (TRICKLE + HOST).replace("\r\n", "\n")):
        t.assertEqual(t.patch(session, fragment, response.headers["ETag"])[0].status, 204, fragment)


@row("4.4.2", "MUST", "new candidates: 204 without a body and without an ETag")
def _(t):
    session, _, response = t.post()
    response, body = t.patch(session, TRICKLE + HOST, response.headers["ETag"])
    t.assertEqual((response.status, body, response.headers["ETag"]), (204, b"", None))


@row("4.4.2", "MUST", "candidates of a transport or name that is not served are left out silently")
def _(t):
    session, _, response = t.post()
    odd = ("a=candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active\r\n"
           "a=candidate:2 1 udp 1 4d1a7e90-aaaa-bbbb-cccc-0123456789ab.local 5000 typ host\r\n"
           "a=candidate:3 1 sctp 1 192.0.2.1 5000 typ host\r\na=candidate:4 1 udp 1 no.such.name 5000 typ host\r\n")
    t.assertEqual(t.patch(session, TRICKLE + odd + HOST, response.headers["ETag"])[0].status, 204)


@row("4.4.3", "MUST", "a new ufrag or password is a restart; refused, it leaves the ICE session as it was")
def _(t):
    session, answer, response = t.post()
    for fragment in (RESTART, TRICKLE.replace(PASSWORD, "another4567890123456789"), TRICKLE.replace(UFRAG, "Zz99")):
        t.refused(t.patch(session, fragment, "*")[0], 422)
    t.assertEqual(t.patch(session, TRICKLE + HOST, response.headers["ETag"])[0].status, 204)
    t.assertTrue(ice.consents(answer, UFRAG, 4))


@row("4.4.3", "SHOULD", "a player whose restart is refused hears a new session within 5 s")
def _(t):
    listeners = whep.WhepListeners(WHEP_LISTENERS, t.station.port, 2, "moves")
    moved = listeners.moved()
    t.assertEqual(len(moved), 2)
    print(f"       new sessions are heard after {max(moved):.0f} ms")
    listeners.end()


@row("4.5.1", "SHALL", "BUNDLE, and RTP and RTCP on one port")
def _(t):
    _, answer, _ = t.post(whep.GOOD.replace("a=group:BUNDLE 0", "a=group:BUNDLE 0 1") + VIDEO)
    t.assertIn("a=group:BUNDLE 0\r\n", answer)
    t.assertEqual(answer.count("a=rtcp-mux\r\n"), 1)
    t.refused(t.station.whep(whep.GOOD.replace("a=rtcp-mux\r\n", ""))[0], 422)


@row("4.5.1", "MUST", "each bundled section says rtcp-mux-only")
def _(t):
    for offer in (whep.GOOD, whep.GOOD.replace("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-mux-only\r\n")):
        t.assertEqual(t.post(offer)[1].count("a=rtcp-mux-only\r\n"), 1)


@row("4.5.2", "MUST", "one MediaStream: an msid, the same for all sections, and one audio track")
def _(t):
    _, answer, _ = t.post(whep.GOOD + VIDEO)
    t.assertEqual(len(re.findall(r"^a=msid:\S+ \S+\r", answer, re.M)), 1)
    t.assertNotIn(" msid:", answer, "no other is named beside the SSRC")


@row("4.5.3", "SHOULD", "full ICE")
def _(t):
    t.assertNotIn("a=ice-lite", t.post()[1])


@row("4.6", "MUST NOT", "no redirection by 301 or 302")
def _(t):
    for path in ("/whep", "/whep/"):
        for method in ("GET", "HEAD", "POST", "OPTIONS", "PATCH"):
            t.assertNotIn(t.station.response(method, path)[0].status, (301, 302))


@row("4.6", "MAY", "too many players: 503 with Retry-After")
def _(t):
    first, _ = t.full.whep(whep.GOOD)
    second, _ = t.full.whep(whep.GOOD)
    t.assertEqual((first.status, second.status), (201, 503))
    t.assertGreater(int(second.headers["Retry-After"]), 0)
    t.full.response("DELETE", whep.session(first))


@row("4.9", "MUST", "extensions are named by Link, and none is needed: there are none")
def _(t):
    t.assertNotIn("urn:ietf:params:whep:ext", t.post()[2].headers["Link"] or "")


AIORTC = next((python for python in (sys.executable, "/usr/bin/python3")
               if subprocess.run([python, "-c", "import aiortc"], capture_output=True).returncode == 0), None)


@unittest.skipUnless(AIORTC, "python3-aiortc is not installed")
class AStrictParser(unittest.TestCase):
    """aiortc refuses what it does not know in SDP, ICE and DTLS."""

    begin, tearDownClass = classmethod(Conformance.begin.__func__), classmethod(Conformance.tearDownClass.__func__)

    @classmethod
    def setUpClass(cls):
        cls.stations = []
        cls.station = cls.begin()

    def test_aiortc_hears_the_tone_and_the_end(self):
        listener = pathlib.Path(__file__).with_name("aiortc_listener.py")
        heard = json.loads(subprocess.check_output([AIORTC, listener, str(self.station.port)], timeout=60))
        print(heard)
        self.assertGreater(heard["left"], 3000)
        self.assertLess(heard["right"], heard["left"] / 20)
        self.assertLess(heard["closed"], 1 * whep.SLOW)


if __name__ == "__main__":
    unittest.main(verbosity=2)
