# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium told what to do over WebDriver, with nothing but the standard library."""
import base64
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--autoplay-policy=user-gesture-required",
    # nothing leaves this machine, not even a name to look up
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    # WebRTC with no address but the loopback's
    "--disable-features=WebRtcHideLocalIpsWithMdns", "--allow-loopback-in-peer-connection",
]

# Connects to a station by WebRTC, listens for some seconds and tells what was heard. What it is given: 'whep' or
# 'offer', whether stereo is asked for, whether video too, seconds.
LISTEN = """
  const [way, stereo, video, seconds] = arguments;
  const peer = window.peer = new RTCPeerConnection();
  const track = new Promise((resolve) => { peer.ontrack = (event) => resolve(event.track); });
  if (video) peer.addTransceiver('video', {direction: 'recvonly'});
  peer.addTransceiver('audio', {direction: 'recvonly'});
  const offer = await peer.createOffer();
  if (stereo) offer.sdp = offer.sdp.replace('useinbandfec=1', 'useinbandfec=1;stereo=1');
  await peer.setLocalDescription(offer);
  const answer = way === 'whep'
      ? await fetch('/whep', {method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: offer.sdp})
      : await fetch('/offer', {method: 'POST', body: JSON.stringify({type: 'offer', sdp: offer.sdp})});
  if (!answer.ok) return {error: await answer.text()};
  window.session = new URL(answer.headers.get('Location'), answer.url).href;
  const sdp = way === 'whep' ? await answer.text() : (await answer.json()).sdp;
  await peer.setRemoteDescription({type: 'answer', sdp});
  const stream = new MediaStream([await track]);
  const audio = new Audio();
  audio.srcObject = stream;
  await audio.play();
  const context = new AudioContext(), splitter = context.createChannelSplitter(2);
  const sides = [context.createAnalyser(), context.createAnalyser()];
  context.createMediaStreamSource(stream).connect(splitter);
  sides.forEach((side, i) => splitter.connect(side, i));
  const heard = async () => [...(await peer.getStats()).values()].find((s) => s.type === 'inbound-rtp');
  while (!((await heard())?.packetsReceived > 50)) await new Promise((r) => setTimeout(r, 50));
  const loudness = (side) => {
    const wave = new Float32Array(side.fftSize);
    side.getFloatTimeDomainData(wave);
    return Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
  };
  // A single window may fall into a sound that the browser had to conceal: the loudest of many counts.
  const before = await heard(), loudest = [0, 0];
  for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
    await new Promise((r) => setTimeout(r, 50));
    sides.forEach((side, i) => { loudest[i] = Math.max(loudest[i], loudness(side)); });
  }
  const after = await heard();
  const rise = (name) => after[name] - before[name];
  return {packets: rise('packetsReceived'), lost: rise('packetsLost'), energy: rise('totalAudioEnergy'),
          concealed: rise('concealedSamples'), samples: rise('totalSamplesReceived'),
          left: loudest[0], right: loudest[1], state: peer.connectionState, sdp};
"""

# Watches the DTLS transport of the peer.
WATCH = """
  const transport = peer.getReceivers()[0].transport;
  window.ended = new Promise((resolve) => {
    const look = () => transport.state === 'closed' && resolve([Date.now(), peer.connectionState]);
    transport.addEventListener('statechange', look);
    look();
  });
"""

# When it was closed, by the page's clock, and what the connection's state was then; Number.MAX_VALUE if not within 5 s.
CLOSED = """
  return Promise.race([ended, new Promise((resolve) =>
      setTimeout(() => resolve([Number.MAX_VALUE, peer.connectionState]), 5000))]);
"""

# What a WHEP player does when its network has changed: it asks for an ICE restart, and where there is none begins a new
# session at once. Tells the status of the PATCH and the milliseconds until sound arrives again.
RESTART = """
  const begin = performance.now();
  peer.restartIce();
  const restart = await peer.createOffer();
  const said = (name) => restart.sdp.match(new RegExp(`a=${name}:(.*)`))[1].trim();
  const fragment = `a=ice-ufrag:${said('ice-ufrag')}\\r\\na=ice-pwd:${said('ice-pwd')}\\r\\n` +
      'm=audio 9 UDP/TLS/RTP/SAVPF 0\\r\\na=mid:0\\r\\n';
  const refused = await fetch(session, {method: 'PATCH', body: fragment,
      headers: {'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*'}});
  fetch(session, {method: 'DELETE'});
  peer.close();
  const next = window.peer = new RTCPeerConnection();
  next.addTransceiver('audio', {direction: 'recvonly'});
  await next.setLocalDescription(await next.createOffer());
  const answer = await fetch('/whep', {method: 'POST', headers: {'Content-Type': 'application/sdp'},
      body: next.localDescription.sdp});
  window.session = new URL(answer.headers.get('Location'), answer.url).href;
  await next.setRemoteDescription({type: 'answer', sdp: await answer.text()});
  const heard = async () => [...(await next.getStats()).values()].find((s) => s.type === 'inbound-rtp');
  while (!((await heard())?.packetsReceived > 0)) await new Promise((r) => setTimeout(r, 20));
  return {status: refused.status, ms: performance.now() - begin};
"""


