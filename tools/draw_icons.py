#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the page's raster pictures from favicon.svg and art.js: icon-192.png, icon-512.png, card.png.

usage: draw_icons.py     Needs chromium, chromium-driver and imagemagick. Run it when one of the two sources has changed.
"""
import functools
import http.server
import pathlib
import subprocess
import sys
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

# What a link to the station shows where it is shared: the page's landscape, its name and its dial.
CARD = """
  const { drawLand, drawSky, scene } = await import('./art.js');
  const { SCALE } = await import('./dial.js');
  document.body.innerHTML = '<canvas width="1200" height="630"></canvas>';
  document.body.style.cssText = 'margin:0;overflow:hidden';
  const paint = document.querySelector('canvas').getContext('2d');
  const view = { ...scene('synthwave', 7), disc: { x: 0.72, y: 0.36, size: 0.15 } };
  for (const part of [drawSky, drawLand]) part(paint, 1200, 630, view);
  paint.fillStyle = '#f4f0e8';
  paint.font = '600 112px "DejaVu Serif", serif';
  paint.fillText('infinara', 72, 250);
  paint.font = '34px "DejaVu Sans", sans-serif';
  paint.fillText('A radio that never ends.', 78, 316);
  paint.fillRect(72, 540, 1056, 2);
  SCALE.forEach((_, i) => {
    const here = i === 8;
    paint.fillStyle = here ? '#ff8fd0' : '#f4f0e8';
    paint.fillRect(72 + 1056 * (i + 0.5) / SCALE.length - (here ? 4 : 1), 540, here ? 8 : 2, here ? 46 : 22);
  });
"""


def main():
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=WEB)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, Browser() as browser:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name, width, height, script in (("icon-192", 192, 192, ICON), ("icon-512", 512, 512, ICON),
                                            ("card", 1200, 630, CARD)):
            browser.open(f"http://127.0.0.1:{server.server_port}/manifest.webmanifest")
            browser.size(width, height)
            browser.run(script)
            browser.picture(WEB / f"{name}.png")
            subprocess.run(["convert-im6.q16", f"{name}.png", "-strip", "+dither", "-colors", "40", "-define",
                            "png:compression-level=9", f"PNG8:{name}.png"], cwd=WEB, check=True)
        server.shutdown()


main()
