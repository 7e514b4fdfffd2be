"""Make the project's environment: ``python bootstrap.py [base|test|lab]``.

Needs only Python 3.11 or later. Creates ``.venv``, installs the locked packages into it (every file
checked against its hash) and the project itself, and remembers what it installed: a second call
does nothing. The groups test and lab are added to base and do not undo each other.

A package mirror is taken from PIP_INDEX_URL or UV_DEFAULT_INDEX; a folder of downloaded wheels from
STUDY_WHEELS, in which case nothing is fetched from the network.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOCKS = {
    "base": "requirements.lock",
    "test": "requirements-test.lock",
    "lab": "requirements-lab.lock",
}
MINIMUM = (3, 11)


def fingerprint(*names: str) -> str:
    """Hash of the files that decide what gets installed."""
    digest = hashlib.sha256()
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def stamp(group: str) -> Path:
    """File that remembers the fingerprint of a group's last installation."""
    return VENV / f".installed-{group}"


def is_current(group: str, wanted: str) -> bool:
    """Whether a group is installed as its lock says."""
    path = stamp(group)
    return PYTHON.exists() and path.is_file() and path.read_text(encoding="utf-8") == wanted


def call(*command: str | Path) -> None:
    """Run a command; its failure ends the program with one line."""
    environment = os.environ | {"UV_NO_CONFIG": "1"}
    mirror = environment.get("PIP_INDEX_URL")
    if mirror:
        environment.setdefault("UV_DEFAULT_INDEX", mirror)
    done = subprocess.run([str(part) for part in command], env=environment, cwd=ROOT, check=False)
    if done.returncode:
        line = " ".join(str(part) for part in command)
        sys.exit(f"bootstrap: this command failed with exit code {done.returncode}: {line}")


def wheels() -> list[str]:
    """Options for pip and uv when the packages lie in a folder."""
    folder = os.environ.get("STUDY_WHEELS")
    if not folder:
        return []
    return ["--no-index", "--find-links", str(Path(folder).expanduser().resolve())]


def uv(*command: str | Path) -> None:
    """Run uv's pip on the project's environment."""
    call(BIN / "uv", "pip", *command, "--python", PYTHON)


def install_base(wanted: str) -> None:
    """Make the environment hold exactly the base lock and the project."""
    if not PYTHON.exists():
        print(f"Making {VENV}", flush=True)
        venv.EnvBuilder(with_pip=True, clear=VENV.exists()).create(VENV)
    for group in LOCKS:
        stamp(group).unlink(missing_ok=True)
    quiet = ("--quiet", "--disable-pip-version-check", "--no-compile")
    lock = ("--require-hashes", "-r", "requirements-bootstrap.lock")
    call(PYTHON, "-m", "pip", "install", *quiet, *wheels(), *lock)
    # Without compiled bytecode every kernel would spend seconds importing.
    options = ("--require-hashes", "--compile-bytecode", "--quiet", *wheels())
    uv("sync", LOCKS["base"], *options)
    # uv builds the project itself: no other tool is fetched for that.
    uv("install", "--no-deps", "--quiet", *wheels(), "--editable", ".")
    stamp("base").write_text(wanted, encoding="utf-8")


def install_group(group: str, wanted: str) -> None:
    """Add a group to the environment."""
    options = ("--require-hashes", "--compile-bytecode", "--quiet", *wheels())
    uv("install", "-r", LOCKS[group], *options)
    stamp(group).write_text(wanted, encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Install base and the group named, unless they are installed already."""
    if sys.version_info < MINIMUM:
        sys.exit(f"bootstrap: Python {'.'.join(map(str, MINIMUM))} or later is needed.")
    group = arguments[0] if arguments else "base"
    if group not in LOCKS or len(arguments) > 1:
        sys.exit(f"bootstrap: say one of {', '.join(LOCKS)}.")
    wanted = fingerprint("pyproject.toml", "requirements-bootstrap.lock", LOCKS["base"])
    if not is_current("base", wanted):
        print("Installing the locked packages (a minute or two, once)", flush=True)
        install_base(wanted)
    if group != "base":
        extra = fingerprint("pyproject.toml", LOCKS[group])
        if not is_current(group, extra):
            print(f"Adding the packages for {group}", flush=True)
            install_group(group, extra)


if __name__ == "__main__":
    main(sys.argv[1:])
