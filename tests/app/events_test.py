#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""GET /api/events: a snapshot, then what changes, and what was missed.

usage: events_test.py PATH_OF_INFINARA
"""
import sys
import unittest

from events_client import Client
from program import Program
from served import PATIENCE

INFINARA = sys.argv.pop(1)


class Events(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.radio = Program(INFINARA, RADIO_GENRE="jazz", RADIO_TRACK_DURATION="30", RADIO_CROSSFADE_DURATION="2")
        cls.radio.__enter__()
        cls.radio.wait("a track on air and the next one", lambda: cls.radio.status()["next"])

    @classmethod
    def tearDownClass(cls):
        cls.radio.__exit__()

    def connect(self, *headers, **more):
        return self.enterContext(Client(self.radio.port, *headers, **more))

    def test_a_client_begins_with_a_snapshot_that_is_the_status(self):
        client = self.connect()
        self.assertIn("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n", client.head)
        self.assertIn("Access-Control-Allow-Origin: *\r\n", client.head)
        self.assertIn("X-Accel-Buffering: no\r\n", client.head)
        self.assertNotIn("\r\nicy-", client.head)
        self.assertEqual(client.block(), ["retry: 2000"])
        name, data, number = client.next()
        self.assertEqual(name, "snapshot")
        self.assertTrue(number)
        status = self.radio.status()
        self.assertEqual(data.keys(), status.keys())
        self.assertEqual(data["positions"]["programme"], status["positions"]["programme"])

    def test_a_skip_tells_a_fade_and_then_the_track_with_their_positions(self):
        client = self.connect()
        client.next()
        self.radio.ask("POST", "/api/skip")
        events = {name: data for name, data, _ in client.until("on_air")}
        fade, on_air = events["fade"], events["on_air"]
        self.assertLessEqual(fade["position"], on_air["position"])
        self.assertLess(on_air["position"], fade["end"])
        self.assertEqual(fade["to"], on_air["track_id"])
        self.assertEqual(fade["on_air"], on_air["position"])
        status = self.radio.status()
        if status["track_id"] == on_air["track_id"]:
            self.assertEqual(status["positions"]["on_air"], on_air["position"])
            self.assertEqual(status["positions"]["start"], on_air["start"])
        self.assertEqual(on_air["programme"], status["positions"]["programme"])

    def test_a_change_of_settings_is_told_to_all(self):
        clients = [self.connect() for _ in range(20)]
        for client in clients:
            client.next()
        self.radio.ask("POST", "/api/config", {"crossfade": 3})
        for client in clients:
            self.assertEqual(client.until("settings")[-1][1]["crossfade"], 3)
        self.radio.ask("POST", "/api/autodj", {"enabled": False})
        for client in clients:
            self.assertFalse(client.until("settings")[-1][1]["auto_dj"])

    def test_a_wish_is_told_with_its_time_also_to_those_who_come_later(self):
        client = self.connect()
        client.next()
        self.radio.ask("POST", "/api/genre", {"genre": "ambient", "when": "queue"})
        wish = client.until("wish")[-1][1]
        self.assertEqual((wish["genre"], wish["when"]), ("ambient", "queue"))
        self.assertGreater(wish["expected"], wish["position"])
        events = self.connect()
        self.assertEqual(events.next()[0], "snapshot")
        self.assertEqual(events.next()[:2], ("wish", wish))

    def test_who_comes_again_gets_what_it_missed(self):
        first = self.connect()
        last = first.next()[2]
        self.radio.ask("POST", "/api/config", {"crossfade": 4})
        self.radio.ask("POST", "/api/config", {"crossfade": 5})
        told = [first.until("settings")[-1] for _ in range(2)]
        again = self.connect(f"Last-Event-ID: {last}")
        self.assertEqual([again.until("settings")[-1] for _ in range(2)], told)
        none = self.connect(f"Last-Event-ID: {told[-1][2]}")
        self.radio.ask("POST", "/api/config", {"crossfade": 6})
        self.assertEqual(none.until("settings")[-1][1]["crossfade"], 6)

    def test_who_missed_more_than_is_known_gets_a_snapshot(self):
        for unknown in ("1", "other-1", "x" * 1000, "-"):
            self.assertEqual(self.connect(f"Last-Event-ID: {unknown}").next()[0], "snapshot")

    def test_other_methods(self):
        head = self.connect(method="HEAD")
        self.assertIn("200 OK", head.head)
        self.assertEqual(head.stream.read(), b"")
        response, _ = self.radio.response("OPTIONS", "/api/events")
        self.assertEqual((response.status, response.headers["Access-Control-Allow-Methods"]), (204, "GET, HEAD, OPTIONS"))
        self.assertEqual(self.radio.response("POST", "/api/events", "{}")[0].status, 405)

    def test_clients_that_leave_give_everything_back(self):
        before = self.radio.held()
        clients = [Client(self.radio.port) for _ in range(100)]
        for client in clients:
            self.assertEqual(client.next()[0], "snapshot")
        for client in clients:
            client.__exit__()
        # A closed connection shows at the next event.
        self.radio.ask("POST", "/api/config", {"crossfade": 7})
        self.radio.ask("POST", "/api/config", {"crossfade": 8})
        self.radio.gives_back(before, PATIENCE)

    def test_a_silent_station_sends_heartbeats(self):
        with Program(INFINARA, RADIO_TRACK_DURATION="600") as radio, Client(radio.port) as client:
            radio.wait("the queue is full", lambda: radio.status()["queue_size"] >= 2)
            while ":" not in client.block():
                pass


unittest.main()
