#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the page's raster pictures from favicon.svg, art.js and dial.js: icon-192.png, icon-512.png, card.png.

usage: draw_icons.py [NAME…]     Needs chromium, chromium-driver and ffmpeg. Run it when one of the sources has changed.
"""
import functools
import http.server
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).parent.parent
WEB = ROOT / "web"
sys.path.insert(0, str(ROOT / "tests" / "web"))
from browser import Browser  # noqa: E402

ICON = """
  document.body.innerHTML = '<img src="favicon.svg">';
  document.body.style.cssText = 'margin:0';
  const image = document.querySelector('img');
  image.style.cssText = 'display:block;width:100vw;height:100vh';
  await image.decode();
"""

# What a link to the station shows where it is shared: the page's landscape, its name, and its dial with the needle at a genre.
CARD = """
  const edges = arguments[0], here = 'chillwave';
  const { drawLand, drawSky, scene } = await import('./art.js');
  const { arc, SCALE } = await import('./dial.js');
  document.body.innerHTML = '<canvas width="1200" height="630"></canvas>';
  document.body.style.cssText = 'margin:0;overflow:hidden';
  const paint = document.querySelector('canvas').getContext('2d');
  const view = { ...scene(here, 20), disc: { x: 0.76, y: 0.3, size: 0.13 } };
  for (const part of [drawSky, drawLand]) part(paint, 1200, 630, view);
  paint.fillStyle = 'rgb(15 17 22 / 0.2)'; // one shade everywhere: a gradient would double the file
  paint.fillRect(0, 0, 1200, 630);

  const ink = '#f4f0e8', accent = `hsl(${view.hue} 78% 72%)`;
  paint.fillStyle = ink;
  paint.font = '600 116px "DejaVu Serif", serif';
  paint.fillText('infinara', 68, 216);
  paint.font = '36px "DejaVu Sans", sans-serif';
  paint.fillText('A radio that never ends.', 76, 290);

  const left = 60, right = 1140, foot = 560, rise = 190;
  const place = (genre) => left + (right - left) * (SCALE.indexOf(genre) + 0.5) / SCALE.length;
  for (const [a, b] of edges) {
    const path = new Path2D();
    path.addPath(new Path2D(arc(SCALE.indexOf(a), SCALE.indexOf(b), SCALE.length, false)),
                 new DOMMatrix([(right - left) / 100, 0, 0, rise / 100, left, foot - rise]));
    const near = a === here || b === here;
    paint.lineWidth = near ? 4 : 2;
    paint.strokeStyle = near ? accent : 'rgb(244 240 232 / 0.4)';
    paint.stroke(path);
  }
  paint.fillStyle = ink;
  paint.fillRect(left, foot, right - left, 2);
  for (let i = 0; i < 7 * SCALE.length; i += 1) {
    const main = i % 7 === 3;
    paint.globalAlpha = main ? 1 : 0.55;
    paint.fillRect(left + ((right - left) * (i + 0.5)) / 7 / SCALE.length - 1, foot, main ? 3 : 2, main ? 26 : 11);
  }
  paint.globalAlpha = 1;
  paint.fillStyle = accent;
  paint.fillRect(place(here) - 4, foot - 150, 8, 182);
"""


def mood_graph():
    """Pairs of genres that are neighbours."""
    return re.findall(r'\{place\("(.+?)"\), place\("(.+?)"\)\}', (ROOT / "src/music/mood_graph.hpp").read_text())


def main():
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=WEB)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, Browser() as browser:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name, width, height, colours, script in (("icon-192", 192, 192, 40, ICON), ("icon-512", 512, 512, 40, ICON),
                                                     ("card", 1200, 630, 128, CARD)):
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            browser.open(f"http://127.0.0.1:{server.server_port}/manifest.webmanifest")
            browser.size(width, height)
            browser.run(script, mood_graph())
            with tempfile.NamedTemporaryFile(suffix=".png") as drawn:
                browser.picture(drawn.name)
                subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", drawn.name, "-filter_complex",
                                f"split[a][b];[a]palettegen=max_colors={colours}:reserve_transparent=0[p];[b][p]paletteuse=dither=none",
                                "-compression_level", "9", WEB / f"{name}.png"], check=True)
        server.shutdown()


main()
