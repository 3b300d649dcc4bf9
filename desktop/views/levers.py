"""Every lever of the analysis, with one line that says what it does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.errors import LeitmotifError
from core.features import BASE_NAMES
from core.options import ALGORITHMS, ORDERS, RECIPES, AnalysisOptions, PlaylistOptions, Recipe, SizeOptions
from desktop import messages
from desktop.session import Session
from desktop.theme import GRID, Theme
from desktop.widgets.basics import button, label, row

_MOST_TRACKS = 1_000_000
_MOST_WEIGHT = 5.0


class LeversPanel(QScrollArea):
    """Recipe, algorithm, numbers, features and weights, playlists.

    Parameters
    ----------
    session : Session
        What they move.
    theme : Theme
        Fonts and colours.
    """

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self._filling = False
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(messages.LEVERS())
        inner = QWidget()
        page = QVBoxLayout(inner)
        page.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        page.setSpacing(GRID)
        page.addLayout(row(label(messages.LEVERS().upper(), role="head"), 0, button(messages.RESET(), self._reset)))
        self.trouble = label(role="error", wrap=True)
        self.trouble.hide()
        page.addWidget(self.trouble)
        page.addLayout(self._build_method())
        page.addWidget(label(messages.FEATURE_WEIGHTS(), role="head"))
        page.addLayout(self._build_weights())
        page.addWidget(label(messages.PLAYLISTS(), role="head"))
        page.addLayout(self._build_playlists())
        page.addStretch(1)
        self.setWidget(inner)
        session.outcome_changed.connect(self._show)
        self._show()

    def _build_method(self) -> QFormLayout:
        self.recipe, self.algorithm, self.inside = QComboBox(), QComboBox(), QComboBox()
        for name in RECIPES:
            self.recipe.addItem(messages.RECIPE_MEANINGS[name](), name)
        for algorithm in ALGORITHMS:
            self.algorithm.addItem(messages.ALGORITHM_MEANINGS[algorithm](), algorithm)
        for choice in (self.recipe, self.algorithm, self.inside):
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            choice.setMinimumContentsLength(10)
        self.k = QSpinBox()
        self.k.setRange(1, 200)
        self.k.setSpecialValueText(messages.AUTO())
        self.seed = QSpinBox()
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setToolTip(messages.SEED_TIP())
        self.recipe.activated.connect(self._take_recipe)
        self.algorithm.activated.connect(self._apply)
        self.inside.activated.connect(self._go_inside)
        self.k.editingFinished.connect(self._apply)
        self.seed.editingFinished.connect(self._apply)
        form = _form()
        for text, box in (
            (messages.RECIPE(), self.recipe), (messages.HOW_MANY(), self.k), (messages.ALGORITHM(), self.algorithm),
            (messages.SEED(), self.seed), (messages.INSIDE_GENRE(), self.inside),
        ):  # fmt: skip
            _add(form, text, box)
        return form

    def _build_weights(self) -> QFormLayout:
        self.weights: dict[str, QDoubleSpinBox] = {}
        form = _form()
        for name in BASE_NAMES:
            box = self.weights[name] = QDoubleSpinBox()
            box.setRange(0.0, _MOST_WEIGHT)
            box.setSingleStep(0.1)
            box.setDecimals(1)
            box.editingFinished.connect(self._apply)
            _add(form, messages.feature_name(name), box)
            box.setToolTip(messages.column_tip(name))
        return form

    def _build_playlists(self) -> QFormLayout:
        self.smallest, self.largest, self.per_artist = QSpinBox(), QSpinBox(), QSpinBox()
        for box in (self.smallest, self.largest, self.per_artist):
            box.setRange(0, _MOST_TRACKS)
            box.setSpecialValueText(messages.ANY())
            box.editingFinished.connect(self._apply)
        self.order = QComboBox()
        for name in ORDERS:
            self.order.addItem(messages.ORDER_MEANINGS[name](), name)
        self.order.activated.connect(self._apply)
        self.no_explicit = QCheckBox(messages.NO_EXPLICIT())
        self.no_duplicates = QCheckBox(messages.NO_DUPLICATES())
        form = _form()
        _add(form, messages.SIZES_FROM(), self.smallest)
        _add(form, messages.SIZES_TO(), self.largest)
        _add(form, messages.ORDER(), self.order)
        _add(form, messages.MAX_PER_ARTIST(), self.per_artist)
        for one in (self.smallest, self.largest):
            one.setSuffix(messages.SIZES())
        for check in (self.no_explicit, self.no_duplicates):
            check.clicked.connect(self._apply)
            check.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            form.addRow(check)
        return form

    def _show(self) -> None:
        """Put the levers where the options are."""
        shown = self._session.shown
        options = shown.analysis.options if shown else self._session.options
        self._filling = True
        self._fill(options)
        place = self._session.place
        genres = list(shown.analysis.genres.counts) if shown else []
        self.inside.clear()
        self.inside.addItem(messages.ALL_GENRES(), "")
        if place is not None and place.inside:
            self.inside.addItem(place.inside, place.inside)
            self.inside.setCurrentIndex(1)
        else:
            for genre in genres:
                top = genre.split("/")[0] if genre in (shown.analysis.genres.absorbed if shown else {}) else genre
                self.inside.addItem(genre, top)
        self.trouble.hide()
        self._filling = False

    def _fill(self, options: AnalysisOptions) -> None:
        recipe = options.recipe
        self.recipe.setCurrentIndex(max(self.recipe.findData(recipe.name), 0))
        self.algorithm.setCurrentIndex(self.algorithm.findData(recipe.cluster.algorithm))
        wanted = options.sizes.playlists or (recipe.k if isinstance(recipe.k, int) else 1)
        self.k.setValue(wanted)
        self.seed.setValue(min(recipe.cluster.seed, 2**31 - 1))
        for name, box in self.weights.items():
            used = name in recipe.prepare.features
            box.setValue(recipe.prepare.weights.get(name, 1.0) if used else 0.0)
        self.smallest.setValue(options.sizes.smallest)
        self.largest.setValue(options.sizes.largest)
        self.order.setCurrentIndex(self.order.findData(options.playlists.order))
        self.per_artist.setValue(options.playlists.max_per_artist)
        self.no_explicit.setChecked(options.playlists.explicit == "drop")
        self.no_duplicates.setChecked(options.playlists.deduplicate)

    def options(self, base: AnalysisOptions) -> AnalysisOptions:
        """Return what the levers say.

        Raises
        ------
        OptionError
            When two of them contradict each other.
        """
        recipe = base.recipe
        weights = {name: box.value() for name, box in self.weights.items() if name in recipe.prepare.features}
        k: Any = self.k.value() if self.k.value() > 1 else ("auto" if isinstance(recipe.k, int) else recipe.k)
        changed = replace(
            recipe,
            k=k,
            prepare=replace(recipe.prepare, weights=weights),
            cluster=replace(recipe.cluster, algorithm=self.algorithm.currentData(), seed=self.seed.value()),
        )
        return AnalysisOptions(
            recipe=changed,
            sizes=SizeOptions(smallest=self.smallest.value(), largest=self.largest.value()),
            playlists=self._curation(base.playlists),
        )

    def _curation(self, before: PlaylistOptions) -> PlaylistOptions:
        return replace(
            before,
            order=self.order.currentData(),
            max_per_artist=self.per_artist.value(),
            explicit="drop" if self.no_explicit.isChecked() else "keep",
            deduplicate=self.no_duplicates.isChecked(),
        )

    def _apply(self) -> None:
        if self._filling:
            return
        base = self._session.options
        try:
            wanted = self.options(base)
        except LeitmotifError as error:
            self.trouble.setText(error.line())
            self.trouble.show()
            return
        self.trouble.hide()
        if _differs(wanted, base):
            self._session.set_options(wanted)

    def _take_recipe(self) -> None:
        recipe: Recipe = RECIPES[self.recipe.currentData()]
        if recipe.name != self._session.options.recipe.name:
            self._session.set_options(replace(self._session.options, recipe=recipe))

    def _reset(self) -> None:
        recipe: Recipe = RECIPES.get(self._session.options.recipe.name, RECIPES["balanced"])
        self._filling = True
        self._fill(AnalysisOptions(recipe))
        self._filling = False
        self._session.set_options(AnalysisOptions(recipe))

    def _go_inside(self) -> None:
        place = self._session.place
        genre = self.inside.currentData()
        if place is None or genre == place.inside:
            return
        if genre:
            self._session.go_inside(genre)
        else:
            self._session.go_back(0)


def _differs(wanted: AnalysisOptions, base: AnalysisOptions) -> bool:
    """Tell whether two sets of options lead to different analyses: a weight of 1 is the same as none."""

    def plain(options: AnalysisOptions) -> AnalysisOptions:
        prepare = options.recipe.prepare
        weights = {name: round(prepare.weights.get(name, 1.0), 3) for name in prepare.features}
        genres = replace(options.recipe.genres, inside="")
        return replace(
            options, recipe=replace(options.recipe, prepare=replace(prepare, weights=weights), genres=genres)
        )

    return plain(wanted) != plain(base)


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(GRID)
    form.setVerticalSpacing(GRID)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    return form


def _add(form: QFormLayout, text: str, box: QWidget) -> None:
    box.setAccessibleName(text)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    box.setMinimumWidth(9 * GRID)
    form.addRow(label(text), box)
