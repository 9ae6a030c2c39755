# SPDX-License-Identifier: Apache-2.0
"""The program `infinara` as a child process of a test."""
import http.client
import json
import os
import re
import signal
import subprocess
import time

PATIENCE = 30  # seconds; only a broken program takes so long


class Program:
    """with Program(path, RADIO_GENRE="jazz") as radio: … It listens on 127.0.0.1 and a free port."""

    def __init__(self, path, **environment):
        settings = {"RADIO_ADDRESS": "127.0.0.1", "RADIO_PORT": "0", "RADIO_SEED": "7"} | environment
        self.process = subprocess.Popen([path], env=os.environ | settings, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.said = []
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            if found := re.search(r"page http://127\.0\.0\.1:(\d+)/", line):
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

    def ask(self, method, path, body=None):
        """(status, answer): JSON as a value, anything else as bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request(method, path, body if body is None or isinstance(body, (str, bytes)) else json.dumps(body))
        response = connection.getresponse()
        answer = response.read()
        connection.close()
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
