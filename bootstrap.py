"""Make the project's environment: ``python bootstrap.py [GROUP]``.

Needs only Python 3.11 or later. Creates ``.venv``, installs the locked packages into it (every file
checked against its hash) and the project itself, and remembers what it installed: a second call
does nothing. The groups test, lab, peers (libraries to compare with), report (what builds it),
browser (what tests it) and cluster (Dask) are added to base and do not undo each other. An
environment that is broken, or was made for another folder or another
Python, is made again.

A package mirror is taken from PIP_INDEX_URL, UV_DEFAULT_INDEX or pip's configuration; a folder of
downloaded wheels from STUDY_WHEELS, in which case nothing is fetched from the network.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
MADE_FOR = VENV / ".made-for"  # written once the environment has its pip
BUSY = ROOT / ".bootstrap.lock"  # outside .venv, or clearing that would remove it
LOCKS = {
    "base": "requirements.lock",
    "test": "requirements-test.lock",
    "lab": "requirements-lab.lock",
    "peers": "requirements-peers.lock",
    "report": "requirements-report.lock",
    "browser": "requirements-browser.lock",
    "cluster": "requirements-cluster.lock",
}
MINIMUM = (3, 11)


def fingerprint(*locks: str) -> str:
    """Hash of what decides what gets installed: the locks and the project's own description."""
    import tomllib  # not at the top: an older Python should get as far as the message in main

    digest = hashlib.sha256()
    description = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for part in ("project", "build-system"):
        digest.update(json.dumps(description[part], sort_keys=True).encode())
    for name in locks:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def stamp(group: str) -> Path:
    """File that remembers the fingerprint of a group's last installation."""
    return VENV / f".installed-{group}"


def place() -> str:
    """What an environment is made for: it works only in this folder and with this Python."""
    return json.dumps([os.path.normcase(ROOT), sys.implementation.cache_tag])


def holds(path: Path, text: str) -> bool:
    """Whether a file is there and holds just this text."""
    return path.is_file() and path.read_text(encoding="utf-8") == text


def is_current(group: str, wanted: str) -> bool:
    """Whether a group is installed here as its lock says."""
    return PYTHON.exists() and holds(MADE_FOR, place()) and holds(stamp(group), wanted)


def ask(*command: str | Path) -> str:
    """What a command prints; nothing if it fails."""
    line = [str(part) for part in command]
    try:
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return "" if done.returncode else done.stdout.strip()


@functools.cache
def mirror() -> str:
    """Address of the package index that pip was told to use; nothing if it was told none."""
    told = os.environ.get("PIP_INDEX_URL")
    return told or ask(PYTHON, "-m", "pip", "config", "get", "global.index-url")


def call(*command: str | Path, **variables: str) -> None:
    """Run a command; its failure ends the program with one line."""
    environment = variables | os.environ | {"UV_NO_CONFIG": "1"}
    done = subprocess.run([str(part) for part in command], env=environment, cwd=ROOT, check=False)
    if done.returncode:
        line = " ".join(str(part) for part in command)
        sys.exit(f"bootstrap: this command failed with exit code {done.returncode}: {line}")


def wheels() -> list[str]:
    """Options for pip and uv when the packages lie in a folder."""
    folder = os.environ.get("STUDY_WHEELS")
    if not folder:
        return []
    path = Path(folder).expanduser().resolve()
    if not path.is_dir():
        sys.exit(f"bootstrap: STUDY_WHEELS names {path}, which is not a folder.")
    return ["--no-index", "--find-links", str(path)]


def uv(*command: str | Path) -> None:
    """Run uv's pip on the project's environment, with the index that pip would use."""
    index = {} if os.environ.get("STUDY_WHEELS") or not mirror() else {"UV_DEFAULT_INDEX": mirror()}
    call(BIN / "uv", "pip", *command, "--python", PYTHON, **index)


def forget() -> None:
    """Remove the stamps: what is installed is about to change."""
    for group in LOCKS:
        stamp(group).unlink(missing_ok=True)


def is_usable() -> bool:
    """Whether there is an environment made for this place, and complete enough to have pip."""
    return holds(MADE_FOR, place()) and bool(ask(PYTHON, "-m", "pip", "--version"))


def make_environment() -> None:
    """Make an environment that holds pip alone, in place of whatever is there."""
    again = " again: it is incomplete or was made for another folder or Python"
    print(f"Making {VENV}{again if VENV.exists() else ''}", flush=True)
    try:
        if VENV.exists():  # first what vouches for it: clearing may be interrupted
            MADE_FOR.unlink(missing_ok=True)
            forget()
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=os.name != "nt").create(VENV)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(VENV, ignore_errors=True)
        said = (error.output or b"").decode(errors="replace").strip().splitlines()
        reason = said[-1] if said else f"exit code {error.returncode}"
        sys.exit(
            f"bootstrap: Python cannot give {VENV} its pip ({reason}): "
            "install python3-venv (Debian/Ubuntu) and run again."
        )
    except (OSError, ValueError) as error:
        sys.exit(f"bootstrap: {VENV} cannot be made: {error}")
    MADE_FOR.write_text(place(), encoding="utf-8")


def seize(file: int) -> bool:
    """Lock an open file unless another process has; the system unlocks it when we end, however."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file, 4096, os.SEEK_SET)  # behind the text, which others shall read
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks: go on as if alone
        return True
    return True


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait until no other bootstrap works in this folder, and keep others waiting meanwhile."""
    try:
        file = os.open(BUSY, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        sys.exit(f"bootstrap: {BUSY} cannot be written: {error}")
    try:
        if not seize(file):
            os.lseek(file, 0, os.SEEK_SET)
            owner = os.read(file, 20).decode(errors="replace").strip() or "unknown"
            print(f"Waiting for another bootstrap here, process {owner} (Ctrl-C: stop)", flush=True)
            while not seize(file):
                time.sleep(0.5)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, f"{os.getpid():<19}\n".encode())
        yield
    finally:
        os.close(file)


def install_base(wanted: str) -> None:
    """Make the environment hold exactly the base lock and the project."""
    if not is_usable():
        make_environment()
    quiet = ("--quiet", "--disable-pip-version-check", "--no-compile")
    lock = ("--require-hashes", "-r", "requirements-bootstrap.lock")
    call(PYTHON, "-m", "pip", "install", *quiet, *wheels(), *lock)
    forget()
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
    wanted = {"base": fingerprint("requirements-bootstrap.lock", LOCKS["base"])}
    wanted[group] = wanted.get(group) or fingerprint(LOCKS[group])
    if all(is_current(*item) for item in wanted.items()):
        return
    wheels()  # a wrong folder is told before anything is changed
    with alone():
        # Asked again: another bootstrap may have done it meanwhile.
        if not is_current("base", wanted["base"]):
            print("Installing the locked packages (a minute or two, once)", flush=True)
            install_base(wanted["base"])
        if not is_current(group, wanted[group]):
            print(f"Adding the packages for {group}", flush=True)
            install_group(group, wanted[group])


if __name__ == "__main__":
    main(sys.argv[1:])
