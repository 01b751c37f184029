"""The volunteers' part of the tour, as README.md has it: its commands are run as they stand, and must lead where it says."""

import json
import os
import pathlib
import re
import subprocess
import sys

PROGRAM, HTTP, WORK = sys.argv[1:4]
SECTION = "## A call for help, from the case to the certificate\n"


def commands():
    """The commands of the section, after those of the one before that it goes on from."""
    readme = pathlib.Path("README.md").read_text()
    before, section = readme.split(SECTION)
    section = section.split("\n## ")[0]
    needed = re.findall(r"^(?:post\(\)|CLERK=).*$", before, re.MULTILINE)
    assert len(needed) == 2, needed
    blocks = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 3, len(blocks)
    return "\n".join(needed + blocks).replace("target/release/minqing", os.path.abspath(PROGRAM))


def main():
    environment = os.environ | {"B": HTTP, "MINQING_DATA": f"{WORK}/data"}
    script = "set -eu -o pipefail\n" + commands()
    run = subprocess.run(["bash", "-c", script], cwd=WORK, env=environment, capture_output=True, text=True, timeout=180)
    assert run.returncode == 0, run.stdout + run.stderr
    if "--print" in sys.argv:
        print(run.stdout)
    # The last command verifies the database.
    output, proof = re.fullmatch(r"(.*?)([0-9]+ entries of hours .*)", run.stdout.strip(), re.DOTALL).groups()
    assert proof == "1 entries of hours hashed, 1 needs, 5 events replayed, 1 certificates compared", proof
    decoder, answers, rest = json.JSONDecoder(), [], output.strip()
    while rest:
        answer, end = decoder.raw_decode(rest)
        answers.append(answer)
        rest = rest[end:].strip()
    failed = [answer for answer in answers if "code" in answer and "message" in answer]
    assert not failed, failed
    matching = next(answer for answer in answers if "matching" in answer)
    match = matching["matches"][0]
    assert match["team"] == "teams/elder-companion-321181001", matching
    assert matching["matching"]["totalM"] == matching["matching"]["boundM"], matching
    verified, tracked = answers[-2:]
    assert verified["isValid"] and verified["minutes"] == "1" and "holder" not in verified, verified
    assert tracked["replies"][0]["text"] == "已陪同就医并送回家。", tracked
    assert tracked["status"] == "CASE_STATUS_RESOLVED", tracked
    assert (pathlib.Path(WORK) / "certificate.pdf").read_bytes().startswith(b"%PDF-")
    print(f"{match['need']}: the README's tour of volunteers leads to {verified['name']}")


if __name__ == "__main__":
    main()
