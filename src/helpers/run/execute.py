"""Execute the notebooks of one study with papermill, several at a time.

Results are collected in a staging folder beside the study's folder and moved into place at the end,
so that an interrupted run leaves the results of the run before untouched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from tqdm import tqdm

from helpers.errors import InputError, OutputError
from helpers.evidence import tables
from helpers.evidence.claims import VERDICTS, pending_rows
from helpers.publish.tables import write_csv
from helpers.run.kernels import warm_kernels
from helpers.run.study import (
    STAGING_VARIABLE,
    Parameters,
    Study,
    check_fragments,
    make_study,
    output_root,
)

OWNED = ("notebooks", "figures", "tables", "recipes", "verdicts", "verdicts.csv", "run.json")


@dataclass(frozen=True)
class Failure:
    """A notebook that did not finish: which cell, which error."""

    notebook: str
    cell: str
    error: str

    def __str__(self) -> str:
        return f"{self.notebook}, {self.cell}: {self.error}"


@dataclass(frozen=True)
class Result:
    """What a run produced."""

    study: Study
    verdicts: pd.DataFrame
    failures: tuple[Failure, ...]
    seconds: float
    folder: Path = field(default_factory=Path)
    warm: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Number of claims by verdict, in the order of the ledger's verdicts."""
        found = self.verdicts["verdict"].value_counts()
        return {name: int(found[name]) for name in VERDICTS if name in found}


def notebook_files() -> list[Path]:
    """The numbered notebooks of the collection, in order.

    Raises
    ------
    InputError
        None was found.
    """
    root = tables.project_root() or Path.cwd()
    found = sorted((root / "notebooks").glob("[0-9][0-9]*_*.ipynb"))
    if not found:
        raise InputError(f"No notebook was found in {root / 'notebooks'}. Restore the checkout.")
    return found


class _Bar:
    """Stands in for papermill's progress bar and passes each finished cell on."""

    def __init__(self, advance: Callable[[], object]) -> None:
        self.n = 0
        self._advance = advance

    def update(self, _: int = 1) -> None:
        self._advance()

    def set_description(self, _: str) -> None:
        pass

    def refresh(self) -> None:
        pass

    def close(self) -> None:
        pass


def _kernel_options(sockets: Path, number: int) -> dict[str, Any]:
    """Options of the notebook client: no network ports where the system has sockets in files.

    Each kernel gets a path of its own, since the default one is the same for all kernels of a
    process and they would answer each other's messages.
    """
    from traitlets.config import Config

    options: dict[str, Any] = {"shutdown_kernel": "immediate"}
    # The path of a socket may have 107 bytes at most; a temporary folder may be deeper than that.
    if os.name == "posix" and len(os.fsencode(sockets)) < 90:
        manager = {"transport": "ipc", "ip": str(sockets / f"k{number}")}
        options["config"] = Config({"KernelManager": manager})
    return options


class _Runner:
    """Runs notebooks and can stop them all."""

    def __init__(self, advance: Callable[[], object], sockets: Path) -> None:
        from papermill.clientwrap import PapermillNotebookClient
        from papermill.engines import NBClientEngine, papermill_engines

        clients: list[Any] = []
        numbers = count()

        class Engine(NBClientEngine):
            """papermill's own engine with a shared progress bar and a list of its clients."""

            @classmethod
            def execute_managed_notebook(
                cls, nb_man: Any, kernel_name: str, *_: Any, **kwargs: Any
            ) -> Any:
                nb_man.pbar = _Bar(advance)
                client = PapermillNotebookClient(
                    nb_man,
                    kernel_name=kernel_name,
                    startup_timeout=kwargs.get("start_timeout", 60),
                    **_kernel_options(sockets, next(numbers)),
                )
                clients.append(client)
                return client.execute()

        papermill_engines.register("study", Engine)
        self._clients = clients

    def run(self, source: Path, target: Path, parameters: Mapping[str, Any]) -> Failure | None:
        """Execute one notebook; the executed copy is kept also when a cell fails."""
        import papermill

        try:
            papermill.execute_notebook(
                str(source), str(target), parameters=dict(parameters), engine_name="study",
                kernel_name="python3", progress_bar=False, start_timeout=120,
            )  # fmt: skip
        except papermill.PapermillExecutionError as error:
            message = " ".join(f"{error.ename}: {error.evalue}".split())
            return Failure(source.stem, f"cell [{error.exec_count}]", message)
        except Exception as error:  # noqa: BLE001 - a dead kernel must not stop the other notebooks
            return Failure(source.stem, "kernel", f"{type(error).__name__}: {error}")
        return None

    def stop(self) -> None:
        """Kill the kernels that are running; their notebooks then fail at once."""
        for client in self._clients:
            process = getattr(getattr(client.km, "provisioner", None), "process", None)
            if process is not None:
                process.kill()


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Environment variables for the kernels, taken back afterwards."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _tidy_notebook(path: Path, name: str, parameters: Parameters) -> Failure | None:
    """Take the machine's paths out of an executed notebook's record; folders stand as given."""
    if not path.is_file():
        return None
    try:
        notebook = nbformat.read(path, as_version=4)
    except (ValueError, nbformat.reader.NotJSONError) as error:
        # One damaged copy must not cost the results of the other notebooks.
        return Failure(name, "executed copy", f"cannot be read: {error}")
    record = notebook.metadata.get("papermill", {})
    record.update({"input_path": f"notebooks/{name}.ipynb", "output_path": f"{name}.ipynb"})
    record["parameters"] = asdict(parameters)
    nbformat.write(notebook, path)
    return None


