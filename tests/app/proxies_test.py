#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The station behind nginx, HAProxy and Caddy, at the path /radio/: prefix stripped by the proxy, or passed through.

usage: proxies_test.py INFINARA      A proxy that is not installed is a skip with that reason.
"""
import contextlib
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

from program import PATIENCE, Program
from served import Served
from whep import GOOD

INFINARA = sys.argv.pop(1)

# {port}: where it listens, {radio}: the station's port, {folder}: its own. The lines that matter are those of README.
NGINX = """daemon off; master_process off; pid {folder}/pid; error_log stderr; events {{}}
http {{ access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
server {{ listen 127.0.0.1:{port};
location /radio/ {{ proxy_pass http://127.0.0.1:{radio}{slash}; proxy_http_version 1.1; proxy_buffering off;
proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Prefix /radio; }} }} }}
"""
HAPROXY = """defaults
    mode http
    timeout connect 5s
    timeout client 1h
    timeout server 1h
frontend web
    bind 127.0.0.1:{port}
    use_backend radio if {{ path_beg /radio }}
backend radio
    option forwardfor
    http-request set-header X-Forwarded-Prefix /radio
    {strip}
    server radio 127.0.0.1:{radio}
"""
CADDY = """{{
    admin off
    auto_https off
}}
http://127.0.0.1:{port} {{
    redir /radio /radio/
    {handle} /radio/* {{
        reverse_proxy 127.0.0.1:{radio} {{
            header_up X-Forwarded-Prefix /radio
        }}
    }}
}}
"""


class Proxy(Served):
    """A proxy as a child process, until the end of the test."""

    def __init__(self, test, name, config, radio, **more):
        if shutil.which(name) is None:
            test.skipTest(f"{name} is not installed")
        folder = test.enterContext(tempfile.TemporaryDirectory())
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        path = pathlib.Path(folder) / "config"
        path.write_text(config.format(port=port, radio=radio, folder=folder, **more))
        command = {"nginx": ["nginx", "-c", path], "haproxy": ["haproxy", "-db", "-f", path],
                   "caddy": ["caddy", "run", "--adapter", "caddyfile", "--config", path]}[name]
        errors = open(f"{folder}/errors", "w+")  # noqa: SIM115
        test.addCleanup(errors.close)
        process = subprocess.Popen(command, stdout=errors, stderr=errors)
        test.addCleanup(process.wait)
        test.addCleanup(process.kill)
        super().__init__(process, port)
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            errors.seek(0)
            test.assertTrue(process.poll() is None and time.monotonic() < end, f"{name} does not start: {errors.read()}")
            time.sleep(0.05)


class Proxies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.radio = cls.enterClassContext(Program(INFINARA, RADIO_GENRE="ambient", RADIO_MAX_PER_ADDRESS="2"))
        cls.radio.wait("a burst", lambda: cls.radio.status()["position"] > 4, 60)

    def check(self, proxy, at="/radio"):
        base = f"http://127.0.0.1:{proxy.port}{at}"
        for path in ("/", "/style.css", "/page.js", "/api/status", "/healthz"):
            self.assertEqual(proxy.response("GET", at + path)[0].status, 200, path)
        _, text = proxy.response("GET", at + "/listen.m3u")
        urls = [line for line in text.decode().splitlines() if not line.startswith("#")]
        self.assertEqual(urls, [base + one["path"] for one in self.radio.status()["streams"]])
        self.assertIn(f"File1={base}/stream\n", proxy.response("GET", at + "/listen.pls")[1].decode())
        self.assertEqual(proxy.ask("POST", at + "/api/config", {})[0], 200)
        # As a browser's page does it, which the proxy shows at another port.
        self.assertEqual(proxy.response("POST", at + "/api/config", "{}", Origin=f"http://127.0.0.1:{proxy.port}", Content_Type="application/json")[0].status, 200)
        self.assertEqual(proxy.response("POST", at + "/api/config", "{}", Origin="http://evil.example")[0].status, 403)
        # /radio leads to /radio/, whoever says so.
        response, _ = proxy.response("GET", at or "/")
        if response.status != 200:
            self.assertIn(response.status, (301, 302, 308))
            self.assertEqual(urllib.parse.urljoin(base, response.headers["Location"]), base + "/")
        # WHEP: what comes back leads to the session.
        response, answer = proxy.response("POST", at + "/whep", GOOD, Content_Type="application/sdp")
        self.assertEqual(response.status, 201, answer)
        session = urllib.parse.urlparse(urllib.parse.urljoin(base + "/whep", response.headers["Location"])).path
        self.assertTrue(session.startswith(at + "/whep/"), session)
        self.assertEqual(proxy.response("DELETE", session)[0].status, 200)
        # Events come as they happen: the snapshot is there while the response goes on.
        # From an address of this proxy's own, for it may be a while until the station knows that they are no longer read.
        address = f"127.0.{2 + proxy.port % 250}.{1 + proxy.port // 250 % 250}"
        with socket.create_connection(("127.0.0.1", proxy.port), PATIENCE, (address, 0)) as events:
            events.sendall(f"GET {at}/api/events HTTP/1.1\r\nHost: 127.0.0.1:{proxy.port}\r\n\r\n".encode())
            said = b""
            while b"data:" not in said:
                more = events.recv(4096)
                self.assertTrue(more, said)
                said += more
            self.assertTrue(said.startswith(b"HTTP/1.1 200"), said)
        # The limit is of the client, not of the proxy.
        with contextlib.ExitStack() as listeners:
            def listen(address):
                one = listeners.enter_context(socket.create_connection(("127.0.0.1", proxy.port), PATIENCE, (address, 0)))
                one.sendall(f"GET {at}/stream HTTP/1.1\r\nHost: 127.0.0.1:{proxy.port}\r\n\r\n".encode())
                return one.recv(12)[-3:]
            # From addresses that are not those of trusted proxies.
            self.assertEqual([listen("127.0.1.1") for _ in range(3)], [b"200", b"200", b"503"])
            self.assertEqual(listen("127.0.1.2"), b"200")
        self.radio.wait("nobody listens", lambda: self.radio.status()["http_listeners"] == 0)


def add(name, config, radio=None, **more):
    def test(self):
        station = self.radio
        if radio:
            station = self.enterContext(Program(INFINARA, RADIO_GENRE="ambient", **radio))
        self.check(Proxy(self, name, config, station.port, **more))
    return test


for proxy, text, how in (("nginx", NGINX, {"strips": {"slash": "/"}, "passes_on": {"slash": ""}}),
                         ("haproxy", HAPROXY, {"strips": {"strip": "http-request replace-path /radio/(.*) /\\1"},
                                               "passes_on": {"strip": ""}}),
                         ("caddy", CADDY, {"strips": {"handle": "handle_path"}, "passes_on": {"handle": "handle"}})):
    for what, words in how.items():
        setattr(Proxies, f"test_{proxy}_{what}_the_prefix", add(proxy, text, **words))


EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "docs/proxies"
NGINX_AROUND = """daemon off; master_process off; pid {{folder}}/pid; error_log stderr; events {{{{}}}}
http {{{{ access_log off; client_body_temp_path {{folder}}/a; proxy_temp_path {{folder}}/b; fastcgi_temp_path {{folder}}/c;
uwsgi_temp_path {{folder}}/d; scgi_temp_path {{folder}}/e;
{} }}}}"""
CADDY_AROUND = """{{{{
    admin off
    auto_https off
}}}}
{}"""


def example(name):
    """A file of docs/proxies, but without TLS, and with ports of the test."""
    text = (EXAMPLES / name).read_text().replace("{", "{{").replace("}", "}}").replace("127.0.0.1:8080", "127.0.0.1:{radio}")
    if name.startswith("Caddyfile"):
        return CADDY_AROUND.format(text.replace("example.org {{", "http://127.0.0.1:{port} {{"))
    if "server {{" in text:
        text = re.sub(r" *ssl_.*\n", "", text).replace("listen 443 ssl;", "listen 127.0.0.1:{port};")
    else:
        text = "server {{ listen 127.0.0.1:{port};\n" + text + "}}\n"
    return NGINX_AROUND.format(text)


def add_example(file, proxy, at):
    def test(self):
        self.check(Proxy(self, proxy, example(file), self.radio.port), at)
    setattr(Proxies, f"test_the_example_{file.replace('-', '_').replace('.', '_')}", test)


for row in (("nginx.conf", "nginx", ""), ("nginx-radio.conf", "nginx", "/radio"), ("Caddyfile", "caddy", ""),
            ("Caddyfile-radio", "caddy", "/radio")):
    add_example(*row)


class Chain(unittest.TestCase):
    def test_two_proxies_in_a_row(self):
        with Program(INFINARA, RADIO_GENRE="ambient", RADIO_MAX_PER_ADDRESS="2", RADIO_TRUSTED_PROXIES="127.0.0.1") as radio:
            inner = Proxy(self, "haproxy", HAPROXY, radio.port, strip="")
            outer = Proxy(self, "nginx", NGINX, inner.port, slash="/radio/")
            _, text = outer.response("GET", "/radio/listen.m3u", source="127.0.0.9")
            self.assertIn(f"http://127.0.0.1:{outer.port}/radio/stream\n", text.decode())


class PublicUrl(unittest.TestCase):
    def test_it_is_the_last_word(self):
        with Program(INFINARA, RADIO_GENRE="ambient", RADIO_PUBLIC_URL="https://radio.example/air/") as radio:
            for path in ("/air/listen.m3u", "/listen.m3u"):
                _, text = radio.response("GET", path, X_Forwarded_Host="other", X_Forwarded_Prefix="/x")
                self.assertIn("https://radio.example/air/stream\n", text.decode())
            response, _ = radio.response("GET", "/air?x=1")
            self.assertEqual((response.status, response.headers["Location"]), (301, "air/?x=1"))

    def test_headers_from_others_count_for_nothing(self):
        with Program(INFINARA, RADIO_GENRE="ambient", RADIO_TRUSTED_PROXIES="none") as radio:
            _, text = radio.response("GET", "/listen.m3u", X_Forwarded_Host="evil.example", X_Forwarded_Proto="https",
                                     Forwarded="host=evil.example")
            self.assertIn(f"http://127.0.0.1:{radio.port}/stream\n", text.decode())


if __name__ == "__main__":
    unittest.main(verbosity=2)
