"""Answers that mean harm: what a submission may return, raise or write into the pipe, and the diagnosis it must get.

The process that looks at them must neither crash nor be held up, and nothing of theirs may run in it.
"""

from course.attacks import HEAD, HONEST, WRONG

_TORCH = "import torch\n"
_SEND = (
    HEAD + "    import json, os, struct, time\n"
    "    def tensor(dtype, shape, size, layout='strided', device='cpu'):\n"
    "        return {'is': 'tensor', 'dtype': dtype, 'shape': shape, 'layout': layout, 'device': device,\n"
    "                'name': 'Tensor', 'at': 0, 'bytes': size}\n"
    "    def send(result, blob=b'', **more):\n"
    "        parts = 'settings tensors modules optimisers generators changed inputs'.split()\n"
    "        answer = dict.fromkeys(parts, [])\n"
    "        answer |= {'random': False, 'call': 0, 'result': result}\n"
    "        text = json.dumps(answer | more).encode()\n"
    "        message = struct.pack('<II', len(text), len(blob)) + text + blob\n"
    "        while message:\n"
    "            message = message[os.write(3, message):]\n"
    "        time.sleep(100)\n"
)


def _returns(expression: str, before: str = "") -> str:
    return before + HEAD + f"    return {expression}\n"


def _sends(lines: str) -> str:
    return _SEND + "".join(f"    {line}\n" for line in lines.splitlines())


def _tensor(body: str, made: str = "values.detach().as_subclass(X)") -> str:
    return f"{_TORCH}class X(torch.Tensor):\n{body}{HEAD}    return {made}\n"


def _object(method: str) -> str:
    return f"class X:\n    def {method}(self, *a, **k):\n        while True:\n            pass\n{_returns('X()')}"


def _slope(body: str) -> str:
    return (
        f"{_TORCH}class F(torch.autograd.Function):\n"
        "    @staticmethod\n    def forward(ctx, v, f):\n        ctx.f = f\n        return v * f\n"
        f"    @staticmethod\n    def backward(ctx, g):\n        {body}\n" + _returns("F.apply(values, factor)")
    )


