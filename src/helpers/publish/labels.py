"""Every text that is written in English and Chinese, as one table.

Texts stand where they are used, as a pair: ``study.t("Firms", "企业数")``. This module reads the
pairs out of the source code and the notebooks into the table ``labels``, so that all of them can be
read, compared and translated in one place. A user's own ``labels.csv`` replaces the words of a row.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import nbformat
import pandas as pd

from helpers.errors import InputError
from helpers.evidence.tables import project_data_dir, project_root

COLUMNS = ["label_id", "en", "zh", "used_in"]
# Calls whose two arguments are a text in English and the same in Chinese.
CALLS = ("t", "Said", "told")
HAN = re.compile("[\u3400-\u9fff]")
WORD = re.compile("[A-Za-z]{2,}")
# Modules whose sentences are results, kept in both languages and not told by a study.
_FINDINGS = ("analysis.", "evidence.")


def label_id(english: str, chinese: str) -> str:
    """A short code of a pair of texts, the same wherever the pair is used.

    Examples
    --------
    >>> label_id("Firms", "企业数")
    '3abfba8e'
    """
    return hashlib.sha256(f"{english}\0{chinese}".encode()).hexdigest()[:8]


def _template(node: ast.expr) -> str | None:
    """A text of the source code, with the values to be filled in as ``{…}``; None for none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else f"{{{_shown(part)}}}"
            for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _template(node.left), _template(node.right)
        return None if left is None or right is None else left + right
    return None


def _shown(part: ast.expr) -> str:
    return ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else "…"


