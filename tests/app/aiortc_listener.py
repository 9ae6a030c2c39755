#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Listens by WHEP with aiortc, on 127.0.0.1, and prints what it heard as JSON.

usage: aiortc_listener.py PORT     left, right: peaks of 16-bit samples; closed: seconds from DELETE to DTLS's close_notify
"""
import asyncio
import json
import sys
import time
import urllib.parse
import urllib.request

import aioice.ice
import aiortc

aioice.ice.get_host_addresses = lambda *_, **__: ["127.0.0.1"]  # by itself it leaves out the loopback


def ask(method, url, body=None, **headers):
    request = urllib.request.Request(url, body, {name.replace("_", "-"): value for name, value in headers.items()},
                                     method=method)
    with urllib.request.urlopen(request, timeout=20) as response:
        return response, response.read().decode()


async def listen(endpoint):
    peer = aiortc.RTCPeerConnection()
    tracks = []
    peer.on("track", tracks.append)
    peer.addTransceiver("audio", direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())
    response, answer = ask("POST", endpoint, peer.localDescription.sdp.encode(), Content_Type="application/sdp")
    await peer.setRemoteDescription(aiortc.RTCSessionDescription(answer, "answer"))
    for _ in range(60):
        frame = await asyncio.wait_for(tracks[0].recv(), 20)
    samples = frame.to_ndarray().reshape(-1, 2).astype(int)
    transport = peer.getReceivers()[0].transport
    closed = asyncio.Event()
    transport.on("statechange", lambda: transport.state == "closed" and closed.set())
    begin = time.monotonic()
    await asyncio.to_thread(ask, "DELETE", urllib.parse.urljoin(endpoint, response.headers["Location"]))
    await asyncio.wait_for(closed.wait(), 20)
    print(json.dumps({"left": int(abs(samples[:, 0]).max()), "right": int(abs(samples[:, 1]).max()),
                      "closed": time.monotonic() - begin}))
    await peer.close()


asyncio.run(listen(f"http://127.0.0.1:{sys.argv[1]}/whep"))
