# SPDX-License-Identifier: Apache-2.0
"""A client of /api/events."""
import json
import socket

from served import PATIENCE


class Client:
    """What a browser's EventSource reads."""

    def __init__(self, port, *headers, method="GET"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        lines = [f"{method} /api/events HTTP/1.1", "Host: a", *headers]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.stream = self.socket.makefile("rb")
        self.head = b"".join(iter(self.stream.readline, b"\r\n")).decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def block(self):
        """The lines up to the next empty one."""
        return [line.decode().rstrip("\n") for line in iter(self.stream.readline, b"\n")]

    def next(self):
        """(name, data, id) of the next event."""
        while True:
            fields = dict(line.split(": ", 1) for line in self.block() if ": " in line)
            if "event" in fields:
                return fields["event"], json.loads(fields["data"]), fields.get("id")

    def until(self, name):
        """All events up to the first of this name."""
        events = []
        while not events or events[-1][0] != name:
            events.append(self.next())
        return events
