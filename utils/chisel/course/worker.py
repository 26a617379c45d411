"""The submission's own process: runs the learner's cells, then calls their function as often as the grader asks.

Nothing in here is trusted once the first learner's cell has run: it can read and change all of this process. It can
therefore answer as it likes, which is what a function may do anyway, and nothing else: the check is not here.
"""

import inspect
import io
import linecache
import os
import pickle
import sys
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from chisel.checking.contract import show
from chisel.checking.randomness import random_state, restore_random
from chisel.checking.settings import restore_settings, torch_settings
from chisel.checking.values import snapshot
from chisel.course import modules
from chisel.course.wire import Encoder, frame, length_of, unframe

NOT_AVAILABLE = "the library's own solution is not available to graded work"


@dataclass(frozen=True)
class Task:
    """What a worker is started with.

    Attributes:
        exercise: the name that the function must have.
        cells: (name, source) of the learner's cells, in the order of the notebook; the last one is the exercise's own.
        solution: "module:function" of the library's version.
    """

    exercise: str
    cells: tuple[tuple[str, str], ...]
    solution: str


def serve(task: Task, namespace: dict[str, Any], pipe: int) -> None:
    """Run the cells, say what came of it, and answer calls until the pipe is closed."""
    _withhold(task.solution)
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=True, errors="replace")  # each line may be the last
    trouble = ""
    for name, source in task.cells:
        error = _run_cell(name, source, namespace)
        trouble = error if name == task.exercise else ""
    function = namespace.get(task.exercise)
    ready = {"missing": task.exercise not in namespace, "trouble": trouble, **_described(function)}
    _write(pipe, frame(ready))
    kept: list[tuple[list[torch.Tensor], list[torch.Tensor]]] = []
    while (request := _read(pipe)) is not None:
        header, blob = request
        if header["do"] == "call":
            _write(pipe, _answer(function, blob, kept))  # type: ignore[arg-type]  # calling what is none raises
        else:
            _write(pipe, _gradient(header, blob, kept))


def _withhold(solution: str) -> None:
    """Let the library's function raise, here only, however it was imported."""
    module, _, name = solution.partition(":")
    function = getattr(__import__(module, fromlist=[name]), name)
    raising: dict[str, Any] = {}
    exec(f"def {name}(*arguments, **named):\n    raise RuntimeError({NOT_AVAILABLE!r})", raising)
    function.__code__ = raising[name].__code__


def _run_cell(name: str, source: str, namespace: dict[str, Any]) -> str:
    """Run one cell; return the error that ended it, in words, or nothing."""
    file = f"<cell {name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        exec(compile(source, file, "exec"), namespace)
    except BaseException as error:
        # Also SystemExit and KeyboardInterrupt: whatever ends a cell is told, and is no end of the process.
        return _words(error, file)
    return ""


def _described(function: Any) -> dict[str, Any]:
    """Tell what can be known of a function without calling it."""
    if not callable(function):
        return {"callable": False, "shown": show(function)[:300], "signature": None}
    try:
        parameters = inspect.signature(function).parameters.values()
    except (ValueError, TypeError):
        return {"callable": True, "shown": "", "signature": None}
    told = [[p.name, int(p.kind), p.default is not inspect.Parameter.empty] for p in parameters]
    return {"callable": True, "shown": "", "signature": told}


