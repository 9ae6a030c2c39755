# SPDX-License-Identifier: Apache-2.0
"""As much of ICE as it takes to see whether an agent still gives its consent (RFC 8445, RFC 8489)."""
import hashlib
import hmac
import os
import re
import socket
import struct
import zlib

COOKIE = 0x2112A442


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + b"\0" * (-len(value) % 4)


def binding(answer, ufrag):
    """A connectivity check for the agent that wrote this answer, by the client of this ufrag."""
    own = re.search(r"a=ice-ufrag:(\S+)", answer)[1]
    password = re.search(r"a=ice-pwd:(\S+)", answer)[1]
    body = attribute(0x0006, f"{own}:{ufrag}".encode()) + attribute(0x0024, struct.pack("!I", 1))
    body += attribute(0x802A, os.urandom(8))  # ICE-CONTROLLING: the offerer is

    def head(length):
        return struct.pack("!HHI", 0x0001, length, COOKIE) + transaction

    transaction = os.urandom(12)
    proof = hmac.new(password.encode(), head(len(body) + 24) + body, hashlib.sha1).digest()
    body += attribute(0x0008, proof)
    check = zlib.crc32(head(len(body) + 8) + body) ^ 0x5354554E
    body += attribute(0x8028, struct.pack("!I", check))
    return head(len(body)) + body


def consents(answer, ufrag, timeout):
    """Whether the agent answers a connectivity check within some seconds."""
    address, port = re.search(r"a=candidate:\S+ 1 UDP \d+ (\S+) (\d+) typ host", answer, re.I).groups()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect((address, int(port)))
        one.settimeout(timeout / 4)
        for _ in range(4):  # UDP may lose one
            try:
                one.send(binding(answer, ufrag))
                if one.recv(2048)[:2] == b"\x01\x01":
                    return True
            except (TimeoutError, ConnectionRefusedError):
                pass
    return False
