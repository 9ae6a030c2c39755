#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real players through network outages, beside Debian's Icecast on the same sound.

usage: outages_test.py SECONDS…      All outages at once, each for players in a network namespace of their own. As root.

Each player writes its sound into a pipe that is read at the speed of the sound, as a sound card does. An outage is a
wrong hardware address on both sides of a link: packets leave and nobody takes them.
"""
import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "app"))
from link import Link, run  # noqa: E402

if "INFINARA_NETWORK" not in os.environ:
    alone = subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode == 0
    os.environ["INFINARA_NETWORK"] = "own" if alone else "shared"
    if alone:
        os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.argv])

OUTAGES = [int(seconds) for seconds in sys.argv[1:]]
sys.argv[1:] = []
RATE = 48000 * 4    # bytes of PCM a second
PIECE = RATE // 20
SOON = 20           # seconds from the network's return until TCP tries again (at most 12), and what a player has in hand
MP3, OPUS, ICECAST = 8001, 8002, 8003
CAST = f"""gst-launch-1.0 audiotestsrc is-live=true wave=pink-noise volume=0.1 ! audio/x-raw,rate=48000,channels=2 ! tee name=sound
sound. ! queue ! lamemp3enc target=bitrate bitrate=192 cbr=true ! tee name=mp3
mp3. ! queue ! httpbroadcastsink port={MP3}
mp3. ! queue ! shout2send ip=127.0.0.1 port={ICECAST} password=feed mount=/mp3
sound. ! queue ! opusenc bitrate=128000 ! oggmux ! tee name=ogg
ogg. ! queue ! httpbroadcastsink port={OPUS}
ogg. ! queue ! shout2send ip=127.0.0.1 port={ICECAST} password=feed mount=/opus"""
ICECAST_XML = """<icecast><limits><clients>100</clients><sources>4</sources></limits><authentication>
<source-password>feed</source-password><admin-password>feed</admin-password></authentication><hostname>a</hostname>
<listen-socket><port>{port}</port></listen-socket><paths><logdir>{folder}</logdir>
<webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths><security>
<changeowner><user>nobody</user><group>nogroup</group></changeowner></security></icecast>"""
PCM = ("-f", "s16le", "-ar", "48000", "-ac", "2", "pipe:1")
PLAYERS = {"ffmpeg": lambda url: ("ffmpeg", "-v", "error", "-nostdin", "-i", url, *PCM),
           "mpv": lambda url: ("mpv", "--no-config", "--really-quiet", "--no-video", "--cache=no", "--ao=pcm",
                               "--ao-pcm-file=/dev/stdout", "--ao-pcm-waveheader=no", "--audio-format=s16",
                               "--audio-samplerate=48000", "--audio-channels=stereo", url),
           "mpg123": lambda url: ("mpg123", "-q", "-s", "-r", "48000", "--stereo", url)}


class Player:
    """A program whose sound is taken at the speed at which it sounds."""

    def __init__(self, name, url, inside=()):
        self.what = f"{name} {url}"
        # waited: seconds, the longest time without sound; again: when it was over; ended: when the sound was
        self.bytes, self.waited, self.again, self.ended = 0, 0.0, None, None
        self.process = subprocess.Popen([*inside, *PLAYERS[name](url)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.last = time.monotonic()
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def listen(self):
        due = time.monotonic()
        while piece := self.process.stdout.read(PIECE):
            now = time.monotonic()
            if self.bytes and now - self.last > self.waited:
                self.waited, self.again = now - self.last, now
            self.bytes += len(piece)
            due = max(due, now - 1) + len(piece) / RATE  # it has a second in hand, as a sound card's driver has
            time.sleep(max(0.0, due - now))
            self.last = time.monotonic()
        self.ended = time.monotonic()

    @property
    def seconds(self):
        return self.bytes / RATE

    def is_settled(self, since):
        """It has come to its end, or was silent, and has sounded for half a minute."""
        now = time.monotonic()
        return self.ended is not None or self.again is not None and since < self.again < now - 30 and now - self.last < 10

    @property
    def silent_for(self):
        return max(self.waited, time.monotonic() - self.last)

    def stop(self):
        self.process.kill()
        self.thread.join()
        self.process.stdout.close()
        self.process.wait()


@unittest.skipUnless(os.environ["INFINARA_NETWORK"] == "own", "networks of its own take root and the right to unshare")
@unittest.skipUnless(shutil.which("icecast2"), "Debian's icecast2 is not installed")
class Outages(unittest.TestCase):
    def wait(self, what, condition, seconds):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, what() if callable(what) else what)
            time.sleep(0.05)

    def setUp(self):
        run("ip", "link", "set", "lo", "up")
        self.stack = self.enterContext(contextlib.ExitStack())
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        os.chmod(folder, 0o777)  # Icecast logs as nobody
        with open(f"{folder}/icecast.xml", "w") as config:
            config.write(ICECAST_XML.format(port=ICECAST, folder=folder))
        self.start(["icecast2", "-c", f"{folder}/icecast.xml"], subprocess.DEVNULL)
        self.wait("Icecast", lambda: self.serves(ICECAST, "/"), 20)
        self.log = self.stack.enter_context(open(f"{folder}/log", "w+b"))
        self.start(CAST.split(), self.log, GST_DEBUG="httpbroadcastsink:4", GST_DEBUG_NO_COLOR="1")
        for port, path in ((MP3, "/"), (OPUS, "/"), (ICECAST, "/mp3"), (ICECAST, "/opus")):
            self.wait(lambda: self.log_tail(f"{port}{path} does not serve"), lambda port=port, path=path: self.serves(port, path), 30)

    def start(self, command, log, **more):
        process = self.stack.enter_context(subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **more}))
        self.stack.callback(process.kill)

    def log_tail(self, what):
        self.log.seek(0)
        return what + ": " + self.log.read().decode(errors="replace")[-3000:]

    @staticmethod
    def serves(port, path):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as client:
            client.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            return b" 200 " in client.recv(100) or path == "/" and port == ICECAST
        return False

    def player(self, *arguments):
        player = Player(*arguments)
        self.stack.callback(player.stop)
        return player

    @staticmethod
    def told(player, begin):
        return player.again if player.ended is None and player.is_settled(begin) else player.ended or float("inf")

    def joins(self, address):
        self.log.seek(0)
        return len(re.findall(f"listener {re.escape(address)} .* joined", self.log.read().decode(errors="replace")))

    def test_players_play_on_or_are_told(self):
        steady = [self.player(name, f"http://127.0.0.1:{MP3}/?burst=8") for name in ("mpg123", "mpv")]
        links, ours, peers = {}, {}, {}
        for number, length in enumerate(OUTAGES):
            link = links[length] = self.stack.enter_context(Link(number))
            ours[length] = [self.player(name, f"http://{link.near}:{port}/", link.inside)
                            for name in ("ffmpeg", "mpv") for port in (MP3, OPUS)]
            peers[length] = [self.player("ffmpeg", f"http://{link.near}:{ICECAST}/{path}", link.inside)
                             for path in ("mp3", "opus")]
        everybody = steady + sum([*ours.values(), *peers.values()], [])
        self.wait(lambda: "plays: " + str([(one.what, one.seconds) for one in everybody]),
                  lambda: all(one.seconds > 5 for one in everybody), 60)
        begin = time.monotonic()
        for link in links.values():
            link.down()
        for length, link in sorted(links.items()):
            time.sleep(max(0.0, begin + length - time.monotonic()))
            link.up()
        # What a player had when its network came back, and what it must have got by the time it has recovered.
        waiting = {one: one.seconds + 5 for group in ours.values() for one in group}
        while waiting and time.monotonic() < begin + 2 * max(OUTAGES) + 15:
            waiting = {one: least for one, least in waiting.items() if one.seconds < least and one.ended is None}
            time.sleep(0.1)
        # Icecast's clients are followed to their own end: the last retry of TCP that fails may be just before the network is
        # back, and the next as far away again. One that has not been told by then will not be.
        icecast = sum((peers[length] for length in OUTAGES if length > 30), [])
        while not all(one.is_settled(begin + 5) for one in icecast) and time.monotonic() < begin + 2 * max(OUTAGES) + 60:
            time.sleep(0.1)
        for length, group in ours.items():
            for one in (*group, *peers[length]):
                end = f"ended {one.ended - begin:.1f} s after the outage began" if one.ended else \
                    f"plays on {one.again - begin:.1f} s after the outage began" if one.is_settled(begin) else "is told nothing"
                print(f"{length} s: {one.what}: {end}, {one.silent_for:.1f} s without sound", flush=True)
        for one in steady:
            print(f"no outage: {one.what}: {one.seconds:.0f} s, at most {one.silent_for:.1f} s without sound", flush=True)
            self.assertIsNone(one.ended, one.what)
            self.assertGreater(one.seconds, time.monotonic() - begin, one.what)
        for length, group in ours.items():
            for one in group:
                if length <= 30:
                    self.assertIsNone(one.ended, one.what)
                    self.assertNotIn(one, waiting, f"{one.what} after {length} s")
                    self.assertLess(one.silent_for, 2 * length + 3, one.what)
                    continue
                # It sounds again, or is told of an end, no later than Icecast's clients of the same outage.
                peer = min(self.told(peer, begin) for peer in peers[length])
                self.assertLess(self.told(one, begin), min(peer, begin + length + SOON) + 1, f"{one.what} after {length} s")
            if length <= 30:
                self.assertEqual(self.joins(links[length].far), len(group), "nobody had to connect again")


if __name__ == "__main__":
    unittest.main(verbosity=2)
