#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page in a real browser on a real station: it tells the truth, does as it is told, complains of nothing.

usage: page_test.py INFINARA [FOLDER_FOR_PICTURES]
"""
import tempfile

from station_page import LOUDNESS, PRETEND, PageTest, station, test_page
from browser import Browser
from many_tracks import remember_many


class OnAir(PageTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.radio = cls.enterClassContext(station())

    def setUp(self):
        self.open(self.radio)

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])
        foreign = self.browser.run("return performance.getEntriesByType('resource').map((one) => one.name)"
                                   ".filter((name) => /^(http|ws)/.test(name) && new URL(name).origin !== location.origin)")
        self.assertEqual(foreign, [])

    def test_it_shows_what_the_station_says(self):
        self.browser.wait("the title", lambda: self.browser.text("#title") == self.radio.status()["track_name"])
        self.assertEqual(self.browser.run("return document.title"), self.browser.text("#title") + " · Infinara")
        self.assertEqual(self.browser.text("#genre").lower(), self.radio.status()["genre"])
        self.assertEqual(self.count("#genres [aria-current=true]"), 1)
        self.browser.wait("time goes on", lambda: self.browser.text("#position") != "0:00")
        self.picture("desktop")

    def test_play_plays_and_pause_leaves(self):
        self.browser.click("#play")
        self.browser.wait("3 s of sound", lambda: self.seconds_played() > 3)
        self.browser.wait("something to hear", lambda: self.browser.run(LOUDNESS) > 0.001)
        self.assertEqual(self.attribute("#play", "aria-label"), "Pause")
        self.assertEqual(self.browser.run("return navigator.mediaSession.metadata.title"), self.browser.text("#title"))
        self.assertEqual(self.listeners(), 1)
        self.browser.run("document.activeElement.blur()")
        self.browser.press(" ")
        self.assertEqual(self.attribute("#play", "aria-label"), "Play")
        self.radio.wait("nobody listens", lambda: self.listeners() == 0)

    def listeners(self):
        return self.radio.status()["http_listeners"] + self.radio.status()["webrtc_listeners"]

    def test_space_plays_and_pauses_whatever_was_pressed_last(self):
        self.browser.click("#skip")
        self.browser.press(" ")
        self.assertEqual(self.attribute("#play", "aria-label"), "Pause")
        self.browser.press(" ")
        self.assertEqual(self.attribute("#play", "aria-label"), "Play")
        self.radio.wait("nobody listens", lambda: self.listeners() == 0)

    def test_a_genre_comes_now_if_asked_so(self):
        genre = "rock" if self.radio.status()["genre"] != "rock" else "jazz"
        self.browser.click(f"#genres [value='{genre}']")
        self.browser.wait("an answer", lambda: "is coming now" in self.browser.text("#answer"))
        self.browser.wait("it is on air", lambda: self.attribute(f"#genres [value='{genre}']", "aria-current") == "true")
        self.assertEqual(self.radio.status()["genre"], genre)

    def test_a_long_press_puts_a_genre_after_the_queue(self):
        self.radio.wait("tracks ahead", lambda: self.radio.status()["queue_size"] > 0)
        self.browser.run("""
            const button = document.querySelector("#genres [value='classical']");
            button.dispatchEvent(new PointerEvent('pointerdown'));
            setTimeout(() => { button.dispatchEvent(new PointerEvent('pointerup')); button.click(); }, 800);
        """)
        self.browser.wait("an answer", lambda: "Classical comes after" in self.browser.text("#answer"))
        self.assertEqual(self.radio.status()["dj_genre"], "classical")

    def test_the_dial_is_the_mood_graph(self):
        self.browser.wait("the arcs", lambda: self.count("#dial path") == 16)
        graph = {one["name"]: one["neighbours"] for one in self.radio.ask("GET", "/api/genres")[1]["genres"]}

        def parts():
            return self.browser.run("""
                const names = (selector) => [...document.querySelectorAll(selector)].map((button) => button.value);
                return [names('#genres [aria-current=true]')[0], names('#genres .coming'), names('#genres .came'), names('#genres .near')];
            """)

        self.browser.run(PRETEND, {"dj_genre": self.radio.status()["genre"], "auto_dj": True})
        self.browser.wait("nothing is decided", lambda: parts()[1] == [] and parts()[3] != [])
        here, _, came, near = parts()
        self.assertEqual(sorted(near), sorted(set(graph[here]) - set(came)))
        other = "rock" if here != "rock" else "jazz"
        self.browser.run(PRETEND, {"dj_genre": other, "auto_dj": True})
        self.browser.wait("what comes", lambda: (parts()[1], parts()[3]) == ([other], []))
        self.assertEqual(self.browser.text("#genres .coming .part"), "comes next")
        self.browser.run(PRETEND, {"dj_genre": here, "auto_dj": False})
        self.browser.wait("it stays", lambda: (parts()[1], parts()[3]) == ([], []) and self.browser.text("#dwell") == "stays")

        def upright():
            return set(self.browser.run("""
                return [...document.querySelectorAll('#dial path')].map((one) => one.getAttribute('d')[1] === '0');
            """))

        self.browser.size(390, 844)  # a phone that is turned: the arcs turn with the scale
        self.browser.wait("upright arcs", lambda: upright() == {True})
        self.browser.size(1280, 900)
        self.browser.wait("arcs that lie", lambda: upright() == {False})
        self.browser.run("document.querySelector('#genres [aria-current=true]').focus()")
        self.browser.press("\ue014")  # the arrow to the right
        self.assertNotEqual(self.browser.run("return document.activeElement.value"), here)

    def test_the_picture_is_the_tracks_own(self):
        self.browser.wait("the title", lambda: self.browser.text("#title") == self.radio.status()["track_name"])
        colours = """
            const art = document.querySelector('#art'), some = new Set();
            const copy = new OffscreenCanvas(art.width, art.height).getContext('2d', {willReadFrequently: true});
            copy.drawImage(art, 0, 0);
            const { data } = copy.getImageData(0, 0, art.width, art.height);
            for (let i = 0; i < data.length; i += 4000) some.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
            return some.size;
        """
        self.browser.wait("the picture, which comes after the title", lambda: self.browser.run(colours) > 20, 20)

    def test_auto_dj_shows_what_the_station_took(self):
        before = self.attribute("#auto-dj", "aria-checked")
        self.browser.click("#auto-dj")
        self.browser.wait("switched", lambda: self.attribute("#auto-dj", "aria-checked") != before)
        self.assertEqual(str(self.radio.status()["auto_dj"]).lower(), self.attribute("#auto-dj", "aria-checked"))

    def test_skip_says_so(self):
        self.browser.click("#skip")
        self.browser.wait("an answer", lambda: self.browser.text("#answer") == "Skipped.")

    def test_a_refused_wish_is_told_with_its_reason(self):
        self.browser.run("window.fetch = async () => new Response('{\"ok\":false,\"error\":\"no, thanks\"}', {status: 400})")
        self.browser.click("#skip")
        self.browser.wait("the reason", lambda: "no, thanks" in self.browser.text("#answer"))
        self.assertIn("bad", self.attribute("#answer", "class"))

    def test_the_control_token_is_asked_for_once_and_kept(self):
        self.browser.run("""
            const real = window.fetch;
            window.fetch = async (path, options) => !path.endsWith('api/autodj') ? real(path, options)
                : options.headers.Authorization === 'Bearer right' ? new Response('{"ok":true}')
                : new Response('{"ok":false,"error":"a token is needed"}', {status: 401});
        """)
        self.browser.click("#auto-dj")
        self.browser.wait("the question", lambda: self.browser.run("return document.querySelector('#access').open"))
        self.browser.press("\ue00c")
        self.browser.wait("the reason", lambda: "asks for its control token" in self.browser.text("#answer"))
        self.browser.click("#auto-dj")
        self.browser.wait("the question", lambda: self.browser.run("return document.querySelector('#access').open"))
        self.browser.run("document.querySelector('#token').value = 'right'")
        self.browser.click("#use-token")
        self.browser.wait("it is done", lambda: "DJ" in self.browser.text("#answer"))
        self.browser.click("#auto-dj")  # kept: asked no more
        self.browser.wait("it is done", lambda: not self.browser.run("return document.querySelector('#auto-dj').disabled"))
        self.assertFalse(self.browser.run("return document.querySelector('#access').open"))
        self.browser.run("localStorage.clear()")

    def test_words_of_the_station_are_words_only(self):
        evil = "<img src=x onerror='window.hacked=1'><b>"
        self.browser.run(PRETEND, {"track_name": evil, "genre": evil, "genres": [evil] * 3, "dj_genre": evil,
                                   "next": {"track_id": "9", "track_name": evil, "genre": evil}})
        self.browser.wait("the title", lambda: self.browser.text("#title") == evil)
        self.assertEqual(self.count("img, b"), 0)
        self.assertIsNone(self.browser.run("return window.hacked ?? null"))

    def test_who_listens_by_webrtc_is_counted_too(self):
        for http, webrtc, told in ((0, 1, "1 listener"), (2, 3, "5 listeners"), (1, 0, "1 listener")):
            self.browser.run(PRETEND, {"http_listeners": http, "webrtc_listeners": webrtc})
            self.browser.wait(told, lambda: self.browser.text("#listeners") == told)

    def test_it_fits_phones_and_fingers(self):
        for width in (320, 390):
            self.browser.size(width, 844)
            self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width)
            low = self.browser.run("return [...document.querySelectorAll('button, input[type=range]')]"
                                   ".filter((x) => x.checkVisibility() && x.getBoundingClientRect().height < 44).map((x) => x.outerHTML)")
            self.assertEqual(low, [])
            self.picture(f"phone-{width}")
        self.browser.size(844, 390)  # on its side it shows all of it
        long = "The Unreasonably Long Goodbye of a Lighthouse Keeper Who Counted Every Wave Until Morning"
        self.browser.run(PRETEND, {"track_name": long})
        self.browser.wait("the title", lambda: self.browser.text("#title") == long)
        self.assertLessEqual(self.browser.run("return document.documentElement.scrollHeight"), 390)
        self.picture("phone-on-its-side")
        self.browser.size(320, 568)  # a small phone: title, controls and the genre on air, without scrolling
        self.assertLessEqual(self.browser.run("return document.documentElement.scrollHeight"), 568)
        low = self.browser.run("""
            const dial = document.querySelector('#dial').getBoundingClientRect();
            return ['#title', '#play', '#genres [aria-current=true]'].filter((one) => {
              const { top, bottom } = document.querySelector(one).getBoundingClientRect();
              return top < (one.startsWith('#genres') ? dial.top : 0) || bottom > innerHeight;
            });
        """)
        self.assertEqual(low, [])
        self.picture("phone-small")
        self.browser.run("document.documentElement.style.fontSize = '200%'")
        for width, height in ((320, 568), (390, 844)):
            self.browser.size(width, height)
            self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width)
            cut = self.browser.run("""
                document.querySelector('#sleeps').textContent = 'stops in 15 minutes';
                return [...document.querySelectorAll('p, h2, button, span')].filter((one) => one.textContent.trim()
                    && one.offsetParent && one.getBoundingClientRect().right > innerWidth).map((one) => one.textContent);
            """)
            self.assertEqual(cut, [])
            self.picture(f"phone-large-text-{width}")

    def test_everything_to_press_has_a_name(self):
        unnamed = self.browser.run(
            "return [...document.querySelectorAll('button, input, a')].filter((x) => !x.hidden && !(x.getAttribute('aria-label')"
            " || x.textContent.trim() || x.labels?.[0]?.textContent.trim())).map((x) => x.outerHTML)")
        self.assertEqual(unnamed, [])


class Controls(PageTest):
    """What a person does to the page: by mouse, by key, by the address."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.radio = cls.enterClassContext(station())

    def setUp(self):
        self.open(self.radio)
        self.browser.run("localStorage.setItem('infinara', JSON.stringify({sound: 'mp3'}))")
        self.open(self.radio)

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])

    def is_muted(self):
        return self.browser.run("return document.querySelector('#streamed').muted")

    def test_mute_and_volume_are_remembered(self):
        self.browser.click("#mute")
        self.assertTrue(self.is_muted())
        self.browser.press("-")  # who changes the volume wants to hear it
        self.assertFalse(self.is_muted())
        self.browser.press("m")
        self.open(self.radio)
        self.assertTrue(self.is_muted())
        self.assertEqual(self.attribute("#mute", "aria-pressed"), "true")
        self.assertAlmostEqual(self.browser.run("return document.querySelector('#streamed').volume"), 0.7)

    def test_a_sheet_opens_by_key_and_closes_by_escape(self):
        for key, sheet in (("?", "#settings"), ("i", "#track")):
            self.browser.press(key)
            self.assertTrue(self.browser.run("return document.querySelector(arguments[0]).open", sheet))
            self.browser.press("m")  # a sheet has keys of its own
            self.assertFalse(self.is_muted())
            self.picture(f"sheet-{sheet[1:]}")
            self.browser.press("\ue00c")
            self.assertFalse(self.browser.run("return document.querySelector(arguments[0]).open", sheet))
        self.assertEqual(self.browser.text("#track-name"), self.browser.text("#title"))

    def test_letters_can_be_switched_off_but_for_space(self):
        self.browser.run("document.querySelector('#letters').click()")
        self.browser.press("m")
        self.assertFalse(self.is_muted())
        self.browser.press(" ")
        self.assertEqual(self.attribute("#play", "aria-label"), "Pause")
        self.browser.press(" ")

    def test_the_sleep_timer_fades_out_and_stops(self):
        self.browser.click("#play")
        self.browser.wait("sound", lambda: self.seconds_played() > 0)
        self.browser.run("document.querySelector(\"#sleep input[value='15']\").click()")
        self.assertEqual(self.browser.text("#sleeps"), "stops in 15 minutes")
        self.browser.run("const now = Date.now; Date.now = () => now() + 15 * 60000 - 15000")  # 15 s before its end
        self.browser.wait("it is softer", lambda: self.browser.run("return document.querySelector('#streamed').volume") < 0.4)
        self.assertEqual(self.browser.text("#sleeps"), "stops within a minute")
        self.browser.run("const now = Date.now; Date.now = () => now() + 15000")
        self.browser.wait("the end", lambda: self.attribute("#play", "aria-label") == "Play")
        self.assertIn("Good night", self.browser.text("#answer"))
        self.assertEqual(self.browser.text("#sleeps"), "")
        self.assertAlmostEqual(self.browser.run("return document.querySelector('#streamed').volume"), 0.8)

    def test_a_queued_genre_is_taken_back(self):
        before = self.radio.status()["dj_genre"]
        self.browser.run("""
            document.querySelector("#genres [value='classical']").dispatchEvent(new MouseEvent('click', {shiftKey: true}));
        """)
        self.browser.wait("undo", lambda: self.browser.run("return !document.querySelector('#undo').hidden"))
        self.assertEqual(self.radio.status()["dj_genre"], "classical")
        self.browser.press("u")
        self.browser.wait("it is back", lambda: self.radio.status()["dj_genre"] == before)
        self.browser.wait("it says so", lambda: "stays where the DJ is" in self.browser.text("#answer"))
        self.assertTrue(self.browser.run("return document.querySelector('#undo').hidden"))

    def test_the_stream_asked_for_is_played(self):
        self.browser.run("document.querySelector(\"#sound input[value='opus']\").click()")
        self.browser.click("#play")
        self.browser.wait("Opus", lambda: self.seconds_played() > 0)
        opus = next(stream for stream in self.radio.status()["streams"] if stream["path"] == "/stream.opus")
        self.assertEqual(opus["listeners"], 1)
        self.browser.run("document.querySelector(\"#sound input[value='mp3']\").click()")
        self.browser.wait("MP3", lambda: self.radio.status()["streams"][0]["listeners"] == 1 and self.seconds_played() > 0)
        self.browser.click("#play")

    def test_the_scale_moves_with_the_sound_and_rests_without(self):
        drawn = """
            const scale = document.querySelector('#spectrum');
            const copy = new OffscreenCanvas(600, 20).getContext('2d', {willReadFrequently: true});
            copy.drawImage(scale, 0, 0, 600, 20);
            return copy.getImageData(0, 0, 600, 20).data.some((x) => x > 0);
        """
        self.assertFalse(self.browser.run(drawn))
        self.browser.click("#play")
        self.browser.wait("motion", lambda: self.browser.run(drawn))
        self.browser.run("document.querySelector('#motion').click()")
        self.assertFalse(self.browser.run(drawn))
        self.browser.click("#play")

    def test_a_kiosk_that_may_not_play_says_what_it_needs(self):
        refused = lambda: "wants you to press play" in fresh.text("#player-says")  # noqa: E731
        playing = lambda: fresh.run("return document.querySelector('#quiet').currentTime > 0")  # noqa: E731
        with Browser() as fresh:
            for _ in range(10):  # a Chromium that has just started lets a page play now and then
                fresh.open(f"http://127.0.0.1:{self.radio.port}/?play")
                fresh.wait("the browser's yes or no", lambda: refused() or playing())
                if refused():
                    break
            self.assertTrue(refused())

    def test_what_the_generator_does_is_told(self):
        job = {"genre": "jazz", "progress": 0.62, "stage": "", "age": 9, "wanted": True}
        self.browser.run(PRETEND, {"servers": [{"state": "HEALTHY", "jobs": [job]}], "queue_size": 0})
        self.browser.wait("progress", lambda: self.browser.text("#maker") == "ACE-Step is making the next track, 62 %")


