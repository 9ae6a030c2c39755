#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the settings of the program into docker/.env.example and docker/compose.yaml, after a row of its table has changed.

usage: docker/settings.py INFINARA
"""
import pathlib
import re
import subprocess
import sys

DOCKER = pathlib.Path(__file__).resolve().parent
# What the container fixes, and what docker/secrets.yaml hands over.
FIXED = {"RADIO_PORT", "RADIO_ADDRESS", "RADIO_STATE_DIR", "ACESTEP_OUTPUT_DIR", "ACESTEP_REMOTE_DIR", "ACESTEP_CLEAN",
         "ACESTEP_SPOOL_DIR", "ACESTEP_STATE_FILE"}
HEAD = """# Copy this file to docker/.env and remove the # before what you like to change. Docker Compose reads it.

# the port of this machine at which the station is found
#PUBLISH=8080

# the ACE-Step image, and the volume of its tracks: the oldest go when they take more megabytes than this
#ACESTEP_IMAGE=valyriantech/ace-step-1.5
#ACESTEP_OUTPUTS_MB=2000

# for a card of 8 GB: models wait in the machine's memory while others work; on takes as much time again
#ACESTEP_OFFLOAD_TO_CPU=true

# the model that the ACE-Step container loads
#ACESTEP_CONFIG_PATH=acestep-v15-turbo

"""
BEGIN, END = "    environment:\n", "\nvolumes:\n"


def settings(printed):
    """The settings that the containers hand on: blocks of comment and assignment."""
    blocks = printed.split("\n\n")[1:]
    return [block.strip("\n") for block in blocks if not is_fixed(re.search(r"^#([A-Z_]+)=", block, re.M)[1])]


def is_fixed(name):
    return name in FIXED or name.endswith("_FILE")


def env_example(printed):
    return HEAD + "\n\n".join(settings(printed)) + "\n"


def compose(text, printed):
    names = [re.search(r"^#([A-Z_]+)=", block, re.M)[1] for block in settings(printed)]
    begin = text.index(BEGIN) + len(BEGIN)
    end = text.index(END, begin)
    return text[:begin] + "".join(f"      - {name}\n" for name in names) + text[end:]


def main():
    printed = subprocess.run([sys.argv[1], "--print-settings"], check=True, stdout=subprocess.PIPE, text=True).stdout
    (DOCKER / ".env.example").write_text(env_example(printed))
    (DOCKER / "compose.yaml").write_text(compose((DOCKER / "compose.yaml").read_text(), printed))


if __name__ == "__main__":
    main()
