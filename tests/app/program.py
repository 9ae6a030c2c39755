# SPDX-License-Identifier: Apache-2.0
"""The program `infinara` as a child process of a test."""
import os
import re
import signal
import subprocess
import tempfile
import time

from served import PATIENCE, Served


class Program(Served):
    """with Program(path, RADIO_GENRE="jazz") as radio: … It listens on 127.0.0.1 and a free port.

    A list is a whole command."""

    def __init__(self, path, **environment):
        self.state = tempfile.TemporaryDirectory(prefix="infinara-state-")
        settings = {"RADIO_ADDRESS": "127.0.0.1", "RADIO_PORT": "0", "RADIO_SEED": "7",
                    "RADIO_STATE_DIR": self.state.name, "RADIO_SKIP_INTERVAL": "0", "RADIO_CHANGES_PER_MINUTE": "0"} | environment
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
        self.state.cleanup()

    def end(self, how=signal.SIGTERM):
        """(exit code, seconds it took)."""
        begin = time.monotonic()
        self.process.send_signal(how)
        return self.process.wait(PATIENCE), time.monotonic() - begin
