"""Execute the notebooks of one study or of many with papermill, several at a time.

Each notebook works in a folder of its own beside the study's folder, ``.<study>/<notebook>/``, and
that folder appears when the notebook has finished. When all notebooks of a study have, their files are
put together and moved into the study's folder. Whenever a run is killed, the next one finds the
finished notebooks and executes only the others; the results of the run before stay until then.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from platform import python_version
from typing import Any

import pandas as pd

from helpers import __version__
from helpers.errors import InputError, OutputError
from helpers.evidence import tables
from helpers.evidence.claims import VERDICTS, pending_rows
from helpers.publish.tables import write_csv
from helpers.run import cache, inputs, kept
from helpers.run.cache import Failure, Part
from helpers.run.interruption import uninterrupted
from helpers.run.limits import Limits
from helpers.run.locks import locks
from helpers.run.notebook import other_prose
from helpers.run.parameters import LANGUAGES, injected
from helpers.run.parts import HELPERS, Task
from helpers.run.pool import REMOTE_LIMIT_MIB, Pool, available_mib, local_pool, workers_for
from helpers.run.study import (
    Parameters,
    Study,
    check_fragments,
    make_study,
    output_root,
    package_versions,
)

# No run writes a report, yet one of the results that are replaced must not outlive them.
OWNED = (*kept.FOLDERS, "verdicts.csv", "run.json", cache.RECORD, inputs.FILE, kept.REPORT)


@dataclass(frozen=True)
class Options:
    """How to execute.

    Parameters
    ----------
    workers : int or None
        Notebooks at a time; None for as many as processors and memory allow.
    warm : bool
        Fork kernels from a process that has done the imports, where the system allows it; see
        :mod:`helpers.run.kernels`. Results are the same either way.
    force : bool
        Execute also what has not changed.
    limits : Limits or None
        Of each notebook; None for half an hour and a fair share of the memory.
    scheduler : str
        Address of a Dask scheduler; empty for this machine.
    copy_to : str
        Where papermill writes the executed copies besides, for instance ``s3://bucket/runs``.
    """

    workers: int | None = None
    warm: bool = True
    force: bool = False
    limits: Limits | None = None
    scheduler: str = ""
    copy_to: str = ""


@dataclass(frozen=True)
class Event:
    """Something that happened in a run.

    Attributes
    ----------
    kind : str
        ``planned``, ``started`` and ``finished`` (of a notebook), ``cell``, ``study``.
    study, notebook : str
    data : mapping
        Plain values that belong to it.
    """

    kind: str
    study: str = ""
    notebook: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


Tell = Callable[[Event], object]


@dataclass(frozen=True)
class Result:
    """What a run produced.

    Attributes
    ----------
    study : Study
    verdicts : DataFrame
        One row per claim.
    failures : tuple of Failure
    seconds : float
    folder : Path
        The study's folder.
    warm : bool
        Whether kernels were forked.
    executed, kept : int
        Notebooks that were executed, and those whose results of an earlier run stand.
    set_aside : tuple of str
        A user's own files that lay among the results, below the folder where they are now.
    """

    study: Study
    verdicts: pd.DataFrame
    failures: tuple[Failure, ...]
    seconds: float
    folder: Path = field(default_factory=Path)
    warm: bool = False
    executed: int = 0
    kept: int = 0
    set_aside: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of claims by verdict, in the order of the ledger's verdicts."""
        return _counts(self.verdicts)

    @property
    def place(self) -> str:
        """The city and its province."""
        return _place(self.study)


def _counts(verdicts: pd.DataFrame) -> dict[str, int]:
    found = verdicts["verdict"].value_counts()
    return {name: int(found[name]) for name in VERDICTS if name in found}


def _place(study: Study) -> str:
    return f"{study.city.label('en')}, {study.province.label('en')}"


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


