#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""GET /metrics, read as strictly as Prometheus' text format is written, and the dashboard that shows it.

usage: metrics_test.py PATH_OF_INFINARA DASHBOARD
"""
import json
import pathlib
import re
import socket
import sys
import unittest

from program import Program

DASHBOARD = pathlib.Path(sys.argv.pop(2))
INFINARA = sys.argv.pop(1)
NAME = r"[a-z][a-z0-9_]*"
LABEL = rf'{NAME}="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?\d+(?:\.\d+)?(?:e[-+]\d+)?)")


def parsed(text):
    """{name: (type, {labels: value})}; fails on whatever a scraper might take ill."""
    assert text.endswith("\n"), "the last line has no end"
    metrics, name, kind = {}, None, None
    lines = iter(text.splitlines())
    for line in lines:
        if helped := re.fullmatch(rf"# HELP ({NAME}) (\S.*\.)", line):
            name = helped[1]
            typed = re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge)", next(lines))
            assert typed and typed[1] == name, line
            kind = typed[2]
            assert name not in metrics, f"{name} comes twice"
            assert (kind == "counter") == name.endswith("_total"), f"{name} is a {kind}"
            assert re.match("infinara_|process_", name), name
            metrics[name] = (kind, {})
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, f"no sample: {line!r}"
        assert sample[1] == name, f"{line!r} is not of {name}"
        assert sample[2] not in metrics[name][1], f"{line!r} comes twice"
        value = float(sample[3])
        assert kind == "gauge" or value >= 0, line
        metrics[name][1][sample[2]] = value
    return metrics


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.radio = Program(INFINARA, RADIO_TRACK_DURATION="30", RADIO_CROSSFADE_DURATION="2")
        cls.radio.__enter__()
        cls.radio.wait("a track on air and the next one", lambda: cls.radio.status()["next"])

    @classmethod
    def tearDownClass(cls):
        cls.radio.__exit__()

    def scrape(self):
        response, text = self.radio.response("GET", "/metrics")
        self.assertEqual((response.status, response.headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        return parsed(text.decode())

    def value(self, name, labels=None):
        return self.scrape()[name][1][labels]

    def test_a_skip_counts_a_track_and_a_fade(self):
        before = {name: self.value(name) for name in ("infinara_tracks_total", "infinara_fades_total")}
        self.radio.ask("POST", "/api/skip")
        for name, count in before.items():
            self.radio.wait(name, lambda name=name, count=count: self.value(name) > count)

    def test_it_tells_how_loud_it_is(self):
        self.radio.wait("the first second was measured", lambda: self.value("infinara_output_rms_dbfs") > -60)
        self.assertLess(self.value("infinara_output_rms_dbfs"), self.value("infinara_output_peak_dbfs"))
        self.assertLessEqual(self.value("infinara_output_peak_dbfs"), 0)
        self.assertLess(self.value("infinara_output_silence_seconds_total"), 10)
        loudness = lambda window: self.value("infinara_output_loudness_lufs", f'window="{window}"')  # noqa: E731
        for window in ("momentary", "short_term", "integrated"):  # the station plays at about -16 LUFS
            self.radio.wait(window, lambda window=window: -30 < loudness(window) < -10)

    def test_listeners_and_clients_are_counted(self):
        label = 'transport="http",stream="/stream"'
        with socket.create_connection(("127.0.0.1", self.radio.port)) as listener, \
                socket.create_connection(("127.0.0.1", self.radio.port)) as client:
            listener.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
            client.sendall(b"GET /api/events HTTP/1.0\r\n\r\n")
            self.radio.wait("one listens", lambda: self.value("infinara_listeners", label) == 1)
            self.radio.wait("one follows", lambda: self.value("infinara_event_clients") == 1)
            self.radio.wait("bytes", lambda: self.value("infinara_stream_bytes_total", 'stream="/stream"') > 10000)
        self.assertEqual(self.value("infinara_listener_joins_total", 'stream="/stream"'), 1)
        for reason in ("behind", "no_answer"):
            self.assertEqual(self.value("infinara_listener_drops_total", f'stream="/stream",reason="{reason}"'), 0)

    def test_the_process_is_what_the_system_says(self):
        self.assertAlmostEqual(self.value("process_resident_memory_bytes") / 1024, self.radio.memory(), delta=8192)
        self.assertAlmostEqual(self.value("process_open_fds"), self.radio.held()[0], delta=5)
        self.assertGreater(self.value("process_cpu_seconds_total"), 0)
        self.assertEqual(self.value("infinara_healthy"), 1)
        self.assertEqual(self.value("infinara_pipelines_total"), 1)

    def test_the_dashboard_shows_what_there_is(self):
        dashboard = json.loads(DASHBOARD.read_text())
        told = self.scrape()
        shown = {name for panel in dashboard["panels"] for target in panel["targets"]
                 for name in re.findall(r"(?:infinara|process)_\w+", target["expr"])}
        self.assertEqual(shown - told.keys(), set())
        self.assertGreater(len(shown), 15)


unittest.main()
