#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A MIDI file of the house band holds the score that --score-json prints.

usage: midi_test.py RENDER_BAND
"""
import collections
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

RENDER_BAND = sys.argv.pop(1)
DRUMS = dict(kick=36, snare=38, rim=37, clap=39, hat=42, open=46, ride=51, crash=49, tomlow=45, tommid=47, tomhigh=50,
             shaker=70, tambourine=54, cowbell=56, congalow=64, congahigh=63, brush=40)

FIFTHS_TO_MAJOR = dict(major=0, dorian=-2, phrygian=-4, lydian=1, mixolydian=-1, minor=-3)


def said(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def variable(data, at):
    number = 0
    while True:
        byte, at = data[at], at + 1
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at


def events(track):
    """(tick, status, content) of each event; a meta event has the status 0xFF00 | kind."""
    tick, at = 0, 0
    while at < len(track):
        wait, at = variable(track, at)
        tick += wait
        status, at = track[at], at + 1
        assert status >= 0x80, "running status is not written"
        if status == 0xFF:
            kind, at = track[at], at + 1
            size, at = variable(track, at)
            yield tick, 0xFF00 | kind, track[at:at + size]
        else:
            size = 1 if status >> 4 in (0xC, 0xD) else 2
            yield tick, status, track[at:at + size]
        at += size


def tracks(data):
    kind, size, form, count, division = struct.unpack(">4sIHHH", data[:14])
    assert (kind, size, form, division) == (b"MThd", 6, 1, 96)
    at, found = 14, []
    while at < len(data):
        kind, size = struct.unpack(">4sI", data[at:at + 8])
        assert kind == b"MTrk"
        found.append(list(events(data[at + 8:at + 8 + size])))
        at += 8 + size
    assert len(found) == count
    return found


def notes(track):
    """[tick, length, key, velocity] of each note; none is left sounding or struck while it sounds."""
    sounding, found = {}, []
    for tick, status, content in track:
        if status >> 4 == 9:
            assert content[0] not in sounding, f"{content[0]} is struck twice at {tick}"
            sounding[content[0]] = tick, content[1]
        elif status >> 4 == 8:
            begin, velocity = sounding.pop(content[0])
            found.append((begin, tick - begin, content[0], velocity))
    assert not sounding
    return found


class Midi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.genres = said(RENDER_BAND, "--genres").splitlines()

    def test_it_is_the_score(self):
        self.assertGreaterEqual(len(self.genres), 14)
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for genre in self.genres:
            for seed in ("5", "12"):
                with self.subTest(genre, seed=seed):
                    file = folder / "a.mid"
                    self.assertEqual(said(RENDER_BAND, genre, seed, "60", "--midi", file), "")
                    score = json.loads(said(RENDER_BAND, genre, seed, "60", "--score-json"))
                    self.compare(tracks(file.read_bytes()), score)

    def test_it_has_each_key_and_a_metre_of_eighths(self):
        file = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "a.mid"
        orders = [("jazz", "1", "20", "--key", key) for key in ("F# lydian", "Eb phrygian", "G# dorian", "Eb minor")]
        orders += [("acoustic folk", str(seed), "20") for seed in range(1, 31)]
        metres = set()
        for order in orders:
            with self.subTest(order):
                said(RENDER_BAND, *order, "--midi", file)
                score = json.loads(said(RENDER_BAND, *order, "--score-json"))
                metres.add(score["beats"])
                self.compare(tracks(file.read_bytes()), score)
        self.assertEqual(metres, {3, 4, 6})

    def compare(self, found, score):
        conductor, *players = found
        for track in found:
            self.assertEqual(track[-1][1:], (0xFF2F, b""))
        meta = collections.defaultdict(list)
        for tick, status, content in conductor:
            meta[status & 0xFF].append((tick, content))
        self.assertEqual(meta[0x03], [(0, f"{score['genre']} in {score['key']}".encode())])
        self.assertAlmostEqual(60e6 / int.from_bytes(meta[0x51][0][1], "big"), score["bpm"], delta=0.01)
        # A ritardando takes a quarter of its ticks more.
        tempi = [(tick, int.from_bytes(content, "big") / 96e6) for tick, content in meta[0x51]]
        ends = [tick for tick, _ in tempi[1:]] + [score["end"]]
        seconds = sum((end - tick) * each for (tick, each), end in zip(tempi, ends) if tick < score["end"])
        self.assertAlmostEqual(seconds, (score["end"] + (score["end"] - score["slows"]) / 4) * score["spt"], delta=0.01)
        [(_, (beats, unit, clocks, _))] = meta[0x58]
        self.assertEqual(clocks, 36 if unit == 3 else 24)
        [(_, signature)] = meta[0x59]
        sharps, minor = struct.unpack("bb", signature)
        tonic, mode = score["key"].split()
        fifths = "FCGDAEB".index(tonic[0]) - 1 + 7 * (tonic.count("#") - tonic[1:].count("b"))
        self.assertEqual(sharps, fifths + FIFTHS_TO_MAJOR[mode])
        self.assertEqual(minor, mode in ("minor", "dorian", "phrygian"))
        self.assertEqual(beats, score["beats"])
        self.assertEqual(beats * 16 // 2 ** unit, score["steps"])
        bar = score["steps"] * 24
        self.assertEqual([(tick // bar, name.decode()) for tick, name in meta[0x06]],
                         [(first, name) for name, _, first, _, _ in score["sections"]])
        self.assertEqual([(tick, name.decode()) for tick, name in meta[0x01]],
                         [(tick, name) for tick, _, name, *_ in score["chords"]])

        names = [bytes(content).decode() for track in players for _, status, content in track if status == 0xFF03]
        expected = [part["name"] for part in score["parts"]] + (["drums"] if score["hits"] else [])
        self.assertEqual(names, expected)
        channels = [track[1][1] & 0xF for track in players]
        self.assertEqual(len(set(channels)), len(channels))
        for part, track in zip(score["parts"], players):
            if part["gm"] >= 0:
                self.assertIn((0, 0xC0 | track[1][1] & 0xF, bytes([part["gm"]])), track)
            played = notes(track)
            # Of strokes of one key at one tick one is left.
            self.assertEqual(sorted({(tick, key) for tick, _, key, _ in played}),
                             sorted({(tick, key) for tick, _, key, _ in part["notes"]}))
            ends = {(tick, key): (length, velocity) for tick, length, key, velocity in part["notes"]}
            for tick, length, key, velocity in played:
                self.assertLessEqual(length, ends[tick, key][0])
                self.assertEqual(velocity, ends[tick, key][1])
        if score["hits"]:
            self.assertEqual(channels[-1], 9)
            self.assertEqual(sorted((tick, key, velocity) for tick, _, key, velocity in notes(players[-1])),
                             sorted((tick, DRUMS[drum], velocity) for tick, drum, velocity in score["hits"]))

    def test_what_else_is_asked_comes_too(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        order = RENDER_BAND, "jazz", "1", "3", "--midi", folder / "a.mid"
        self.assertIn("[outro]", said(*order, "--score", "-o", folder / "a.wav"))
        self.assertEqual((folder / "a.mid").read_bytes()[:4], b"MThd")
        self.assertEqual((folder / "a.wav").read_bytes()[:4], b"RIFF")

    def test_a_value_that_is_no_number_is_told(self):
        for option in ("--energy", "--bpm"):
            result = subprocess.run([RENDER_BAND, "jazz", "1", "3", option, "x"], stderr=subprocess.PIPE, text=True,
                                    check=False)
            self.assertEqual((result.returncode, result.stderr), (2, f'{option} is a number, not "x"\n'))

    def test_a_file_that_cannot_be_written_is_told(self):
        result = subprocess.run([RENDER_BAND, "jazz", "1", "20", "--midi", "/nonexistent/a.mid"],
                                stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("/nonexistent/a.mid", result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
