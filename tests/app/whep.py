# SPDX-License-Identifier: Apache-2.0
"""WebRTC listeners for tests: an offer as text, and the program whep_listeners, which is GStreamer's own webrtcbin."""
import os
import subprocess
import threading
import urllib.parse

GOOD = "\r\n".join([
    "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0", "a=ice-ufrag:Ab1/", "a=ice-pwd:0123456789abcdefghijkl+/",
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=setup:actpass", "a=mid:0", "a=recvonly", "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1", ""])


SLOW = 5 if os.environ.get("INFINARA_CHECKED") else 1  # how many times longer a checked program may take


def session(response, endpoint="/whep"):
    """The path of the session that a POST to the endpoint began."""
    return urllib.parse.urljoin(endpoint, response.headers["Location"])


class WhepListeners:
    """Some listeners in a process of their own. `inside`: what a command begins with to run in another network."""

    def __init__(self, program, port, count, how="stay", inside=()):
        self.process = subprocess.Popen([*inside, program, str(port), str(count), how], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.paths = []
        self.connected = len(self.line("connected"))

    def line(self, kind):
        """The words of the next line of this kind; others are passed over."""
        patience = threading.Timer(60, self.process.kill)
        patience.start()
        try:
            for line in self.process.stdout:
                name, *words = line.split()
                if name == "session":
                    self.paths += words
                if name == kind:
                    return words
        finally:
            patience.cancel()
        raise AssertionError(f"whep_listeners never said: {kind}")

    def sessions(self):
        """Paths of all sessions so far."""
        return self.paths

    def fewest(self):
        """Packets that the one with fewest has got, a second later."""
        return int(self.line("packets")[1])

    def jumps(self):
        """Packets so far whose RTP header did not follow the one before, a second later."""
        return int(self.line("packets")[2])

    def closed(self):
        """When the station ended the DTLS session of one: time.monotonic()."""
        return int(self.line("closed")[0]) / 1e6

    def moved(self):
        """Milliseconds until each heard again after it had changed networks."""
        return [float(word) for word in self.line("moved")]

    def end(self, how=None):
        if how:
            self.process.send_signal(how)
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