def collect_verdicts(
    claims: pd.DataFrame, folder: Path, failures: Sequence[Failure]
) -> pd.DataFrame:
    """Put the notebooks' verdicts together in ledger order.

    Parameters
    ----------
    claims : DataFrame
        Table ``claims``.
    folder : Path
        The study's folder, with ``verdicts/<notebook>.csv``.
    failures : sequence of Failure
        Claims of these notebooks become pending, with the failure as the finding.

    Returns
    -------
    DataFrame
        One row per claim of the ledger.
    """
    parts = [
        pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in sorted((folder / "verdicts").glob("*.csv"))
    ]
    failed = {failure.notebook for failure in failures}
    parts = [part for part in parts if not set(part["notebook"]) & failed]
    # The ledger page judges every claim once more; here each is wanted once.
    parts = [pd.concat(parts).drop_duplicates("claim_id")] if parts else []
    judged = {claim_id for part in parts for claim_id in part["claim_id"]}
    left = [claim_id for claim_id in claims["claim_id"] if claim_id not in judged]
    parts.append(pending_rows(claims, left, "The notebook did not finish.").astype(str))
    merged = pd.concat(parts, ignore_index=True).set_index("claim_id")
    return merged.loc[list(claims["claim_id"])].reset_index()


def judged_twice(folder: Path) -> list[Failure]:
    """Claims that two notebooks judged with different outcomes.

    Parameters
    ----------
    folder : Path
        The study's folder, with ``verdicts/<notebook>.csv``.

    Returns
    -------
    list of Failure
        One for each claim, naming the notebooks and their verdicts.
    """
    paths = sorted((folder / "verdicts").glob("*.csv"))
    parts = [pd.read_csv(p, dtype=str, keep_default_na=False).assign(judge=p.stem) for p in paths]
    if not parts:
        return []
    found = []
    for claim_id, rows in pd.concat(parts).groupby("claim_id", sort=False):
        if len(rows.drop(columns="judge").drop_duplicates()) > 1:
            told = ", ".join(rows["judge"] + ": " + rows["verdict"])
            message = f"judged twice with different outcomes ({told})"
            found.append(Failure(str(rows["notebook"].iloc[0]), f"claim {claim_id}", message))
    return found


