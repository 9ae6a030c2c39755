#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a smaller font that holds only what the band's sheets play: their presets, of the drum kits only the keys that
the band strikes, and the samples that those use. What it plays is the same bit by bit. It is a SoundFont 3 with samples in
FLAC, by the program flac.

usage: soundfont_subset.py FONT.sf2 SUBSET.sf3 SHEET.style...
"""
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

KEY_RANGE, INSTRUMENT, SAMPLE_ID = 43, 41, 53
DRUMS = 128  # the bank of the drum kits
COMPRESSED = 0x10  # flag of a sample's kind
# record: (bytes, its fields)
RECORDS = {"phdr": "<20sHHHIII", "pbag": "<HH", "pmod": "<HHhHH", "pgen": "<HH", "inst": "<20sH", "ibag": "<HH", "imod": "<HHhHH",
           "igen": "<HH", "shdr": "<20sIIIIIBbHH"}


def wanted_presets(sheets):
    """(bank, program) of each gm:PROGRAM of the sheets; program 0 stands in for one that a font has not."""
    presets = {(0, 0), (DRUMS, 0)}
    for sheet in sheets:
        for line in pathlib.Path(sheet).read_text().splitlines():
            bank = DRUMS if line.startswith(("drums ", "kit ")) else 0
            presets |= {(bank, int(program)) for program in re.findall(r"\bgm:(\d+)", line.split(";")[0])}
    return presets


def drum_keys():
    """The keys of General MIDI that the band strikes, as kDrumKeys lists them."""
    source = (pathlib.Path(__file__).parent.parent / "src/band/sheet.hpp").read_text()
    return {int(key) for key in re.search(r" kDrumKeys\{([\d,\s]+)\}", source)[1].split(",")}


class Font:
    def __init__(self, data):
        if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
            raise SystemExit("not a SoundFont 2 file")
        self.info, self.lists, self.samples = b"", {}, memoryview(b"")
        at = 12
        while at + 8 <= len(data):
            name, size = struct.unpack_from("<4sI", data, at)
            body = memoryview(data)[at + 8:at + 8 + size]
            if name == b"LIST" and body[:4] == b"INFO":
                self.info = bytes(body)
            elif name == b"LIST":
                for chunk, content in chunks(body[4:]):
                    if chunk == "smpl":
                        self.samples = content
                    elif chunk in RECORDS:
                        self.lists[chunk] = list(struct.iter_unpack(RECORDS[chunk], content))
            at += 8 + size + size % 2

    def zones(self, headers, bags, generators, modulators, header):
        """Of one header, the record behind which ends it: lists of generators and modulators."""
        index = {"phdr": 3, "inst": 1}[headers]
        first, last = (self.lists[headers][at][index] for at in (header, header + 1))
        for bag in range(first, last):
            (gens, mods), (gens_end, mods_end) = self.lists[bags][bag], self.lists[bags][bag + 1]
            yield self.lists[generators][gens:gens_end], self.lists[modulators][mods:mods_end]


def chunks(body):
    at = 0
    while at + 8 <= len(body):
        name, size = struct.unpack_from("<4sI", body, at)
        yield name.decode("latin-1"), body[at + 8:at + 8 + size]
        at += 8 + size + size % 2


def holds(generators, keys):
    ranges = [(amount & 255, amount >> 8) for kind, amount in generators if kind == KEY_RANGE]
    return all(any(low <= key <= high for key in keys) for low, high in ranges)


def target(generators, kind):
    return next((amount for each, amount in generators if each == kind), None)


def flac(samples):
    """Each of the pieces of 16-bit sound as a FLAC file."""
    with tempfile.TemporaryDirectory() as folder:
        names = [pathlib.Path(folder, f"{number}.raw") for number in range(len(samples))]
        for name, sample in zip(names, samples):
            name.write_bytes(sample)
        # The rate is the font's matter.
        subprocess.run(["flac", "--silent", "--best", "--no-padding", "--no-seektable", "--force-raw-format", "--endian=little",
                        "--sign=signed", "--channels=1", "--bps=16", "--sample-rate=44100", *names], check=True)
        return [name.with_suffix(".flac").read_bytes() for name in names]


class Subset:
    """What is kept, in new lists with new indices."""

    def __init__(self, font, presets, keys):
        self.font, self.lists, self.samples = font, {name: [] for name in RECORDS}, bytearray()
        self.instruments, self.sample_ids = {}, {}
        headers = font.lists["phdr"]
        for at, header in enumerate(headers[:-1]):
            if (header[2], header[1]) in presets:
                zones = list(font.zones("phdr", "pbag", "pgen", "pmod", at))
                struck = keys if header[2] == DRUMS else range(128)
                self.lists["phdr"].append(header[:3] + (len(self.lists["pbag"]),) + header[4:])
                self.add("p", zones, INSTRUMENT, struck, self.instrument)
        self.lists["phdr"].append(headers[-1][:3] + (len(self.lists["pbag"]),) + headers[-1][4:])
        for (name, _), zones in self.instruments.values():
            self.lists["inst"].append((name, len(self.lists["ibag"])))
            self.add("i", zones, SAMPLE_ID, range(128), self.sample)
        self.lists["inst"].append((font.lists["inst"][-1][0], len(self.lists["ibag"])))
        for kind in "pi":
            self.lists[kind + "bag"].append((len(self.lists[kind + "gen"]), len(self.lists[kind + "mod"])))
            self.lists[kind + "gen"].append((0, 0))
            self.lists[kind + "mod"].append((0, 0, 0, 0, 0))
        self.copy_samples()

    def add(self, kind, zones, target_kind, keys, new_index):
        for generators, modulators in zones:
            if not holds(generators, keys):
                continue
            self.lists[kind + "bag"].append((len(self.lists[kind + "gen"]), len(self.lists[kind + "mod"])))
            self.lists[kind + "gen"] += [(each, new_index(amount, keys) if each == target_kind else amount)
                                         for each, amount in generators]
            self.lists[kind + "mod"] += modulators

    def instrument(self, index, keys):
        """One for all drum kits and one for all else, for they keep different keys."""
        key = (index, len(keys))
        if key not in self.instruments:
            zones = [zone for zone in self.font.zones("inst", "ibag", "igen", "imod", index) if holds(zone[0], keys)]
            self.instruments[key] = self.font.lists["inst"][index], zones
        return list(self.instruments).index(key)

    def sample(self, index, _):
        return self.sample_ids.setdefault(index, len(self.sample_ids))

    def copy_samples(self):
        headers = [self.font.lists["shdr"][index] for index in self.sample_ids]
        compressed = flac([self.font.samples[2 * begin:2 * end] for _, begin, end, *_ in headers])
        for (name, begin, _, loop, loop_end, *rest, link, kind), file in zip(headers, compressed):
            new = len(self.samples)  # in bytes; the loop is counted in frames from the sample's first one
            self.samples += file
            paired = link in self.sample_ids and kind in (2, 4)  # the other half is used too, or else it is no pair
            self.lists["shdr"].append((name, new, len(self.samples), loop - begin, loop_end - begin, *rest,
                                       self.sample_ids[link] if paired else 0, (kind if paired else 1) | COMPRESSED))
        self.lists["shdr"].append((b"EOS" + bytes(17), 0, 0, 0, 0, 0, 0, 0, 0, 0))

    def write(self, path):
        def chunk(name, content):
            return name.encode() + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)

        def packed(name):
            return b"".join(struct.pack(RECORDS[name], *record) for record in self.lists[name])

        version = self.font.info.index(b"ifil") + 8
        info = self.font.info[:version] + struct.pack("<HH", 3, 0) + self.font.info[version + 4:]
        body = b"sfbk" + chunk("LIST", info)
        body += chunk("LIST", b"sdta" + chunk("smpl", bytes(self.samples)))
        body += chunk("LIST", b"pdta" + b"".join(chunk(name, packed(name)) for name in RECORDS))
        pathlib.Path(path).write_bytes(chunk("RIFF", body))


def main():
    if len(sys.argv) < 4:
        raise SystemExit(__doc__)
    font = Font(pathlib.Path(sys.argv[1]).read_bytes())
    presets = wanted_presets(sys.argv[3:])
    subset = Subset(font, presets, drum_keys())
    subset.write(sys.argv[2])
    found = {(header[2], header[1]) for header in font.lists["phdr"][:-1]}
    for bank, program in sorted(presets - found):
        print(f"bank {bank}, program {program}: not in {sys.argv[1]}", file=sys.stderr)
    print(f"{len(presets & found)} presets, {len(subset.sample_ids)} of {len(font.lists['shdr']) - 1} samples, "
          f"{pathlib.Path(sys.argv[2]).stat().st_size / 1e6:.1f} MB")


main()
