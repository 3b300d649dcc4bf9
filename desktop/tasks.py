"""The only threads: one for computing, one for the network and the disk.

A worker does one piece of work at a time. Starting another retires the one before: it is asked to stop, and
whatever it still brings is dropped. Work that must not be lost, such as keeping a run, is queued instead. Results
arrive in the window's thread.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal

from core.progress import Cancelled, Report, silent

T = TypeVar("T")

#: Progress is shown at most this many times a second; more costs time and cannot be seen.
REPORTS_PER_SECOND = 30
#: How long closing waits for a worker. Work looks at its report several times a second; longer than this it hangs.
CLOSE_SECONDS = 3.0
#: While a worker computes in Python, the window's thread gets its turn after this many seconds instead of five
#: thousandths; each thing it does needs several turns.
SWITCH_SECONDS = 0.001
#: How often new objects are looked at while no library is analysed.
TIDY_MS = 30_000
#: So many modules more mean that large libraries were loaded, whose objects stay for good.
MANY_MODULES = 50


def _forget(result: object) -> None:
    """Take a result nobody needs."""


@dataclass(eq=False)
class Task(Generic[T]):
    """One piece of work and what is to be done with what comes of it.

    Attributes
    ----------
    work : callable
        Takes a report, returns a result; runs in the worker and touches no widget.
    done : callable
        Takes the result, in the window's thread.
    failed : callable
        Takes the exception, in the window's thread.
    progressed : callable
        Takes done, total and text, in the window's thread.
    queued : bool
        Whether it waits for its turn and is not retired by what comes after.
    """

    work: Callable[[Report], T]
    done: Callable[[T], None]
    failed: Callable[[BaseException], None]
    progressed: Callable[[int, int, str], None]
    queued: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask the work to stop, and drop whatever it still brings."""
        self._stop.set()

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._stop.is_set()


class _Collection:
    """Keeps Python's collection of cycles still while a worker works.

    It stops all threads, and with the objects of a large library it takes a fifth of a second, several times in one
    analysis. So it waits until the workers rest, and then looks only at what is new. That happens in the window's
    thread, the only one in which Qt's objects may be freed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._working = 0
        self._modules = 0

    def hold(self) -> None:
        """Note that a worker has begun; called in any thread."""
        with self._lock:
            if not self._working:
                gc.disable()
                self._modules = len(sys.modules)
            self._working += 1

    def release(self) -> None:
        """Note that a worker rests; called in the window's thread."""
        with self._lock:
            self._working -= 1
            if self._working:
                return
            if len(sys.modules) - self._modules > MANY_MODULES:
                gc.freeze()
            else:
                gc.collect(0)
            gc.enable()


_collection = _Collection()


