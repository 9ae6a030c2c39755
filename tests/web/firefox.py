# SPDX-License-Identifier: Apache-2.0
"""A headless Firefox told what to do over Marionette, with nothing but the standard library.

Its WebRTC has no candidate at 127.0.0.1: give it a network of its own, which also keeps it off the world."""
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from browser import Browser

PREFERENCES = {
    "marionette.port": 0, "media.autoplay.default": 0, "media.autoplay.blocking_policy": 0,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
}


class Firefox:
    """with Firefox() as browser: browser.open(url) …"""

    @staticmethod
    def missing():
        """What has to be installed first, or nothing."""
        return [] if shutil.which("firefox-esr") or shutil.which("firefox") else ["firefox-esr"]

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="infinara-firefox-", ignore_cleanup_errors=True)
        profile = pathlib.Path(self.profile.name)
        (profile / "user.js").write_text("".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()))
        program = shutil.which("firefox-esr") or shutil.which("firefox")
        self.process = subprocess.Popen([program, "--headless", "--no-remote", "--marionette", "--profile", profile],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port, end = profile / "MarionetteActivePort", time.monotonic() + 60
        while not (port.exists() and port.read_text()):
            if time.monotonic() > end or self.process.poll() is not None:
                self.__exit__()
                raise RuntimeError("firefox did not start")
            time.sleep(0.1)
        try:
            self.begin(int(port.read_text()))
        except BaseException:
            self.__exit__()
            raise
        return self

    def begin(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=90)
        self.file = self.socket.makefile("rb")
        self.count = 0
        self.receive()
        self.call("WebDriver:NewSession", {"capabilities": {}})

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        if hasattr(self, "socket"):
            self.file.close()
            self.socket.close()
        self.profile.cleanup()

    def receive(self):
        size = b""
        while (byte := self.file.read(1)) != b":":
            size += byte
        return json.loads(self.file.read(int(size)))

    def call(self, command, parameters):
        self.count += 1
        body = json.dumps([0, self.count, command, parameters]).encode()
        self.socket.sendall(str(len(body)).encode() + b":" + body)
        _, _, error, result = self.receive()
        if error:
            raise RuntimeError(error["message"])
        return result

    wait = Browser.wait
    seen = Browser.seen

    def act(self, source):
        """Actions of one input source, as WebDriver has them."""
        self.call("WebDriver:PerformActions", {"actions": [source]})

    def size(self, width, height):
        """Of the window: the page has less."""
        self.call("WebDriver:SetWindowRect", {"width": width, "height": height})

    def open(self, url):
        self.call("WebDriver:Navigate", {"url": url})

    def run(self, script, *arguments):
        """The value of a function's body."""
        script = f"return (async function() {{ {script} }}).apply(null, arguments)"
        return self.call("WebDriver:ExecuteScript", {"script": script, "args": list(arguments)})["value"]
