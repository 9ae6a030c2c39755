#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes styles.hpp: the style sheets as text inside the program.

usage: embed.py OUTPUT SHEET...
"""
import pathlib
import sys

output, sheets = sys.argv[1], sys.argv[2:]
lines = ["// Made by embed.py from src/band/styles.", "#pragma once", "#include <string_view>",
         "namespace infinara::band {",
         "struct Style { std::string_view genre, file, text; };",
         "inline constexpr Style kStyles[] = {"]
for sheet in sheets:
    path = pathlib.Path(sheet)
    text = path.read_text(encoding="utf-8")
    genre = next((l.split(None, 1)[1].strip() for l in text.splitlines() if l.startswith("genre ")), None)
    if genre is None:
        sys.exit(f"{sheet}: no line \"genre NAME\"")
    assert ')sheet"' not in text
    lines.append(f'{{"{genre}", "{path.name}", R"sheet({text})sheet"}},')
lines += ["};", "}  // namespace infinara::band"]
pathlib.Path(output).write_text("\n".join(lines) + "\n", encoding="utf-8")