def _install(staging: Path, folder: Path) -> None:
    """Move the new results into place, all or none; anything else in the folder is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    old = staging / "replaced"
    old.mkdir()
    done: list[tuple[Path, Path]] = []
    try:
        for name in OWNED:
            for source, target in ((folder / name, old / name), (staging / name, folder / name)):
                if source.exists():
                    source.rename(target)
                    done.append((source, target))
    except BaseException as error:
        for source, target in reversed(done):
            target.rename(source)
        if not isinstance(error, OSError):
            shutil.rmtree(staging, ignore_errors=True)
            raise
        raise OutputError(
            f"{folder}: a file could not be replaced ({error.strerror}). Close programs that have "
            f"results open and run again; the new results lie in {staging}."
        ) from error
    shutil.rmtree(staging)


def update_results(result: Result, target: Path) -> None:
    """Copy verdicts and tables to the folder kept under version control.

    Parameters
    ----------
    result : Result
        Of a run without failures.
    target : Path
        Tables of an earlier run (``01_….csv``, ``02b_….csv``) that this run did not write are removed; other
        files are left alone.

    Raises
    ------
    InputError
        The run had failures.
    """
    if result.failures:
        raise InputError(f"{target} was not updated, since not all notebooks finished.")
    target.mkdir(parents=True, exist_ok=True)
    ours = re.compile(r"(\d\d[a-z]?_\w+|verdicts)\.csv")
    files = {path.name: path for path in sorted((result.folder / "tables").glob("*.csv"))}
    files["verdicts.csv"] = result.folder / "verdicts.csv"
    for path in target.glob("*.csv"):
        # Only tables of an earlier run: the folder may hold a user's own files.
        if ours.fullmatch(path.name) and path.name not in files:
            path.unlink()
    for name, path in files.items():
        shutil.copyfile(path, target / name)


def execute(
    parameters: Parameters, notebooks: Sequence[Path] | None = None, workers: int | None = None,
    progress: bool = True, warm: bool = True,
) -> Result:  # fmt: skip
    """Execute the notebooks of a study.

    Parameters
    ----------
    parameters : Parameters
    notebooks : sequence of Path or None
        None for the whole collection.
    workers : int or None
        Notebooks at a time; None for the number of processors, and one more with warm kernels,
        whose waits leave a processor idle.
    progress : bool
        Show a progress bar on standard error.
    warm : bool
        Fork kernels from a process that has done the imports, where the system allows it; see
        :mod:`helpers.run.kernels`. Results are the same either way.

    Returns
    -------
    Result
        A notebook that fails is listed in it and does not stop the others.

    Raises
    ------
    InputError
        The parameters, the data or the output folder cannot be used; raised before any kernel
        starts, and nothing is written.
    """
    started = time.monotonic()
    study = make_study(parameters)
    check_fragments(study)
    files = list(notebooks) if notebooks is not None else notebook_files()
    cells = sum(len(nbformat.read(path, as_version=4).cells) + 1 for path in files)
    root = output_root(parameters)
    root.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{study.slug}-", dir=root))
    try:
        (staging / "notebooks").mkdir()
        with warm_kernels(warm) as warm:
            at_once = workers or max(1, min((os.cpu_count() or 1) + warm, len(files)))
            failures = _execute_all(study, files, staging, at_once, cells, progress)
        for path in files:
            failure = _tidy_notebook(staging / "notebooks" / path.name, path.stem, parameters)
            if failure is not None and path.stem not in {item.notebook for item in failures}:
                failures.append(failure)
        result = _finish(study, staging, failures, started, warm)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    _install(staging, result.folder)
    return result


def _execute_all(
    study: Study, files: Sequence[Path], staging: Path, at_once: int, cells: int, progress: bool
) -> list[Failure]:
    """Execute notebooks into the staging folder; when interrupted, stop every kernel."""
    values = _injected(study.parameters)
    environment = {
        STAGING_VARIABLE: str(staging),
        # Several kernels at a time: one thread each, or the numeric libraries fight for cores.
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
    }
    bar = tqdm(total=cells, unit="cell", desc=study.slug, disable=not progress, file=sys.stderr)
    failures: list[Failure] = []
    with (
        bar,
        tempfile.TemporaryDirectory(prefix="study-") as sockets,
        _environment(**environment),
        ThreadPoolExecutor(at_once) as pool,
    ):
        runner = _Runner(lambda: bar.update(1), Path(sockets))
        jobs = {
            pool.submit(runner.run, path, staging / "notebooks" / path.name, values): path
            # The longest first, so that none is left to run alone at the end.
            for path in sorted(files, key=lambda path: path.stat().st_size, reverse=True)
        }
        try:
            for job in as_completed(jobs):
                failure = job.result()
                if failure is not None:
                    failures.append(failure)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            # Again and again, since a kernel may just be starting.
            while not all(job.done() for job in jobs):
                runner.stop()
                time.sleep(0.1)
            raise
        bar.n = cells
    return failures


def _injected(parameters: Parameters) -> dict[str, Any]:
    """Parameters for papermill; folders absolute, since a kernel may run elsewhere."""
    values = asdict(parameters)
    for name in ("data_dir", "output_dir"):
        if values[name]:
            values[name] = str(Path(values[name]).expanduser().resolve())
    return values


def _finish(
    study: Study, staging: Path, failures: list[Failure], started: float, warm: bool
) -> Result:
    failures += judged_twice(staging)
    failures.sort(key=lambda failure: failure.notebook)
    verdicts = collect_verdicts(study.table("claims"), staging, failures)
    write_csv(verdicts, staging / "verdicts.csv")
    seconds = time.monotonic() - started
    packages = ("pandas", "numpy", "scipy", "statsmodels", "matplotlib", "seaborn", "papermill")
    record = {
        "parameters": asdict(study.parameters),
        "seconds": round(seconds, 1),
        "kernels": "warm" if warm else "ordinary",
        "python": ".".join(map(str, sys.version_info[:3])),
        "packages": {name: version(name) for name in packages},
        "failures": [asdict(failure) for failure in failures],
    }
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    (staging / "run.json").write_text(text, encoding="utf-8")
    folder = output_root(study.parameters) / study.slug
    return Result(study, verdicts, tuple(failures), seconds, folder, warm)
