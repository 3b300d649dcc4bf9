"""The workers: latest wins, late results dropped, bounded end, progress that the eye can follow."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from core.progress import Report
from desktop.tasks import REPORTS_PER_SECOND, Worker, Workers


@pytest.fixture
def worker(qtbot: QtBot) -> Iterator[Worker]:
    made = Worker("leitmotif-test")
    yield made
    assert made.close()


class Gate:
    """Work that goes on until it may end, reporting all the while."""

    def __init__(self, result: str) -> None:
        self.result, self.began, self.may_end = result, threading.Event(), threading.Event()

    def __call__(self, report: Report) -> str:
        self.began.set()
        while not self.may_end.wait(0.002):
            report(0, 0, "waiting")
        return self.result


def test_work_runs_elsewhere_and_its_result_arrives_here(worker: Worker, qtbot: QtBot) -> None:
    seen: list[tuple[str, str]] = []
    worker.start(
        lambda _: threading.current_thread().name,
        done=lambda name: seen.append((name, threading.current_thread().name)),
        failed=pytest.fail,
    )
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [("leitmotif-test", threading.main_thread().name)]
    assert not worker.is_busy


def test_the_latest_wins_and_the_one_before_is_stopped(worker: Worker, qtbot: QtBot) -> None:
    arrived: list[str] = []
    first = Gate("first")
    worker.start(first, done=arrived.append, failed=pytest.fail)
    assert first.began.wait(5)
    worker.start(lambda _: "second", done=arrived.append, failed=pytest.fail)
    qtbot.waitUntil(lambda: "second" in arrived)
    assert arrived == ["second"]


def test_a_result_that_comes_too_late_is_dropped(worker: Worker, qtbot: QtBot) -> None:
    arrived: list[str] = []
    began, go = threading.Event(), threading.Event()

    def deaf(report: Report) -> str:
        began.set()
        assert go.wait(5)
        return "late"

    worker.start(deaf, done=arrived.append, failed=pytest.fail)
    assert began.wait(5)
    worker.cancel()
    assert not worker.is_busy
    go.set()
    worker.start(lambda _: "next", done=arrived.append, failed=pytest.fail)
    qtbot.waitUntil(lambda: bool(arrived))
    assert arrived == ["next"]


def test_queued_work_is_not_retired(worker: Worker, qtbot: QtBot) -> None:
    arrived: list[str] = []
    gate = Gate("ran")
    worker.start(gate, done=arrived.append, failed=pytest.fail)
    assert gate.began.wait(5)
    worker.queue(lambda _: "kept", done=arrived.append, failed=pytest.fail)
    worker.start(lambda _: "latest", done=arrived.append, failed=pytest.fail)
    qtbot.waitUntil(lambda: len(arrived) == 2)
    assert arrived == ["kept", "latest"]


def test_queued_work_is_finished_before_the_end(qtbot: QtBot) -> None:
    worker, ran = Worker("leitmotif-test"), []
    gate = Gate("")
    worker.start(gate, done=pytest.fail, failed=pytest.fail)
    assert gate.began.wait(5)
    worker.queue(lambda _: ran.append("kept"), failed=pytest.fail)
    assert worker.close()
    assert ran == ["kept"]


def test_work_that_cannot_be_stopped_does_not_hold_the_end_up(qtbot: QtBot) -> None:
    worker = Worker("leitmotif-test")
    began, go = threading.Event(), threading.Event()

    def deaf(report: Report) -> None:
        began.set()
        go.wait(10)

    worker.start(deaf, done=pytest.fail, failed=pytest.fail)
    assert began.wait(5)
    assert not worker.close(seconds=0.05)
    go.set()
    assert worker.close(seconds=5)


def test_an_exception_arrives_as_what_it_is(worker: Worker, qtbot: QtBot) -> None:
    seen: list[BaseException] = []

    def broken(report: Report) -> None:
        raise ZeroDivisionError("nothing to share")

    worker.start(broken, done=pytest.fail, failed=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert isinstance(seen[0], ZeroDivisionError)


def test_progress_is_no_quicker_than_the_eye(worker: Worker, qtbot: QtBot) -> None:
    told: list[int] = []
    done: list[int] = []

    def work(report: Report) -> int:
        for step in range(20_000):
            report(step, 20_000, "counting")
        return 1

    worker.start(work, done=done.append, failed=pytest.fail, progressed=lambda step, *_: told.append(step))
    with qtbot.waitSignal(worker.busy_changed, timeout=20_000):
        pass
    assert done == [1]
    assert 1 <= len(told) < 20_000 / REPORTS_PER_SECOND
    assert told == sorted(told)


class Cycle:
    """Refers to itself, so that only the collection of cycles frees it."""

    def __init__(self, freed: list[int]) -> None:
        self.me, self.freed = self, freed

    def __del__(self) -> None:
        self.freed.append(threading.get_ident())


def test_cycles_are_freed_after_the_work_and_in_this_thread(qtbot: QtBot) -> None:
    workers, freed, during = Workers(), [], []

    def work(report: Report) -> None:
        Cycle(freed)
        for _ in range(5000):
            during.append([during])
        during.append(gc.isenabled())
        report(1, 1, "")

    assert gc.isenabled()
    for worker in (workers.compute, workers.network):
        worker.queue(work, failed=pytest.fail)
    qtbot.waitUntil(lambda: len(freed) == 2)
    assert [seen for seen in during if isinstance(seen, bool)] == [False, False]
    assert set(freed) == {threading.get_ident()}
    qtbot.waitUntil(gc.isenabled)
    assert workers.close()


def test_closing_turns_the_collection_on_again(qtbot: QtBot) -> None:
    workers = Workers()
    begun = threading.Event()
    workers.network.queue(lambda _: begun.set(), failed=pytest.fail)
    assert begun.wait(5)
    assert workers.close()
    assert gc.isenabled()
