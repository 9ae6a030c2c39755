# SPDX-License-Identifier: Apache-2.0
"""Networks that fail. For a process that is root in a network namespace of its own."""
import contextlib
import os
import subprocess
import time


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


class Link:
    """To a network namespace of its own. It can go down without anybody being told; so can its way in alone."""

    def __init__(self, number):
        self.stack = stack = contextlib.ExitStack()
        self.near, self.far = f"10.77.{number}.1", f"10.77.{number}.2"
        self.macs = {self.near: f"02:77:00:00:{number:02x}:01", self.far: f"02:77:00:00:{number:02x}:02"}
        self.end = f"n{number}"
        holder = stack.enter_context(subprocess.Popen(["unshare", "-n", "sleep", "1000"]))
        stack.callback(holder.kill)  # and with its network goes the link
        self.inside = ("nsenter", f"--net=/proc/{holder.pid}/ns/net")
        here = os.readlink("/proc/self/ns/net")
        while os.readlink(f"/proc/{holder.pid}/ns/net") == here:
            time.sleep(0.01)
        run("ip", "link", "add", self.end, "address", self.macs[self.near], "type", "veth",
            "peer", "name", "far", "address", self.macs[self.far])
        run("ip", "link", "set", self.end, "addrgenmode", "none")  # no addresses of IPv6, which would be ways on
        run("ip", "link", "set", "far", "addrgenmode", "none")
        run("ip", "link", "set", "far", "netns", str(holder.pid))
        run("ip", "addr", "add", f"{self.near}/29", "dev", self.end)
        run("ip", "link", "set", self.end, "up")
        run(*self.inside, "ip", "addr", "add", f"{self.far}/29", "dev", "far")
        run(*self.inside, "ip", "link", "set", "far", "up")
        self.set(self.macs)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def set(self, macs):
        for inside, other, end in (((), self.far, self.end), (self.inside, self.near, "far")):
            run(*inside, "ip", "neigh", "replace", other, "lladdr", macs[other], "dev", end, "nud", "permanent")

    def down(self):
        self.set(dict.fromkeys(self.macs, "02:77:ff:ff:ff:ff"))

    def up(self):
        self.set(self.macs)

    def mute(self):
        """What is sent from inside is lost; what is sent there arrives."""
        run(*self.inside, "ip", "neigh", "replace", self.near, "lladdr", "02:77:ff:ff:ff:ff", "dev", "far", "nud", "permanent")

    def move(self):
        """The far side has another address from now on, and no longer the one it had."""
        gone, self.far = self.far, self.far.rsplit(".", 1)[0] + ".3"
        self.macs[self.far] = self.macs.pop(gone)
        run(*self.inside, "ip", "addr", "del", f"{gone}/29", "dev", "far")
        run(*self.inside, "ip", "addr", "add", f"{self.far}/29", "dev", "far")
        self.set(self.macs)
