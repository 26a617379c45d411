"""The learner's function as the check sees it: a call goes to the submission's process and comes back as plain values.

Everything in here runs in the grader.
"""

import inspect
import os
import pickle
import select
import sys
import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from chisel.checking.limits import OutOfTime
from chisel.course import modules
from chisel.course.aftermath import leave_behind
from chisel.course.limits import Limits
from chisel.course.sandbox import Inmate
from chisel.course.wire import Decoder, Garbled, frame, length_of, unframe

PRINTED, SILENT, CLOSED = "printed too much", "silent", "closed"
RAISES = "its gradient raises "
_SHOWN = 4096  # bytes of output that are kept for the learner


class Ended(OutOfTime):
    """The other process is of no use any more; passes through whatever catches the learner's exceptions.

    Attributes:
        why: PRINTED, SILENT (it did not answer in time), CLOSED (it is gone), RAISES and an error's words, or what is
            wrong with its answer.
    """

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


class Line:
    """The pipe to an inmate, with what it prints on the side."""

    def __init__(self, inmate: Inmate, limits: Limits):
        self._inmate = inmate
        self._most = limits.output << 10
        self._until = time.monotonic() + limits.wall
        self._count = 0
        self.printed = bytearray()
        self.ended: Ended | None = None
        os.set_blocking(inmate.pipe, False)

    def ask(self, message: bytes | None) -> tuple[dict[str, Any], bytes]:
        """Send a message, if one is given, and return the next that comes back.

        Raises:
            Ended: none comes. From then on none will.
        """
        if self.ended is not None:
            raise self.ended
        try:
            return self._exchange(memoryview(message or b""))
        except Garbled as error:
            self.ended = Ended(str(error))
        except OSError:
            self.ended = Ended(CLOSED)
        except Ended as error:
            self.ended = error
        raise self.ended

    def listen_to_the_end(self) -> None:
        """Take what is printed already and was not looked at yet."""
        while len(self.printed) < _SHOWN and select.select([self._inmate.output], [], [], 0)[0]:
            words = os.read(self._inmate.output, 1 << 16)
            if not words:
                return
            self.printed += words[: _SHOWN - len(self.printed)]

    def _exchange(self, rest: memoryview) -> tuple[dict[str, Any], bytes]:
        received = bytearray()
        while (size := length_of(received)) is None or len(received) < size:
            left = self._until - time.monotonic()
            pipe, output = self._inmate.pipe, self._inmate.output
            reading, writing, _ = select.select([pipe, output], [pipe] if rest else [], [], max(0.0, left))
            if not reading and not writing:
                raise Ended(SILENT)
            if writing:
                rest = rest[os.write(pipe, rest) :]
            if output in reading:
                self._listen()
            if pipe in reading:
                more = os.read(pipe, 1 << 16)
                if not more:
                    raise Ended(CLOSED)
                received += more
        if len(received) != size or rest:
            raise Garbled("an answer that was not asked for")
        return unframe(received)

    def _listen(self) -> None:
        words = os.read(self._inmate.output, 1 << 16)
        self._count += len(words)
        self.printed += words[: max(0, _SHOWN - len(self.printed))]
        if self._count > self._most:
            raise Ended(PRINTED)
        if not words:  # closed by the submission: nothing more to hear, and not worth a busy loop
            time.sleep(0.001)


class RemoteFunction:
    """Call it like the learner's function."""

    def __init__(self, line: Line, ready: dict[str, Any]):
        self._line = line
        self.ready = ready
        told = ready.get("signature")
        if isinstance(told, list):
            self.__signature__ = _signature(told)

    def __call__(self, *arguments: Any) -> Any:
        """Make the call over there.

        Raises:
            Ended: there is no answer.
            Exception: of the same name and message as the one that the function raised.
        """
        tensors = modules.tensors_of(arguments)
        gradients = [t.grad if t.is_leaf else None for t in tensors]
        header, blob = self._line.ask(
            frame({"do": "call"}, pickle.dumps((arguments, gradients, torch.get_rng_state())))
        )
        try:
            result = self._settle(header, Decoder(blob, arguments), arguments)
            raised = _exception(header["raised"]) if "raised" in header else None
        except (KeyError, TypeError, ValueError, IndexError, RuntimeError, AttributeError) as error:
            self._line.ended = Ended(str(error) if isinstance(error, Garbled) else "an answer that holds no value")
            raise self._line.ended from None
        if raised is not None:
            raise raised
        return result

    def _settle(self, header: dict[str, Any], decoder: Decoder, arguments: Sequence[Any]) -> Any:
        result, tensors = None, modules.tensors_of(arguments)
        if "raised" not in header:
            result = decoder.decode(header["result"])
            if decoder.graph:
                result = self._with_graph(result, decoder, [tensors[i] for i in header["inputs"]], int(header["call"]))
        leave_behind(header, decoder, arguments, tensors)
        return result

    def _with_graph(self, result: Any, decoder: Decoder, inputs: list[Tensor], call: int) -> Any:
        """Let a gradient of the result be asked of the other process, and reach the arguments here."""
        numbers, values = [n for n, _ in decoder.graph], [v for _, v in decoder.graph]
        always = torch.zeros((), requires_grad=True)  # a result may claim a gradient where no argument has one
        outputs = _Graph.apply(self._line, call, numbers, values, always, *inputs)
        assert isinstance(outputs, tuple)
        return _replaced(result, {id(old): new for old, new in zip(values, outputs, strict=True)})


