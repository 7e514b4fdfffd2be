"""Look at places, batches, bases and weights with dropdowns and sliders, and keep what you see.

The widgets of ``notebooks/explore.ipynb``. What is shown comes from :mod:`helpers.run.looks`; this
module only asks for it when a widget changes, draws it for the screen, and saves it on demand as the
notebooks save their figures.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from helpers.analysis.priorities import CRITERIA
from helpers.errors import InputError
from helpers.publish import figures, recipes, table_files, venues
from helpers.publish.figures import Record
from helpers.publish.files import write_bytes
from helpers.run.looks import Glance, Looks, titles
from helpers.run.parameters import BASES, LAST_BATCH, Parameters
from helpers.run.study import Study, make_study, output_root

FOLDER = "explore"  # below the output folder: apart from the figures of finished studies
DPI = 100
ROWS = 12  # of the measures, which are some forty
PAUSE, BREATH = 1.0, 0.05  # seconds before work is done ahead, and between two steps of it
_WIDE = {"description_width": "10em"}
_LAYOUT = {"width": "31em"}


class Explorer:
    """Widgets for every choice, the figure, key figures and a button that saves the figure.

    Parameters
    ----------
    study : Study
        Gives what is shown first, the tables and the output folder.

    Attributes
    ----------
    look, province, city, batch, basis, language, venue : ipywidgets widgets
    weights : dict of str to ipywidgets.FloatSlider
        By criterion. Only how they relate to each other counts.
    save : ipywidgets.Button
    picture, facts, notice : ipywidgets.HTML
        The figure, the key figures, and what there is to tell: what is missing, or where the
        figure was saved.
    saved : SavedFigure or None
        What was saved last.

    Examples
    --------
    >>> explorer = Explorer(make_study(Parameters()))
    >>> explorer.province.value = "320000"
    >>> explorer.city.label
    'Nanjing'
    """

    def __init__(self, study: Study) -> None:
        self._study, self._looks = study, Looks(study)
        self._places = study.table("places")
        self._venues = venues.load()
        self._busy = True
        self._shown = 0
        self._seen: dict[tuple[Any, ...], tuple[str, str]] = {}
        self.saved: Any = None
        self._make_widgets(study)
        self._name_widgets()
        self._busy = False
        for widget in self._controls():
            widget.observe(self._changed, "value")
        self.save.on_click(lambda _: self.save_figure())
        self.show()
        _keep_what_is_loaded()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)

    # --- Widgets ---------------------------------------------------------------------------------

    def _make_widgets(self, study: Study) -> None:
        chosen = study.parameters
        drop = _dropdown
        self.language = drop({"en": "English", "zh": "中文"}, chosen.language)
        self.look = drop(titles(study), "path")
        self.province = drop(self._provinces(), study.province.place_id)
        self.city = drop(self._cities(), study.city.place_id)
        self.batch = widgets.IntSlider(
            chosen.through_batch,
            1,
            LAST_BATCH,
            continuous_update=False,
            style=_WIDE,
            layout=_LAYOUT,
        )
        self.basis = drop({basis: basis for basis in BASES}, chosen.basis)
        self.venue = drop({name: name for name in self._venues}, "screen")
        self.weights = {
            name: widgets.FloatSlider(
                1.0,
                min=0.0,
                max=1.0,
                step=0.05,
                continuous_update=False,
                style=_WIDE,
                layout=_LAYOUT,
            )
            for name in CRITERIA
        }
        self.save = widgets.Button(icon="save", layout=_LAYOUT)
        self.picture, self.facts, self.notice = (widgets.HTML() for _ in range(3))
        # As many columns of controls as the window has room for, and the figure below them.
        controls = widgets.Box([*self._controls(), self.save], layout={"flex_flow": "row wrap"})
        self.box = widgets.VBox([controls, self.notice, self.picture, self.facts])

    def _controls(self) -> list[Any]:
        return [
            self.look, self.province, self.city, self.batch, self.basis, self.language, self.venue,
            *self.weights.values(),
        ]  # fmt: skip

    def _name_widgets(self) -> None:
        """Descriptions and choices in the language chosen; what was chosen stays."""
        study = self._study.told_in(self.language.value)
        t = study.t
        names = {
            "look": t("Figure", "图"), "province": t("Province", "省份"), "city": t("City", "城市"),
            "batch": t("Through batch", "截至批次"), "basis": t("Basis", "口径"),
            "language": t("Language", "语言"), "venue": t("Drawn for", "出图规格"),
        }  # fmt: skip
        for name, words in names.items():
            getattr(self, name).description = words
        criteria = (t("Weight: gap", "权重：缺口"), t("Weight: evidence", "权重：证据"), t("Weight: cheapness", "权重：低成本"))  # fmt: skip
        for widget, words in zip(self.weights.values(), criteria, strict=True):
            widget.description = words
        self.save.description = t("Save this figure", "保存此图")
        bases = (t("the study's", "原研究口径"), t("certified", "公告"), t("announced", "公示"))
        venue_names = {name: str(item.title[study.language]) for name, item in self._venues.items()}
        for widget, choices in (
            (self.look, titles(study)), (self.province, self._provinces()),
            (self.city, self._cities()), (self.basis, dict(zip(BASES, bases, strict=True))),
            (self.venue, venue_names),
        ):  # fmt: skip
            _offer(widget, choices, widget.value)

    def _provinces(self) -> dict[str, str]:
        """Names of the provinces by code, in the language chosen."""
        places = self._places[self._places["level"] == "province"]
        return self._named(places)

    def _cities(self) -> dict[str, str]:
        """Names of the cities of the province chosen; a municipality is its own city."""
        inside = self._places[self._places["province_id"] == self.province.value]
        cities = inside[inside["level"] == "prefecture"]
        return self._named(cities if len(cities) else inside[inside["level"] == "province"])

    def _named(self, places: pd.DataFrame) -> dict[str, str]:
        names = places["name_zh" if self.language.value == "zh" else "name_en"].fillna(
            places["name_zh"]
        )
        return dict(zip(places["place_id"], names, strict=True))

    # --- Changes ---------------------------------------------------------------------------------

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Widgets that the explorer itself changes do not make it draw again."""
        before, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = before

    def _changed(self, change: Mapping[str, Any]) -> None:
        if self._busy:
            return
        with self._quietly():
            if change["owner"] is self.province:
                _offer(self.city, self._cities())
            if change["owner"] is self.language:
                self._name_widgets()
        self.show()

    def chosen(self) -> Parameters:
        """The parameters chosen."""
        return replace(
            self._study.parameters, province=self.province.value, city=self.city.value,
            through_batch=self.batch.value, basis=self.basis.value, language=self.language.value,
        )  # fmt: skip

    def chosen_weights(self) -> dict[str, float]:
        """The weights chosen, divided by their sum.

        Raises
        ------
        InputError
            All are nought.
        """
        given = {name: float(widget.value) for name, widget in self.weights.items()}
        total = sum(given.values())
        if not total > 0:
            t = self._study.told_in(self.language.value).t
            raise InputError(
                t(
                    "all three weights are 0: move at least one slider to the right.",
                    "三个权重均为0：请把至少一个滑块向右移。",
                )
            )
        return {name: value / total for name, value in given.items()}

    # --- Showing ---------------------------------------------------------------------------------

    def show(self) -> None:
        """Draw what is chosen, then look for the rank, which takes longer."""
        self._shown += 1
        number = self._shown
        self._offer_weights()
        try:
            study = self._looks.glance(self.chosen())
            # Other figures are the same whatever the weights.
            needed = self.chosen_weights() if self.look.value == "policy" else {}
            weights = tuple(needed.items())
            self.picture.value, missing = self._picture(study, weights)
            self.notice.value = _paragraph(missing)
            self.facts.value = self._facts(study, dict(weights))
        except InputError as error:
            self.picture.value = self.facts.value = ""
            self.notice.value = _paragraph(str(error))
            return
        if not weights:
            _soon(lambda: self._add_rank(study, number))
        _later(PAUSE, lambda: self._prepare(study, number))

    def _offer_weights(self) -> None:
        """Weights can be moved where they matter: with the figure of measures."""
        for widget in self.weights.values():
            widget.disabled = self.look.value != "policy"

    def _picture(self, study: Glance, weights: tuple[tuple[str, float], ...]) -> tuple[str, str]:
        """The figure as HTML, and what is missing for it, from memory if it was drawn before."""
        look, venue = self.look.value, self.venue.value
        key = (look, venue, study.language, *self._looks.depends(look, study), *weights)
        if key not in self._seen:
            self._seen[key] = self._drawn(look, study, venue, dict(weights))
        return self._seen[key]

    def _drawn(
        self, look: str, study: Glance, venue: str, weights: Mapping[str, float]
    ) -> tuple[str, str]:
        """The figure as HTML, and what is missing for it; one of them is empty."""
        call = self._looks.call(look, study, weights)
        if isinstance(call, str):
            return "", call
        view, arguments = call
        setting = replace(self._venues[venue].at(), formats=("png",), dpi=DPI)
        with figures.using(setting):
            figure, record, _ = recipes.Recipe("figure", view, arguments).tell(study)
            content = figures.render(figure, record, study.language)["png"]
        return _image(content, record, study.language, framed=setting.framed), ""

    def _facts(self, study: Glance, weights: Mapping[str, float], rank: Any = None) -> str:
        """Key figures of the place, or the measures in the order of the weights, as HTML."""
        frame, record = (
            self._looks.ranking(study, weights) if weights else self._looks.key_figures(study, rank)
        )
        frame = frame.head(ROWS)
        return f"<style>{table_files.CSS}</style>{table_files.html_table(frame, record, study.language)}"

    def _add_rank(self, study: Glance, number: int) -> None:
        """Show the rank, unless something else is shown by now."""
        if number == self._shown:
            self.facts.value = self._facts(study, {}, self._looks.rank(study))

    def _prepare(self, study: Glance, number: int) -> None:
        """Work ahead in small steps as long as nothing is asked for."""
        # What is wrong with the data of a province is told when that province is chosen.
        with suppress(InputError):
            if number == self._shown and self._looks.prepare(study):
                _later(BREATH, lambda: self._prepare(study, number))

    # --- Saving ----------------------------------------------------------------------------------

    def save_figure(self) -> None:
        """Save the figure as the notebooks do: all formats, data, caption and recipe.

        It goes to ``explore`` below the output folder, with a folder for each venue other than the
        screen, for the weights of measures and for each choice of parameters; figures of finished
        studies stay as they are. ``study export --study`` takes the folder.
        """
        parameters, venue = self.chosen(), self._venues[self.venue.value]
        folder = output_root(parameters) / FOLDER
        folder = folder if venue.name == "screen" else folder / venue.name
        try:
            weights = self.chosen_weights() if self.look.value == "policy" else {}
            if weights:  # the same figure by other weights is another one
                folder /= "_".join(["weights", *(f"{100 * w:.1f}" for w in weights.values())])
            study = make_study(replace(parameters, output_dir=str(folder)), self._study.notebook)
            glance = self._looks.glance(parameters)
            call = self._looks.call(self.look.value, glance, weights, full=True)
            if isinstance(call, str):
                self.notice.value = _paragraph(call)
                return
            view, arguments = call
            with figures.using(venue.at()):
                self.saved = study.figure(view, *arguments)
            # What study export needs to know of the study that a recipe belongs to.
            record = {"parameters": asdict(study.parameters)}
            write_bytes(json.dumps(record, ensure_ascii=False).encode(), study.folder / "run.json")
        except InputError as error:
            self.notice.value = _paragraph(str(error))
            return
        files = _files(study.folder, self.saved.record.name)
        told = study.t(f"Saved in {study.folder}: {', '.join(files)}", f"已保存于 {study.folder}：{'、'.join(files)}")  # fmt: skip
        self.notice.value = _paragraph(told)


