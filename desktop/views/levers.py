"""Every lever of the analysis, with one line that says what it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.errors import LeitmotifError
from core.features import BASE_NAMES
from core.options import ALGORITHMS, FREE_K, ORDERS, RECIPES, AnalysisOptions, PlaylistOptions, Recipe, SizeOptions
from desktop import messages
from desktop.messages import names
from desktop.messages.base import Message
from desktop.session import Session
from desktop.theme import GRID, Theme
from desktop.widgets.basics import button, label, row
from desktop.widgets.choice import Choice
from desktop.widgets.length_field import LengthField
from desktop.widgets.lever import LeverForm

_MOST_TRACKS = 1_000_000
_MOST_WEIGHT, _DECIMALS = 5.0, 2
#: Largest whole number that Qt's field takes.
_MOST_SEED = 2**31 - 1
#: Steps that follow each other faster than this make one analysis.
_PAUSE_MS = 350


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
        self._moved: QWidget = self
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._apply)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(messages.LEVERS())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.trouble = label(role="error", wrap=True)
        self.reset = button(messages.RESET(), self._reset, tip=messages.RESET_TIP())
        self._build()
        session.outcome_changed.connect(self._show)
        session.rested.connect(self._show)
        self._show()

    def _build(self) -> None:
        inner = self._inner = QWidget()
        page = QVBoxLayout(inner)
        page.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        page.setSpacing(GRID)
        page.addLayout(row(label(messages.LEVERS().upper(), role="head"), 0, self.reset))
        self.forms = (self._build_method(), self._build_weights(), self._build_playlists())
        page.addWidget(self.forms[0])
        for form, text, hint in (
            (self.forms[1], messages.FEATURE_WEIGHTS(), messages.WEIGHTS_HINT()),
            (self.forms[2], messages.IN_PLAYLISTS(), ""),
        ):
            page.addSpacing(GRID)
            page.addWidget(label(text, role="title"))
            if hint:
                page.addWidget(label(hint, role="muted", wrap=True))
            page.addWidget(form)
        page.addStretch(1)
        self.setWidget(inner)
        self.trouble.setParent(inner)
        self.trouble.hide()

    def _build_method(self) -> LeverForm:
        form = LeverForm()
        self.recipe = form.add(messages.RECIPE(), _choice(RECIPES, names.RECIPE_NAMES), " ")
        self.k = form.add(messages.HOW_MANY(), self._number(1, 200, messages.AUTO()), messages.HOW_MANY_TIP())
        self.smallest = form.add(
            messages.SIZES_FROM(), self._number(0, _MOST_TRACKS, messages.ANY()), messages.SIZES_FROM_TIP()
        )
        self.largest = form.add(
            messages.SIZES_TO(), self._number(0, _MOST_TRACKS, messages.ANY()), messages.SIZES_TO_TIP()
        )
        self.algorithm = form.add(messages.ALGORITHM(), _choice(ALGORITHMS, names.ALGORITHM_NAMES), " ")
        self.seed = form.add(messages.SEED(), self._number(0, _MOST_SEED), messages.SEED_TIP())
        self.inside = form.add(messages.INSIDE_GENRE(), _choice((), {}), messages.INSIDE_TIP())
        for one in (self.smallest, self.largest):
            one.setSuffix(messages.SIZES())
        self.recipe.activated.connect(self._take_recipe)
        self.algorithm.activated.connect(lambda: self._apply_now(self.algorithm))
        self.inside.activated.connect(self._go_inside)
        return form

    def _build_weights(self) -> LeverForm:
        self.weights: dict[str, QDoubleSpinBox] = {}
        form = LeverForm()
        for name in BASE_NAMES:
            box = self.weights[name] = QDoubleSpinBox()
            box.setRange(0.0, _MOST_WEIGHT)
            box.setSingleStep(0.1)
            box.setDecimals(_DECIMALS)
            self._follow(box)
            form.add(messages.feature_name(name), box)
            box.setToolTip(messages.column_tip(name))
            box.setAccessibleDescription(messages.column_tip(name))
        return form

    def _build_playlists(self) -> LeverForm:
        form = LeverForm()
        self.order = form.add(messages.ORDER(), _choice(ORDERS, names.ORDER_MEANINGS))
        self.order.activated.connect(lambda: self._apply_now(self.order))
        self.per_artist = form.add(
            messages.MAX_PER_ARTIST(), self._number(0, _MOST_TRACKS, messages.ANY()), messages.MAX_PER_ARTIST_TIP()
        )
        self.shortest = form.add(messages.SHORTEST(), LengthField(), messages.SHORTEST_TIP())
        self.longest = form.add(messages.LONGEST(), LengthField(), messages.LONGEST_TIP())
        self.prefix = form.add(messages.PREFIX(), QLineEdit(), messages.PREFIX_TIP())
        self.suffix = form.add(messages.SUFFIX(), QLineEdit())
        for mark in (self.prefix, self.suffix):
            mark.setPlaceholderText(messages.NO_MARK())
        for line in (self.shortest, self.longest, self.prefix, self.suffix):
            line.editingFinished.connect(lambda line=line: self._apply_now(line))
        self.no_explicit = form.add("", QCheckBox(messages.NO_EXPLICIT()))
        self.no_duplicates = form.add("", QCheckBox(messages.NO_DUPLICATES()))
        for check in (self.no_explicit, self.no_duplicates):
            check.clicked.connect(lambda _checked=False, check=check: self._apply_now(check))
        return form

    def _number(self, low: int, high: int, special: str = "") -> QSpinBox:
        box = QSpinBox()
        box.setRange(low, high)
        box.setSpecialValueText(special)
        self._follow(box)
        return box

    def _follow(self, box: QSpinBox | QDoubleSpinBox) -> None:
        """Apply what is typed when it is finished, and steps when they pause."""
        box.setKeyboardTracking(False)
        box.editingFinished.connect(lambda: self._apply_now(box))
        box.valueChanged.connect(lambda _value: self._apply_soon(box))

    def _show(self) -> None:
        """Put the levers where the options are."""
        shown = self._session.shown
        self._filling = True
        self._pause.stop()
        self._fill(shown.analysis.options if shown else self._session.options)
        self._fill_places()
        self.trouble.hide()
        self._filling = False

    def _fill(self, options: AnalysisOptions) -> None:
        recipe = options.recipe
        self.recipe.setCurrentIndex(max(self.recipe.findData(recipe.name), 0))
        self.algorithm.setCurrentIndex(self.algorithm.findData(recipe.cluster.algorithm))
        wanted = options.sizes.playlists or (recipe.k if isinstance(recipe.k, int) else 1)
        self.k.setValue(wanted)
        self.seed.setValue(min(recipe.cluster.seed, _MOST_SEED))
        for name, box in self.weights.items():
            used = name in recipe.prepare.features
            box.setValue(recipe.prepare.weights.get(name, 1.0) if used else 0.0)
            box.setEnabled(used)
        self.smallest.setValue(options.sizes.smallest)
        self.largest.setValue(options.sizes.largest)
        self.order.setCurrentIndex(self.order.findData(options.playlists.order))
        self.per_artist.setValue(options.playlists.max_per_artist)
        self.shortest.set_seconds(options.playlists.shortest_s)
        self.longest.set_seconds(options.playlists.longest_s)
        self.prefix.setText(options.playlists.prefix)
        self.suffix.setText(options.playlists.suffix)
        self.no_explicit.setChecked(options.playlists.explicit == "drop")
        self.no_duplicates.setChecked(options.playlists.deduplicate)
        free = recipe.cluster.algorithm in FREE_K
        form = self.forms[0]
        form.explain(self.recipe, names.RECIPE_MEANINGS[self.recipe.currentData()]())
        form.explain(self.algorithm, names.ALGORITHM_MEANINGS[recipe.cluster.algorithm]())
        form.explain(self.k, messages.HOW_MANY_FREE() if free else messages.HOW_MANY_TIP())
        self.k.setEnabled(not free)

    def _fill_places(self) -> None:
        """Offer the places on the trail, the genres, and the playlists."""
        trail, shown = self._session.trail, self._session.shown
        self.inside.clear()
        for level, place in enumerate(trail):
            title = messages.place(place.title) if level else messages.ALL_GENRES()
            self.inside.addItem(title, ("trail", level))
        self.inside.setCurrentIndex(max(len(trail) - 1, 0))
        if shown is None or not trail:
            return
        found = shown.analysis.genres
        if not trail[-1].inside and len(found.counts) > 1:
            self.inside.insertSeparator(self.inside.count())
            for genre in found.counts:
                self.inside.addItem(genre, ("genre", genre))
        if shown.groups:
            self.inside.insertSeparator(self.inside.count())
        for group in shown.groups:
            self.inside.addItem(group.name.text, ("playlist", group.lineage))

    @property
    def least_width(self) -> int:
        """The width in pixels below which something would be cut off."""
        return self._inner.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()

    def options(self, base: AnalysisOptions) -> AnalysisOptions:
        """Return what the levers say.

        Raises
        ------
        OptionError
            When one cannot be read, or two of them contradict each other.
        """
        recipe = base.recipe
        weights = {name: self._weight(name, recipe) for name in self.weights if name in recipe.prepare.features}
        usual = RECIPES[recipe.name].k if recipe.name in RECIPES else "auto"
        k: Any = self.k.value() if self.k.value() > 1 else (usual if isinstance(recipe.k, int) else recipe.k)
        # A seed from elsewhere may be larger than the lever goes; it stays until the lever is moved.
        seed = recipe.cluster.seed if self.seed.value() == min(recipe.cluster.seed, _MOST_SEED) else self.seed.value()
        changed = replace(
            recipe,
            k=k,
            prepare=replace(recipe.prepare, weights=weights),
            cluster=replace(recipe.cluster, algorithm=self.algorithm.currentData(), seed=seed),
        )
        return AnalysisOptions(
            recipe=changed,
            sizes=SizeOptions(smallest=self.smallest.value(), largest=self.largest.value()),
            playlists=self._curation(base.playlists),
        )

    def _weight(self, name: str, recipe: Recipe) -> float:
        """Return a feature's weight; one with more digits than its lever shows stays until the lever is moved."""
        before, shown = recipe.prepare.weights.get(name, 1.0), self.weights[name].value()
        return before if min(round(before, _DECIMALS), _MOST_WEIGHT) == shown else shown

    def _curation(self, before: PlaylistOptions) -> PlaylistOptions:
        return replace(
            before,
            order=self.order.currentData(),
            max_per_artist=self.per_artist.value(),
            shortest_s=self.shortest.seconds(),
            longest_s=self.longest.seconds(),
            prefix=self.prefix.text(),
            suffix=self.suffix.text(),
            explicit="drop" if self.no_explicit.isChecked() else "keep",
            deduplicate=self.no_duplicates.isChecked(),
        )

    def _apply_now(self, box: QWidget) -> None:
        if not self._filling:
            self._moved = box
            self._apply()

    def _apply_soon(self, box: QWidget) -> None:
        if not self._filling:
            self._moved = box
            self._pause.start()

    def _apply(self) -> None:
        self._pause.stop()
        base = self._session.options
        try:
            wanted = self.options(base)
        except LeitmotifError as error:
            self._explain(error)
            return
        self.trouble.hide()
        if _differs(wanted, base):
            self._session.set_options(wanted)

    def _explain(self, error: LeitmotifError) -> None:
        """Say what is wrong below the lever that cannot be read, or that was moved last."""
        self.trouble.setText(messages.trouble(error))
        wrong = next((line for line in (self.shortest, self.longest) if not line.is_readable), self._moved)
        for form in self.forms:
            if form.show_trouble(wrong, self.trouble):
                # When it has its place.
                QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(self.trouble))

    def _take_recipe(self) -> None:
        recipe: Recipe = RECIPES[self.recipe.currentData()]
        if recipe.name != self._session.options.recipe.name:
            self._session.set_options(replace(self._session.options, recipe=recipe))

    def _reset(self) -> None:
        recipe: Recipe = RECIPES.get(self._session.options.recipe.name, RECIPES["balanced"])
        self._filling = True
        self._fill(AnalysisOptions(recipe))
        self._filling = False
        self.trouble.hide()
        if _differs(AnalysisOptions(recipe), self._session.options):
            self._session.set_options(AnalysisOptions(recipe))

    def _go_inside(self) -> None:
        kind, what = self.inside.currentData()
        if kind == "trail":
            self._session.go_back(what)
        elif kind == "genre":
            self._session.go_inside(what)
        else:
            self._session.go_into(what)


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


def _choice(names: Iterable[str], texts: Mapping[str, Message]) -> Choice:
    box = Choice()
    for name in names:
        box.addItem(texts[name](), name)
    return box