def _cells(path: Path) -> dict[str, int]:
    """Number of cells of a notebook as it is executed in each language.

    papermill adds one with the parameters; the prose of the other language is left out.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tags = [set(cell["metadata"].get("tags", [])) for cell in cells]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no notebook (JSON of format 4): {error}.") from error
    return {
        language: 1 + sum(not other_prose(language) & found for found in tags)
        for language in LANGUAGES
    }


@dataclass
class Plan:
    """What is to be done for a study.

    Attributes
    ----------
    study : Study
    files : list of Path
        Its notebooks in order.
    around : str
        See :func:`helpers.run.cache.surroundings`.
    tasks : list of Task
        Notebooks to execute.
    in_place, finished : dict
        Parts that stand in the study's folder, and those that lie ready beside it.
    is_current : bool
        Whether there is nothing to do.
    """

    study: Study
    files: list[Path]
    around: str
    tasks: list[Task] = field(default_factory=list)
    in_place: dict[str, Part] = field(default_factory=dict)
    finished: dict[str, Part] = field(default_factory=dict)
    is_current: bool = False
    started: float = 0.0
    executed: int = 0
    not_copied: list[Failure] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The study's folder."""
        return output_root(self.study.parameters) / self.study.slug

    @property
    def work(self) -> Path:
        """Folder of the finished parts."""
        return cache.beside(self.folder)

    @property
    def lock(self) -> Path:
        """File of the lock."""
        return self.folder.with_name(f".{self.folder.name}.lock")


def surroundings(data_dir: Path | None) -> str:
    """What all notebooks of a study depend on; see :func:`helpers.run.cache.surroundings`."""
    return cache.surroundings(HELPERS, tables.project_data_dir(), data_dir)


def _plan(
    plan: Plan, options: Options, limits: Limits, cells: Mapping[Path, Mapping[str, int]]
) -> None:
    """Find out which notebooks must be executed; call it under the study's lock."""
    record = cache.read_record(plan.folder)
    values, shown = injected(plan.study.parameters), asdict(plan.study.parameters)
    alive = plan.work / f"alive-{uuid.uuid4().hex[:12]}"
    for path in plan.files:
        key = cache.notebook_key(path, values, plan.around)
        if options.force or not _stands(plan, record, path.stem, key):
            plan.tasks.append(Task(
                plan.study.slug, str(path.resolve()), str(plan.work), key, values, shown, limits,
                str(alive), cells[path][plan.study.language],
            ))  # fmt: skip
    # The longest first, so that none is left to run alone at the end.
    plan.tasks.sort(key=lambda task: _expected(task, record), reverse=True)
    names = {path.stem for path in plan.files}
    plan.is_current = bool(
        record and not record.failures and set(record.parts) == names == set(plan.in_place)
        and (plan.folder / "verdicts.csv").is_file()
    )  # fmt: skip
    if plan.is_current:
        shutil.rmtree(plan.work, ignore_errors=True)
    else:
        _clear(plan)
        if plan.tasks:
            alive.touch()


def _expected(task: Task, record: cache.Record | None) -> tuple[float, int]:
    """For sorting: seconds that a notebook took in the run before, and the size of its source."""
    before = record.parts.get(task.notebook) if record else None
    return before.seconds if before else float("inf"), Path(task.source).stat().st_size


def _stands(plan: Plan, record: cache.Record | None, name: str, key: str) -> bool:
    """Whether a notebook's results of an earlier run can be used, noting where they lie."""
    stored = record.parts.get(name) if record else None
    if stored and stored.key == key and cache.is_intact(plan.folder, stored.files):
        plan.in_place[name] = stored
        return True
    ready = cache.read_part(plan.work / name)
    if ready is not None and ready.key == key:
        plan.finished[name] = ready
        return True
    return False


def _clear(plan: Plan) -> None:
    """Leave only finished parts in the folder beside the study's; what else lies there is stale."""
    plan.work.mkdir(parents=True, exist_ok=True)
    for path in plan.work.iterdir():
        if path.name in plan.finished:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def _leave(plan: Plan) -> None:
    """Tell workers to stop, and leave nothing behind that the next run cannot use."""
    for path in plan.work.glob("alive-*"):
        path.unlink(missing_ok=True)
    if not plan.work.is_dir():
        return
    parts = (cache.read_part(path) for path in plan.work.iterdir())
    # A kernel that was killed leaves a part that says so and has no key.
    if not any(part is not None and part.key for part in parts):
        shutil.rmtree(plan.work, ignore_errors=True)


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


def changed_meanwhile(parts: Sequence[Part]) -> list[Failure]:
    """Notebooks that were executed while what their results depend on was being changed.

    Parameters
    ----------
    parts : sequence of Part
        Of one study. One that has finished without a failure, yet has no key, is such a one.

    Returns
    -------
    list of Failure
        One for all of them, or none.

    Examples
    --------
    >>> changed_meanwhile([Part("01_x", "key", 1.0), Part("02_x", "", 1.0)])[0].notebook
    '02_x'
    """
    names = [part.notebook for part in parts if not part.key and part.failure is None]
    told = (
        "code, data, packages or the notebook itself were changed while the run went on, so that "
        "results may come from both states; run again"
    )
    return [Failure(", ".join(names), "inputs", told)] if names else []


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
    verdicts = pd.concat(parts)
    outcomes = verdicts.drop(columns="judge").drop_duplicates()["claim_id"]
    found = []
    for claim_id in outcomes[outcomes.duplicated()].unique():
        rows = verdicts[verdicts["claim_id"] == claim_id]
        told = ", ".join(rows["judge"] + ": " + rows["verdict"])
        message = f"judged twice with different outcomes ({told})"
        found.append(Failure(str(rows["notebook"].iloc[0]), f"claim {claim_id}", message))
    return found


