# SPDX-License-Identifier: Apache-2.0
"""A process that answers HTTP on 127.0.0.1, for tests to ask and to watch."""
import http.client
import json
import pathlib
import re
import time

PATIENCE = 60  # seconds; only a broken program takes so long


class Served:
    def __init__(self, process, port):
        self.process, self.port = process, port

    def response(self, method, path, body=None, source="127.0.0.1", **headers):
        """(response, bytes)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE, source_address=(source, 0))
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return response, answer

    def whep(self, offer, **more):
        return self.response("POST", "/whep", offer, Content_Type="application/sdp", **more)

    def held(self):
        """(descriptors, threads)."""
        process = pathlib.Path(f"/proc/{self.process.pid}")
        return len(list((process / "fd").iterdir())), len(list((process / "task").iterdir()))

    def memory(self):
        """Resident, in KiB."""
        return int(re.search(r"VmRSS:\s*(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())[1])

    def ask(self, method, path, body=None):
        """(status, answer): JSON as a value, anything else as bytes."""
        response, answer = self.response(
            method, path, body if body is None or isinstance(body, (str, bytes)) else json.dumps(body))
        is_json = response.headers.get("Content-Type") == "application/json" and method != "HEAD"
        return response.status, json.loads(answer) if is_json else answer

    def status(self):
        return self.ask("GET", "/api/status")[1]

    def listeners(self, stream=0):
        """Of a stream, those who listen to it."""
        return self.ask("GET", "/api/listeners")[1]["streams"][stream]["list"]

    def wait(self, what, truth, seconds=PATIENCE):
        """How long truth() took to become true."""
        begin = time.monotonic()
        while not truth():
            if time.monotonic() > begin + seconds:
                raise AssertionError(f"not within {seconds} s: {what}; {self.status()}, {self.held()}")
            time.sleep(0.02)
        return time.monotonic() - begin

    def gives_back(self, before, seconds):
        """Waits until no more is held than held() told `before`, or two of each at the most."""
        self.wait("all is given back", lambda: all(now <= was + 2 for now, was in zip(self.held(), before)), seconds)
