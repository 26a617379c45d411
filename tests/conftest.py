"""What every test runs under: one thread, a Ctrl-C that is heard, and a cache folder of its own."""

import os
import signal

import pytest
import torch

from chisel.core.kept_jobs import cache_folder

# Set here and not in a fixture, so that programs started by a test have it too, at whatever scope it starts them.
os.environ["OMP_NUM_THREADS"] = "1"
torch.set_num_threads(1)
# A shell makes deaf to Ctrl-C what it starts in the background, tests and the programs that they start included.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory):
    """Keep finished jobs of the tests apart from the user's. A pretrained model is taken from where the user has it."""
    with pytest.MonkeyPatch.context() as patch:
        if "CHISEL_MODELS" not in os.environ:
            patch.setenv("CHISEL_MODELS", str(cache_folder() / "models"))
        patch.setenv("CHISEL_CACHE", str(tmp_path_factory.mktemp("chisel-cache")))
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what each measured claim cost."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    costs = [value for report in reports for name, value in report.user_properties if name == "cost of a claim"]
    for line in sorted(costs):
        terminalreporter.write_line(f"measured {line}")
