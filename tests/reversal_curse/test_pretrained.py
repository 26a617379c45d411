"""The pretrained model: converted once and whole, loaded or refused with one line, asked without a slip."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from chisel import lm_cli
from chisel.cli import main
from chisel.reversal_curse.measurements import completion_logprob, reversal_statistic
from chisel.reversal_curse.pretrained import conversion, resources, sources
from chisel.reversal_curse.pretrained.asking import (
    contrasts,
    encode,
    name_scores,
    right_and_wrong,
    says_exactly,
    tokens_of,
)
from chisel.reversal_curse.pretrained.errors import ModelError, ModelMissing
from chisel.reversal_curse.pretrained.known import RELATIONS
from chisel.reversal_curse.pretrained.loading import LanguageModel, load
from reversal_curse.tiny_lm import CONTEXT, save_folder, save_gguf

PROMPTS = ["It is known that Bram Ashbury is", "They all say that Galt Corfell is", "The author of Bitter Shadow is"]
NAMES = ["the composer of Silent Lantern", "the author of Bitter Shadow", "Galt"]


@pytest.fixture(scope="module")
def gguf(tmp_path_factory) -> Path:
    return save_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture(scope="module")
def source(gguf: Path) -> sources.Source:
    return sources.Source("tiny", "no-such-package", "0", gguf.name, sources.file_sha256(gguf), "0" * 64)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return save_folder(tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="module")
def model(folder: Path) -> LanguageModel:
    return load(folder)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


# Converting


def test_a_converted_model_answers_as_the_original(gguf, source, tmp_path, capfd):
    target = conversion.prepare(gguf, source, tmp_path)
    assert left_in(tmp_path) == ["tiny"]
    assert conversion.faults(target, thorough=True) == []
    made, original = load(target), load(gguf)
    assert torch.equal(name_scores(made, PROMPTS, NAMES), name_scores(original, PROMPTS, NAMES))


def test_what_is_there_is_not_made_again(gguf, source, tmp_path, monkeypatch):
    target = conversion.prepare(gguf, source, tmp_path)
    monkeypatch.setattr(conversion, "_convert", lambda *_: pytest.fail("converted again"))
    assert conversion.prepare(None, source, tmp_path) == target


def test_a_wheel_will_do(gguf, source, tmp_path):
    with zipfile.ZipFile(tmp_path / "tiny.whl", "w") as wheel:
        wheel.write(gguf, f"package/{gguf.name}")
    assert conversion.faults(conversion.prepare(tmp_path / "tiny.whl", source, tmp_path / "models")) == []


def test_an_installed_package_will_do_and_is_not_imported(gguf, source, tmp_path, monkeypatch):
    package, about = tmp_path / "package", tmp_path / "no_such_package-0.dist-info"
    package.mkdir()
    about.mkdir()
    (package / "__init__.py").write_text("raise ImportError('what it depends on is not there')")
    shutil.copy(gguf, package)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: no-such-package\nVersion: 0\n")
    (about / "RECORD").write_text(f"package/__init__.py,,\npackage/{gguf.name},,\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert conversion.faults(conversion.prepare(None, source, tmp_path / "models")) == []


@pytest.mark.parametrize("broken", ["save", "manifest", "rename", "ctrl-c", "disk"])
def test_a_failure_in_the_middle_leaves_nothing(broken, gguf, source, tmp_path, monkeypatch):
    error = {"ctrl-c": KeyboardInterrupt(), "disk": OSError(28, "No space left on device")}.get(broken, RuntimeError())

    def fail(*_args):
        raise error

    if broken == "save":
        monkeypatch.setattr(conversion, "_probe", fail)
    else:
        monkeypatch.setattr(conversion, "_put" if broken == "rename" else "_write_manifest", fail)
    with pytest.raises((RuntimeError, KeyboardInterrupt)) as caught:
        conversion.prepare(gguf, source, tmp_path)
    assert left_in(tmp_path) == []
    if broken == "disk":
        assert caught.type is ModelError and "No space left" in str(caught.value)


def test_a_copy_that_answers_otherwise_is_refused(gguf, source, tmp_path, monkeypatch):
    answers = iter([torch.zeros(3), torch.ones(3)])
    monkeypatch.setattr(conversion, "_probe", lambda _net: next(answers))
    with pytest.raises(ModelError, match="answers otherwise"):
        conversion.prepare(gguf, source, tmp_path)
    assert left_in(tmp_path) == []


def test_what_a_killed_process_left_goes_and_what_a_living_one_makes_stays(gguf, source, tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead, alive = tmp_path / f".making-{gone.pid}-x", tmp_path / ".making-1-x"
    dead.mkdir()
    alive.mkdir()
    conversion.prepare(gguf, source, tmp_path)
    assert left_in(tmp_path) == [".making-1-x", "tiny"]


@pytest.mark.parametrize("damage", ["flipped", "short", "gone", "manifest"])
def test_a_damaged_copy_is_noticed_and_made_anew(damage, gguf, source, tmp_path):
    target = conversion.prepare(gguf, source, tmp_path)
    weights = target / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-100] ^= 1
    if damage == "flipped":
        weights.write_bytes(content)
    elif damage == "short":
        weights.write_bytes(content[:-1])
    elif damage == "gone":
        weights.unlink()
    else:
        (target / conversion.MANIFEST).write_text("{")
    with pytest.raises(ModelError, match="damaged") as caught:
        conversion.check_whole(target)
    assert "chisel lm prepare" in str(caught.value) and "\n" not in str(caught.value)
    conversion.prepare(gguf, source, tmp_path)
    conversion.check_whole(target)
    assert left_in(tmp_path) == ["tiny"]


def test_a_file_that_is_another_is_refused(gguf, source, tmp_path):
    other = tmp_path / "other.gguf"
    other.write_bytes(gguf.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelError, match="SHA-256 differs"):
        conversion.prepare(other, source, tmp_path / "models")
    assert left_in(tmp_path / "models") == []


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [(b"no zip", "x.whl", "holds no readable"), (None, "missing.gguf", "is no file")],
)
def test_a_source_that_is_none(content, name, words, source, tmp_path):
    if content:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=words):
        conversion.prepare(tmp_path / name, source, tmp_path / "models")
    assert left_in(tmp_path / "models") == []


def test_a_gguf_file_that_is_garbage(tmp_path):
    garbage = tmp_path / "tiny.gguf"
    garbage.write_bytes(b"GGUF" + bytes(100))
    known = sources.Source("tiny", "no-such-package", "0", "tiny.gguf", sources.file_sha256(garbage), "")
    with pytest.raises(ModelError, match="get the file again"):
        conversion.prepare(garbage, known, tmp_path / "models")
    assert left_in(tmp_path / "models") == []


def test_without_network_and_wheel_it_is_one_line(source, tmp_path, monkeypatch):
    for variable, value in {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(ModelError, match="could not be fetched") as caught:
        conversion.prepare(None, source, tmp_path)
    assert "--from PATH" in str(caught.value) and "\n" not in str(caught.value)
    assert left_in(tmp_path) == []


def test_without_pip_it_is_one_line(source, tmp_path, monkeypatch):
    answer = subprocess.CompletedProcess([], 1, "", f"{sys.executable}: No module named pip\n")
    monkeypatch.setattr(sources.subprocess, "run", lambda *_, **__: answer)
    with pytest.raises(ModelError, match="no pip to fetch it: install pip"):
        conversion.prepare(None, source, tmp_path)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(("name", "words"), [("free_memory", "of memory"), ("free_disk", "GB of disk")])
def test_too_little_room_is_said_before_any_work(name, words, gguf, source, tmp_path, monkeypatch):
    monkeypatch.setattr(resources, name, lambda *_: 10**6)
    monkeypatch.setattr(conversion, "obtain", lambda *_: pytest.fail("work was begun"))
    with pytest.raises(ModelError, match=words):
        conversion.prepare(gguf, source, tmp_path / "models")
    assert left_in(tmp_path / "models") == []


def test_memory_counts_what_a_container_allows(tmp_path, monkeypatch):
    texts = {"max": "1000000\n", "current": "900000\n", "stat": "anon 1\ninactive_file 50000\n"}
    files = []
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        files.append(str(tmp_path / name))
    monkeypatch.setattr(resources, "_CGROUPS", (tuple(files),))
    assert resources.free_memory() == 150_000
    (tmp_path / "max").write_text("max\n")
    assert (resources.free_memory() or 0) > 10**7


def test_on_a_gpu_its_own_memory_counts(monkeypatch):
    monkeypatch.setattr(resources, "free_memory", lambda: 10)
    monkeypatch.setattr(resources, "free_gpu_memory", lambda device: 100)
    resources.need_memory(50, "this", torch.device("cuda"))
    for device, size in (("cuda", 101), ("cpu", 50)):
        with pytest.raises(ModelError, match="this needs"):
            resources.need_memory(size, "this", torch.device(device))


# The command, and being without the extra


def test_the_command(gguf, source, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CHISEL_MODELS", str(tmp_path))
    monkeypatch.setattr(sources, "SMOLLM2", source)
    monkeypatch.setattr(conversion.prepare, "__defaults__", (None, source, None))
    assert main(["lm", "status"]) == 1
    assert "chisel lm prepare" in capsys.readouterr().out
    assert main(["lm", "prepare", "--from", str(gguf)]) == 0
    assert main(["lm", "status"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"ready: {tmp_path / 'tiny'}"] * 2
    assert main(["lm", "prepare", "--from", str(tmp_path)]) == 0  # There already.
    shutil.rmtree(tmp_path / "tiny")
    assert main(["lm", "prepare", "--from", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_command_in_a_copy_without_the_chapter(monkeypatch, capsys):
    monkeypatch.setattr(lm_cli, "CHAPTER", "chisel.no_such_chapter")
    assert main(["lm", "status"]) == 2
    assert "no chapter" in capsys.readouterr().err


def test_without_the_extra_the_notebook_goes_on():
    script = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("transformers", "gguf", "accelerate"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())
import importlib.util as util
find = util.find_spec
util.find_spec = lambda name, *rest: None if name in ("transformers", "gguf", "accelerate") else find(name, *rest)
from chisel.reversal_curse.workbench.pretrained import finetune_live
print(finetune_live(run=True))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True)
    left_out, rows = done.stdout.splitlines()
    assert "pip install -e '.[lm]'" in left_out and rows == "[]"


# Loading


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_any_causal_model_is_taken(kind, tmp_path):
    found = load(save_folder(tmp_path, kind))
    assert found.context == CONTEXT and not found.net.training
    assert found.net(torch.tensor([[1, 2, 3]])).shape[:2] == (1, 3)


def test_a_model_that_reads_ahead_is_refused(tmp_path):
    with pytest.raises(ModelError, match="no causal language model"):
        load(save_folder(tmp_path, "bert"))


def test_weights_that_are_missing_are_noticed(folder, tmp_path):
    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, tmp_path / "m")
    weights = load_file(tmp_path / "m/model.safetensors")
    weights.pop("model.layers.0.mlp.up_proj.weight")
    save_file(weights, tmp_path / "m/model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="lacks 1 of its weights"):
        load(tmp_path / "m")


@pytest.mark.parametrize("what", ["weights", "config", "nothing", "no weights", "unknown kind"])
def test_a_damaged_folder_is_refused_with_one_line(what, folder, tmp_path):
    place = tmp_path / "m"
    shutil.copytree(folder, place)
    if what == "weights":
        (place / "model.safetensors").write_bytes(b"not weights")
    elif what == "config":
        (place / "config.json").write_text("{")
    elif what == "no weights":
        (place / "model.safetensors").unlink()
    elif what == "unknown kind":
        settings = json.loads((place / "config.json").read_text())
        (place / "config.json").write_text(json.dumps({**settings, "model_type": "no-such-kind", "architectures": []}))
    with pytest.raises(ModelError) as caught:
        load(place if what != "nothing" else tmp_path / "nowhere")
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)


def test_too_little_memory_to_load(folder, monkeypatch):
    monkeypatch.setattr(resources, "free_memory", lambda: 1000)
    with pytest.raises(ModelError, match=r"loading .* needs"):
        load(folder)


def test_the_hub_can_be_forbidden(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="cannot be had from the hub"):
        load("no-such-owner/no-such-model")


def test_a_name_on_the_hub_is_loaded_like_a_folder(folder, model, monkeypatch):
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda name, **_: {"owner/tiny": str(folder)}[name])
    found = load("owner/tiny")
    assert found.name == "owner/tiny"
    assert torch.equal(name_scores(found, PROMPTS, NAMES), name_scores(model, PROMPTS, NAMES))


def test_the_model_of_the_book_is_missed_with_the_command_that_gets_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CHISEL_MODELS", str(tmp_path))
    with pytest.raises(ModelMissing, match="chisel lm prepare"):
        load()


# Asking


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_a_score_is_the_chain_rule_whatever_it_is_asked_together_with(kind, tmp_path):
    model = load(save_folder(tmp_path, kind))
    scores = name_scores(model, PROMPTS, NAMES)
    for i, prompt in enumerate(PROMPTS):
        for j, name in enumerate(NAMES):
            start, whole = (torch.tensor([tokens_of(model.tokenizer, text)]) for text in (prompt, f"{prompt} {name}"))
            alone = completion_logprob(model.net, start, whole[:, start.shape[1] :])
            assert float(scores[i, j]) == pytest.approx(float(alone), abs=1e-3)


def test_names_are_split_over_batches_without_a_change(model, monkeypatch):
    whole = name_scores(model, PROMPTS, NAMES)
    monkeypatch.setattr("chisel.reversal_curse.pretrained.asking._ELEMENTS", 1)
    assert torch.allclose(name_scores(model, PROMPTS, NAMES), whole, atol=1e-4)


def test_an_exact_answer_is_what_greedy_writing_gives(model):
    start = tokens_of(model.tokenizer, PROMPTS[0])
    written = list(start)
    for _ in range(6):
        written.append(int(model.net(torch.tensor([written]))[0, -1].argmax()))
    endings = [written[len(start) :], [*written[len(start) : -1], (written[-1] + 1) % 300]]
    for ending, right in zip(endings, (True, False), strict=True):
        with pytest.MonkeyPatch.context() as patch:  # What it writes need not be text that begins with a space.
            patch.setattr("chisel.reversal_curse.pretrained.asking.encode", lambda *_, e=ending: ([start], [e]))
            assert says_exactly(model, ["prompt"], ["answer"]).tolist() == [right]


@pytest.mark.parametrize(
    ("prompts", "names", "words"),
    [
        ([], ["a"], "nothing to ask"),
        (["It is"], [], "nothing to ask"),
        (["It is"], ["Bram", "Galt", "Bram"], "twice: Bram"),
        (["It is " * CONTEXT], ["Bram"], f"reads {CONTEXT}"),
        (["It is "], ["Bram"], "joins|otherwise"),
    ],
)
def test_bad_questions_are_refused_before_the_model_is_asked(prompts, names, words, model, monkeypatch):
    monkeypatch.setattr(type(model.net), "forward", lambda *_: pytest.fail("the model was asked"))
    if words.startswith("joins"):
        monkeypatch.setattr("chisel.reversal_curse.pretrained.asking.tokens_of", lambda _t, text: [len(text)])
    with pytest.raises(ValueError, match=words):
        name_scores(model, prompts, names)


def test_a_name_that_is_split_otherwise_after_another_prompt_is_refused(model, monkeypatch):
    tokens = {"a": [1], "b": [2], "a x": [1, 3], "b x": [2, 4]}
    monkeypatch.setattr("chisel.reversal_curse.pretrained.asking.tokens_of", lambda _t, text: tokens[text])
    with pytest.raises(ValueError, match="otherwise after 'b'"):
        encode(model, ["a", "b"], ["x"])


def test_the_token_of_a_beginning_is_put_where_the_tokenizer_puts_it(model):
    class Marking:
        bos_token_id = 7

        def __call__(self, text, add_special_tokens=True):
            inner = [ord(letter) for letter in text]
            return {"input_ids": [7, *inner, 8] if add_special_tokens else inner}

    assert tokens_of(Marking(), "ab") == [7, 97, 98]
    assert tokens_of(model.tokenizer, "ab") == model.tokenizer("ab")["input_ids"]


def test_contrasts_are_the_statistic_row_by_row():
    scores = torch.randn(7, 7, generator=torch.Generator().manual_seed(0))
    assert float(contrasts(scores).mean()) == pytest.approx(reversal_statistic(scores)[0])
    rising = scores + 5 * torch.randn(7, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(contrasts(rising), contrasts(scores), atol=1e-5)


def test_right_and_wrong_are_plain_means():
    scores = torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    assert right_and_wrong(scores) == {"right": 5.0, "wrong": 5.0}
    assert right_and_wrong(scores + torch.eye(3)) == {"right": 6.0, "wrong": 5.0}


@pytest.mark.parametrize("name", RELATIONS)
def test_a_relation_asks_both_ways_for_different_answers(name):
    relation = RELATIONS[name]
    assert len(relation.pairs) >= 10
    for way in ("forward", "backward"):
        for phrasing in range(len(relation.forward)):
            prompts, answers = relation.asked(way, phrasing)
            assert len(set(prompts)) == len(set(answers)) == len(relation.pairs)
            assert not any(answer in prompt.split() for prompt, answer in zip(prompts, answers, strict=True))
