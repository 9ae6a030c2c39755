#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the program remembers over its own end, however that comes.

usage: memory_test.py INFINARA
"""
import contextlib
import json
import os
import pathlib
import sqlite3
import sys
import tempfile
import time
import unittest

from many_tracks import remember_many
from program import Program

INFINARA = sys.argv.pop(1)


class Remembers(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="infinara-state-"))

    def station(self, **settings):
        radio = self.enterContext(Program(INFINARA, **{"RADIO_STATE_DIR": self.folder + "/radio"} | settings))
        radio.wait("a track", lambda: radio.status()["track_id"] != "")
        radio.wait("its place in the history", lambda: radio.ask("GET", "/api/history")[1]["tracks"])
        return radio

    def history(self, radio):
        return radio.ask("GET", "/api/history")[1]["tracks"]

    def test_what_was_acknowledged_is_there_after_kill_9(self):
        radio = self.station()
        status, (played, *_) = radio.status(), self.history(radio)
        self.assertEqual(status["memory"], {"saved": True, "reason": ""})
        for name in ("track_id", "track_name", "artist", "genre", "caption", "duration"):
            self.assertEqual(played[name], status[name], name)
        self.assertEqual(played["generator"], "housebandsrc")
        response, answer = radio.response("POST", "/api/rate", json.dumps({"id": status["track_id"], "rating": 1}))
        self.assertEqual((response.status, json.loads(answer)["likes"]), (200, 1))
        cookie = response.headers["Set-Cookie"].split(";")[0]
        for path, change in (("genre", {"genre": "rock", "when": "queue"}), ("autodj", {"enabled": False}),
                             ("config", {"crossfade": 2.5, "track_duration": 40})):
            status, answer = radio.ask("POST", f"/api/{path}", change)
            self.assertEqual((status, answer.get("not_kept")), (200, None))
        radio.process.kill()
        radio.process.wait()

        again = self.station()
        status = again.status()
        self.assertEqual((status["genre"], status["auto_dj"], status["config"]["crossfade"], status["config"]["track_duration"]),
                         ("rock", False, 2.5, 40))
        self.assertGreater(int(status["track_id"]), int(played["track_id"]))
        self.assertEqual(self.history(again)[-1], played | {"likes": 1})
        mine = json.loads(again.response("GET", f"/api/tracks/{played['track_id']}", Cookie=cookie)[1])
        self.assertEqual((mine["rating"], mine["likes"]), (1, 1))

    def test_a_setting_that_is_set_explicitly_wins(self):
        radio = self.station(RADIO_GENRE="jazz")
        self.assertIn("RADIO_GENRE is set", radio.ask("POST", "/api/genre", {"genre": "rock"})[1]["not_kept"]["genre"])
        radio.end()
        self.assertEqual(self.station(RADIO_GENRE="jazz").status()["genre"], "jazz")

    def test_it_plays_on_without_a_folder(self):
        (pathlib.Path(self.folder) / "radio").write_text("in the way")
        radio = self.station()
        line = radio.process.stdout.readline()
        self.assertIn("memory: the folder cannot be written", line)
        self.assertIn("RADIO_STATE_DIR", line)
        self.assertEqual(radio.status()["memory"], {"saved": False, "reason": "the folder cannot be written"})
        status, answer = radio.ask("POST", "/api/rate", {"id": radio.status()["track_id"], "rating": -1})
        self.assertEqual((status, answer["dislikes"]), (200, 1))

    def test_ten_thousand_tracks_are_no_burden(self):
        def start():
            begin = time.monotonic()
            return self.station(RADIO_HISTORY_SIZE="10000"), time.monotonic() - begin

        radio, empty = start()
        radio.end()
        remember_many(self.folder + "/radio", 10000)
        radio, full = start()
        print(f"to a track on air: {empty:.2f} s without a history, {full:.2f} s with 10000 tracks")
        self.assertLess(full, empty + 3)
        ids, before, begin = [], "", time.monotonic()
        while before is not None:
            page = radio.ask("GET", f"/api/history?limit=200&before={before}")[1]
            ids += [int(track["track_id"]) for track in page["tracks"]]
            before = page["before"]
        took = time.monotonic() - begin
        print(f"all of it by pages of 200: {took * 1000:.0f} ms, {os.path.getsize(self.folder + '/radio/infinara.db') / 1e6:.1f} MB")
        self.assertLess(took, 5)
        self.assertEqual(ids, sorted(set(ids), reverse=True))
        self.assertEqual(len(ids), 10000)  # the oldest are gone
        radio.end()
        with contextlib.closing(sqlite3.connect(self.folder + "/radio/infinara.db")) as file:
            self.assertEqual(file.execute("SELECT count(*) FROM tracks").fetchone()[0], 10000)

    def test_systemd_may_say_where(self):
        self.station(RADIO_STATE_DIR="", STATE_DIRECTORY=self.folder + "/systemd")
        self.assertTrue((pathlib.Path(self.folder) / "systemd/infinara.db").is_file())


if __name__ == "__main__":
    unittest.main(verbosity=2)