def _install(staging: Path, folder: Path) -> list[str]:
    """Move the new results into place, all or none; anything else in the folder is kept.

    An interruption waits until that is done, or nobody would know what has been moved.

    Returns
    -------
    list of str
        Where the files lie now, below the folder, that stood among the results without being one.
    """
    with uninterrupted():
        try:
            saved = kept.set_aside(folder, kept.strangers(folder, staging))
        except OSError as error:
            raise OutputError(
                f"{folder}: your own file {error.filename} among the results cannot be moved to "
                f"{kept.KEPT}/ ({error.strerror}). Close programs that have it open and run again; "
                f"the new results lie in {staging}."
            ) from error
        _replace(staging, folder)
    return saved


def _replace(staging: Path, folder: Path) -> None:
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


def execute(
    parameters: Parameters, notebooks: Sequence[Path] | None = None, workers: int | None = None,
    progress: bool = True, warm: bool = True, force: bool = False, limits: Limits | None = None,
    log: Path | None = None,
) -> Result:  # fmt: skip
    """Execute the notebooks of a study.

    Parameters
    ----------
    parameters : Parameters
    notebooks : sequence of Path or None
        None for the whole collection.
    workers, warm, force, limits
        See :class:`Options`.
    progress : bool
        Show a progress bar on standard error.
    log : Path or None
        File that a JSON line is added to for each event.

    Returns
    -------
    Result
        A notebook that fails is listed in it and does not stop the others. Notebooks whose results
        of an earlier run still stand are not executed again.

    Raises
    ------
    InputError
        The parameters, the data or the output folder cannot be used, or another run is writing
        there; raised before any kernel starts, and nothing is written.
    """
    from helpers.run.progress import telling

    options = Options(workers, warm, force, limits)
    study = make_study(parameters)
    with telling(progress, 1, log) as tell:
        (outcome,) = run_studies([study], notebooks, options, tell)
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def run_studies(
    studies: Sequence[Study], notebooks: Sequence[Path] | None, options: Options, tell: Tell
) -> list[Result | Exception]:
    """Execute the notebooks of several studies.

    Parameters
    ----------
    studies : sequence of Study
        With folders that differ.
    notebooks : sequence of Path or None
        None for the whole collection.
    options : Options
    tell : callable
        Is told every :class:`Event`, also from other threads.

    Returns
    -------
    list
        In order: the result of a study, or the error that kept its results from being put in place.

    Raises
    ------
    InputError
        As in :func:`execute`.
    """
    files = list(notebooks) if notebooks is not None else notebook_files()
    cells = {path: _cells(path) for path in files}
    around: dict[Path | None, str] = {}
    for study in studies:
        if study.data_dir not in around:
            check_fragments(study)
            around[study.data_dir] = surroundings(study.data_dir)
    plans = [Plan(study, files, around[study.data_dir]) for study in studies]
    for plan in plans:
        plan.folder.parent.mkdir(parents=True, exist_ok=True)
    with locks((plan.lock, plan.folder) for plan in plans):
        try:
            limits = _limits(options)
            for plan in plans:
                _plan(plan, options, limits, cells)
            return _run(plans, options, tell)
        finally:
            for plan in plans:
                _leave(plan)


def _limits(options: Options) -> Limits:
    """Those asked for; half an hour and a fair share of the memory where nothing was said."""
    given = options.limits or Limits(memory_mib=None)
    return given if given.memory_mib is not None else replace(given, memory_mib=_share(options))


def _share(options: Options) -> float:
    """As much memory, in MiB, as each notebook can have while others run."""
    if options.scheduler:
        return REMOTE_LIMIT_MIB
    memory = available_mib()
    workers = options.workers or workers_for(10**6, options.warm, memory)
    return max(1024.0, 0.8 * memory / workers)


