#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""GET /api/openapi.json is true: each route, status and field of the real station is as it says, and it says no other.

usage: openapi_test.py INFINARA
"""
import copy
import http.client
import json
import math
import re
import socket
import sys
import time
import unittest

from events_client import Client
from program import PATIENCE, Program
from whep import GOOD, session

INFINARA = sys.argv.pop(1)
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "number": (int, float), "integer": int}
KNOWN = {"type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "enum", "const", "minimum",
         "maximum", "oneOf", "$ref", "description", "default", "format"}


class Description:
    """The document, and what of an answer is not as it says."""

    def __init__(self, document):
        self.document = document
        self.seen = set()  # (path, method, status)

    def at(self, node):
        while "$ref" in node:
            found = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def faults(self, value, schema, place="$"):
        """What is wrong with the value, as a list of sentences."""
        schema = self.at(schema)
        if strange := schema.keys() - KNOWN:
            return [f"{place}: a schema with {strange}, which this test does not know"]
        if "oneOf" in schema:
            fits = sum(not self.faults(value, one, place) for one in schema["oneOf"])
            return [] if fits == 1 else [f"{place}: {value!r} fits {fits} schemas"]
        types = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", list(TYPES))
        if not any(isinstance(value, TYPES[one]) and (one in ("boolean",) or not isinstance(value, bool)) for one in types):
            return [f"{place}: {value!r} is no {types}"]
        bad = []
        if "enum" in schema and value not in schema["enum"] or "const" in schema and value != schema["const"]:
            bad.append(f"{place}: {value!r} is another value")
        if isinstance(value, (int, float)) and not schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf):
            bad.append(f"{place}: {value!r} is out of range")
        if isinstance(value, dict):
            known = schema.get("properties", {})
            bad += [f"{place}: {name} is missing" for name in schema.get("required", ()) if name not in value]
            for name, part in value.items():
                more = known.get(name, schema.get("additionalProperties", {}))
                bad += [f"{place}: {name} is not described"] if more is False else self.faults(part, more, f"{place}.{name}")
        if isinstance(value, list):
            if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf):
                bad.append(f"{place}: {len(value)} items")
            for i, part in enumerate(value):
                bad += self.faults(part, schema.get("items", {}), f"{place}[{i}]")
        return bad

    def path_of(self, path):
        for one in self.document["paths"]:
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", re.escape(one).replace(r"\{", "{").replace(r"\}", "}")), path):
                return one
        return None

    def judge(self, method, path, response, body):
        """What is wrong with an answer."""
        known = self.path_of(path.split("?")[0])
        if known is None:
            return [f"{path} is not described"]
        operation = self.document["paths"][known].get(method.lower())
        if operation is None:
            return [f"{method} {path} is not described"]
        described = operation["responses"].get(str(response.status))
        if described is None:
            return [f"{method} {path} answered {response.status}, which is not described"]
        self.seen.add((known, method.lower(), str(response.status)))
        content = self.at(described).get("content")
        kind = (response.headers["Content-Type"] or "").split(";")[0]
        if content is None:
            return [f"{method} {path}: a body of {len(body)} bytes"] if body else []
        if kind not in content:
            return [f"{method} {path}: {kind} is not described"]
        bad = [f"{method} {path}: the header {name} is missing" for name in self.at(described).get("headers", ())
               if name not in response.headers]
        if kind == "application/json":
            bad += [f"{method} {path} {fault}" for fault in self.faults(json.loads(body), content[kind]["schema"])]
        return bad

    def operations(self):
        return {(path, method, status) for path, item in self.document["paths"].items() for method, operation in item.items()
                for status in operation["responses"]}


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.radio = cls.enterClassContext(Program(INFINARA, RADIO_GENRE="jazz", RADIO_TRACK_DURATION="30", RADIO_CROSSFADE_DURATION="2"))
        cls.radio.wait("the next track", lambda: cls.radio.status()["next"])
        cls.streams = [one["path"] for one in cls.radio.status()["streams"]]
        cls.radio.wait("sound", lambda: all("Infinara-Position" in cls.head(cls.radio, path, {})[0].headers for path in cls.streams))
        response, body = cls.radio.response("GET", "/api/openapi.json")
        assert response.status == 200 and response.headers["Content-Type"] == "application/json"
        cls.description = Description(json.loads(body))

    def ask(self, radio, method, path, body=None, status=None, **headers):
        response, said = self.head(radio, path, headers) if self.is_stream(path, method) else radio.response(method, path, body, **headers)
        self.answers.append((method, path, response, said))
        self.assertEqual(self.description.judge(method, path, response, said), [])
        if status is not None:
            self.assertEqual(response.status, status, (method, path, said))
        return response, said

    def is_stream(self, path, method):
        return method == "GET" and path.split("?")[0] in (*self.streams, "/api/events")

    @staticmethod
    def head(radio, path, headers):
        """The head of a reply that does not end."""
        connection = http.client.HTTPConnection("127.0.0.1", radio.port, timeout=60)
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = b"" if response.status == 200 else response.read()
        connection.close()
        return response, body

    def test_1_each_answer_is_as_described(self):
        type(self).answers = []
        radio, description = self.radio, self.description
        radio.wait("a track", lambda: radio.status()["track_id"])
        one = radio.status()["track_id"]
        for path in description.document["paths"]:
            if "get" in description.document["paths"][path] and "{" not in path:
                self.ask(radio, "GET", path, status=204 if path == "/whep" else 200)
        self.ask(radio, "GET", "/api/status", status=304, If_None_Match="*")
        radio.wait("the history", lambda: radio.ask("GET", "/api/history")[1]["tracks"])
        self.ask(radio, "GET", "/api/history?limit=1")
        self.ask(radio, "GET", "/api/history?limit=0", status=400)
        self.ask(radio, "GET", f"/api/tracks/{one}", status=200)
        self.ask(radio, "GET", "/api/tracks/0", status=404)
        self.ask(radio, "GET", "/status-json.xsl?mount=/stream", status=200)
        good = {"/api/rate": {"id": one, "rating": 1}, "/api/genre": {"genre": "rock"}, "/api/skip": None,
                "/api/autodj": {"enabled": True}, "/api/config": {"crossfade": 3}}
        for path, body in good.items():
            if body is not None:
                self.assertEqual(description.faults(body, description.document["paths"][path]["post"]["requestBody"]["content"]
                                                    ["application/json"]["schema"]), [])
                self.ask(radio, "POST", path, "{", status=400)
                self.ask(radio, "POST", path, '{"a":"' + "a" * 65536 + '"}', status=413)
            self.ask(radio, "POST", path, body and json.dumps(body), status=200)
            self.ask(radio, "POST", path, "{}", status=403, Host="evil.example")
            self.ask(radio, "POST", path, "{}", status=415, Sec_Fetch_Site="same-origin", Content_Type="text/plain")
        self.ask(radio, "POST", "/api/rate", '{"id":"0","rating":1}', status=404)
        with self.listener(radio):
            radio.ask("POST", "/api/skip")
            radio.wait("a fade and a listener", lambda: (now := radio.status())["fade"] and now["http_listeners"])
            self.ask(radio, "GET", "/api/listeners", status=200)
            radio.wait("a fade", lambda: json.loads(self.ask(radio, "GET", "/api/status")[1])["fade"])
        self.signalling(radio)
        with Program(INFINARA, RADIO_LISTEN_PASSWORD="let-me-listen", RADIO_CONTROL_TOKEN="let-me-control-it", RADIO_TRACK_DURATION="30") as locked:
            for path, method, status in sorted(description.operations()):
                if status == "401":
                    self.ask(locked, method.upper(), path.replace("{session}", "x"), "{}" if method in ("post", "patch") else None, status=401)
        with Program(INFINARA, RADIO_CHANGES_PER_MINUTE="1", RADIO_SKIP_INTERVAL="2", RADIO_MAX_LISTENERS="1",
                     RADIO_WEBRTC="off", RADIO_TRACK_DURATION="30") as strict:
            strict.wait("a track", lambda: strict.ask("GET", "/api/history")[1]["tracks"])
            good["/api/rate"]["id"] = strict.ask("GET", "/api/history")[1]["tracks"][0]["track_id"]
            self.ask(strict, "POST", "/api/skip", status=200)
            for path, body in good.items():
                self.ask(strict, "POST", path, body and json.dumps(body), status=429)
            for path, method, status in sorted(description.operations()):
                if path.startswith(("/whep", "/offer")) and status == "404":
                    self.ask(strict, method.upper(), path.replace("{session}", "x"), "{}" if method in ("post", "patch") else None, status=404)
            with self.listener(strict):
                strict.wait("the only one", lambda: strict.status()["http_listeners"] == 1)
                for path in self.streams:
                    self.ask(strict, "GET", path, status=503)

    @staticmethod
    def listener(radio):
        one = socket.create_connection(("127.0.0.1", radio.port))
        one.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
        return one

    def signalling(self, radio):
        sdp = {"Content_Type": "application/sdp"}
        fragment = {"Content_Type": "application/trickle-ice-sdpfrag"}
        self.ask(radio, "POST", "/offer", json.dumps({"type": "offer", "sdp": GOOD}), status=200)
        self.ask(radio, "POST", "/offer", "{", status=400)
        self.ask(radio, "POST", "/offer", "{}", status=415, Sec_Fetch_Site="cross-site", Content_Type="text/plain")
        self.ask(radio, "POST", "/whep", "v=", status=400, **sdp)
        self.ask(radio, "POST", "/whep", "v=", status=415)
        response, _ = self.ask(radio, "POST", "/whep", GOOD, status=201, **sdp)
        path = session(response)
        tag = {"If_Match": response.headers["ETag"]}
        self.ask(radio, "GET", path, status=204)
        self.ask(radio, "PATCH", path, "", status=415)
        self.ask(radio, "PATCH", path, "", status=428, **fragment)
        self.ask(radio, "PATCH", path, "", status=412, If_Match='"x"', **fragment)
        restart = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
        self.ask(radio, "PATCH", path, restart, status=422, **fragment, **tag)
        self.ask(radio, "DELETE", path, status=200)
        self.ask(radio, "DELETE", path, status=404)

    def test_2_each_event_is_as_described(self):
        events = self.description.document["paths"]["/api/events"]["get"]["responses"]["200"]["x-events"]
        told, end = {}, time.monotonic() + 5 * PATIENCE
        with Client(self.radio.port) as client:
            self.radio.ask("POST", "/api/config", {"crossfade": 4})
            self.radio.ask("POST", "/api/genre", {"genre": "ambient", "when": "now"})
            with self.listener(self.radio):
                while missing := events.keys() - {"generator", "servers"} - told.keys():  # the last is `join`, 12 s after a fade
                    self.assertLess(time.monotonic(), end, f"described, but never sent: {missing}")
                    name, data, _ = client.next()
                    self.assertIn(name, events)
                    self.assertEqual(self.description.faults(data, events[name]), [], name)
                    told[name] = data
        type(self).told = told
        tracks_join = lambda: any(track["join"] for track in self.radio.ask("GET", "/api/history")[1]["tracks"])  # noqa: E731
        self.radio.wait("the join in the history", tracks_join)
        for path in ("/api/status", "/api/history"):
            self.ask(self.radio, "GET", path, status=200)

    def test_3_methods_are_those_described(self):
        for path, item in self.description.document["paths"].items():
            response, _ = self.radio.response("OPTIONS", path.replace("{id}", "1").replace("{session}", "x"))
            allowed = set(re.split(", ", response.headers["Allow"])) - {"HEAD", "OPTIONS"}
            self.assertEqual(allowed, {method.upper() for method in item}, path)
            self.assertEqual(self.radio.response("PUT", path.replace("{id}", "1").replace("{session}", "x"))[0].status, 405, path)

    def test_4_what_is_described_was_seen(self):
        """But for what takes a broken station, a full disk or a full station."""
        unseen = self.description.operations() - self.description.seen
        rare = {("/healthz", "get", "503"), ("/api/events", "get", "503"), ("/offer", "post", "503"), ("/whep", "post", "503"),
                ("/offer", "post", "413"), ("/whep", "post", "413"), ("/whep/{session}", "patch", "400"), ("/whep/{session}", "patch", "204")}
        self.assertLessEqual(unseen, rare)

    def test_5_a_planted_deviation_is_found(self):
        """Each field, status, type and route that the document loses or changes is missed by some answer."""
        def faults(document):
            other = Description(document)
            events = document["paths"].get("/api/events", {}).get("get", {}).get("responses", {}).get("200", {}).get("x-events", {})
            return (any(other.judge(*answer) for answer in self.answers)
                    or any(name not in events or other.faults(data, events[name]) for name, data in self.told.items()))

        document = self.description.document
        self.assertFalse(faults(document))
        planted = 0
        for path, method, status in self.description.seen - {("/api/status", "get", "304")}:
            less = copy.deepcopy(document)
            del less["paths"][path][method]["responses"][status]
            self.assertTrue(faults(less), (path, method, status))
            planted += 1
        unused = {"Job", "Server", "GeneratorEvent", "ServersEvent"}  # there is no ACE-Step server here
        for name, schema in document["components"]["schemas"].items():
            if name in unused or schema.get("type") != "object":
                continue
            for field in schema["properties"]:
                less, other = copy.deepcopy(document), copy.deepcopy(document)
                for one in (less, other):
                    one["components"]["schemas"][name]["properties"].pop(field)
                if field in schema["required"]:
                    self.assertTrue(faults(less), (name, field, "gone"))
                other["components"]["schemas"][name]["properties"][field + "_"] = {}
                other["components"]["schemas"][name]["required"] = schema["required"] + [field + "_"]
                self.assertTrue(faults(other), (name, field, "renamed"))
                planted += 2
        self.assertGreater(planted, 200)


unittest.main()
