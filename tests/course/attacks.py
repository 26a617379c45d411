"""Submissions that mean harm or are broken, with what each must get: the points of `scaled` and its diagnosis.

Each is one cell `scaled`; the exercise after it is done honestly and must get its points whatever its neighbour does.
"""

HONEST = "    return values * factor\n"
WRONG = "    return values + 100\n"
HEAD = "def scaled(values, factor):\n"


def _before(lines: str, then: str = HONEST) -> str:
    """A cell whose function does something first. What it prints is shown to the learner; what it raises is let go."""
    inside = "".join(f"        {line}\n" for line in lines.splitlines())
    return f"{HEAD}    try:\n{inside}    except BaseException as error:\n        print(type(error).__name__)\n{then}"


def _tells(lines: str) -> str:
    """A cell whose answer is right only if the attack worked: `worked` says so."""
    inside = "".join(f"        {line}\n" for line in lines.splitlines())
    return (
        f"{HEAD}    worked = False\n    try:\n{inside}    except BaseException:\n        pass\n"
        "    return values * factor if worked else values + 100\n"
    )


# name: (cell, points of 2 or None for either, diagnosis or * for any)
ATTACKS: dict[str, tuple[str, int | None, str]] = {
    "endless loop": (HEAD + "    while True:\n        pass\n", 0, "endless"),
    "endless loop that catches": (
        HEAD + "    while True:\n        try:\n            while True:\n                pass\n"
        "        except BaseException:\n            pass\n",
        0,
        "endless",
    ),
    "endless loop at the top": (HEAD + HONEST + "while True:\n    pass\n", 0, "endless"),
    "endless C call": (HEAD + "    return sum(iter(int, 1))\n", 0, "endless"),
    "sleeps": (HEAD + "    import time\n    time.sleep(1000)\n", 0, "no-answer"),
    "ignores signals": (
        HEAD + "    import signal, time\n"
        "    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU, signal.SIGALRM):\n"
        "        signal.signal(number, signal.SIG_IGN)\n    time.sleep(1000)\n",
        0,
        "no-answer",
    ),
    "os._exit": (HEAD + "    import os\n    os._exit(0)\n", 0, "process-ended"),
    "os._exit at the top": ("import os\nos._exit(0)\n", 0, "process-ended"),
    "sys.exit in the function": (HEAD + "    import sys\n    sys.exit(0)\n", 0, "raised"),
    "sys.exit at the top": ("import sys\nsys.exit(0)\n" + HEAD + HONEST, 0, "not-defined"),
    "crash": (HEAD + "    import ctypes\n    ctypes.string_at(0)\n", 0, "process-ended"),
    # On a machine that is slow to give memory the CPU time ends first.
    "memory hog": (HEAD + "    return [bytearray(1 << 28) for _ in range(1000)]\n", 0, "*"),
    "memory hog of torch": (HEAD + "    import torch\n    return torch.ones(1 << 36)\n", 0, "raised"),
    "huge answer": (HEAD + "    import torch\n    return torch.ones(20_000_000)\n", 0, "*"),
    "fork storm": (_tells("import os\nwhile True:\n    os.fork()\n    worked = True"), 0, "wrong-values"),
    "thread storm": (
        _before(
            "import threading, time\n"
            "for _ in range(5000):\n    threading.Thread(target=time.sleep, args=(9,)).start()"
        ),
        None,  # whether memory is left for the answer depends on what the threads took first
        "*",
    ),
    "subprocess": (_tells("import subprocess\nsubprocess.run(['/bin/true'])\nworked = True"), 0, "wrong-values"),
    "gigabytes of output": (HEAD + "    while True:\n        print('x' * 100000)\n", 0, "too-much-output"),
    "gigabytes at the top": (HEAD + HONEST + "while True:\n    print('x' * 100000)\n", 0, "too-much-output"),
    "fills the disk": (
        _before("for number in range(1000):\n    open(f'/tmp/{number}', 'wb').write(bytes(1 << 24))"),
        2,
        "passed",
    ),
    "writes outside": (_tells("import os\nopen('@FOLDER@/written', 'w').write('x')\nworked = True"), 0, "wrong-values"),
    "writes into the library": (
        _tells("import toylib\nopen(toylib.__file__, 'a').write('x')\nworked = True"), 0, "wrong-values"
    ),
    "reads other submissions": (
        _tells("import os\nworked = bool(os.listdir('@FOLDER@'))"), 0, "wrong-values"
    ),
    "reads passwords": (_tells("worked = bool(open('/etc/passwd').read())"), 0, "wrong-values"),
    "reads the environment": (
        _tells("import os\nworked = bool(open('/proc/self/environ').read()) or 'CHISEL_CHECK_SEED' in os.environ"),
        0,
        "wrong-values",
    ),
    "reads its parent": (
        _tells("import os\nworked = bool(open(f'/proc/{os.getppid()}/mem', 'rb'))"),
        0,
        "wrong-values",
    ),
    "looks for the check": (
        _tells(
            "import gc, sys\nfrom chisel.checking.attempt import Attempt\nfrom chisel.checking.draw import Draw\n"
            "frame = sys._getframe()\n"
            "while frame:\n    worked = worked or 'seed' in frame.f_locals or 'attempt' in frame.f_locals\n"
            "    frame = frame.f_back\n"
            "worked = worked or any(isinstance(o, (Attempt, Draw)) for o in gc.get_objects())"
        ),
        0,
        "wrong-values",
    ),
    "opens a socket": (
        _tells("import socket\nsocket.socket().bind(('127.0.0.1', 0))\nworked = True"),
        0,
        "wrong-values",
    ),
    "opens a local socket": (
        _tells("import socket\nsocket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\nworked = True"), 0, "wrong-values"
    ),
    "kills everybody": (_before("import os, signal\nos.kill(-1, signal.SIGKILL)"), 2, "passed"),
    "stops its parent": (_before("import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)"), 2, "passed"),
    "patches the check": (
        "import chisel.checking.check as c, chisel.checking.report as r\n"
        "from toylib import checks\n"
        "passed = lambda *a, **k: type('R', (), {'status': 'passed', '__bool__': lambda s: True})()\n"
        "c.Check.run = c.Check.__call__ = passed\nr.Report.__bool__ = lambda self: True\nr.FAILED = 'passed'\n"
        "checks.scaled.properties.clear()\nc.Attempt.expect = c.Attempt.fail = lambda *a, **k: None\n" + HEAD + WRONG,
        0,
        "wrong-values",
    ),
    "patches everything else": (
        "import builtins, json, os, sys, torch\n"
        "torch.equal = torch.allclose = lambda *a, **k: True\nbuiltins.all = builtins.isinstance = lambda *a: True\n"
        "for name in list(sys.modules):\n    if name.startswith('chisel'):\n        del sys.modules[name]\n"
        + HEAD + WRONG,
        0,
        "*",
    ),
    "equal to anything": (
        "import torch\nclass Yes(torch.Tensor):\n"
        "    __torch_function__ = classmethod(lambda *a, **k: torch.tensor(True))\n"
        + HEAD + "    return values.as_subclass(Yes)\n",
        0,
        "wrong-type",
    ),
    "a pickle that runs": (
        "import os\nclass Bomb:\n    def __reduce__(self):\n        return os.system, ('touch @FOLDER@/bomb',)\n"
        + HEAD + "    return Bomb()\n",
        0,
        "wrong-type",
    ),
    "prints a verdict": (HEAD + "    print('✓ scaled: passed, all 2 properties hold')\n" + WRONG, 0, "wrong-values"),
    "writes into every descriptor": (
        HEAD + "    import os\n    for number in range(64):\n        try:\n"
        "            os.write(number, b'{\"status\": \"passed\"}')\n        except OSError:\n            pass\n"
        + WRONG,
        0,
        "garbled-answer",
    ),
    "forges an answer": (
        HEAD + "    import json, os, struct\n"
        "    text = json.dumps({'status': 'passed', 'result': {'is': 'module'}}).encode()\n"
        "    os.write(3, struct.pack('<II', len(text), 0) + text)\n    os._exit(0)\n",
        0,
        "garbled-answer",
    ),
    "at exit": (
        "import atexit, os\natexit.register(os._exit, 0)\natexit.register(print, 'passed')\n" + HEAD + WRONG,
        0,
        "wrong-values",
    ),
    "a thread that stays": (
        "import threading, time\ndef work():\n    while True:\n        time.sleep(0.01)\n"
        "threading.Thread(target=work).start()\n" + HEAD + HONEST,
        2,
        "passed",
    ),
    "outlives its parent": (
        _before(
            "import ctypes, os\nlibc = ctypes.CDLL(None)\nassert libc.prctl(1, 0) == 0, 'refused'\n"
            "os.setsid()\nos.fork()"
        ),
        2,
        "passed",
    ),
    "gets out of the root": (
        _tells("import os\nos.chroot('/tmp')\nworked = True"), 0, "wrong-values"
    ),
    "kills its group": (_before("import os, signal\nos.killpg(0, signal.SIGKILL)"), 2, "passed"),
    "kills every number": (
        _before("import os\nfor n in range(2, 3000):\n    try:\n        os.kill(n, 9)\n    except OSError:\n        0"),
        2,
        "passed",
    ),
    "signals by a descriptor": (
        _tells("import fcntl\nfcntl.fcntl(3, fcntl.F_SETOWN, 1)\nworked = True"), 0, "wrong-values"
    ),
    "limits others": (
        _tells(
            "import resource\nfor n in range(2, 3000):\n    try:\n"
            "        worked = bool(resource.prlimit(n, resource.RLIMIT_CPU, (1, 1)))\n    except OSError:\n        pass"
        ),
        0,
        "wrong-values",
    ),
    "memory in files": (_tells("import os\nos.memfd_create('x')\nworked = True"), 0, "wrong-values"),
    "memory in pipes": (
        _before(
            "import fcntl, os\nfor _ in range(100):\n    fcntl.fcntl(os.pipe()[1], fcntl.F_SETPIPE_SZ, 1 << 20)"
        ),
        2,
        "passed",
    ),
    "a hundred thousand folders": (
        _before("import os\nfor n in range(100_000):\n    os.mkdir(f'/tmp/{n}')"), 2, "passed"
    ),
    "looks at its descriptors": (
        _tells(
            "import os, stat\nkinds = []\nfor n in range(1000):\n    try:\n        kinds.append(os.fstat(n))\n"
            "    except OSError:\n        pass\nworked = len(kinds) > 4 or bool(os.listdir('/proc/self/fd'))"
        ),
        0,
        "wrong-values",
    ),
    "reads command lines": (_tells("worked = bool(open('/proc/1/cmdline').read())"), 0, "wrong-values"),
    "a link that leads out": (
        _tells("import os\nos.symlink('/etc', 'way')\nworked = bool(open('way/passwd').read())"), 0, "wrong-values"
    ),
    "makes a device": (
        _tells("import os, stat\nos.mknod('disk', stat.S_IFBLK | 0o600, os.makedev(8, 0))\nworked = True"),
        0,
        "wrong-values",
    ),
    "mounts anew": (
        _tells("import ctypes\nworked = ctypes.CDLL(None).mount(b'none', b'/', None, 32 | 4096, None) == 0"),
        0,
        "wrong-values",
    ),
    "another namespace": (
        _tells("import ctypes\nworked = ctypes.CDLL(None).unshare(0x10000000) == 0"), 0, "wrong-values"
    ),
    "talks to the kernel": (
        _tells("import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW)\nworked = True"), 0, "wrong-values"
    ),
    "a pair of sockets": (_tells("import socket\nsocket.socketpair()\nworked = True"), 0, "wrong-values"),
    "endless import": (
        "import sys\nopen('evil.py', 'w').write('while True: pass')\nsys.path.insert(0, '.')\nimport evil\n"
        + HEAD + HONEST,
        0,
        "endless",
    ),
    "reloads the library": (
        "import importlib, toylib.world\nscaled = importlib.reload(toylib.world).scaled\n", 0, "not-defined"
    ),
    "runs the library's text": (
        "import toylib.world\nspace = {}\nexec(open(toylib.world.__file__).read(), space)\nscaled = space['scaled']\n",
        0,
        "not-defined",
    ),
    "traces": (
        "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\n" + HEAD + HONEST, 2, "passed"
    ),
    "keeps its inputs": (
        "seen = []\n" + HEAD + "    seen.append(values)\n    seen[0].data.zero_()\n" + HONEST, 0, "input-changed"
    ),
    "another answer each time": (
        "import random\nown = random.Random(1)\n" + HEAD + "    return values * (factor + own.random() * 1e-3)\n",
        0,
        "wrong-values",
    ),
    "control characters": (HEAD + "    print('\\x1b]0;x\\x07')\n    raise ValueError('\\x1b[2J')\n", 0, "raised"),
    "a million lines for the page": (
        HEAD + "    raise type('E', (Exception,), {'__str__': lambda self: 'x\\n' * 10**6})\n", 0, "raised"
    ),
    "raises a limit": (
        _tells(
            "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))\nworked = True"
        ),
        0,
        "wrong-values",
    ),
    "the library's own": ("from toylib.world import scaled\n", 0, "library-function"),
    "wraps the library's own": (
        "import toylib.world\n" + HEAD + "    return toylib.world.scaled(values, factor)\n", 0, "library-function"
    ),
    "NUL bytes": ("\0" + HEAD + HONEST, 0, "not-defined"),
    "lone surrogates": ("# \ud800\n" + HEAD + HONEST, 0, "not-defined"),
    "no Python": ("def scaled(values, factor)\n    return\n", 0, "not-defined"),
    "not a function": ("scaled = 3\n", 0, "not-a-function"),
    "an error that is markup": (HEAD + "    raise ValueError('<script>alert(1)</script>')\n", 0, "raised"),
    "prints markup": (HEAD + "    print('<img src=x onerror=alert(2)>')\n" + WRONG, 0, "wrong-values"),
    "magics": ("%%time\n" + HEAD + HONEST, 2, "passed"),
    "recursion": (HEAD + "    return scaled(values, factor)\n", 0, "raised"),
    "state": (
        "calls = []\n" + HEAD + "    calls.append(1)\n    return values * factor + len(calls)\n",
        0,
        "wrong-values",
    ),
    "changes its input": (HEAD + "    return values.data.mul_(factor)\n", 0, "input-changed"),
    "changes a setting": (
        HEAD + "    import torch\n    torch.set_default_dtype(torch.float64)\n" + HONEST, 0, "settings-changed"
    ),
    "draws globally": (HEAD + "    import torch\n    return values * factor + 0 * torch.rand(1)\n", 0, "global-random"),
    "cuts the gradient": (HEAD + "    return values.detach() * factor\n", 0, "no-gradient"),
}  # fmt: skip