def _answer(function: Callable[..., Any], blob: bytes, kept: list[Any]) -> bytes:
    """Call the function with the arguments in `blob`, and tell what came back and what it left behind."""
    arguments, gradients, random = pickle.loads(blob)  # from the grader; this process has nothing to protect
    torch.set_rng_state(random)  # that of the check: a dropout may draw from it
    tensors = modules.tensors_of(arguments)
    for tensor, gradient in zip(tensors, gradients, strict=True):
        tensor.grad = gradient
    before, states = [snapshot(t) for t in tensors], [modules.state_of(m) for m in modules.modules_of(arguments)]
    random_before, settings_before = random_state(), torch_settings()
    whole = [snapshot(argument) for argument in arguments]
    bare = [not modules.tensors_of(argument) for argument in arguments]  # before the call, which may fill them
    optimisers = [(one, modules.parts_of(one)) for one in modules.optimisers_of(arguments)]
    header: dict[str, Any] = {}
    result: Any = None
    try:
        result = function(*arguments)
    except BaseException as error:
        file = getattr(getattr(function, "__code__", None), "co_filename", "")
        header["raised"] = _told(error, file)
    header["settings"] = restore_settings(settings_before)
    header["random"] = random_state() != random_before
    if header["random"]:
        header["drawn"] = torch.get_rng_state().numpy().tobytes().hex()
        restore_random(random_before)
    encoder = Encoder(arguments, tensors)
    if "raised" not in header:
        header["result"] = _encoded(encoder, result)
        asked = [t for t in tensors if t.requires_grad]
        header["call"], header["inputs"] = len(kept), [i for i, t in enumerate(tensors) if t.requires_grad]
        kept.append((asked, encoder.graph))
    told = Encoder()  # without arguments, so that a changed tensor is written out
    told.blob = encoder.blob
    header["tensors"] = [
        [i, told.encode(t.detach()), told.encode(t.grad) if t.is_leaf else None, t.requires_grad]
        for i, t in enumerate(tensors)
        if snapshot(t) != before[i]
    ]
    parts = modules.modules_of(arguments)
    header["modules"] = [[i, modules.state_of(m)] for i, m in enumerate(parts) if modules.state_of(m) != states[i]]
    header["optimisers"] = [_encoded(told, modules.told_of(one, trained)) for one, trained in optimisers]
    header["generators"] = [g.get_state().numpy().tobytes().hex() for g in modules.generators_of(arguments)]
    header["changed"] = [
        [i, _encoded(told, argument)]
        for i, argument in enumerate(arguments)
        if bare[i] and snapshot(argument) != whole[i]
    ]
    return frame(header, bytes(told.blob))


def _encoded(encoder: Encoder, result: Any) -> Any:
    try:
        return encoder.encode(result)
    except Exception:  # it is the learner's object, and looking at it runs code of theirs
        return {"is": "other", "name": type(result).__name__}


def _gradient(header: dict[str, Any], blob: bytes, kept: Sequence[Any]) -> bytes:
    """Differentiate results of an earlier call; the weights of each result are in `blob`."""
    inputs, outputs = kept[header["call"]]
    weights = pickle.loads(blob)
    chosen = [outputs[number] for number in header["results"]]
    encoder = Encoder()
    try:
        found = torch.autograd.grad(chosen, inputs, weights, retain_graph=True, allow_unused=True)
    except BaseException as error:  # a gradient of the learner's own making
        return frame({"raised": _told(error, "")})
    return frame({"gradients": [encoder.encode(g) for g in found]}, bytes(encoder.blob))


def _told(error: BaseException, file: str) -> dict[str, Any]:
    kinds = [[kind.__module__, kind.__name__] for kind in type(error).__mro__]
    return {"kinds": kinds, "bare": not error.args, "words": _words(error, file)}


def _words(error: BaseException, file: str) -> str:
    """The error's message, and the learner's line that it came from."""
    try:
        text = str(error)
    except Exception:  # it is the learner's class, and so is its `__str__`
        text = "(its own message cannot be shown)"
    trace: types.TracebackType | None = error.__traceback__
    line = ""
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = linecache.getline(file, trace.tb_lineno).strip()
        trace = trace.tb_next
    return (text + (f"\nat: {line}" if line else ""))[:4000]


def _read(pipe: int) -> tuple[dict[str, Any], bytes] | None:
    received = bytearray()
    while (size := length_of(received)) is None or len(received) < size:
        more = os.read(pipe, 1 << 16)
        if not more:
            return None
        received += more
    return unframe(received)


def _write(pipe: int, message: bytes) -> None:
    view = memoryview(message)
    while view:
        view = view[os.write(pipe, view) :]
