"""A causal language model of a few thousand weights with a tokenizer of its own, as a folder and as a GGUF file."""

import json
from pathlib import Path
from typing import Any

import numpy
import torch

TEXT = (
    "It is known that the name of Bram Ashbury is called the composer of Silent Lantern. "
    "They all say that Galt Corfell sent for the author of Bitter Shadow."
)
WIDTH, LAYERS, HEADS, CONTEXT = 16, 2, 2, 64


def tokenizer_json() -> dict:
    """A byte-level tokenizer with a few merges."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=["<end>"], initial_alphabet=sorted(alphabet))
    tokenizer.train_from_iterator([TEXT], trainer)
    return json.loads(tokenizer.to_str())


def save_folder(folder: Path, kind: str = "llama") -> Path:
    """Write a tiny model as the transformers library keeps one; `kind` is "llama", "gpt2" or "bert"."""
    import transformers
    from tokenizers import Tokenizer

    words = transformers.PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(tokenizer_json())))
    shape: dict[str, Any] = {
        "vocab_size": len(words),
        "initializer_range": 0.3,
        "hidden_size": WIDTH,
        "intermediate_size": 2 * WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "max_position_embeddings": CONTEXT,
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        if kind == "llama":
            net = transformers.LlamaForCausalLM(transformers.LlamaConfig(num_key_value_heads=1, **shape))
        elif kind == "gpt2":  # It has dropout, and other names for its sizes.
            net = transformers.GPT2LMHeadModel(transformers.GPT2Config(bos_token_id=0, eos_token_id=0, **shape))
        else:
            net = transformers.BertForMaskedLM(transformers.BertConfig(**shape))
    net.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def save_gguf(path: Path) -> Path:
    """Write a tiny model as a GGUF file, as llama.cpp keeps one."""
    import gguf

    known = tokenizer_json()["model"]
    tokens = sorted(known["vocab"], key=known["vocab"].__getitem__)
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in known["merges"]]
    random = numpy.random.default_rng(0)
    inner, head = 2 * WIDTH, WIDTH // HEADS
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token == "<end>" else 1 for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    shapes = {"token_embd": (len(tokens), WIDTH), "output_norm": (WIDTH,)}
    for layer in range(LAYERS):
        shapes |= {
            f"blk.{layer}.attn_norm": (WIDTH,),
            f"blk.{layer}.ffn_norm": (WIDTH,),
            f"blk.{layer}.attn_q": (WIDTH, WIDTH),
            f"blk.{layer}.attn_k": (head, WIDTH),
            f"blk.{layer}.attn_v": (head, WIDTH),
            f"blk.{layer}.attn_output": (WIDTH, WIDTH),
            f"blk.{layer}.ffn_gate": (inner, WIDTH),
            f"blk.{layer}.ffn_up": (inner, WIDTH),
            f"blk.{layer}.ffn_down": (WIDTH, inner),
        }
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", random.normal(0, 0.3, shape).astype(numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