class _Graph(torch.autograd.Function):
    """Results of a call as a function of its arguments; the slope is computed where the call was made."""

    @staticmethod
    def forward(ctx: Any, line: Line, call: int, numbers: list[int], values: list[Tensor], *inputs: Tensor) -> Any:
        ctx.line, ctx.call, ctx.numbers, ctx.shapes = line, call, numbers, [t.shape for t in inputs[1:]]
        ctx.set_materialize_grads(False)
        return tuple(value.clone() for value in values)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *weights: Tensor | None) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        chosen = [(n, w) for n, w in zip(ctx.numbers, weights, strict=True) if w is not None]
        message = {"do": "gradient", "call": ctx.call, "results": [n for n, _ in chosen]}
        header, blob = ctx.line.ask(frame(message, pickle.dumps([w for _, w in chosen])))
        try:
            if "raised" in header:
                kind, words = header["raised"]["kinds"][0][1], header["raised"]["words"]
                ctx.line.ended = Ended(f"{RAISES}{kind}: {words}"[:2000])
                raise ctx.line.ended
            found = [Decoder(blob).decode(item) for item in header["gradients"]]
        except (Garbled, KeyError, IndexError, TypeError):
            found = []
        sound = len(found) == len(ctx.shapes) and all(
            g is None or (isinstance(g, Tensor) and g.shape == shape)
            for g, shape in zip(found, ctx.shapes, strict=True)
        )
        if not sound:
            ctx.line.ended = Ended("a gradient that is none")
            raise ctx.line.ended
        return (None, None, None, None, None, *found)


def _replaced(value: Any, new: dict[int, Tensor]) -> Any:
    """Return a result with some of its tensors replaced."""
    if isinstance(value, Tensor):
        return new.get(id(value), value)
    if isinstance(value, dict):
        return {key: _replaced(item, new) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, new) for item in value]
    if isinstance(value, tuple):
        return tuple.__new__(type(value), [_replaced(item, new) for item in value])
    return value


def _exception(told: dict[str, Any]) -> Exception:
    """Return an exception like the one that the function raised: of its name, words, and nearest known class."""
    kinds, words = told["kinds"][:20], str(told["words"])[:5000]
    name = str(kinds[0][1])[:80]
    if name == "NotImplementedError" and told["bare"]:
        return NotImplementedError()
    known = [kind for module, name in kinds if (kind := _known(str(module), str(name)))]
    base = known[0] if known else Exception
    made = type(name if name.isidentifier() else base.__name__, (base,), {"__str__": lambda self: words})
    raised = made.__new__(made)  # without what its class may ask for
    raised.args = (words,)
    return raised


def _known(module: str, name: str) -> type[Exception] | None:
    """Return an exception of Python's or of a chapter's, that a check may want to tell from others."""
    ours = module.startswith("chisel.") and not module.startswith(("chisel.checking", "chisel.course"))
    kind = getattr(sys.modules.get(module), name, None) if ours or module == "builtins" else None
    usual = isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, BaseExceptionGroup)
    return kind if usual else None


def _signature(told: list[Any]) -> inspect.Signature | None:
    """Return the function's signature as far as it was told, or None where that is nonsense."""
    made = []
    try:
        for name, kind, has_default in told[:100]:
            default = None if has_default else inspect.Parameter.empty
            made.append(inspect.Parameter(str(name), inspect._ParameterKind(kind), default=default))
        return inspect.Signature(made)
    except (ValueError, TypeError):
        return None
