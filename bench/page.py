# SPDX-License-Identifier: Apache-2.0
"""The page in headless Chromium: what it loads, how soon it sounds, what its motion costs.

- bytes and requests of the first visit, and the round trips to the first title: the time until it is there, with a
  network on which an answer takes LATENCY, in LATENCY. Files that wait for one of the browser's six connections count so.
- a press on Play to the first sound that the element plays, by WebRTC and by the stream: the first press after loading,
  and later ones (medians of TRIES).
- CPU time of the main thread while it plays, with the motion and with it switched off.
"""
import os
import pathlib
import statistics
import sys
import time

from table import Table

ROOT = pathlib.Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests" / "web"), str(ROOT / "tests" / "app")]
from browser import Browser  # noqa: E402
from program import Program  # noqa: E402

INFINARA = str(pathlib.Path(os.environ["INFINARA_BUILD"]) / "src/app/infinara")
TRIES = 10
LATENCY = 500  # ms
SECONDS = 10  # of measuring CPU time

# A poll is repeated; of each URL the first request counts.
LOADED = """
  const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  return [...new Map(all.reverse().map((one) => [one.name, one.transferSize]))];
"""

# Notes when the first title stands, ms after the page was asked for.
FIRST_TITLE = """
  new MutationObserver((_, observer) => {
    const title = document.querySelector('#title')?.textContent;
    if (!title || ['Tuning in…', 'Silence'].includes(title)) return;
    window.firstTitle = performance.now();
    observer.disconnect();
  }).observe(document, {childList: true, characterData: true, subtree: true});
"""

# Waits for the press on Play, then until an element has played something.
READY = """
  const audio = [...document.querySelectorAll('#live, #streamed')];
  window.pressed = new Promise((resolve) => document.querySelector('#play').addEventListener('click', async () => {
    const begin = performance.now();
    const heard = () => audio.find((one) => !one.paused && one.readyState > 2 && one.currentTime > 0);
    while (!heard() && performance.now() - begin < 20000) await new Promise((next) => setTimeout(next, 4));
    resolve([performance.now() - begin, heard()?.id ?? '']);
  }, {once: true, capture: true}));
"""


def press(browser):
    """(milliseconds, the element that plays)."""
    browser.run(READY)
    browser.click("#play")
    return browser.run("return window.pressed")


def round_trips(url):
    """In a browser that was never here."""
    with Browser() as browser:
        browser.before_each_page(FIRST_TITLE)
        browser.command("Network.enable")
        browser.command("Network.emulateNetworkConditions", offline=False, latency=LATENCY, downloadThroughput=-1, uploadThroughput=-1)
        browser.open(url)
        browser.wait("the title", lambda: browser.run("return window.firstTitle ?? null"))
        return browser.run("return window.firstTitle") / LATENCY


def main_thread(browser):
    def seconds():
        metrics = browser.command("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    before = seconds()
    time.sleep(SECONDS)
    return (seconds() - before) / SECONDS * 100


def presses(browser, url, sound):
    """(the first after loading, later ones), medians in ms."""
    first, later = [], []
    for _ in range(TRIES):
        browser.open(url)
        browser.run("localStorage.setItem('infinara', JSON.stringify({sound: arguments[0]}))", sound)
        browser.open(url)
        browser.wait("the title", lambda: browser.text("#title") not in ("Tuning in…", "Silence"))
        for tries in (first, later):
            ms, way = press(browser)
            if (way == "live") == (sound == "auto"):
                tries.append(ms)
            browser.click("#play")
            time.sleep(0.5)
    return [statistics.median(tries) if tries else None for tries in (first, later)]


def main():
    if missing := Browser.missing():
        sys.exit("not installed: " + ", ".join(missing))
    table = Table("page")
    with Program(INFINARA, RADIO_GENRE="jazz", RADIO_TRACK_DURATION="600") as radio, Browser() as browser:
        radio.wait("tracks", lambda: radio.status()["queue_size"] > 1, 60)
        url = f"http://127.0.0.1:{radio.port}/"
        browser.size(1440, 900)
        browser.open(url)
        browser.wait("the title", lambda: browser.text("#title") == radio.status()["track_name"])
        time.sleep(2)  # what comes after the title
        loaded = browser.run(LOADED)
        size = sum(length for _, length in loaded) / 1024
        table.row("first visit, compressed", f"{size:.1f} KB", reach="<= 60 KB", ok=size <= 60)
        table.row("first visit, requests", len(loaded), reach="<= 20", ok=len(loaded) <= 20)
        trips = round_trips(url)
        table.row("round trips to the first title", f"{int(trips)} ({trips:.2f} times {LATENCY} ms)", reach="<= 3", ok=int(trips) <= 3)

        for sound, way in (("auto", "WebRTC"), ("mp3", "stream")):
            first, later = presses(browser, url, sound)
            for what, ms, reach in (("first press", first, 500), ("later presses", later, 250)):
                table.row(f"{what} to sound, by {way}", "never" if ms is None else f"{ms:.0f} ms", reach=f"<= {reach} ms",
                          ok=ms is not None and ms <= reach)

        browser.open(url)
        browser.wait("the title", lambda: browser.text("#title") == radio.status()["track_name"])
        press(browser)
        browser.command("Performance.enable", timeDomain="threadTicks")
        time.sleep(2)
        for what, reach in (("on", 5), ("off", 1)):
            share = main_thread(browser)
            table.row(f"main thread, motion {what}", f"{share:.1f} % of a core", reach=f"<= {reach} %", ok=share <= reach)
            browser.run("document.querySelector('#motion').click()")
            time.sleep(1)
    table.print()


main()
