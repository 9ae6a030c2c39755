# SPDX-License-Identifier: Apache-2.0
"""The program `infinara` as a child process of a test."""
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import time

PATIENCE = 30  # seconds; only a broken program takes so long


class Program:
    """with Program(path, RADIO_GENRE="jazz") as radio: … It listens on 127.0.0.1 and a free port.

    A list is a whole command."""

    def __init__(self, path, **environment):
        settings = {"RADIO_ADDRESS": "127.0.0.1", "RADIO_PORT": "0", "RADIO_SEED": "7"} | environment
        self.process = subprocess.Popen(path if isinstance(path, list) else [path], env=os.environ | settings, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.said = []
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            if found := re.search(r"page http://(?:127\.0\.0\.1|localhost):(\d+)/", line):
                self.port = int(found[1])
                return
        raise AssertionError(f"it ended with {self.process.wait()}: {self.said}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def response(self, method, path, body=None, **headers):
        """(response, bytes)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return response, answer

    def whep(self, offer):
        return self.response("POST", "/whep", offer, Content_Type="application/sdp")

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

    def wait(self, what, truth, seconds=PATIENCE):
        """How long truth() took to become true."""
        begin = time.monotonic()
        while not truth():
            if time.monotonic() > begin + seconds:
                raise AssertionError(f"not within {seconds} s: {what}; {self.status()}")
            time.sleep(0.02)
        return time.monotonic() - begin

    def end(self, how=signal.SIGTERM):
        """(exit code, seconds it took)."""
        begin = time.monotonic()
        self.process.send_signal(how)
        return self.process.wait(PATIENCE), time.monotonic() - begin