def _run(plans: Sequence[Plan], options: Options, tell: Tell) -> list[Result | Exception]:
    """Execute what was planned and put each study into place as soon as it is complete."""
    started = time.monotonic()
    for plan in plans:
        plan.started = started
        data = {
            "notebooks": len(plan.files),
            "kept": [*plan.in_place, *plan.finished],
            "cells": sum(t.cells for t in plan.tasks),
        }
        tell(Event("planned", plan.study.slug, data=data))
        # A run that was killed, or could not write there, may not have copied them.
        for part in plan.in_place.values():
            plan.not_copied += _copy(plan.study.slug, plan.folder, part, options.copy_to)
        for name, part in plan.finished.items():
            plan.not_copied += _copy(plan.study.slug, plan.work / name, part, options.copy_to)
    outcomes: dict[str, Result | Exception] = {}
    with _pool(plans, options, tell) as (pool, warm):

        def finish(plan: Plan) -> None:
            outcomes[plan.study.slug] = outcome = _outcome(plan, warm)
            tell(Event("study", plan.study.slug, data=_told(outcome)))

        for plan in plans:
            if not plan.tasks:
                finish(plan)
        owners = {plan.study.slug: plan for plan in plans}
        for task, part in _parts(pool, [task for plan in plans for task in plan.tasks]):
            plan = owners[task.study]
            plan.finished[task.notebook] = part
            plan.executed += 1
            made = plan.work / task.notebook
            plan.not_copied += _copy(task.study, made, part, options.copy_to)
            done = {**_told_of(part), "cells": task.cells}
            tell(Event("finished", task.study, task.notebook, done))
            if plan.executed == len(plan.tasks):
                finish(plan)
    return [outcomes[plan.study.slug] for plan in plans]


@contextmanager
def _pool(
    plans: Sequence[Plan], options: Options, tell: Tell
) -> Iterator[tuple[Pool | None, bool]]:
    """Who executes the tasks, and whether kernels are warm."""
    count = sum(len(plan.tasks) for plan in plans)
    with ExitStack() as stack:
        if not count:
            yield None, options.warm
        elif options.scheduler:
            from helpers.run.cluster import cluster_pool

            yield stack.enter_context(cluster_pool(options.scheduler)), options.warm
        else:
            from helpers.run.kernels import abandon, warm_kernels

            warm = stack.enter_context(warm_kernels(options.warm, len(plans) > 1))
            workers = options.workers or workers_for(count, warm, available_mib())
            begun: set[str] = set()

            def on_start(task: Task) -> None:
                if task.study not in begun:
                    begun.add(task.study)
                    owner = next(plan for plan in plans if plan.study.slug == task.study)
                    owner.started = time.monotonic()
                tell(Event("started", task.study, task.notebook))

            def on_cell(task: Task) -> None:
                tell(Event("cell", task.study, task.notebook))

            yield stack.enter_context(local_pool(workers, on_start, on_cell, abandon)), warm


def _parts(pool: Pool | None, tasks: Sequence[Task]) -> Iterator[tuple[Task, Part]]:
    """Hand over all tasks and give each part when it is finished."""
    if pool is None:
        return
    jobs: dict[Future[Part], Task] = {pool.submit(task): task for task in tasks}
    try:
        for job in as_completed(list(jobs)):
            task = jobs.pop(job)
            try:
                error: BaseException | None = job.exception()
            except CancelledError:
                error = RuntimeError("the scheduler gave the work up; is it still running?")
            if error is not None:
                text = f"{type(error).__name__}: {error}".strip()
                yield task, Part(task.notebook, "", 0.0, Failure(task.notebook, "worker", text))
            else:
                yield task, job.result()
    except BaseException:
        for task in tasks:
            Path(task.alive).unlink(missing_ok=True)
        for job in jobs:
            job.cancel()
        pool.stop()
        raise


def _told_of(part: Part) -> dict[str, Any]:
    failure = None if part.failure is None else str(part.failure)
    return {"seconds": part.seconds, "peak_mib": part.peak_mib, "failure": failure}


def _told(outcome: Result | Exception) -> dict[str, Any]:
    if isinstance(outcome, Exception):
        return {"failures": [f"{type(outcome).__name__}: {outcome}"]}
    return {
        "seconds": round(outcome.seconds, 1), "executed": outcome.executed, "kept": outcome.kept,
        "verdicts": outcome.counts, "failures": [str(failure) for failure in outcome.failures],
    }  # fmt: skip


