#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""WebRTC on hosts of all kinds: with nothing but a loopback, with servers of STUN and TURN, without its plugins.

usage: networks_test.py INFINARA WHEP_LISTENERS      As root in a network of its own, so that nothing can leave this machine.
"""
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from link import Link
from program import Program
from reader import Reader
from whep import GOOD, SLOW, WhepListeners, session

if "INFINARA_NETWORK" not in os.environ:
    alone = subprocess.run(["unshare", "-n", "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0
    os.environ["INFINARA_NETWORK"] = "own" if alone else "shared"
    if alone:
        os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.argv])

WHEP_LISTENERS = sys.argv.pop()
INFINARA = sys.argv.pop()
OWN = os.environ["INFINARA_NETWORK"] == "own"
if OWN:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def candidates(answer):
    return [line.split() for line in answer.decode().splitlines() if line.startswith("a=candidate:")]


@unittest.skipUnless(OWN, "a network of its own takes root and the right to unshare")
class Alone(unittest.TestCase):
    """The station with its defaults, which are for all addresses."""

    def listen(self, radio, how="stay"):
        """By WebRTC and by HTTP, until both have heard seconds of sound."""
        radio.wait("a burst", lambda: radio.status()["position"] > 6)
        with Reader(radio.port) as reader:
            listeners = WhepListeners(WHEP_LISTENERS, radio.port, 2, how)
            self.assertEqual(listeners.connected, 2)
            packets = [listeners.fewest() for _ in range(4)]
            listeners.end()
            reader.check(self, 3)
        self.assertGreater(packets[-1] - packets[0], 3 * 45)
        radio.wait("all have left", lambda: radio.status()["webrtc_listeners"] == 0)

    def test_a_host_with_only_a_loopback_is_heard(self):
        with Program(INFINARA, RADIO_ADDRESS="0.0.0.0") as radio:
            response, answer = radio.whep(GOOD)
            self.assertEqual(response.status, 201, answer)
            self.assertEqual([one[4] for one in candidates(answer)], ["127.0.0.1"])
            self.assertEqual(radio.response("DELETE", session(response))[0].status, 200)
            self.listen(radio)

    def left(self):
        """Packets that have left by the one way out."""
        shown = subprocess.run(["ip", "-s", "-j", "link", "show", "v0"], check=True, capture_output=True)
        return json.loads(shown.stdout)[0]["stats64"]["tx"]["packets"]

    def test_not_a_packet_leaves_the_machine(self):
        for command in ("link add v0 type veth peer name v1", "link set v1 up", "link set v0 addrgenmode none",
                        "link set v1 addrgenmode none", "addr add 198.51.100.2/24 dev v0", "link set v0 up",
                        "route add default via 198.51.100.1"):
            subprocess.run(["ip", *command.split()], check=True)
        self.addCleanup(subprocess.run, ["ip", "link", "del", "v0"], check=True)
        for address, offered, how in (("127.0.0.1", "127.0.0.1", "stay"), ("0.0.0.0", "198.51.100.2", "wide")):
            before = self.left()
            with Program(INFINARA, RADIO_ADDRESS=address) as radio:
                response, answer = radio.whep(GOOD)
                self.assertEqual([one[4] for one in candidates(answer)], [offered])
                radio.response("DELETE", session(response))
                self.listen(radio, how)
            self.assertEqual(self.left(), before, f"with {address}: UPnP, mDNS or a name was asked for")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:  # what UPnP would do is seen
            one.sendto(b"M-SEARCH", ("239.255.255.250", 1900))
        self.assertGreater(self.left(), before)


@unittest.skipUnless(OWN, "a network of its own takes root and the right to unshare")
class Far(unittest.TestCase):
    """Listeners in another network."""

    def setUp(self):
        self.link = self.enterContext(Link(1))
        self.radio = self.enterContext(Program(INFINARA, RADIO_ADDRESS="0.0.0.0"))
        self.radio.wait("a burst", lambda: self.radio.status()["position"] > 6)

    def listeners(self, count, how):
        listeners = WhepListeners(WHEP_LISTENERS, f"{self.link.near}:{self.radio.port}", count, how, self.link.inside)
        self.assertEqual(listeners.connected, count)
        listeners.fewest()
        return listeners

    def test_who_is_heard_no_more_is_told_of_the_end(self):
        listeners = self.listeners(2, "tells")
        self.link.mute()
        begin = time.monotonic()
        waited = self.radio.wait("nobody is left", lambda: self.radio.status()["webrtc_listeners"] == 0, 20 * SLOW)
        told = [listeners.closed() - begin for _ in range(2)]
        print(f"disconnected after {waited:.1f} s, told after {told}")
        self.assertGreater(min(told), 5, "for a while it may come back")
        self.assertLess(max(told) - waited, 1 * SLOW)
        listeners.end(signal.SIGKILL)

    def test_who_gets_another_address_hears_again_in_five_seconds(self):
        listeners = self.listeners(2, "roams")
        self.link.move()
        listeners.process.send_signal(signal.SIGUSR1)
        took = listeners.moved()
        print(f"heard again after {took} ms, at {self.link.far}")
        self.assertLess(max(took), 5000 * SLOW)
        self.assertEqual(self.radio.status()["webrtc_listeners"], 2, "the sessions before have ended")
        before = listeners.fewest()
        self.assertGreater(listeners.fewest() - before, 25)
        listeners.end()

    def test_who_gets_another_address_and_does_nothing_is_let_go(self):
        """Without a restart ICE has no way on: consent ends (RFC 7675)."""
        listeners = self.listeners(1, "tells")
        self.link.move()
        self.radio.wait("nobody is left", lambda: self.radio.status()["webrtc_listeners"] == 0, 20 * SLOW)
        listeners.end(signal.SIGKILL)


class IceServer:
    """STUN, and of TURN as much as it takes to see who asks. Binding requests are told `mapped`."""

    def __init__(self, mapped=("203.0.113.9", 4321)):
        self.mapped, self.bindings, self.users = mapped, 0, set()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()

    @staticmethod
    def attribute(kind, value):
        return struct.pack("!HH", kind, len(value)) + value + b"\0" * (-len(value) % 4)

    def serve(self):
        while True:
            asked, sender = self.socket.recvfrom(2048)
            if not asked:
                return
            kind, = struct.unpack_from("!H", asked)
            body = b""
            if kind == 0x0001:
                self.bindings += 1
                said = 0x0101  # plainly, as RFC 3489 does: who asks says no cookie
                body = self.attribute(0x0001, struct.pack("!BBH", 0, 1, self.mapped[1]) + socket.inet_aton(self.mapped[0]))
            elif kind == 0x0003:  # Allocate
                said, at, user = 0x0113, 20, None
                while at + 4 <= len(asked):
                    name, size = struct.unpack_from("!HH", asked, at)
                    if name == 0x0006:
                        user = asked[at + 4:at + 4 + size].decode()
                    at += 4 + size + -size % 4
                self.users.add(user)
                body = self.attribute(0x0009, b"\0\0\4\1Who?" if user is None else b"\0\0\4\3No.")
                body += self.attribute(0x0014, b"test") + self.attribute(0x0015, b"once")
            else:
                continue
            self.socket.sendto(struct.pack("!HH", said, len(body)) + asked[4:20] + body, sender)


class IceServers(unittest.TestCase):
    def test_the_address_that_a_stun_server_sees_is_offered(self):
        with IceServer() as server, Program(INFINARA, RADIO_STUN_SERVER=f"stun://127.0.0.1:{server.port}") as radio:
            response, answer = radio.whep(GOOD)
            self.assertEqual(response.status, 201, answer)
            self.assertIn(f"<stun:127.0.0.1:{server.port}>", response.headers["Link"])
            reflexive = [one for one in candidates(answer) if one[7] == "srflx"]
            self.assertGreater(server.bindings, 0)
            self.assertEqual([one[4:6] for one in reflexive], [["203.0.113.9", "4321"]], answer)

    def test_a_turn_server_is_asked_in_the_users_name(self):
        with IceServer() as server, \
                Program(INFINARA, RADIO_TURN_SERVER=f"turn://me:sesame@127.0.0.1:{server.port}") as radio:
            response, answer = radio.whep(GOOD)
            self.assertEqual(response.status, 201, answer)  # it says no: others will do
            self.assertEqual(server.users, {None, "me"})

    def test_a_stun_server_that_does_not_answer_delays_nobody_for_long(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
            mute.bind(("127.0.0.1", 0))
            with Program(INFINARA, RADIO_STUN_SERVER=f"stun://127.0.0.1:{mute.getsockname()[1]}") as radio:
                response, answer = radio.whep(GOOD)
                self.assertEqual(response.status, 201, answer)
                self.assertEqual([one[7] for one in candidates(answer)], ["host"])


class Bare(unittest.TestCase):
    def test_without_its_plugins_webrtc_says_what_to_install_and_http_goes_on(self):
        folder = subprocess.run(["pkg-config", "--variable=pluginsdir", "gstreamer-1.0"], capture_output=True, text=True,
                                check=True).stdout.strip()
        with tempfile.TemporaryDirectory() as bare:
            for plugin in pathlib.Path(folder).glob("libgst*.so"):
                if plugin.stem not in ("libgstwebrtc", "libgstnice", "libgstdtls", "libgstsrtp"):
                    (pathlib.Path(bare) / plugin.name).symlink_to(plugin)
            with Program(INFINARA, GST_PLUGIN_SYSTEM_PATH_1_0=bare, GST_REGISTRY=f"{bare}/registry") as radio:
                said = radio.process.stdout.readline()
                self.assertRegex(said, r"no WebRTC: webrtcbin, .*not installed: install gstreamer1\.0-plugins-bad")
                for path, kind, body in (("/whep", "application/sdp", GOOD), (
                        "/offer", "application/json", json.dumps({"type": "offer", "sdp": GOOD}))):
                    response, answer = radio.response("POST", path, body, Content_Type=kind)
                    self.assertEqual(response.status, 503)
                    self.assertIn("webrtcbin", json.loads(answer)["error"])
                    self.assertIn("gstreamer1.0-plugins-bad", json.loads(answer)["error"])
                    self.assertIn("gstreamer1.0-nice", json.loads(answer)["error"])
                radio.wait("a burst", lambda: radio.status()["position"] > 6)
                with Reader(radio.port) as reader:
                    radio.wait("sound", lambda: len(reader.sound) > 100000)
                    reader.check(self, 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
