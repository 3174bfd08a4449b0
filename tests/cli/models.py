"""
Small models of every architecture, with random weights, in Hugging Face's form.

    models.py FOLDER ARCHITECTURE [DTYPE [SEED [MEMBER=JSON]...]]    DTYPE: F32 or BF16; MEMBERs change config.json

Sizes are multiples of 32, which is what programs with packed weights want. FOLDER/tokenizer.json is left as it is; with
it the vocabulary is as large as it says, rounded up to 32, as publishers do.
"""
import json
import math
import os
import random
import struct
import sys

HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 64, 2, 2, 96, 128


def config_of(arch, vocab, dtype):
    if arch == "gpt2":
        sizes = {"n_embd": HIDDEN, "n_layer": LAYERS, "n_head": HEADS, "n_positions": POSITIONS, "n_inner": INNER,
                 "layer_norm_epsilon": 1e-5, "activation_function": "gelu_new"}
    else:
        sizes = {"hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": 1,
                 "head_dim": 32, "intermediate_size": INNER, "max_position_embeddings": POSITIONS, "rms_norm_eps": 1e-6,
                 "hidden_act": "silu", "rope_theta": 10000.0, "tie_word_embeddings": arch == "qwen2"}
    if arch == "mistral":
        sizes["sliding_window"] = None
    return {"model_type": arch, "vocab_size": vocab, "torch_dtype": {"F32": "float32", "BF16": "bfloat16"}[dtype],
            "bos_token_id": 0, "eos_token_id": 1, "a_member_of_their_own": {"kept": [1, 2.5, None]}, **sizes}


def shapes_of(arch, c):
    """Name, shape and mean of every tensor; norms are about 1."""
    if arch == "gpt2":
        yield "transformer.wte.weight", [c["vocab_size"], HIDDEN], 0
        yield "transformer.wpe.weight", [POSITIONS, HIDDEN], 0
        for i in range(LAYERS):
            for name, shape in (("attn.c_attn", [HIDDEN, 3 * HIDDEN]), ("attn.c_proj", [HIDDEN, HIDDEN]),
                                ("mlp.c_fc", [HIDDEN, INNER]), ("mlp.c_proj", [INNER, HIDDEN])):
                yield f"transformer.h.{i}.{name}.weight", shape, 0
                yield f"transformer.h.{i}.{name}.bias", shape[1:], 0
            for name in ("ln_1", "ln_2"):
                yield f"transformer.h.{i}.{name}.weight", [HIDDEN], 1
                yield f"transformer.h.{i}.{name}.bias", [HIDDEN], 0
        yield "transformer.ln_f.weight", [HIDDEN], 1
        yield "transformer.ln_f.bias", [HIDDEN], 0
        return
    kv = c["num_key_value_heads"] * 32
    yield "model.embed_tokens.weight", [c["vocab_size"], HIDDEN], 0
    for i in range(LAYERS):
        at = f"model.layers.{i}."
        for name, shape in (("self_attn.q_proj", [HEADS * 32, HIDDEN]), ("self_attn.k_proj", [kv, HIDDEN]),
                            ("self_attn.v_proj", [kv, HIDDEN]), ("self_attn.o_proj", [HIDDEN, HEADS * 32]),
                            ("mlp.gate_proj", [INNER, HIDDEN]), ("mlp.up_proj", [INNER, HIDDEN]),
                            ("mlp.down_proj", [HIDDEN, INNER])):
            yield at + name + ".weight", shape, 0
            if arch == "qwen2" and name[10:] in ("q_proj", "k_proj", "v_proj"):
                yield at + name + ".bias", shape[:1], 0
        if arch == "qwen3":
            yield at + "self_attn.q_norm.weight", [32], 1
            yield at + "self_attn.k_norm.weight", [32], 1
        yield at + "input_layernorm.weight", [HIDDEN], 1
        yield at + "post_attention_layernorm.weight", [HIDDEN], 1
    yield "model.norm.weight", [HIDDEN], 1
    if not c["tie_word_embeddings"]:
        yield "lm_head.weight", [c["vocab_size"], HIDDEN], 0


def main(folder, arch, dtype="F32", seed="1", *members):
    rng = random.Random(int(seed))
    os.makedirs(folder, exist_ok=True)
    vocab = 320
    if os.path.exists(folder + "/tokenizer.json"):
        t = json.load(open(folder + "/tokenizer.json"))
        ids = list(t["model"]["vocab"].values()) + [a["id"] for a in t["added_tokens"]]
        vocab = (max(ids) + 32) // 32 * 32
    config = config_of(arch, vocab, dtype)
    for member in members:
        key, value = member.split("=", 1)
        config[key] = json.loads(value)
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, shape, mean in shapes_of(arch, config):
        n = math.prod(shape)
        values = struct.pack(f"<{n}f", *(mean + rng.gauss(0, 0.2) for _ in range(n)))
        if dtype == "BF16":
            values = b"".join(values[i + 2:i + 4] for i in range(0, 4 * n, 4))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder + "/model.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)
    with open(folder + "/config.json", "w") as f:
        json.dump(config, f)


main(*sys.argv[1:])