def _copy(study: str, folder: Path, part: Part, copy_to: str) -> list[Failure]:
    """Have papermill write the executed copy to another place as well, over the network perhaps."""
    name = f"notebooks/{part.notebook}.ipynb"
    if not copy_to or name not in part.files:
        return []
    from papermill.iorw import papermill_io

    try:
        text = (folder / name).read_text(encoding="utf-8")
        target = f"{copy_to.rstrip('/')}/{study}/{part.notebook}.ipynb"
        if "://" not in target:
            Path(target).parent.mkdir(parents=True, exist_ok=True)
        papermill_io.write(text, target)
    except Exception as error:  # noqa: BLE001 - whatever a storage handler raises; the batch goes on
        text = without_secrets(f"{type(error).__name__}: {error}")
        return [Failure(part.notebook, "copy of the notebook", text)]
    return []


def without_secrets(text: str) -> str:
    """A message without passwords and tokens that addresses in it may hold.

    Examples
    --------
    >>> without_secrets("cannot write abs://me:key@host/x.ipynb?sig=abc&se=2027")
    'cannot write abs://***@host/x.ipynb?sig=***&se=***'
    """
    text = re.sub(r"(\w://)[^\s/@]+@", r"\1***@", text)
    return re.sub(r"([?&][^=&\s]+=)[^&\s'\"]+", r"\1***", text)


def _outcome(plan: Plan, warm: bool) -> Result | Exception:
    """Put a study's parts into place."""
    try:
        if plan.is_current:
            path = plan.folder / "verdicts.csv"
            verdicts = pd.read_csv(path, dtype=str, keep_default_na=False)
            seconds = time.monotonic() - plan.started
            plan.finished |= plan.in_place
            return Result(
                plan.study, verdicts, tuple(plan.not_copied), seconds, plan.folder, warm, 0,
                len(plan.files),
            )  # fmt: skip
        return _assemble(plan, warm)
    except Exception as error:  # noqa: BLE001 - told as this study's; the others go on
        return error


def _assemble(plan: Plan, warm: bool) -> Result:
    """Put a study together from its parts and move it into place."""
    _ready(plan)
    staging = Path(tempfile.mkdtemp(prefix="assembled-", dir=plan.work))
    try:
        parts = [plan.finished[path.stem] for path in plan.files]
        for part in parts:
            for name in part.files:
                cache.link(plan.work / part.notebook / name, staging / name)
        unfinished = [part.failure for part in parts if part.failure is not None]
        changed = changed_meanwhile(parts)
        twice = [] if changed else judged_twice(staging)  # by two states of the code, then
        failures = [*unfinished, *plan.not_copied, *changed, *twice]
        failures.sort(key=lambda failure: failure.notebook)
        verdicts = collect_verdicts(plan.study.table("claims"), staging, [*unfinished, *twice])
        write_csv(verdicts, staging / "verdicts.csv")
        seconds = time.monotonic() - plan.started
        _write_run(plan, staging, failures, seconds, warm)
        inputs.write(plan.study.setting.tables, staging)
        record = cache.Record(
            asdict(plan.study.parameters), plan.around, {part.notebook: part for part in parts},
            tuple(failures), _summary(plan.study, verdicts),
        )  # fmt: skip
        cache.write_record(staging, record)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    saved = _install(staging, plan.folder)
    shutil.rmtree(plan.work, ignore_errors=True)
    return Result(
        plan.study, verdicts, tuple(failures), seconds, plan.folder, warm, plan.executed,
        len(plan.files) - plan.executed, tuple(saved),
    )  # fmt: skip


def _summary(study: Study, verdicts: pd.DataFrame) -> dict[str, Any]:
    """What the command prints at the end, so that it can do so with nothing to do."""
    return {"place": _place(study), "verdicts": _counts(verdicts)}


def _ready(plan: Plan) -> None:
    """Make parts that stand in the study's folder lie beside it too.

    Were the run killed while the folder is replaced, the next one would have all parts at hand.
    """
    for name, part in plan.in_place.items():
        scratch = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=plan.work))
        for file in part.files:
            cache.link(plan.folder / file, scratch / file)
        cache.write_json(scratch / cache.PART, part.as_json())
        cache.replace_folder(scratch, plan.work / name)
        plan.finished[name] = part


def _write_run(
    plan: Plan, staging: Path, failures: Sequence[Failure], seconds: float, warm: bool
) -> None:
    """Write ``run.json``, the record for readers."""
    record = {
        "version": __version__,
        "parameters": asdict(plan.study.parameters),
        "seconds": round(seconds, 1),
        "kernels": "warm" if warm else "ordinary",
        "executed": [task.notebook for task in plan.tasks],
        "python": python_version(),
        "packages": package_versions(),
        "failures": [asdict(failure) for failure in failures],
    }
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    (staging / "run.json").write_text(text, encoding="utf-8")
