"""Set up `.venv` from pyproject.toml and requirements.lock: `python3 utils/bootstrap.py learn|author|test [OPTIONS]`.

Only the standard library, and only syntax that Python 3.6 parses: the first thing it may have to say is that the
Python it runs under is too old. Whatever goes wrong is one line that says what to do, and exit status 1. The stamp
is written last, so an interrupted set-up is carried on by the next call.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys

import debian

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST, NEWEST = (3, 11), (3, 13)
MARGIN_MB = 500

# Each set holds those before it. Sizes: .venv, plus what pip keeps of its downloads, measured on x86-64 Linux with the
# CPU build of torch and rounded up. The CUDA build takes several GB more; where those do not fit, pip says so.
SETS = ("learn", "author", "test")
SIZE_MB = {"learn": 1800, "author": 2000, "test": 2900}
EXTRAS = {"learn": "learn", "author": "learn,book,author,cluster,bench", "test": "test"}

NO_NETWORK = re.compile(
    "NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|name resolution|not known|unreachable|"
    "Connection refused|Connection broken|No route to host|getaddrinfo failed|"
    # What pip says where its retries are off. Every index has a setuptools.
    r"requirement setuptools\S* \(from versions: none\)"
)


class SetUpError(Exception):
    """The set-up cannot go on. The message is the one line that says what to do."""


def say(text):
    print("set-up: " + text, flush=True)


def check_python(version):
    """Raise SetUpError unless `version` (major, minor, ...) is one that the lock is made for."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return
    names = ["python3.%d" % minor for minor in range(OLDEST[1], NEWEST[1] + 1)]
    found = next((name for name in names if starts(name)), None)
    hint = "run the same command with PYTHON=" + found if found else "install one and name it with PYTHON=python3.12"
    raise SetUpError("Python %d.%d does not fit: 3.11, 3.12 or 3.13 is needed; %s" % (version[0], version[1], hint))


