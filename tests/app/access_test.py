#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may listen to the program and who may change something, and that it keeps its secrets.

usage: access_test.py INFINARA
"""
import base64
import http.client
import os
import subprocess
import sys
import unittest

from program import PATIENCE, Program

INFINARA = sys.argv.pop(1)
PASSWORD, TOKEN = "listen-to-sesame", "control-by-sesame"


class Locked(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.radio = cls.enterClassContext(Program(INFINARA, RADIO_LISTEN_PASSWORD=PASSWORD, RADIO_CONTROL_TOKEN=TOKEN,
                                                  RADIO_SKIP_INTERVAL="3600"))
        cls.radio.wait("a track", lambda: cls.radio.status()["track_id"] != "")

    def status(self, method, path, authorization=None, body=None, **headers):
        if authorization:
            headers["Authorization"] = authorization
        connection = http.client.HTTPConnection("127.0.0.1", self.radio.port, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, response

    def test_to_hear_and_see_it_takes_the_password(self):
        basic = "Basic " + base64.b64encode(f"anybody:{PASSWORD}".encode()).decode()
        for path in ("/", "/page.js", "/stream", "/stream.ogg", "/;"):
            status, response = self.status("GET", path)
            self.assertEqual(status, 401, path)
            self.assertTrue(response.headers["WWW-Authenticate"].startswith("Basic "), path)
            for right in (basic, f"Bearer {PASSWORD}", f"Bearer {TOKEN}"):
                self.assertEqual(self.status("GET", path, right)[0], 200, path)
        for path in ("/offer", "/whep"):
            self.assertEqual(self.status("POST", path, body="x", Content_Type="application/sdp")[0], 401)
            self.assertEqual(self.status("POST", path, f"Bearer {PASSWORD}", "x", Content_Type="application/sdp")[0], 400)
        self.assertEqual(self.status("DELETE", "/whep/x")[0], 401)
        self.assertEqual(self.status("OPTIONS", "/whep")[0], 200)
        for path in ("/healthz", "/api/status"):
            self.assertEqual(self.status("GET", path)[0], 200)

    def test_to_change_something_takes_the_token(self):
        for right in (None, f"Bearer {PASSWORD}"):
            self.assertEqual(self.status("POST", "/api/config", right, '{"crossfade":1}')[0], 401)
            self.assertEqual(self.status("GET", "/api/listeners", right)[0], 401)
        self.assertEqual(self.status("POST", "/api/config", f"Bearer {TOKEN}", '{"crossfade":1}')[0], 200)
        self.assertEqual(self.status("GET", "/api/listeners", f"Bearer {TOKEN}")[0], 200)
        # With the token, by any name; and as often as the settings let it.
        self.assertEqual(self.status("POST", "/api/skip", f"Bearer {TOKEN}", Host="evil.example")[0], 200)
        status, response = self.status("POST", "/api/skip", f"Bearer {TOKEN}")
        self.assertEqual(status, 429)
        self.assertGreater(int(response.headers["Retry-After"]), 3000)


class Open(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.radio = cls.enterClassContext(Program(INFINARA))

    def test_curl_changes_it_and_a_strange_name_does_not(self):
        change = '{"crossfade":4}'
        form = "application/x-www-form-urlencoded"
        for host, status in (("localhost", 200), ("[::1]:8080", 200), ("studio.local:8080", 200), ("evil.example", 403)):
            self.assertEqual(self.radio.response("POST", "/api/config", change, Host=host, Content_Type=form)[0].status, status, host)
        for path in ("/", "/api/status", "/stream"):  # whoever is asked by whatever name may be heard
            connection = http.client.HTTPConnection("127.0.0.1", self.radio.port, timeout=PATIENCE)
            self.addCleanup(connection.close)
            connection.request("GET", path, headers={"Host": "evil.example"})
            self.assertEqual(connection.getresponse().status, 200, path)

    def test_only_what_is_meant_for_it_is_open_to_other_sites(self):
        for path, is_open in (("/api/status", True), ("/api/history", True), ("/", False), ("/api/config", False)):
            headers = self.radio.response("GET", path, Origin="http://evil.example")[0].headers
            self.assertEqual(headers["Access-Control-Allow-Origin"], "*" if is_open else None, path)
            self.assertIsNone(headers["Access-Control-Allow-Credentials"])


class Secrets(unittest.TestCase):
    def test_no_secret_is_told(self):
        secrets = {"RADIO_LISTEN_PASSWORD": PASSWORD, "RADIO_CONTROL_TOKEN": TOKEN,
                   "ACESTEP_API_KEY": "key-of-sesame", "ACESTEP_API_URL": "http://127.0.0.1:9"}
        with Program(INFINARA, **secrets) as radio:
            radio.wait("a track", lambda: radio.status()["track_id"] != "")
            told = []
            for path in ("/", "/api/status", "/api/genres", "/api/listeners", "/api/config", "/api/history", "/healthz",
                         "/status-json.xsl", "/listen.m3u", "/metrics", "/api/openapi.json", f"/nothing?token={TOKEN}"):
                told += [radio.response("GET", path, Authorization=f"Bearer {TOKEN}")[1],
                         radio.response("GET", path, Authorization="Bearer wrong-sesam")[1]]
            radio.end()
            told.append(radio.process.stdout.read().encode())
        told.append(subprocess.run([INFINARA, "--help"], env=os.environ | secrets, capture_output=True).stdout)
        self.assertEqual([text for text in told if b"sesame" in text], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