# name: (cell, points of 2, diagnosis)
ANSWERS: dict[str, tuple[str, int | None, str]] = {
    # It is not looked at in ways that would run these.
    **{f"endless {name}": (_object(name), 0, "wrong-type") for name in ("__repr__", "__eq__", "__array__", "__len__")},
    "endless __torch_function__": (
        _tensor("    __torch_function__ = classmethod(lambda *a, **k: [0 for _ in iter(int, 1)])\n"), 0, "wrong-type"
    ),
    "endless __getattribute__": (_object("__getattribute__"), 0, "endless"),
    "endless __del__": (_object("__del__"), 0, "endless"),
    "an endless generator": (_returns("(0 for _ in iter(int, 1))"), 0, "wrong-type"),
    "a dict without end": (
        "class X(dict):\n    def items(self):\n        while True:\n            yield 1, 2\n" + _returns("X()"),
        0,
        "endless",
    ),
    "a class that is a lie": (_returns("X()", f"{_TORCH}class X:\n    __class__ = torch.Tensor\n"), 0, "wrong-type"),
    "a shape that is a lie": (
        _tensor("    shape = property(lambda self: torch.Size([3]))\n", "torch.zeros(0).as_subclass(X)"),
        0,
        "garbled-answer",
    ),
    "a terabyte by its strides": (_returns("torch.zeros(()).expand(1 << 20, 1 << 20)", _TORCH), 0, "wrong-type"),
    "a terabyte by the input's strides": (_returns("values.as_strided((1 << 20,) * 2, (0, 0))"), 0, "wrong-shape"),
    "sparse": (_returns("(values * factor).detach().to_sparse()"), 0, "wrong-type"),
    "sparse without end": (
        _returns("torch.sparse_coo_tensor([[0]], [1.0], (1 << 40,), check_invariants=False)", _TORCH), 0, "wrong-type"
    ),
    "of no device": (_returns("values.to('meta')"), 0, "wrong-device"),
    "eight bits": (_returns("values.to(torch.float8_e5m2)", _TORCH), 0, "wrong-dtype"),
    "a list a hundred thousand deep": (
        HEAD + "    box = []\n    for _ in range(10**5):\n        box = [box]\n    return box\n", 0, "wrong-type"
    ),
    "a number of a hundred thousand digits": (_returns("10**100_000"), 0, "wrong-type"),
    "a record with one name twice": (
        _returns("X(1, 2)", "import collections\nX = collections.namedtuple('X', 'a b')\nX._fields = 'a', 'a'\n"),
        0,
        "garbled-answer",
    ),
    "an error of a thousand lines": (HEAD + "    raise ValueError('\\n<b>x' * 100_000)\n", 0, "raised"),
    "an error with an odd name": (HEAD + "    raise type('<b>\\u202e', (Exception,), {})('x')\n", 0, "raised"),
    "an error that cannot be made": (HEAD + "    raise UnicodeDecodeError('utf-8', b'x', 0, 1, 'no')\n", 0, "raised"),
    "the check's own error": (
        f"from chisel.checking.attempt import NotAttempted\n{HEAD}    raise NotAttempted\n", 0, "raised"
    ),
    "out of time, it says": (f"from chisel.checking.limits import OutOfTime\n{HEAD}    raise OutOfTime\n", 0, "raised"),
    "a gradient that raises": (_slope("raise KeyError('<b>')"), 0, "gradient-raises"),
    "a gradient of another kind": (_slope("return g.to(torch.complex64), None"), 0, "gradient-raises"),
    "a gradient that ends the program": (_slope("import os; os._exit(0)"), 0, "process-ended"),
    "sends the same bytes often": (
        _sends("send({'is': 'list', 'items': [tensor('uint8', [1 << 26], 1 << 26)] * 20_000}, bytes(1 << 26))"),
        0,
        "garbled-answer",
    ),
    "sends a tensor that crashes": (_sends("send(tensor('quint8', [16], 16), bytes(16))"), 0, "garbled-answer"),
    "sends a layout that takes memory": (
        _sends("said = tensor('float64', [1 << 40, 2], 0, 'sparse_csr')\ndel said['at']\nsend(said)"), 0, "wrong-type"
    ),
    "sends a network a million deep": (
        _sends("send({'is': 'module', 'name': 'X', 'training': True, 'tensors': [['.'.join('a' * 10**6), None]]})"),
        0,
        "garbled-answer",
    ),
    "sends a verdict": (
        _sends(
            "send({'is': 'object', 'name': 'Report', 'module': 'chisel.checking.report',\n"
            "      'items': [['status', 'passed']]})"
        ),
        0,
        "wrong-type",
    ),
    "sends inputs that are none": (_sends("send(None, tensors=[[0, 3, None, False]])"), 0, "garbled-answer"),
    "sends inputs that are not there": (_sends("send(None, tensors=[[99, None, None, False]])"), 0, "garbled-answer"),
    "sends settings": (_sends("send('x', settings=['default device', 'gradients'], random=True)"), 0, "wrong-type"),
    "sends the beginning of an answer": (
        _sends("os.write(3, struct.pack('<II', 1 << 22, 1 << 26))\nos._exit(0)"), 0, "process-ended"
    ),
    "sends without end": (_sends("while True:\n    os.write(3, bytes(1 << 20))"), 0, "garbled-answer"),
    "answers before it is asked": (
        "import os, threading\nthreading.Thread(target=os.write, args=(3, bytes(99))).start()\n" + HEAD + HONEST, 0, "*"
    ),
    "describes itself wrongly": (
        "import json, os, struct\n"
        "text = json.dumps({'missing': [], 'trouble': [1], 'callable': [1], 'signature': {'a': 1}}).encode()\n"
        "os.write(3, struct.pack('<II', len(text), 0) + text)\n" + HEAD + HONEST,
        0,
        "garbled-answer",
    ),
    "closes the pipe": (HEAD + "    import os\n    os.close(3)\n" + HONEST, 0, "process-ended"),
    "breaks what answers": ("import json\njson.dumps = lambda *a: 'null'\n" + HEAD + WRONG, 0, "garbled-answer"),
}  # fmt: skip
