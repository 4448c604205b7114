# SPDX-License-Identifier: Apache-2.0
"""Run the console blocks of a page, command by command, and compare what they print.

A block is a line "$ command" followed by its output. A line that is only "…" stands for any lines, and "…" within a line
for any text. Commands run in one folder, in order; what they say on stderr is not compared.
"""
import re
import subprocess
import sys


def blocks(page):
    """(line number, command, expected lines) of every command, in order."""
    inside, found = False, []
    for number, line in enumerate(page.splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            found.append((number, line[2:], []))
        elif inside:
            found[-1][2].append(line)
    return found


def pattern(expected):
    parts = []
    for line in expected:
        if line == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(r"[^\n]*".join(re.escape(part) for part in line.split("…")) + r"\n")
    return "".join(parts)


def main(path, folder):
    with open(path, encoding="utf-8") as f:
        commands = blocks(f.read())
    assert len(commands) >= 8, f"{path}: only {len(commands)} commands were found"
    for number, command, expected in commands:
        ran = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True)
        if ran.returncode not in (0, 1):
            sys.exit(f"{path}:{number}: {command}\nexit {ran.returncode}: {ran.stderr}")
        if re.fullmatch(pattern(expected), ran.stdout) is None:
            sys.exit(f"{path}:{number}: {command}\nprints\n{ran.stdout}{ran.stderr}and not\n" + "\n".join(expected))
        print(f"ok - {command}")


if __name__ == "__main__":
    main(*sys.argv[1:])
