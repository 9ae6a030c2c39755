# SPDX-License-Identifier: Apache-2.0
"""What the composed scores of the house band are as music, in figures. No sound is made.

The tracks of a genre, one after the other, are a programme: what of its third quarter of an hour was heard before?
"""
import collections
import statistics

STEP = 24
HANDS = {"snare", "rim", "hat", "open", "ride", "crash", "tomlow", "tommid", "tomhigh", "brush"}


def bars_of(score, notes):
    """The notes of each bar as (step, pitch)."""
    bars = collections.defaultdict(list)
    for note in notes:
        if note[0] < score["end"]:
            bars[note[0] // (score["steps"] * STEP)].append((note[0] % (score["steps"] * STEP) // STEP, note[2]))
    return {bar: tuple(sorted(steps)) for bar, steps in bars.items()}


def line_of(score):
    """Leads and solos as one line."""
    line = []
    for note in sorted(n for p in score["parts"] if p["role"] in ("lead", "solo") for n in p["notes"]):
        if note[0] < score["end"] and (not line or note[0] > line[-1][0]):
            line.append(note)
    return line


def rhythm(bar):
    return tuple(sorted({step for step, _ in bar}))


def walked(bar):
    """A bar's rhythm, and its intervals from its first note."""
    return tuple((step, pitch - bar[0][1]) for step, pitch in bar)


def heard_of(score):
    """What a listener may know again, by layer."""
    bar = score["steps"] * STEP
    found = {"drum bars": list(bars_of(score, [(t, 0, drum) for t, drum, _ in score["hits"]]).values()),
             "bass rhythms": [], "accompaniment rhythms": [], "tune rhythms": [], "changes of 4 bars": []}
    for part in score["parts"]:
        layer = {"bass": "bass rhythms", "walk": "bass rhythms", "comp": "accompaniment rhythms",
                 "arp": "accompaniment rhythms", "lead": "tune rhythms", "solo": "tune rhythms"}.get(part["role"])
        if layer:
            named = () if layer == "tune rhythms" else (part["name"],)
            # A walking bass is quarters by its nature: what is known again is where it goes.
            said = walked if part["role"] == "walk" else rhythm
            found[layer] += [(*named, said(b)) for b in bars_of(score, part["notes"]).values()]
    for _, _, first, count, _ in score["sections"]:
        names = [" ".join(c[2] for c in score["chords"] if c[0] // bar == first + b) for b in range(count)]
        found["changes of 4 bars"] += [(score["mode"], *names[b:b + 4]) for b in range(0, count - 3, 4)]
    return found


def heard_before(scores, low=1800, high=2700):
    """Of each layer the share of what sounds between two times of the programme that was heard before."""
    seen, shares, time = collections.defaultdict(set), collections.defaultdict(list), 0
    for score in scores:
        for layer, things in heard_of(score).items():
            if things and low <= time < high:
                shares[layer].append(sum(thing in seen[layer] for thing in things) / len(things))
            seen[layer].update(things)
        time += score["dur"]
    return {layer: statistics.mean(values) for layer, values in shares.items()}, seen


def heard_in_programmes(scores, high=2700):
    """(heard_before() as the mean of as many programmes as the tracks are enough for, what was heard in all)"""
    programmes, time = [[]], 0
    for score in scores:
        if time >= high:
            programmes.append([])
            time = 0
        programmes[-1].append(score)
        time += score["dur"]
    if len(programmes) > 1 and time < high:
        programmes.pop()
    shares = [heard_before(programme, high=high)[0] for programme in programmes]
    return ({layer: statistics.mean(found[layer] for found in shares if layer in found) for layer in shares[0]},
            heard_before(scores)[1])


def on_top(score):
    line = line_of(score)
    others = [n for p in score["parts"] if p["role"] in ("comp", "pad", "arp", "counter") for n in p["notes"]]
    by_bar = collections.defaultdict(list)
    bar = score["steps"] * STEP
    for note in others:
        for b in range(note[0] // bar, (note[0] + note[1] - 1) // bar + 1):
            by_bar[b].append(note)
    return [all(n[2] < note[2] for n in by_bar[note[0] // bar] if n[0] <= note[0] < n[0] + n[1]) for note in line]


def correlation(xs, ys):
    return statistics.correlation(xs, ys) if len(set(xs)) > 1 and len(set(ys)) > 1 else None


def swell(score):
    """How much the tune is louder where it is higher, section by section."""
    bar, line, found = score["steps"] * STEP, line_of(score), []
    for _, _, first, count, _ in score["sections"]:
        notes = [n for n in line if first * bar <= n[0] < (first + count) * bar]
        if len(notes) >= 8:
            found.append(correlation([n[2] for n in notes], [n[3] for n in notes]))
    return [value for value in found if value is not None]


def recurrence(score):
    line = line_of(score)
    grams = [tuple((line[i + k + 1][2] - line[i + k][2], min(16, round((line[i + k + 1][0] - line[i + k][0]) / STEP)))
                   for k in range(3)) for i in range(len(line) - 4)]
    counts = collections.Counter(grams)
    return sum(n for n in counts.values() if n > 1) / max(1, len(grams))


def repeated(score):
    line = line_of(score)
    return [a[2] == b[2] for a, b in zip(line, line[1:])]


def literal_returns(score):
    """Of the bars of a theme that returns, those that are as they were."""
    bars, first, same = bars_of(score, line_of(score)), {}, []
    for _, theme, begin, count, _ in score["sections"]:
        for b in range(count):
            if begin + b not in bars:
                continue
            if (theme, b % 8) in first:
                same.append(first[theme, b % 8] == bars[begin + b])
            else:
                first[theme, b % 8] = bars[begin + b]
    return same


def literal_bars(score):
    """Of the bars of leads those that were heard before in the track."""
    seen, again = set(), []
    leads = [n for p in score["parts"] if p["role"] == "lead" for n in p["notes"]]
    for _, bar in sorted(bars_of(score, leads).items()):
        again.append(bar in seen)
        seen.add(bar)
    return again


def density(score, role):
    notes = [n for p in score["parts"] if p["role"] == role for n in p["notes"] if n[0] < score["end"]]
    return len(notes), len({n[0] // (score["steps"] * STEP) for n in notes})


def ends_in_breakdown(score):
    energies = [section[4] for section in score["sections"]]
    return len(energies) > 2 and energies[-2] <= 0.55 and energies[-2] < max(energies) - 0.2


def short_sections(score):
    return sum(section[3] < 4 for section in score["sections"][1:-1])


def three_handed(score):
    strokes = collections.defaultdict(set)
    for tick, drum, _ in score["hits"]:
        strokes[tick].add(drum)
    return sum(len(drums & HANDS) > 2 for drums in strokes.values())


def crashes(score):
    return sum(drum == "crash" for _, drum, _ in score["hits"])


def parallels(score):
    """Of the moves of bass and tune together, those in parallel fifths and octaves."""
    tune = {n[0]: n[2] for n in line_of(score)}
    bass = {}
    for note in (n for p in score["parts"] if p["role"] in ("bass", "walk") for n in p["notes"]):
        bass[note[0]] = min(note[2], bass.get(note[0], 128))
    both = [(bass[t], tune[t]) for t in sorted(set(bass) & set(tune)) if t < score["end"]]
    found = []
    for (low, high), (low2, high2) in zip(both, both[1:]):
        if low != low2 and high != high2:
            found.append((high - low) % 12 == (high2 - low2) % 12 and (high - low) % 12 in (0, 7) and
                         (low2 > low) == (high2 > high))
    return found