class Offline(PageTest):
    def test_the_page_opens_without_the_station_and_says_so(self):
        with station() as radio:
            self.open(radio)
            self.browser.wait("a copy is kept", lambda: self.browser.run(
                "return Boolean(navigator.serviceWorker.controller) && (await caches.keys()).length === 1"))
        self.browser.open(f"http://127.0.0.1:{radio.port}/?play")
        self.browser.wait("the trouble", lambda: self.browser.text("#title") == "Out of reach")
        self.assertIn("Trying again", self.browser.text("#trouble"))
        with station(RADIO_PORT=str(radio.port)):
            self.browser.wait("all is well", lambda: self.browser.run("return document.querySelector('#trouble').hidden"))


    def test_it_can_be_installed(self):
        with station() as radio:
            self.open(radio)
            self.browser.wait("the worker", lambda: self.browser.run("return Boolean(navigator.serviceWorker.controller)"))
            manifest = self.browser.command("Page.getAppManifest")
            self.assertEqual(manifest["errors"], [])
            self.assertTrue(manifest["url"].endswith("/manifest.webmanifest"))
            self.assertEqual(self.browser.command("Page.getInstallabilityErrors")["installabilityErrors"], [])


class SystemVolume(PageTest):
    """On iOS the system alone sets the volume, and `volume` of an element stays 1."""

    def test_what_does_nothing_is_not_shown(self):
        shown = lambda selector: self.browser.run(  # noqa: E731
            "return document.querySelector(arguments[0]).checkVisibility()", selector)
        with station(RADIO_WEBRTC="off") as radio:
            self.open(radio)
            self.assertTrue(shown("#volume"))
            self.addCleanup(self.browser.before_each_page(
                "Object.defineProperty(HTMLMediaElement.prototype, 'volume', { get: () => 1, set: () => {} })"))
            self.open(radio)
            self.assertFalse(shown("#volume"))
            self.assertTrue(shown("#mute"))  # which works there
            self.browser.press("?")
            self.assertFalse(shown("#fades-out"))
            self.assertNotIn("Louder", self.browser.text("#keys"))
            self.assertIn("Mute", self.browser.text("#keys"))
            self.browser.press("\ue00c")
            self.browser.click("#play")
            self.browser.wait("sound", lambda: self.seconds_played() > 1)
            self.browser.run("document.querySelector(\"#sleep input[value='15']\").click()")
            self.browser.run("const now = Date.now; Date.now = () => now() + 15 * 60000 + 1000")
            self.browser.wait("the timer stops it", lambda: self.attribute("#play", "aria-label") == "Play")
            self.assertEqual(self.browser.complaints(), [])