class Browser:
    """with Browser() as browser: browser.open(url) …"""

    killed = False

    @staticmethod
    def missing():
        """What has to be installed first, or nothing."""
        return [name for name in ("chromium", "chromedriver") if not shutil.which(name)]

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="infinara-browser-", ignore_cleanup_errors=True)
        self.base = f"http://127.0.0.1:{self.start_driver()}"
        options = {"args": FLAGS + [f"--user-data-dir={self.profile.name}"]}
        session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.base += f"/session/{session['sessionId']}"
        return self

    def start_driver(self):
        """Its port. The one that the system gives it for IPv6 may be another's for IPv4: then it ends, and starts again."""
        for _ in range(5):
            self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
            for line in self.driver.stdout:
                if found := re.search(r"started successfully on port (\d+)", line):
                    return found[1]
            self.driver.stdout.close()
            self.driver.wait(10)
        raise RuntimeError("chromedriver did not start")

    def __exit__(self, *_):
        try:
            if not self.killed:
                self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(10)
            self.driver.stdout.close()
            self.profile.cleanup()

    def call(self, method, path, body=None):
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def processes(self):
        """Those of the browser itself, without the driver's."""
        parents = {}
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        ours = {self.driver.pid}
        while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
            ours |= more
        return ours - {self.driver.pid}

    def signal(self, number):
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self):
        """All of the browser's processes are gone from one moment to the next."""
        self.signal(signal.SIGKILL)
        self.killed = True

    def stand_still(self, seconds):
        """As a laptop does whose lid is closed."""
        self.signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.signal(signal.SIGCONT)

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    def tab(self):
        """A new tab, which is told what to do from now on."""
        handle = self.call("POST", "/window/new", {"type": "tab"})["handle"]
        self.call("POST", "/window", {"handle": handle})
        return handle

    def turn_to(self, handle):
        self.call("POST", "/window", {"handle": handle})

    def handle(self):
        return self.call("GET", "/window")

    def size(self, width, height):
        """The page's own area, as a phone of this size has it."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def command(self, name, **parameters):
        """A command of the devtools protocol."""
        return self.call("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def before_each_page(self, script):
        """`script` runs in each new document before its own scripts; what is called with the value given ends that."""
        number = self.command("Page.addScriptToEvaluateOnNewDocument", source=script)["identifier"]
        return lambda: self.command("Page.removeScriptToEvaluateOnNewDocument", identifier=number)

    def run(self, script, *arguments):
        """The value of a function's body."""
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def click(self, selector):
        element = self.call("POST", "/element", {"using": "css selector", "value": selector})
        self.call("POST", f"/element/{next(iter(element.values()))}/click")

    def act(self, source):
        """Actions of one input source, as WebDriver has them."""
        self.call("POST", "/actions", {"actions": [source]})

    def press(self, key):
        self.act({"type": "key", "id": "keyboard",
                  "actions": [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]})

    def wait(self, what, truth, seconds=180):
        """Until truth() is true. The time ends what hangs and judges nothing."""
        end = time.monotonic() + seconds
        while not truth():
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s: {what}; the page: {self.seen()}")
            time.sleep(0.1)

    def seen(self):
        """What the page says and plays, for a test that failed."""
        try:
            return self.run("""
                return { says: document.body.innerText.slice(0, 500), plays: [...document.querySelectorAll('audio')].map(
                  (one) => [one.id, one.paused, one.currentTime, one.readyState, one.error && one.error.message]) };""")
        except Exception as error:  # the page is gone: what was waited for is to be told all the same
            return f"it does not answer: {error}"

    def complaints(self):
        """What the console said since the last call, but for mere information."""
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("WARNING", "SEVERE")]

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("GET", "/screenshot")))
