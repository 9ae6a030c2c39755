# SPDX-License-Identifier: Apache-2.0
"""A proxy in front of a station: at a path of its own, with one request a connection, and able to hold back what it passes on."""
import contextlib
import re
import socket
import threading


class Relay:
    """with Relay(port, "/radio") as relay: … http://127.0.0.1:{relay.port}/radio/"""

    def __init__(self, port, prefix=""):
        self.to, self.prefix = port, prefix
        self.server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.server.getsockname()[1]
        self.flows = threading.Event()
        self.flows.set()
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.flows.set()
        self.server.close()

    def hold(self):
        """Nothing reaches the clients from now on, nor is it lost."""
        self.flows.clear()

    def let_go(self):
        self.flows.set()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.server.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with contextlib.suppress(OSError), client, socket.create_connection(("127.0.0.1", self.to)) as station:
            head = b""
            while b"\r\n\r\n" not in head:
                more = client.recv(65536)
                if not more:
                    return
                head += more
            head, rest = head.split(b"\r\n\r\n", 1)
            line, *headers = head.decode("latin-1").split("\r\n")
            if self.prefix:
                method, path, version = line.split(" ")
                line = f"{method} {path.removeprefix(self.prefix)} {version}"
                headers.append(f"X-Forwarded-Prefix: {self.prefix}")
            headers = [one for one in headers if not re.match("(?i)connection:", one)] + ["Connection: close"]
            station.sendall("\r\n".join([line, *headers, "", ""]).encode("latin-1") + rest)
            threading.Thread(target=self.pass_on, args=(client, station), daemon=True).start()
            while data := station.recv(65536):
                self.flows.wait()
                client.sendall(data)

    @staticmethod
    def pass_on(client, station):
        """The rest of a request; and when the client leaves, the station hears of it."""
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                station.sendall(data)
        with contextlib.suppress(OSError):
            station.shutdown(socket.SHUT_RDWR)
