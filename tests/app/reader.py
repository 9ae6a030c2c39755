# SPDX-License-Identifier: Apache-2.0
"""A quick listener of /stream that looks at every frame."""
import socket
import threading
import time

RATE = 24000  # bytes a second: 192 kbit/s
FRAME = 576


class Reader:
    """with Reader(port) as reader: … reader.check(test)"""

    def __init__(self, port, path="/stream"):
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.socket.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        self.head, self.sound = b"", bytearray()
        self.lead = float("inf")  # the least sound a player had in hand, seconds
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it has ended by itself
        self.thread.join()
        self.socket.close()

    def read(self):
        begun = None
        while b"\r\n\r\n" not in self.head:
            if not (more := self.socket.recv(65536)):
                return
            self.head += more
        self.head, _, body = self.head.partition(b"\r\n\r\n")
        while True:
            now = time.monotonic()
            if body:
                begun = begun or now
                if self.sound:
                    self.lead = min(self.lead, len(self.sound) / RATE - (now - begun))
                self.sound += body
            try:
                body = self.socket.recv(1 << 20)
            except OSError:
                return
            if not body:
                return

    def frames(self):
        sound = bytes(self.sound)
        return [sound[at:at + FRAME] for at in range(0, len(sound) - FRAME + 1, FRAME)]

    def check(self, test, seconds):
        """All whole frames, never late, and at least so much of it."""
        frames = self.frames()
        test.assertTrue(all(frame[:3] == b"\xff\xfb\xb4" for frame in frames), "a frame is broken")
        test.assertGreaterEqual(len(frames) * FRAME / RATE, seconds)
        test.assertGreater(self.lead, 0, "a player would have run dry")
        return frames
