"""Made-up data are called so on every figure and table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from helpers.publish import figures
from helpers.publish.figures import Record
from helpers.publish.recipes import Recipe
from helpers.publish.synthetic import MARK, marked
from helpers.run.parameters import Parameters
from helpers.run.study import Study, make_study

FRAME = pd.DataFrame({"a": [1]})


def _view(study: object) -> tuple[Figure, Record, pd.DataFrame]:
    with figures.styled():
        figure, axes = figures.new(3, 2)
        axes.plot([0, 1])
    return figure, Record("02_x", "Shares", note="Short.", alt="A line."), FRAME


def _study(own: Path, made_up: bool) -> Study:
    words = f"{MARK}, list 1" if made_up else "A list"
    (own / "sources.csv").write_text(
        f'source_id,title,publisher,publisher_zh,published,url,access,grade\nX,"{words}",me,,,,own,C\n',
        "utf-8",
    )
    return make_study(Parameters(data_dir=str(own), output_dir=str(own / "out")))


def test_a_view_of_made_up_data_is_marked(own: Path):
    figure, record, _ = Recipe("figure", _view).tell(_study(own, True))
    assert record.title == f"{MARK}: Shares" and record.note.endswith("Short.")
    assert record.alt.startswith(MARK)
    assert [text.get_text() for text in figure.texts] == [MARK]
    figures.save(figure, record, own / "figures")  # the fonts have its signs


def test_other_studies_are_not_marked(own: Path):
    figure, record, _ = Recipe("figure", _view).tell(_study(own, False))
    assert record.title == "Shares" and not figure.texts


def test_a_users_own_figure_and_table_are_marked(own: Path):
    study = _study(own, True)
    saved = study.figure(*_view(study))
    assert saved.record.title.startswith(MARK)
    study.show(FRAME, Record("02_t", "Table"))
    assert MARK in (study.folder / "tables" / "02_t.json").read_text("utf-8")


def test_the_letters_are_drawn_once(own: Path):
    figure, record, data = _view(None)
    twice = marked(marked((figure, record, data), "zh"), "zh")
    assert len(twice[0].texts) == 1