def starts(name):
    """Say whether the program `name` starts: version managers leave names on the path that do not."""
    try:
        return subprocess.call([name, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def read_inputs(root):
    """Return the bytes that decide what is installed.

    Raises:
        SetUpError: a file is missing.
    """
    contents = b""
    for name in ("pyproject.toml", "requirements.lock"):
        try:
            with open(os.path.join(root, name), "rb") as file:
                contents += file.read() + b"\0"
        except FileNotFoundError:
            raise SetUpError("%s is missing: get it back with `git checkout -- %s`" % (name, name)) from None
    return contents


def stamp_for(root, name, version, inputs):
    """Return the stamp of a finished set-up: what it depends on, in words and as a hash."""
    key = "\0".join([root, "%d.%d" % tuple(version[:2]), EXTRAS[name]]).encode() + b"\0" + inputs
    return {"set": name, "python": "%d.%d" % tuple(version[:2]), "hash": hashlib.sha256(key).hexdigest()}


def is_satisfied(stamp_path, root, name, version, inputs):
    """Say whether the set `name`, or a larger one, was installed from exactly these inputs."""
    try:
        with open(stamp_path) as file:
            stamp = json.load(file)
    except (FileNotFoundError, ValueError):
        return False
    return any(stamp == stamp_for(root, larger, version, inputs) for larger in SETS[SETS.index(name) :])


def free_mb(path):
    return shutil.disk_usage(path).free // 10**6


def folder_mb(path):
    total = 0
    for folder, _, files in os.walk(path):
        total += sum(os.lstat(os.path.join(folder, file)).st_size for file in files)
    return total // 10**6


def check_space(root, venv, name):
    """Raise SetUpError if what is still missing of the set does not fit on the disk."""
    needed = max(0, SIZE_MB[name] - folder_mb(venv)) + MARGIN_MB
    free = free_mb(root)
    if free < needed:
        raise SetUpError(
            "not enough disk space: about %.1f GB are needed and %.1f GB are free in %s; make room and run the same "
            "command again" % (needed / 1000, free / 1000, root)
        )


def interpreter(venv):
    if os.name == "nt":
        return os.path.join(venv, "Scripts", "python.exe")
    return os.path.join(venv, "bin", "python")


def is_usable(venv, version):
    """Say whether `venv` has this Python and a pip that starts."""
    probe = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        found = subprocess.run(
            [interpreter(venv), "-I", "-c", probe], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return found.stdout.decode().strip() == "%d.%d" % tuple(version[:2])


def make_venv(root, venv, version):
    """Create `venv` afresh.

    Raises:
        SetUpError: this Python cannot make one.
    """
    # Debian ships Python without ensurepip, in a package of its own.
    if importlib.util.find_spec("ensurepip") is None:
        package = "python%d.%d-venv" % tuple(version[:2])
        os.makedirs(os.path.join(root, ".make"), exist_ok=True)
        if not debian.install(package, os.path.join(root, ".make", "apt.log")):
            raise SetUpError(
                "this Python has no venv: run `sudo apt-get install %s` and the same command again" % package
            )
    # Inside an activated .venv, sys.executable is the very file about to be replaced.
    inside = os.path.realpath(sys.prefix) == os.path.realpath(venv)
    python = getattr(sys, "_base_executable", sys.executable) if inside else sys.executable
    made = subprocess.run([python, "-m", "venv", "--clear", venv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode != 0:
        lines = made.stdout.decode(errors="replace").strip().splitlines() or ["no message"]
        raise SetUpError("`%s -m venv %s` failed: %s" % (python, venv, lines[-1]))


def explain(log):
    """Turn the log of a failed pip into one line that says what to do."""
    again = "; then run the same command again"
    if "No space left on device" in log:
        return "the disk is full: make room" + again
    if "ResolutionImpossible" in log:
        return "the locked versions do not fit this Python or system; if pyproject.toml was changed, run `make lock`"
    if NO_NETWORK.search(log):
        return "no package index could be reached: check the network and pip's own settings (`pip config list`)" + again
    # The last word of a failed build step only says that it failed; the reason stands before it.
    errors = re.findall(r"^\s*(?:ERROR|error): (?!subprocess-exited)(.*)$", log, re.MULTILINE)
    return "pip failed: %s" % (errors[-1].strip() if errors else "it gave no reason")


def pip_install(root, venv, name):
    """Install the package with the extras of the set, held to the lock. pip's whole output goes to .venv/pip.log."""
    command = [interpreter(venv), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "-c", "requirements.lock", "-e", ".[%s]" % EXTRAS[name]]
    # A user-wide pip setting must not send the packages elsewhere than into .venv.
    settings = dict(os.environ, PIP_USER="0", PYTHONNOUSERSITE="1")
    for key in ("PIP_TARGET", "PIP_PREFIX", "PYTHONHOME", "PYTHONPATH"):
        settings.pop(key, None)
    log = []
    with open(os.path.join(venv, "pip.log"), "w", encoding="utf-8") as file, subprocess.Popen(
        command, cwd=root, env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as pip:
        assert pip.stdout is not None  # stdout=PIPE above
        for raw in pip.stdout:
            line = raw.decode(errors="replace")
            file.write(line)
            log.append(line)
            show_progress(line)
        status = pip.wait()
    show_progress("")
    if status != 0:
        raise SetUpError(explain("".join(log)) + " (pip's log: .venv/pip.log)")


def show_progress(line):
    """Show on a terminal which package pip is at; elsewhere print nothing."""
    if not sys.stdout.isatty():
        return
    if not line:
        print("\r\033[K", end="", flush=True)
    elif line.startswith(("Collecting ", "Installing collected packages")):
        print("\r\033[K  " + line.strip()[:70], end="", flush=True)


def write_stamp(path, stamp):
    with open(path + ".part", "w") as file:
        json.dump(stamp, file)
    os.replace(path + ".part", path)


def set_up(root, name, version):
    """Bring `.venv` to the set `name`. Does nothing when it is there already."""
    check_python(version)
    inputs = read_inputs(root)
    venv = os.path.join(root, ".venv")
    stamp_path = os.path.join(venv, "chisel-stamp.json")
    if is_satisfied(stamp_path, root, name, version, inputs):
        return
    check_space(root, venv, name)
    if os.path.exists(stamp_path):
        os.remove(stamp_path)
    if not is_usable(venv, version):
        say("creating .venv with Python %d.%d" % tuple(version[:2]))
        make_venv(root, venv, version)
    say("installing the locked packages of the set '%s' into .venv; this takes minutes (log: .venv/pip.log)" % name)
    pip_install(root, venv, name)
    write_stamp(stamp_path, stamp_for(root, name, version, inputs))
    say("done")


def set_up_browser(root):
    """See to it that the page tests have a Chromium, or say what ends their being skipped."""
    if debian.find_browser() or debian.install("chromium", os.path.join(root, ".venv", "apt.log")):
        return
    say("no Chromium found, so the page tests will be skipped; `sudo apt-get install chromium` ends that")


def set_up_model(root):
    """See to it that the pretrained language model is on this machine, or say what ends the skipping of its tests."""
    command = [interpreter(os.path.join(root, ".venv")), "-m", "chisel.cli", "lm"]
    if subprocess.call([*command, "status"], stdout=subprocess.DEVNULL) == 0:
        return
    say("fetching and converting the pretrained language model (93 MB, once)")
    made = subprocess.run([*command, "prepare"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if made.returncode != 0:
        lines = made.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        say("no pretrained model, so its claims are not measured by the tests: " + lines[-1])


def main(argv=None, version=None, root=ROOT):
    parser = argparse.ArgumentParser(description="Set up .venv from pyproject.toml and requirements.lock.")
    parser.add_argument("set", choices=SETS, help="how much to install")
    parser.add_argument("--browser", action="store_true", help="also see to it that there is a Chromium")
    parser.add_argument("--model", action="store_true", help="also fetch and convert the pretrained language model")
    arguments = parser.parse_args(argv)
    try:
        set_up(root, arguments.set, version or sys.version_info)
        if arguments.browser:
            set_up_browser(root)
        if arguments.model:
            set_up_model(root)
    except SetUpError as error:
        print("set-up: " + str(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: interrupted; run the same command again to carry on", file=sys.stderr)
        return 130
    except OSError as error:
        print("set-up: %s; mend that and run the same command again" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
