"""What the documentation takes from the default study: ``python -m helpers.run.readme``.

The README's figures, the list of all figures and tables by notebook and program, and the manifest of
CODECHECK (https://codecheck.org.uk), which names the files that a check makes again and compares.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import yaml

from helpers.errors import InputError
from helpers.evidence.tables import project_root

# What the README shows, by the name of the figure.
FIGURES = {"02_tiles": "figure.png", "02_bounds": "figure-bounds.png", "06_ledger": "figure-ledger.png"}  # fmt: skip
LIST = "outputs.md"
MANIFEST = "codecheck.yml"

_HEAD = """\
# Figures and tables

Written by `make study` from the default study; do not edit it by hand. Each is made by the notebook
and the program named, and lies in `output/liaoning_anshan/figures/` or `tables/` under its name, with its data as CSV. Tables of
the default study are kept in [results/](../results). `study export NAME` makes one again: [export.md](export.md).
"""


def update(study: Path, docs: Path) -> list[Path]:
    """Copy the README's figures from a finished study.

    Parameters
    ----------
    study : Path
        Folder of the study.
    docs : Path
        Folder of the README's figures.

    Returns
    -------
    list of Path
        Files that changed.

    Raises
    ------
    InputError
        The study has no such figure; nothing is copied then.
    """
    pairs = {study / "figures" / f"{name}.png": docs / file for name, file in FIGURES.items()}
    missing = [source.name for source in pairs if not source.is_file()]
    if missing:
        raise InputError(
            f"{study}: {', '.join(missing)} is missing. Run the default study first: study run."
        )
    changed = []
    for source, target in pairs.items():
        if not target.is_file() or source.read_bytes() != target.read_bytes():
            shutil.copyfile(source, target)
            changed.append(target)
    return changed


def _row(caption: Path, recipes: Path) -> str:
    """One figure or table as a row; what has no recipe was made in its notebook itself."""
    from helpers.publish import recipes as kept

    content = json.loads(caption.read_text(encoding="utf-8"))
    path = recipes / f"{caption.stem}{kept.SUFFIX}"
    program = "in the notebook"
    if path.is_file():
        view = kept.load(path).view
        program = f"`{view.__module__.removeprefix('helpers.')}.{view.__name__}`"
    titles = [content[language]["title"].replace("|", "\\|") for language in ("en", "zh")]
    return f"| `{caption.stem}` | {content['kind']} | {titles[0]} | {titles[1]} | {program} |"


def outputs(study: Path) -> str:
    """The list of a study's figures and tables as Markdown, notebook by notebook.

    Parameters
    ----------
    study : Path
        Folder of a finished study.

    Returns
    -------
    str
        The same text for the same study.

    Raises
    ------
    InputError
        A recipe cannot be read.
    """
    captions = [path for kind in ("figures", "tables") for path in study.glob(f"{kind}/*.json")]

    def rows(prefix: str) -> Iterable[str]:
        own = [path for path in captions if path.stem.split("_")[0] == prefix]
        for path in sorted(own, key=lambda item: (item.parent.name, item.stem)):
            yield _row(path, study / "recipes")

    lines = [_HEAD]
    for book in sorted(path.stem for path in study.glob("notebooks/*.ipynb")):
        lines += [
            f"## {book}", "", "| name | kind | title | 标题 | program below `src/helpers/` |",
            "|---|---|---|---|---|", *rows(book.split("_")[0]), "",
        ]  # fmt: skip
    return "\n".join(lines)


def manifest(study: Path) -> str:
    """The files that a run must make again, for CODECHECK.

    Parameters
    ----------
    study : Path
        Folder of the finished default study.

    Returns
    -------
    str
        YAML after version 1.0 of the specification. It names no check, since none was made yet.
    """
    files = [{"file": "results/verdicts.csv", "comment": "The verdict of every claim"}]
    for path in sorted(study.glob("tables/*.json")):
        title = json.loads(path.read_text(encoding="utf-8"))["en"]["title"]
        files.append({"file": f"results/{path.stem}.csv", "comment": title})
    for name, file in FIGURES.items():
        caption = json.loads((study / "figures" / f"{name}.json").read_text(encoding="utf-8"))
        files.append({"file": f"docs/{file}", "comment": caption["en"]["title"]})
    content = {
        "version": "https://codecheck.org.uk/spec/config/1.0/",
        "paper": {
            "title": "鞍山市“专精特新”企业培育与发展研究",
            "authors": [{"name": "任妮 (Ren Ni)"}],
        },
        "manifest": files,
    }
    head = "# Written by make study, which makes every file named here again.\n---\n"
    return head + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)


def main() -> int:
    """Copy the figures of the default study, write list and manifest, and say what changed."""
    from helpers.run.study import Parameters, make_study

    try:
        root = project_root() or Path.cwd()
        study = make_study(Parameters()).folder
        changed = update(study, root / "docs")
        texts = {root / "docs" / LIST: outputs(study), root / MANIFEST: manifest(study)}
        for target, text in texts.items():
            if not target.is_file() or target.read_text(encoding="utf-8") != text:
                target.write_text(text, encoding="utf-8", newline="\n")
                changed.append(target)
        for path in changed:
            print(f"README:    {path.name} has changed")
    except InputError as error:
        print(f"readme: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
