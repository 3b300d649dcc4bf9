"""What the command line shows while it works: a bar on a terminal, plain lines elsewhere, one line for an error."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator

from core.library import Notice
from core.progress import Report


@contextlib.contextmanager
def console_report() -> Iterator[Report]:
    """Show progress on standard error until the block ends.

    Yields
    ------
    Report
        A bar with the text of the step on a terminal; elsewhere one line each time the text changes.
    """
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Starting", total=None)

        def report(done: int, total: int, text: str) -> None:
            progress.update(task, completed=done, total=total or None, description=text)

        yield report


class _Lines:
    """Reports as lines, each step once: steps that come again and again would fill a log.

    What stands behind a colon counts on (seconds left, rows read) and makes no new step.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, done: int, total: int, text: str) -> None:
        """Print the text when its step is new."""
        del done, total
        step = text.partition(": ")[0]
        if step not in self._seen:
            self._seen.add(step)
            say(f"{text} …", error=True)


def say(text: str, *, error: bool = False) -> None:
    """Print one text; signs that the terminal cannot show become ``?``.

    A reader that went away (``| head``) ends the program quietly.
    """
    stream = sys.stderr if error else sys.stdout
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), file=stream, flush=True)


def say_json(text: str) -> None:
    """Print JSON on standard output; signs that it cannot take are escaped, which means the same."""
    stream = sys.stdout
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        text = "".join(sign if sign.isascii() else json.dumps(sign)[1:-1] for sign in text)
    print(text, file=stream, flush=True)


def say_notices(notices: tuple[Notice, ...]) -> None:
    """Print notices on standard error, one line each."""
    for notice in notices:
        hint = f" ({notice.command})" if notice.command else ""
        say(f"note: {notice.text}{hint}", error=True)