def _arguments(node: ast.AST) -> list[ast.expr]:
    """The two texts of a pair, empty for any other part of the code."""
    if isinstance(node, ast.Call) and len(node.args) == 2:
        name = (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
        return node.args if name in CALLS else []
    if isinstance(node, ast.Tuple) and len(node.elts) == 2:
        first, second = map(_template, node.elts)
        spoken = first is not None and bool(re.search("[A-Za-z{]|^\\W", first))
        return node.elts if spoken and second and HAN.search(second) else []
    return []


def pairs_of(source: str) -> Iterator[tuple[str, str]]:
    """Pairs of an English and a Chinese text in source code, in order.

    Parameters
    ----------
    source : str
        Python.

    Yields
    ------
    (str, str)

    Examples
    --------
    >>> list(pairs_of('t(f"batch {n}", f"第{n}批")'))
    [('batch {n}', '第{n}批')]
    """
    for node in ast.walk(ast.parse(source)):
        texts = [_template(part) for part in _arguments(node)]
        if len(texts) == 2 and texts[0] is not None and texts[1] is not None:
            yield texts[0], texts[1]


def sources() -> dict[str, str]:
    """Source code by name: the modules of ``helpers``, and the code cells of each notebook."""
    root = project_root()
    if root is None:
        raise InputError("The labels are read from the source code: run this in a checkout.")
    package = root / "src" / "helpers"
    found = {
        ".".join(path.relative_to(package).with_suffix("").parts): path.read_text(encoding="utf-8")
        for path in sorted(package.rglob("*.py"))
    }
    for path in sorted((root / "notebooks").glob("[0-9]*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        found[path.stem] = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return found


def catalogue(code: Mapping[str, str]) -> pd.DataFrame:
    """The table of all pairs.

    Parameters
    ----------
    code : mapping of name to source code

    Returns
    -------
    DataFrame
        Columns label_id, en, zh, used_in (names joined by ``;``); sorted by first use.
    """
    used: dict[tuple[str, str], dict[str, None]] = {}
    for name, source in code.items():
        for pair in pairs_of(source):
            if any(text.strip() for text in pair):
                used.setdefault(pair, {})[name] = None
    rows = [(label_id(*pair), *pair, ";".join(names)) for pair, names in used.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def faults(frame: pd.DataFrame) -> list[str]:
    """What is wrong with a table of labels, one sentence each.

    Parameters
    ----------
    frame : DataFrame
        From :func:`catalogue`.

    Returns
    -------
    list of str
        A language without a text, an English text in Chinese, or a Chinese one in English words.
    """
    found = []
    for row in frame.itertuples():
        where = f"label {row.label_id} ({row.used_in})"
        bare_en, bare_zh = (re.sub(r"\{[^{}]*\}", "", text) for text in (row.en, row.zh))
        if row.en and not re.search(r"\w", row.en):
            continue  # a mark or a blank, which Chinese has less need of
        if bool(row.en.strip()) != bool(row.zh.strip()):
            found.append(f"{where}: {row.en or row.zh!r} has no text in the other language")
        elif HAN.search(bare_en) and not WORD.search(bare_en):
            found.append(f"{where}: Chinese in the English text {row.en!r}")
        elif len(WORD.findall(bare_en)) > 2 and not HAN.search(bare_zh):
            found.append(f"{where}: no Chinese in {row.zh!r}")
    return found


def own_words(
    known: pd.DataFrame, told: pd.DataFrame, places: Mapping[str, str] | None = None
) -> dict[str, tuple[str, str]]:
    """The words that a user's table replaces, by label.

    Parameters
    ----------
    known : DataFrame
        The project's table ``labels``.
    told : DataFrame
        The same with the user's rows laid over it.
    places : mapping of label_id to str
        File and row of the user's rows, for the messages.

    Returns
    -------
    dict of label_id to (str, str)

    Raises
    ------
    InputError
        A label is unknown, or its text has values filled in or belongs to a finding, so that it
        cannot be replaced; or its new words are in the wrong language.
    """
    texts = known.set_index("label_id")[["en", "zh", "used_in"]]
    found = {}

    def where(code: str) -> str:
        return "table labels" + (f" ({places[code]})" if places and code in places else "")

    for code, english, chinese in told[["label_id", "en", "zh"]].itertuples(index=False):
        if code not in texts.index:
            raise InputError(
                f"{where(code)}, column label_id, value {code!r}: no label has it. Copy the row to "
                "change from the project's data/labels.csv and keep its label_id."
            )
        if (english, chinese) == tuple(texts.loc[code, ["en", "zh"]]):
            continue
        if "{" in texts.loc[code, "en"]:
            raise InputError(
                f"{where(code)}, label_id {code}, value {texts.loc[code, 'en']!r}: values are filled "
                "into this text, so it cannot be replaced. Remove the row."
            )
        if all(name.startswith(_FINDINGS) for name in str(texts.loc[code, "used_in"]).split(";")):
            raise InputError(
                f"{where(code)}, label_id {code}, value {texts.loc[code, 'en']!r}: this text is part "
                "of what was found on a claim, so it cannot be replaced. Remove the row."
            )
        found[code] = (english.replace("\\n", "\n"), chinese.replace("\\n", "\n"))
    wrong = [
        f"{where(code)}, column {column}, value {value!r}: {rule}. Write English in en, Chinese in zh."
        for code, words in found.items()
        for column, value, rule in _misplaced(*words)
    ]
    if wrong:
        raise InputError("\n".join(wrong))
    return found


def _misplaced(english: str, chinese: str) -> list[tuple[str, str, str]]:
    """Column, value and fault of a pair of which a text is in the wrong language; see :func:`faults`."""
    pair = pd.DataFrame([("", english, chinese, "")], columns=COLUMNS)
    if not faults(pair):
        return []
    if HAN.search(english):
        return [("en", english, "Chinese where English belongs")]
    return [("zh", chinese, "no Chinese in it")]


def replaced(words: Mapping[str, tuple[str, str]], english: str, chinese: str) -> tuple[str, str]:
    """A pair of texts in a user's words; blanks at their ends stay, since they join sentences.

    Examples
    --------
    >>> replaced({label_id("Firms ", "企业"): ("Enterprises", "企业")}, "Firms ", "企业")
    ('Enterprises ', '企业')
    """
    found = words.get(label_id(english, chinese))
    if found is None:
        return english, chinese

    def dressed(old: str, new: str) -> str:
        start, end = len(old) - len(old.lstrip()), len(old.rstrip())
        return f"{old[:start]}{new}{old[end:]}"

    return dressed(english, found[0]), dressed(chinese, found[1])


def csv_text(frame: pd.DataFrame) -> str:
    r"""The table as it is stored: marks alone are left out, a line break is written ``\\n``."""
    spoken = frame[frame["en"].str.contains(r"\w") & frame["zh"].str.contains(r"\w")]
    stored = spoken.assign(
        **{name: spoken[name].str.strip().str.replace("\n", "\\n") for name in ("en", "zh")}
    )
    return str(stored.to_csv(index=False, lineterminator="\n"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: write ``data/labels.csv``, or compare it with ``--check``.

    Returns
    -------
    int
        0, 1 when ``--check`` finds a difference, 2 when a pair is incomplete.
    """
    parser = argparse.ArgumentParser(prog="python -m helpers.publish.labels", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it differs")
    options = parser.parse_args(arguments)
    frame = catalogue(sources())
    wrong = faults(frame)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 2
    path: Path = project_data_dir() / "labels.csv"
    text = csv_text(frame)
    if not options.check:
        path.write_text(text, encoding="utf-8", newline="\n")
        return 0
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return 0
    print(f"{path} differs from the source code: run make codebook", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
