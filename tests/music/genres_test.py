#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where the compiler cannot see that a genre is missing: the page's table, the API's description, the
settings for Docker Compose, and the number in README.md.

usage: genres_test.py PROJECT_ROOT
"""
import json
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()


def text_of(path):
    return (ROOT / path).read_text()


def names_in(path, begin, end, pattern):
    text = text_of(path)
    start = text.index(begin)
    return re.findall(pattern, text[start:text.index(end, start)], re.MULTILINE)


GENRES = names_in("src/music/genre.hpp", "kGenres =", "});", r'^ *\{"([^"]+)"')


class GenresTest(unittest.TestCase):
    def test_the_table_is_read(self):
        self.assertGreater(len(GENRES), 1)

    def test_each_has_its_place_on_the_dial_and_its_picture(self):
        looks = names_in("web/dial.js", "LOOKS = {", "\n};", r"^ *'([^']+)':")
        self.assertCountEqual(looks, GENRES, "LOOKS of web/dial.js")

    def test_the_api_describes_each(self):
        names = json.loads(text_of("docs/openapi.json"))["components"]["schemas"]["GenreName"]["enum"]
        self.assertEqual(names, GENRES, "GenreName of docs/openapi.json")

    def test_docker_compose_lists_each(self):
        self.assertIn(", ".join(GENRES), text_of("docker/.env.example"), "docker/.env.example, which docker/settings.py writes")

    def test_the_readme_counts_them(self):
        self.assertEqual(re.findall(r"(\d+) genres", text_of("README.md")), [str(len(GENRES))], "README.md")


if __name__ == "__main__":
    unittest.main()
