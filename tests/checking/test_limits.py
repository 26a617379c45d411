"""A learner's CPU budget: loops are stopped, imports are not charged."""

import _thread
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType

import pytest

from chisel.checking.limits import OutOfTime, run_within


def spin(cpu_seconds: float) -> None:
    end = time.thread_time() + cpu_seconds
    while time.thread_time() < end:
        pass


def test_endless_loop_is_stopped() -> None:
    assert isinstance(run_within(lambda: spin(60), cpu_seconds=0.1), OutOfTime)


def test_work_within_the_budget_ends_by_itself() -> None:
    assert run_within(lambda: spin(0.05), cpu_seconds=5) is None


def test_time_in_which_modules_are_loaded_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_many_modules() -> None:
        for n in range(100):
            monkeypatch.setitem(sys.modules, f"loaded_{n}", ModuleType(f"loaded_{n}"))
            spin(0.005)

    assert run_within(load_many_modules, cpu_seconds=0.2) is None


def test_what_is_raised_is_handed_back() -> None:
    def fail() -> None:
        raise SystemExit(3)

    assert isinstance(run_within(fail), SystemExit)


def swallow() -> None:
    total = 0
    while True:
        try:
            total += sum(i for i in range(50))
        except:  # noqa: E722  # what a learner may write
            total = 0


def swallow_nested() -> None:
    while True:
        try:
            swallow()
        except BaseException:
            continue


@pytest.mark.parametrize("loop", [swallow, swallow_nested])
def test_a_loop_that_catches_everything_is_stopped_and_not_left_behind(loop: Callable[[], None]) -> None:
    assert isinstance(run_within(loop, cpu_seconds=0.05), OutOfTime)
    assert not [t for t in threading.enumerate() if t.name == "chisel-check" and t.is_alive()]


def test_waiting_without_computing_is_stopped_by_the_clock_on_the_wall() -> None:
    def wait() -> None:
        while True:
            time.sleep(0.01)

    begin = time.monotonic()
    assert isinstance(run_within(wait, wall_seconds=0.1), OutOfTime)
    assert time.monotonic() - begin < 10


def test_one_long_wait_is_left_behind() -> None:
    free = threading.Event()

    def wait() -> None:
        free.wait()

    begin = time.monotonic()
    assert isinstance(run_within(wait, wall_seconds=0.05), OutOfTime)
    assert time.monotonic() - begin < 10
    free.set()


def test_interrupting_the_wait_goes_through_and_stops_the_work() -> None:
    def loop() -> None:
        threading.Timer(0.1, _thread.interrupt_main).start()
        while True:
            pass

    with pytest.raises(KeyboardInterrupt):
        run_within(loop, cpu_seconds=60)
    assert not [t for t in threading.enumerate() if t.name == "chisel-check" and t.is_alive()]