class Remembers(PageTest):
    def test_a_long_history_is_read_page_by_page(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="infinara-state-"))
        with station(RADIO_STATE_DIR=folder) as radio:
            radio.wait("its place in the history", lambda: radio.ask("GET", "/api/history")[1]["tracks"])
            radio.end()
        remember_many(folder, 10000)
        with station(RADIO_STATE_DIR=folder, RADIO_HISTORY_SIZE="20000") as radio:
            self.open(radio)
            self.browser.wait("a vote can be given", lambda: self.browser.run("return !document.querySelector('#like').hidden"))
            self.browser.press("i")
            for pages in range(1, 6):
                self.browser.wait("the tracks", lambda pages=pages: 20 * (pages - 1) < self.count("#past-list li") <= 20 * pages)
                names = self.browser.run("return [...document.querySelectorAll('#past-list .name')].map((one) => one.textContent)")
                self.assertEqual(len(set(names)), len(names))
                self.browser.click("#more")
            self.picture("long-history")
            self.assertEqual(self.browser.complaints(), [])

    def test_a_like_is_kept_and_what_was_heard_is_listed(self):
        with station() as radio:
            self.open(radio)
            self.browser.wait("a vote can be given", lambda: self.browser.run("return !document.querySelector('#like').hidden"))
            first = self.browser.text("#title")
            self.browser.press("l")
            self.browser.wait("it is said", lambda: self.browser.text("#answer") == f"You like {first}.")
            self.browser.wait("it is shown", lambda: self.attribute("#like", "aria-pressed") == "true")
            self.assertEqual(radio.ask("GET", "/api/history")[1]["tracks"][0]["likes"], 1)
            self.browser.press("n")
            self.browser.wait("another track", lambda: self.browser.text("#title") != first)
            self.browser.press("i")
            self.browser.wait("the history", lambda: first in self.browser.text("#past-list"))
            self.picture("history")
            # A vote for what was heard before: the same press once more takes it back.
            self.browser.run("document.querySelector('#past-list .vote').click()")
            self.browser.wait("taken back", lambda: self.attribute("#past-list .vote", "aria-pressed") == "false")
            likes = {one["track_name"]: one["likes"] for one in radio.ask("GET", "/api/history")[1]["tracks"]}
            self.assertEqual(likes[first], 0)
            self.assertEqual(self.browser.complaints(), [])


if __name__ == "__main__":
    test_page()
