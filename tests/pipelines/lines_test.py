#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each gst-launch line that the documents promise runs in real gst-launch-1.0: those of README.md and pipelines/.

usage: lines_test.py PROJECT_ROOT      (in the environment of the build)
A line that writes a file has to end by itself; an endless one has to be heard, and to stop when asked.
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request
import wave

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
PATIENCE = 120  # seconds, for a loaded machine; only a broken line takes so long
BYTES_A_SECOND = 48000 * 2 * 2


def promised_lines():
    """where it stands, and the arguments of gst-launch-1.0"""
    for document in (ROOT / "README.md", ROOT / "pipelines" / "README.md"):
        if document.exists():
            for line in re.findall(r"^(?:\./dev exec )?gst-launch-1\.0 (.*)$", document.read_text(), re.MULTILINE):
                if "$(" not in line:  # that names a file of pipelines/, which is below
                    yield f"{document.parent.name}/{document.name}: {line}", shlex.split(line)
    for file in sorted((ROOT / "pipelines").glob("*.launch")):
        yield f"pipelines/{file.name}", shlex.split(file.read_text())


def launch(folder, words, **environment):
    return subprocess.Popen(["gst-launch-1.0", *words], cwd=folder, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(truth):
    end = time.monotonic() + PATIENCE
    while not truth():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def has_sound(data):
    return len(data) >= 2 * BYTES_A_SECOND and len(set(data)) > 50


class Lines(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def give(self, name, seconds, frequency, *encoder):
        """a file that the lines read"""
        words = shlex.split(f"-q audiotestsrc num-buffers={seconds * 50} samplesperbuffer=960 freq={frequency} volume=0.3 ! "
                            "audio/x-raw,rate=48000,channels=2 ! audioconvert")
        made = launch(self.folder, [*words, "!", *encoder, "!", "filesink", f"location={name}"])
        output, _ = made.communicate(timeout=PATIENCE)
        self.assertEqual(made.returncode, 0, output)

    def ends(self, words):
        run = launch(self.folder, words)
        try:
            output, _ = run.communicate(timeout=PATIENCE)
        finally:
            run.kill()
        self.assertEqual(run.returncode, 0, output)
        self.assertNotRegex(output, r"WARN|ERROR|CRITICAL")
        target = self.folder / next(word for word in reversed(words) if word.startswith("location=") and
                                    word.endswith(".wav")).removeprefix("location=")
        with wave.open(str(target)) as file:
            self.assertEqual((file.getframerate(), file.getnchannels(), file.getsampwidth()), (48000, 2, 2))
            data = file.readframes(file.getnframes())
        self.assertTrue(has_sound(data))
        return len(data) / BYTES_A_SECOND

    def plays_until_told(self, words, heard):
        run = launch(self.folder, words)
        said = []
        reader = threading.Thread(target=lambda: said.extend(run.stdout))
        reader.start()
        try:
            self.assertTrue(until(lambda: run.poll() is not None or heard()), said)
            self.assertIsNone(run.poll(), said)
            run.send_signal(signal.SIGINT)
            self.assertEqual(run.wait(PATIENCE), 0, said)
        finally:
            run.kill()
            reader.join()
            run.stdout.close()
        self.assertNotRegex("".join(said), r"WARN|ERROR|CRITICAL")

    def listener(self, port):
        """Whether somebody who asks the stream now gets half a second of it."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
                peer.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
                answer = b""
                while len(answer) < 12000 and (more := peer.recv(4096)):
                    answer += more
                return answer.startswith(b"HTTP/1.0 200") and b"\xff\xfb" in answer
        except OSError:
            return False

    def test_the_band_plays_the_same_in_every_country(self):
        if not pathlib.Path("/usr/share/i18n/locales/tr_TR").exists():
            self.skipTest("no country but this one: Debian's package locales is not installed")
        pieces = set()
        for country in ("en_US", "de_DE", "tr_TR"):  # a comma in numbers; a capital of its own for i
            locale = f"{country}.UTF-8"
            subprocess.run(["localedef", "-i", country, "-f", "UTF-8", self.folder / locale], check=True)
            there = {"LOCPATH": str(self.folder), "LC_ALL": locale}
            subprocess.run([sys.executable, "-c", "import locale; locale.setlocale(locale.LC_ALL, '')"],
                           env=os.environ | there, check=True)
            words = ["-q", "housebandsrc", "genre=jazz", "seed=7", "duration=2", "bpm=97.5", "key=f# MINOR"]
            run = launch(self.folder, [*words, "!", "filesink", f"location={country}"], **there)
            output, _ = run.communicate(timeout=PATIENCE)
            self.assertEqual(run.returncode, 0, output)
            pieces.add((self.folder / country).read_bytes())
        self.assertEqual(len(pieces), 1)
        self.assertTrue(has_sound(pieces.pop()))

    def run_line(self, line):
        """the return code and all that was said"""
        run = launch(self.folder, shlex.split(line))
        try:
            output, _ = run.communicate(timeout=PATIENCE)
        finally:
            run.kill()
        return run.returncode, output

    def error_of(self, line):
        """What is said of a line that fails, up to the end of it. gst-launch-1.0 (1.22) quits its main loop from the thread
        that fails; where that comes before the loop runs, the quit is lost and it stays. So it is stopped here."""
        run = launch(self.folder, shlex.split(line))
        output = ""
        try:
            for said in run.stdout:
                output += said
                if "doesn't want to preroll" in said:
                    break
        finally:
            run.kill()
            run.communicate()
        return output

    def seconds_of(self, name):
        with wave.open(str(self.folder / name)) as file:
            self.assertEqual((file.getframerate(), file.getnchannels(), file.getsampwidth()), (48000, 2, 2))
            return file.getnframes() / file.getframerate()

    def test_files_of_any_format_go_straight_into_the_mixer(self):
        for name, encoder in (("a.mp3", "lamemp3enc"), ("b.flac", "flacenc"), ("c.wav", "wavenc"), ("d.ogg", "vorbisenc ! oggmux")):
            for caps in ("rate=44100,channels=1", "rate=22050,channels=2"):
                with self.subTest(f"{name} {caps}"):
                    code, output = self.run_line("-q audiotestsrc num-buffers=100 samplesperbuffer=441 ! "
                                                 f"audio/x-raw,{caps} ! audioconvert ! {encoder} ! filesink location={name}")
                    self.assertEqual(code, 0, output)
                    code, output = self.run_line("-q smoothstepmix name=mix is-live=false ! wavenc ! filesink location=mix.wav "
                                                 f"filesrc location={name} ! decodebin ! mix.")
                    self.assertEqual((code, output), (0, ""))
                    length = 44100 / int(caps[5:10])
                    self.assertTrue(length - 0.05 < self.seconds_of("mix.wav") < length + 0.2, self.seconds_of("mix.wav"))

    def test_the_mixer_names_the_element_that_is_missing(self):
        self.give("a.mp3", 1, 440, "lamemp3enc")
        for way in ("", "typefind !", "queue !"):
            output = self.error_of(f"-q smoothstepmix name=mix is-live=false ! fakesink filesrc location=a.mp3 ! {way} mix.")
            self.assertIn("Put decodebin before the mixer", output)

    def test_an_interrupted_mix_keeps_what_it_was_given(self):
        raw = self.folder / "raw"
        run = launch(self.folder, shlex.split("-e audiotestsrc is-live=true ! audio/x-raw,format=S16LE,rate=48000,channels=2 ! tee name=t ! queue ! "
                                              "filesink async=false buffer-mode=unbuffered location=raw  t. ! queue ! mix.  "
                                              "smoothstepmix name=mix is-live=false ! wavenc ! filesink async=false location=mix.wav"))
        try:
            self.assertTrue(until(lambda: raw.exists() and raw.stat().st_size > BYTES_A_SECOND))
            run.send_signal(signal.SIGINT)
            output, _ = run.communicate(timeout=PATIENCE)
        finally:
            run.kill()
        self.assertEqual(run.returncode, 0, output)
        self.assertGreater(self.seconds_of("mix.wav"), 0.5)

    def test_short_inputs_come_out_whole(self):
        for length in (1, 48, 4800):
            code, output = self.run_line(f"-q audiotestsrc num-buffers={length} samplesperbuffer=1 ! audio/x-raw,rate=48000 ! mix. "
                                         "smoothstepmix name=mix is-live=false ! wavenc ! filesink location=mix.wav")
            self.assertEqual((code, output), (0, ""))
            self.assertGreaterEqual(self.seconds_of("mix.wav"), length / 48000)

    def test_any_player_plays_the_band_and_the_radio(self):
        for line in ("uridecodebin uri='houseband://jazz?seed=7&duration=2' ! audioconvert ! wavenc ! filesink location=a.wav",
                     "uridecodebin3 uri='houseband://jazz?seed=7&duration=2' ! audioconvert ! wavenc ! filesink location=a.wav",
                     "housebandsrc genre=jazz seed=7 duration=2 ! wavenc ! filesink location=a.wav",
                     "uridecodebin uri='radio://drum%20and%20bass?seed=7&num-tracks=2&track-duration=5&crossfade=1&is-live=false' ! "
                     "audioconvert ! wavenc ! filesink location=a.wav"):
            with self.subTest(line):
                code, output = self.run_line("-q " + line)
                self.assertEqual((code, output), (0, ""))
                # the DJ takes lengths for wishes: 8 % of two tracks of 5 s
                self.assertAlmostEqual(self.seconds_of("a.wav"), 9 if "radio:" in line else 2, delta=0.8 if "radio:" in line else 0.03)
        for player in ("playbin", "playbin3"):
            for uri in ("houseband://rock?duration=1", "radio://?num-tracks=1&track-duration=5"):
                with self.subTest(f"{player} {uri}"):
                    code, output = self.run_line(f"-q {player} uri='{uri}' audio-sink=fakesink video-sink=fakesink")
                    self.assertEqual((code, output), (0, ""))

    def test_a_wrong_uri_is_refused_in_words(self):
        for uri, words in (("houseband://polka", 'there is no genre "polka"'), ("houseband://jazz?duration=abc", "from 1 to 3600"),
                           ("houseband://?bogus=1", 'unknown name "bogus"'), ("radio://jazz?crossfade=-5", "crossfade=-5 is not a number from 0"),
                           ("radio://jazz?generators=filesrc", 'unknown name "generators"')):
            code, output = self.run_line(f"-q uridecodebin uri='{uri}' ! fakesink")
            self.assertNotEqual(code, 0, output)
            self.assertIn(words, output)

    def test_each_runs(self):
        lines = list(promised_lines())
        self.assertGreaterEqual(len(lines), 5)
        for where, words in lines:
            with self.subTest(where):
                if any(word == "wavenc" for word in words):
                    seconds = self.ends(words)
                    asked = [word for word in words if word.startswith("duration=")]
                    if len(asked) == 1:
                        self.assertAlmostEqual(seconds, float(asked[0].removeprefix("duration=")), delta=0.05)
                elif "autoaudiosink" in words:  # a test has no loudspeaker: a file in its place
                    file = self.folder / "heard.raw"
                    file.unlink(missing_ok=True)  # of the line before
                    at = words.index("autoaudiosink")
                    self.plays_until_told([*words[:at], "filesink", "buffer-mode=unbuffered", f"location={file}"],
                                          lambda: file.exists() and has_sound(file.read_bytes()))
                elif "location=/tmp/snapfifo" in words:  # another program reads it
                    file = self.folder / "fifo.raw"
                    words[words.index("location=/tmp/snapfifo")] = f"location={file}"
                    self.plays_until_told(words, lambda: file.exists() and has_sound(file.read_bytes()))
                else:  # a stream: on a port that is free here
                    port = free_port()
                    at = words.index("httpbroadcastsink")
                    words = [word for word in words if not word.startswith("port=")]
                    words.insert(at + 1, f"port={port}")
                    self.plays_until_told(words, lambda: self.listener(port))


class Formats(unittest.TestCase):
    """Streams of every format that stock elements make, each joined in mid-stream by players."""

    SERVED = ("lamemp3enc", "twolamemp2enc", "voaacenc ! audio/mpeg,stream-format=adts", "voaacenc ! aacparse ! audio/mpeg,stream-format=adts", "flacenc", "flacenc ! flacparse", "wavenc",
              "wavpackenc", "opusenc ! oggmux", "vorbisenc ! oggmux", "flacenc ! oggmux", "speexenc ! oggmux", "opusenc ! webmmux", "vorbisenc ! matroskamux",
              "lamemp3enc ! mpegaudioparse ! mpegtsmux", "voaacenc ! aacparse ! mpegtsmux", "voaacenc ! aacparse ! mpegtsmux m2ts-mode=true",
              "voaacenc ! aacparse ! mp4mux fragment-duration=500 streamable=true", "voaacenc ! aacparse ! flvmux streamable=true")
    REFUSED = {"audioconvert": "raw audio: put an encoder, such as lamemp3enc, or wavenc before",
               "voaacenc ! audio/mpeg,stream-format=raw": "put aacparse ! audio/mpeg,stream-format=adts before",
               "opusenc": "put oggmux or webmmux streamable=true before", "vorbisenc": "put oggmux or webmmux streamable=true before",
               "speexenc": "put oggmux before", "mulawenc": "put wavenc before", "avimux": "put matroskamux streamable=true before",
               **{f"voaacenc ! aacparse ! {muxer}": "put mp4mux fragment-duration=1000 streamable=true before"
                  for muxer in ("mp4mux", "mp4mux ! queue", "mp4mux faststart=true", "qtmux", "3gppmux",
                                "mp4mux fragment-duration=1000 fragment-mode=first-moov-then-finalise")}}

    def on_air(self, chain, *source, port=None):
        port = free_port() if port is None else port
        run = launch("/", ["-q", *(source or ("audiotestsrc", "is-live=true", "freq=440", "volume=0.3")), "!", "audioconvert", "!", "audioresample", "!",
                           *chain.split(), "!", "httpbroadcastsink", f"port={port}", "address=127.0.0.1", "interval=0.1"])
        self.addCleanup(run.stdout.close)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        return run, f"http://127.0.0.1:{port}/"

    def begins(self, run, url):
        def answers():
            self.assertIsNone(run.poll(), "it ended")
            try:
                with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                    return len(answer.read(100)) > 0
            except OSError:
                return False
        self.assertTrue(until(answers), url)

    def is_the_tone(self, pcm):
        """a second of 440 Hz, mono, 16 bit, 48 kHz"""
        samples = memoryview(pcm[:len(pcm) // 2 * 2]).cast("h")[-24000:]  # past what a decoder needs to begin
        self.assertGreaterEqual(len(samples), 24000)
        self.assertGreater(max(samples), 5000)
        crossings = sum(1 for a, b in zip(samples, samples[1:]) if a < 0 <= b)
        self.assertAlmostEqual(crossings * 2, 440, delta=6)

    def test_those_that_players_can_join_are_heard(self):
        for chain in self.SERVED:
            with self.subTest(chain):
                run, url = self.on_air(chain)
                self.begins(run, url)  # what follows joins in mid-stream
                decoder = ["-c:a", "libspeex"] if "speexenc" in chain else []  # ffmpeg 7.1's own plays a file's 440 Hz as noise
                heard = subprocess.run(["ffmpeg", "-v", "error", *decoder, "-i", url, "-t", "1", "-f", "s16le", "-ac", "1", "-ar", "48000", "-"], timeout=PATIENCE,
                                       stdin=subprocess.DEVNULL, capture_output=True)
                self.assertEqual(heard.stderr.decode(), "")
                self.is_the_tone(heard.stdout)
                self.assertIsNone(run.poll())
                run.kill()

    def test_native_flac_is_read_by_flacparse_and_mpv(self):
        run, url = self.on_air("flacenc")
        self.begins(run, url)
        pcm = "audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! fdsink"
        parsed = subprocess.Popen(["gst-launch-1.0", "-q", *f"souphttpsrc iradio-mode=false location={url} ! flacparse ! flacdec ! {pcm}".split()], stdout=subprocess.PIPE)
        try:
            self.is_the_tone(parsed.stdout.read(96000))
        finally:
            parsed.kill()
            parsed.stdout.close()
            parsed.wait()
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "heard"
            played = subprocess.run(["mpv", "--no-config", "--no-video", "--length=1", "--ao=pcm", "--ao-pcm-waveheader=no", f"--ao-pcm-file={file}",
                                     "--af=format=s16:48000:mono", url], timeout=PATIENCE, stdin=subprocess.DEVNULL, capture_output=True)
            self.assertEqual(played.returncode, 0, played)
            self.is_the_tone(file.read_bytes())

    def test_titles_pass_every_muxer_to_listeners_that_ask(self):
        for chain in ("lamemp3enc", "opusenc ! oggmux", "opusenc ! webmmux", "flacenc", "lamemp3enc ! mpegaudioparse ! mpegtsmux",
                      "voaacenc ! aacparse ! mp4mux fragment-duration=500 streamable=true"):
            with self.subTest(chain):
                run, url = self.on_air(chain, "audiotestsrc", "is-live=true", "wave=white-noise", "!", "taginject", "tags=title=Rain,artist=Somebody")
                self.begins(run, url)
                request = urllib.request.Request(url, headers={"Icy-MetaData": "1"})
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                    metaint = int(answer.headers["icy-metaint"])
                    answer.read(metaint)
                    block = answer.read(16 * answer.read(1)[0])
                self.assertTrue(block.startswith(b"StreamTitle='Somebody - Rain';"), block)
                run.kill()

    @unittest.skipUnless(shutil.which("icecast2"), "no icecast2")
    def test_an_icecast_that_is_fed_by_our_elements_shows_artist_and_title(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        folder.chmod(0o777)
        port = free_port()
        owner = "<security><changeowner><user>nobody</user><group>nogroup</group></changeowner></security>" if os.getuid() == 0 else ""
        (folder / "icecast.xml").write_text(
            f"<icecast><authentication><source-password>secret</source-password></authentication><hostname>localhost</hostname><listen-socket><port>{port}</port>"
            f"<bind-address>127.0.0.1</bind-address></listen-socket><paths><basedir>{folder}</basedir><logdir>{folder}</logdir>"
            f"<webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>{owner}</icecast>")
        icecast = subprocess.Popen(["icecast2", "-c", folder / "icecast.xml"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(icecast.wait)
        self.addCleanup(icecast.kill)

        def source():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/status-json.xsl", timeout=PATIENCE) as answer:
                    return json.load(answer)["icestats"].get("source", {})
            except (OSError, ValueError, AttributeError):  # while it starts, "icestats" may be null
                return None
        self.assertTrue(until(lambda: source() is not None), "Icecast does not start")
        run = launch(folder, shlex.split("-q mooddj genre=jazz ! lamemp3enc bitrate=192 cbr=true target=bitrate ! audio/mpeg,rate=48000,channels=2 ! "
                                         f"shout2send ip=127.0.0.1 port={port} mount=/live.mp3 password=secret"))
        self.addCleanup(run.stdout.close)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        self.assertTrue(until(lambda: (source() or {}).get("title", "").startswith("Infinara House Band - ")), source())

    def test_those_that_no_player_could_join_are_refused_with_the_element_to_add(self):
        for chain, sentence in self.REFUSED.items():
            with self.subTest(chain):
                run, _ = self.on_air(chain, port=0)  # live: no end of the stream brings it to light
                output, _ = run.communicate(timeout=PATIENCE)
                self.assertNotEqual(run.returncode, 0, output)
                self.assertIn(sentence, output)


unittest.main()