class Worker(QObject):
    """One thread that does one thing at a time.

    Parameters
    ----------
    name : str
        What debuggers call the thread.
    parent : QObject, optional
        Its owner.
    """

    #: Whether a task that can be retired is under way.
    busy_changed = Signal(bool)
    _arrived = Signal(object, str, object)
    _rested = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Task[Any]] = deque()
        self._current: Task[Any] | None = None
        self._latest: Task[Any] | None = None
        self._closing = False
        self._wake = threading.Condition()
        self._held = 0
        self._rested.connect(self._release, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        """Whether a task that can be retired is under way."""
        return self._latest is not None

    def start(
        self,
        work: Callable[[Report], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
        progressed: Callable[[int, int, str], None] = silent,
    ) -> Task[T]:
        """Start work in place of what was started before.

        Parameters
        ----------
        work, done, failed, progressed
            See `Task`.

        Returns
        -------
        Task
            To be cancelled, if need be.
        """
        task = Task(work, done, failed, progressed)
        with self._wake:
            if self._latest is not None:
                self._latest.cancel()
            self._waiting = deque(waiting for waiting in self._waiting if waiting.queued)
            self._waiting.append(task)
            was_busy, self._latest = self._latest is not None, task
            self._wake.notify()
        if not was_busy:
            self.busy_changed.emit(True)
        return task

    def queue(
        self,
        work: Callable[[Report], T],
        *,
        done: Callable[[T], None] = _forget,
        failed: Callable[[BaseException], None],
        progressed: Callable[[int, int, str], None] = silent,
    ) -> Task[T]:
        """Do work when its turn comes, whatever is started meanwhile; see `start`."""
        task = Task(work, done, failed, progressed, queued=True)
        with self._wake:
            self._waiting.append(task)
            self._wake.notify()
        return task

    def cancel(self) -> None:
        """Stop the task under way; queued work goes on."""
        if self._latest is not None:
            self._latest.cancel()
            self._finish(self._latest)

    def abandon(self) -> None:
        """Ask everything to stop, also what is queued."""
        with self._wake:
            for task in (self._current, *self._waiting):
                if task is not None:
                    task.cancel()
            self._waiting.clear()

    def close(self, seconds: float = CLOSE_SECONDS) -> bool:
        """Stop what can be stopped, finish what is queued, and end the thread.

        Parameters
        ----------
        seconds : float
            How long to wait at most.

        Returns
        -------
        bool
            Whether the thread has ended. If not, the process must not wait for it.
        """
        with self._wake:
            if self._latest is not None:
                self._latest.cancel()
            self._waiting = deque(task for task in self._waiting if task.queued)
            self._closing = True
            self._wake.notify()
        self._thread.join(seconds)
        self._latest = None
        ended = not self._thread.is_alive()
        while ended and self._held:
            self._release()
        return ended

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._closing:
                    self._wake.wait()
                if not self._waiting:
                    return
                task = self._current = self._waiting.popleft()
            if not task.cancelled:
                self._held += 1
                _collection.hold()
                self._work(task)
                self._rested.emit()
            self._current = None

    def _release(self) -> None:
        if self._held:
            self._held -= 1
            _collection.release()

    def _work(self, task: Task[Any]) -> None:
        try:
            result = task.work(_Throttled(task, self._tell))
        except Cancelled:
            return
        except BaseException as error:  # noqa: BLE001 - whatever it is, the window must hear of it
            self._tell(task, "failed", error)
        else:
            self._tell(task, "done", result)

    def _tell(self, task: Task[Any], what: str, value: object) -> None:
        if not (self._closing and what == "progress"):
            self._arrived.emit(task, what, value)

    def _deliver(self, task: Task[Any], what: str, value: Any) -> None:
        """Hand on what a task brought; called in the window's thread."""
        if QThread.currentThread() is not self.thread():
            raise RuntimeError("a result must be handed over in the window's thread")
        if task.cancelled or self._closing:
            return
        if what == "progress":
            task.progressed(*value)
            return
        self._finish(task)
        (task.done if what == "done" else task.failed)(value)

    def _finish(self, task: Task[Any]) -> None:
        if task is self._latest:
            self._latest = None
            self.busy_changed.emit(False)


class _Throttled:
    """A report that stops cancelled work and passes on no more than the eye can follow."""

    def __init__(self, task: Task[Any], tell: Callable[[Task[Any], str, object], None]) -> None:
        self._task, self._tell = task, tell
        self._told = 0.0

    def __call__(self, done: int, total: int, text: str) -> None:
        """Pass progress on.

        Raises
        ------
        Cancelled
            When nobody waits for the work any more.
        """
        if self._task.cancelled:
            raise Cancelled
        now = time.monotonic()
        if now - self._told >= 1.0 / REPORTS_PER_SECOND:
            self._told = now
            self._tell(self._task, "progress", (done, total, text))


class Workers(QObject):
    """The three workers.

    Attributes
    ----------
    compute : Worker
        Reading and analysing libraries.
    network : Worker
        Whatever waits for a service. It may be asked to stop at any time, also while the window closes.
    disk : Worker
        What is kept and looked up on this computer; it never waits for a service.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        sys.setswitchinterval(SWITCH_SECONDS)
        self.compute = Worker("leitmotif-compute", self)
        self.network = Worker("leitmotif-network", self)
        self.disk = Worker("leitmotif-disk", self)
        # A service may be waited for an hour, and what is new must not pile up meanwhile.
        self._tidy = QTimer(self)
        self._tidy.setInterval(TIDY_MS)
        self._tidy.timeout.connect(self._collect)
        self._tidy.start()

    def _collect(self) -> None:
        """Free the cycles among new objects, in the window's thread."""
        if not self.compute.is_busy:
            gc.collect(1)

    def close(self) -> bool:
        """End them; return whether they have ended."""
        self._tidy.stop()
        self.network.abandon()
        ended = [worker.close() for worker in (self.compute, self.disk, self.network)]
        return all(ended)
