# SPDX-License-Identifier: Apache-2.0
"""WebRTC listeners for tests: an offer as text, and the program whep_ears, which is GStreamer's own webrtcbin."""
import subprocess

GOOD = "\r\n".join([
    "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0", "a=ice-ufrag:Ab1/", "a=ice-pwd:0123456789abcdefghijkl+/",
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=setup:actpass", "a=mid:0", "a=recvonly", "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1", ""])


class Ears:
    """Some listeners in a process of their own."""

    def __init__(self, program, port, count, how="stay"):
        self.process = subprocess.Popen([program, str(port), str(count), how], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.connected = len(self.process.stdout.readline().split()) - 1

    def fewest(self):
        """Packets that the one with fewest has got, a second later."""
        return int(self.process.stdout.readline().split()[2])

    def end(self, how=None):
        if how:
            self.process.send_signal(how)
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