def _dropdown(choices: Mapping[str, str], value: str) -> Any:
    widget = widgets.Dropdown(style=_WIDE, layout=_LAYOUT)
    _offer(widget, choices, value)
    return widget


def _offer(widget: Any, choices: Mapping[str, str], value: str | None = None) -> None:
    """Offer choices by their names; without a value the first is chosen."""
    kept = next(iter(choices)) if value is None else value
    widget.options = [(words, name) for name, words in choices.items()]
    widget.value = kept


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""


def _image(content: bytes, record: Record, language: str, framed: bool) -> str:
    """A picture with its alternative text, and its caption where the picture holds none."""
    data = base64.b64encode(content).decode("ascii")
    alt = escape(record.alt_text(language), quote=True)
    # The ground is that of the picture, white under any theme.
    picture = f'<img style="max-width:100%" alt="{alt}" src="data:image/png;base64,{data}">'
    if framed:
        return picture
    notes = escape(record.footer(language)).replace("\n", "<br>")
    return f'{picture}<p><b>{escape(record.title)}</b></p><p class="table-notes">{notes}</p>'


def _files(folder: Path, name: str) -> list[str]:
    """Files of a saved figure, relative to the study's folder."""
    found = [*folder.glob(f"figures/{name}.*"), *folder.glob(f"{recipes.FOLDER}/{name}.*")]
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _soon(work: Callable[[], None]) -> None:
    """Work once what was shown is on its way to the screen; at once where no kernel runs."""
    try:
        asyncio.get_running_loop().call_soon(work)
    except RuntimeError:
        work()


def _later(seconds: float, work: Callable[[], None]) -> None:
    """Work after a while; not at all where no kernel runs, since nobody waits there."""
    with suppress(RuntimeError):
        asyncio.get_running_loop().call_later(seconds, work)


@cache
def _keep_what_is_loaded() -> None:
    """What is loaded by now stays. To look through it for garbage takes as long as to draw."""
    gc.freeze()
