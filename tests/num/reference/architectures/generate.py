#!/usr/bin/env python3
"""Random models of every architecture, and what they compute, by PyTorch in float64.

    python3 generate.py [NAME ...]

writes, beside itself, a folder for each architecture: config.json and model.safetensors as Hugging Face transformers
would have them, adapters in PEFT's form, and what tests/num/t_architectures.c compares with: numbers.json and
numbers.safetensors. The forward passes follow the papers and the documentation of transformers 4.5x, not this
project's code: one sequence at a time, no cache, gradients by autograd. It was run with PyTorch 1.13 and NumPy 1.24;
seeds are fixed, and a run gives the same files again.
"""

import json
import math
import os
import struct
import sys

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
VOCAB, BOS, EOS = 32, 0, 1
WIDTH = 3  # of the beams
MASKS = ("before", "after")
NEAR = 3e-4  # a gap that decides must be larger, or rounding could decide otherwise

TYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}


def write_safetensors(path, tensors):
    """tensors: {name: torch tensor of one of TYPES}."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name in sorted(tensors):
        t = tensors[name].contiguous()
        raw = t.view(torch.int16) if t.dtype == torch.bfloat16 else t
        raw = raw.numpy().tobytes()
        place = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": TYPES[t.dtype], "shape": list(t.shape), "data_offsets": place}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def write_json(path, value, indent=None):
    with open(path, "w") as f:
        json.dump(value, f, indent=indent, separators=None if indent else (",", ":"))
        f.write("\n")


# Rotary positions: angles a pair turns by at each position, and what cos and sin are multiplied with.


def rope_parameters(config, dim):
    theta = config["rope_theta"]
    scaling = config.get("rope_scaling")
    freq = theta ** -(torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    kind = scaling.get("rope_type", scaling.get("type")) if scaling else "default"
    if kind == "default" or kind == "dynamic":  # dynamic: sequences within max_position_embeddings only
        return freq, 1.0
    factor = scaling["factor"]
    if kind == "linear":
        return freq / factor, 1.0
    if kind == "llama3":
        return rope_llama3(freq, factor, scaling), 1.0
    if kind == "yarn":
        return rope_yarn(theta, dim, factor, scaling)
    raise ValueError(kind)


def rope_llama3(freq, factor, scaling):
    original = scaling["original_max_position_embeddings"]
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    wavelengths = 2 * math.pi / freq
    out = []
    for f, wavelength in zip(freq.tolist(), wavelengths.tolist()):
        if wavelength < original / high:
            out.append(f)
        elif wavelength > original / low:
            out.append(f / factor)
        else:
            smooth = (original / wavelength - low) / (high - low)
            out.append((1 - smooth) * f / factor + smooth * f)
    return torch.tensor(out, dtype=torch.float64)


def rope_yarn(theta, dim, factor, scaling):
    """Peng et al. 2023 (arXiv 2309.00071), sections 3.2 and 3.4."""
    original = scaling["original_max_position_embeddings"]

    def dimension(rotations):  # that turns so often within the original context
        return dim * math.log(original / (rotations * 2 * math.pi)) / (2 * math.log(theta))

    def mscale(scale, m):
        return 1.0 if scale <= 1 else 0.1 * m * math.log(scale) + 1.0

    low, high = dimension(scaling.get("beta_fast", 32)), dimension(scaling.get("beta_slow", 1))
    if scaling.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, dim - 1)
    if low == high:
        high += 0.001
    index = torch.arange(dim // 2, dtype=torch.float64)
    slowed = ((index - low) / (high - low)).clamp(0, 1)
    kept = theta ** -(2 * index / dim)
    attention = scaling.get("attention_factor")
    if attention is None and scaling.get("mscale") and scaling.get("mscale_all_dim"):
        attention = mscale(factor, scaling["mscale"]) / mscale(factor, scaling["mscale_all_dim"])
    if attention is None:
        attention = mscale(factor, 1)
    return slowed * kept / factor + (1 - slowed) * kept, attention


def rotate(x, freq, attention):
    """x: [n, heads, dim]; the pairs are i and i + dim/2."""
    n, _, dim = x.shape
    angle = torch.arange(n, dtype=torch.float64)[:, None] * freq[None, :]
    cos, sin = (attention * angle.cos())[:, None, :], (attention * angle.sin())[:, None, :]
    a, b = x[..., : dim // 2], x[..., dim // 2 :]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


def attention(q, k, v):
    """q: [n, heads, dim], k and v: [n, kv heads, dim] -> [n, heads * dim]."""
    n, heads, dim = q.shape
    k = k.repeat_interleave(heads // k.shape[1], dim=1)
    v = v.repeat_interleave(heads // v.shape[1], dim=1)
    scores = torch.einsum("qhd,khd->hqk", q, k) / math.sqrt(dim)
    scores = scores + torch.full((n, n), -math.inf, dtype=torch.float64).triu(1)
    return torch.einsum("hqk,khd->qhd", scores.softmax(-1), v).reshape(n, heads * dim)


class Lora:
    def __init__(self, a, b, scale):
        self.a, self.b, self.scale = a, b, scale


class Model:
    """params: {Hugging Face name: float64}; loras: {module: Lora}; head: what stands for a tied output matrix."""

    def __init__(self, config, params, loras=None):
        self.config, self.params, self.loras = config, params, loras or {}

    def linear(self, x, module):
        w = self.params[module + ".weight"]
        y = x @ (w if self.conv1d else w.T)
        if module + ".bias" in self.params:
            y = y + self.params[module + ".bias"]
        if module in self.loras:
            l = self.loras[module]
            y = y + l.scale * (x @ l.a.T @ l.b.T)
        return y

    def output(self, x, tied):
        head = self.params.get("lm_head.weight")
        return x @ (self.params[tied] if head is None else head).T


class Rotary(Model):
    """Llama, Mistral, Qwen2, Qwen3: what they differ in shows in the parameters that are there."""

    conv1d = False

    def rms(self, x, name):
        return self.params[name] * x / (x.pow(2).mean(-1, keepdim=True) + self.config["rms_norm_eps"]).sqrt()

    def attend(self, x, at):
        c, n = self.config, x.shape[0]
        heads, kv = c["num_attention_heads"], c["num_key_value_heads"]
        dim = c.get("head_dim", c["hidden_size"] // heads)
        q = self.linear(x, at + "q_proj").reshape(n, heads, dim)
        k = self.linear(x, at + "k_proj").reshape(n, kv, dim)
        v = self.linear(x, at + "v_proj").reshape(n, kv, dim)
        if at + "q_norm.weight" in self.params:
            q, k = self.rms(q, at + "q_norm.weight"), self.rms(k, at + "k_norm.weight")
        freq, factor = rope_parameters(c, dim)
        return self.linear(attention(rotate(q, freq, factor), rotate(k, freq, factor), v), at + "o_proj")

    def logits(self, tokens):
        p = self.params
        x = p["model.embed_tokens.weight"][tokens]
        for layer in range(self.config["num_hidden_layers"]):
            at = f"model.layers.{layer}."
            x = x + self.attend(self.rms(x, at + "input_layernorm.weight"), at + "self_attn.")
            h = self.rms(x, at + "post_attention_layernorm.weight")
            gate, up = self.linear(h, at + "mlp.gate_proj"), self.linear(h, at + "mlp.up_proj")
            x = x + self.linear(gate * torch.sigmoid(gate) * up, at + "mlp.down_proj")
        return self.output(self.rms(x, "model.norm.weight"), "model.embed_tokens.weight")


class Gpt2(Model):
    conv1d = True

    def norm(self, x, module):
        centred = x - x.mean(-1, keepdim=True)
        spread = (centred.pow(2).mean(-1, keepdim=True) + self.config["layer_norm_epsilon"]).sqrt()
        return centred / spread * self.params[module + ".weight"] + self.params[module + ".bias"]

    def logits(self, tokens):
        p, n, width, heads = self.params, len(tokens), self.config["n_embd"], self.config["n_head"]
        x = p["transformer.wte.weight"][tokens] + p["transformer.wpe.weight"][:n]
        for layer in range(self.config["n_layer"]):
            at = f"transformer.h.{layer}."
            qkv = self.linear(self.norm(x, at + "ln_1"), at + "attn.c_attn")
            q, k, v = (part.reshape(n, heads, width // heads) for part in qkv.split(width, dim=-1))
            x = x + self.linear(attention(q, k, v), at + "attn.c_proj")
            h = self.linear(self.norm(x, at + "ln_2"), at + "mlp.c_fc")
            h = 0.5 * h * (1 + torch.tanh(math.sqrt(2 / math.pi) * (h + 0.044715 * h.pow(3))))
            x = x + self.linear(h, at + "mlp.c_proj")
        return self.output(self.norm(x, "transformer.ln_f"), "transformer.wte.weight")


# Random parameters. Every one is far from what it would begin with, so that leaving it out, or out of place, shows.


def rotary_shapes(c):
    hidden, inner = c["hidden_size"], c["intermediate_size"]
    heads, kv = c["num_attention_heads"], c["num_key_value_heads"]
    dim = c.get("head_dim", hidden // heads)
    qkv_bias = c.get("attention_bias", False) or c["model_type"] == "qwen2"
    o_bias = c.get("attention_bias", False)
    linear = {
        "self_attn.q_proj": (heads * dim, hidden, qkv_bias),
        "self_attn.k_proj": (kv * dim, hidden, qkv_bias),
        "self_attn.v_proj": (kv * dim, hidden, qkv_bias),
        "self_attn.o_proj": (hidden, heads * dim, o_bias),
        "mlp.gate_proj": (inner, hidden, c.get("mlp_bias", False)),
        "mlp.up_proj": (inner, hidden, c.get("mlp_bias", False)),
        "mlp.down_proj": (hidden, inner, c.get("mlp_bias", False)),
    }
    shapes = {"model.embed_tokens.weight": (VOCAB, hidden), "model.norm.weight": (hidden,)}
    for layer in range(c["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        shapes[at + "input_layernorm.weight"] = shapes[at + "post_attention_layernorm.weight"] = (hidden,)
        if c["model_type"] == "qwen3":
            shapes[at + "self_attn.q_norm.weight"] = shapes[at + "self_attn.k_norm.weight"] = (dim,)
        for name, (rows, cols, bias) in linear.items():
            shapes[at + name + ".weight"] = (rows, cols)
            if bias:
                shapes[at + name + ".bias"] = (rows,)
    if not c["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (VOCAB, hidden)
    return shapes


def gpt2_shapes(c):
    width, inner = c["n_embd"], c["n_inner"] or 4 * c["n_embd"]
    shapes = {
        "transformer.wte.weight": (VOCAB, width),
        "transformer.wpe.weight": (c["n_positions"], width),
        "transformer.ln_f.weight": (width,),
        "transformer.ln_f.bias": (width,),
    }
    for layer in range(c["n_layer"]):
        at = f"transformer.h.{layer}."
        for norm in ("ln_1", "ln_2"):
            shapes[at + norm + ".weight"] = shapes[at + norm + ".bias"] = (width,)
        for name, rows, cols in (
            ("attn.c_attn", width, 3 * width),
            ("attn.c_proj", width, width),
            ("mlp.c_fc", width, inner),
            ("mlp.c_proj", inner, width),
        ):
            shapes[at + name + ".weight"], shapes[at + name + ".bias"] = (rows, cols), (cols,)
    return shapes


def draw(shape, name, generator, conv1d):
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    if "embed_tokens" in name or "wte" in name or "wpe" in name:
        return x
    if "norm" in name or "ln_" in name:
        return 0.4 * x if name.endswith(".bias") else 1 + 0.5 * x
    if len(shape) == 1:
        return 0.5 * x
    return 1.3 * x / math.sqrt(shape[0] if conv1d else shape[1])


def is_linear(name, shape):
    embeddings = ("embed_tokens", "lm_head", "wte", "wpe")
    return len(shape) == 2 and not any(e in name for e in embeddings)


# Adapters: what PEFT writes.


def adapter_config(r, alpha, targets, conv1d, **more):
    config = {
        "alpha_pattern": {},
        "base_model_name_or_path": "..",
        "bias": "none",
        "fan_in_fan_out": conv1d,
        "inference_mode": True,
        "init_lora_weights": True,
        "lora_alpha": alpha,
        "lora_dropout": 0.0,
        "modules_to_save": None,
        "peft_type": "LORA",
        "r": r,
        "rank_pattern": {},
        "target_modules": targets,
        "task_type": "CAUSAL_LM",
        "use_dora": False,
        "use_rslora": False,
    }
    config.update(more)
    return config


class Adapter:
    """wanted(module) says whether a module is adapted, saved(parameter) whether it is stored whole; rows: those of the
    embedding then, where they are others. A tied pair of which one is copied to be trained is tied no more."""

    def __init__(self, config, wanted, saved=None, rows=None, unties=False):
        self.config, self.wanted, self.saved, self.rows, self.unties = config, wanted, saved, rows, unties


def make_adapter(adapter, params, conv1d, generator):
    """-> loras, replaced parameters, {PEFT name: tensor}; all leaves of autograd's graph."""
    c, loras, replaced, stored = adapter.config, {}, {}, {}
    for name in sorted(params):
        module = name[: -len(".weight")]
        if not name.endswith(".weight") or not is_linear(name, params[name].shape) or not adapter.wanted(module):
            continue
        rows, cols = params[name].shape
        if conv1d:
            rows, cols = cols, rows
        leaf = module.split(".")[-1]
        r, alpha = c["rank_pattern"].get(leaf, c["r"]), c["alpha_pattern"].get(leaf, c["lora_alpha"])
        a = torch.randn((r, cols), generator=generator, dtype=torch.float64) / math.sqrt(cols)
        b = 0.5 * torch.randn((rows, r), generator=generator, dtype=torch.float64)
        a, b = (x.float().double().requires_grad_() for x in (a, b))
        loras[module] = Lora(a, b, alpha / (math.sqrt(r) if c["use_rslora"] else r))
        stored[f"base_model.model.{module}.lora_A.weight"] = a
        stored[f"base_model.model.{module}.lora_B.weight"] = b
    for name in sorted({*params, "lm_head.weight"}) if adapter.saved else ():
        if not adapter.saved(name):
            continue
        shape = list(params["model.embed_tokens.weight" if name == "lm_head.weight" else name].shape)
        if adapter.rows and "embed" in name:
            shape[0] = adapter.rows
        replaced[name] = draw(shape, name, generator, conv1d).float().double().requires_grad_()
        stored["base_model.model." + name] = replaced[name]
    return loras, replaced, stored


# What is asked of a model.


def make_catalogue(generator):
    """Items of up to four tokens over few letters, so that they share beginnings; one is the beginning of another."""
    items = [[5, 9], [5, 9, 12]]
    while len(items) < 14:
        n = int(torch.randint(1, 5, (), generator=generator))
        item = [int(torch.randint(5, 9, (), generator=generator)) + 3 * i for i in range(n)]
        if item not in items:
            items.append(item)
    return [item + [EOS] for item in items]


def make_prompts(lengths, generator):
    return [[BOS] + torch.randint(2, VOCAB, (n - 1,), generator=generator).tolist() for n in lengths]


class Tree:
    """The catalogue's trie with the model's log-probabilities, each prefix computed from the start."""

    def __init__(self, model, prompt, items, mask):
        self.model, self.prompt, self.items, self.mask, self.known = model, prompt, items, mask, {}

    def children(self, prefix):
        n = len(prefix)
        return sorted({item[n] for item in self.items if len(item) > n and tuple(item[:n]) == prefix})

    def logp(self, prefix):
        if prefix not in self.known:
            z = self.model.logits(self.prompt + list(prefix))[-1]
            valid = self.children(prefix)
            below = z[valid].logsumexp(0) if self.mask == "before" else z.logsumexp(0)
            self.known[prefix] = {v: float(z[v] - below) for v in valid}
        return self.known[prefix]

    def item(self, item):
        return sum(self.logp(tuple(item[:i]))[item[i]] for i in range(len(item)))


def beam(tree, width):
    """The plain search; also the smallest gap that decided anything."""
    live, gap = [((), 0.0)], math.inf
    while any(not prefix or prefix[-1] != EOS for prefix, _ in live):
        candidates = []
        for prefix, sum_so_far in live:
            if prefix and prefix[-1] == EOS:
                candidates.append((prefix, sum_so_far))
                continue
            candidates += [(prefix + (v,), sum_so_far + logp) for v, logp in tree.logp(prefix).items()]
        candidates.sort(key=lambda c: -c[1])
        if len(candidates) > width:
            gap = min(gap, candidates[width - 1][1] - candidates[width][1])
        live = candidates[:width]
    for (_, a), (_, b) in zip(live, live[1:]):
        gap = min(gap, a - b)
    return live, gap


def searches(model, prompts, items):
    out = []
    for number, prompt in enumerate(prompts):
        for mask in MASKS:
            tree = Tree(model, prompt, items, mask)
            with torch.no_grad():
                found, gap = beam(tree, WIDTH)
                exact = [tree.item(item) for item in items]
            assert gap > NEAR, f"prompt {number}, {mask}: a gap of {gap}; take another seed"
            out.append(
                {
                    "prompt": number,
                    "mask": mask,
                    "beam": [{"item": items.index(list(p)), "logp": logp} for p, logp in found],
                    "items": exact,
                }
            )
    return out


def run(model, prompts, positives, items, leaves):
    """Logits of every position, the mean of -log p over the items' tokens, and its gradients by the leaves' names."""
    logits, terms = [], []
    for prompt, positive in zip(prompts, positives):
        item = items[positive]
        z = model.logits(prompt + item[:-1])
        logits.append(z)
        logp = z[len(prompt) - 1 :].log_softmax(-1)
        terms += [-logp[t, token] for t, token in enumerate(item)]
    loss = torch.stack(terms).mean()
    loss.backward()
    for name, leaf in leaves.items():
        assert leaf.grad is not None and leaf.grad.abs().max() > 1e-6, f"'{name}' does not matter"
    return torch.cat(logits).detach(), float(loss), {name: leaf.grad for name, leaf in leaves.items()}


class Case:
    def __init__(self, seed, config, dtype=torch.float32, adapters=None, lengths=(23, 4, 11)):
        self.seed, self.config, self.dtype, self.lengths = seed, config, dtype, lengths
        self.adapters = adapters or {}


def generate(name, case):
    generator = torch.Generator().manual_seed(case.seed)
    gpt2 = case.config["model_type"] == "gpt2"
    kind, shapes = (Gpt2, gpt2_shapes(case.config)) if gpt2 else (Rotary, rotary_shapes(case.config))
    stored = {n: draw(s, n, generator, gpt2).to(case.dtype) for n, s in sorted(shapes.items())}
    items, prompts = make_catalogue(generator), make_prompts(case.lengths, generator)
    positives = torch.randperm(len(items), generator=generator)[: len(prompts)].tolist()
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    write_json(os.path.join(folder, "config.json"), case.config, 2)
    write_safetensors(os.path.join(folder, "model.safetensors"), stored)
    runs, numbers = {}, {}

    def note(title, model, leaves, trained=True):
        z, loss, grads = run(model, prompts, positives, items, leaves)
        runs[title] = {"loss": loss, "searches": searches(model, prompts, items)}
        numbers[title + "/logits"] = z
        for leaf, grad in grads.items() if trained else ():
            numbers[f"{title}/{leaf}"] = grad

    params = {n: t.double().requires_grad_() for n, t in stored.items()}
    note("base", kind(case.config, params), params)
    for title, adapter in case.adapters.items():
        frozen = {n: t.double() for n, t in stored.items()}
        loras, replaced, leaves = make_adapter(adapter, frozen, gpt2, generator)
        place = os.path.join(folder, title)
        os.makedirs(place, exist_ok=True)
        write_json(os.path.join(place, "adapter_config.json"), adapter.config, 2)
        values = {n: t.detach().float() for n, t in leaves.items()}
        write_safetensors(os.path.join(place, "adapter_model.safetensors"), values)
        if adapter.unties and "lm_head.weight" not in replaced:
            replaced["lm_head.weight"] = frozen["model.embed_tokens.weight"]
        note(title, kind(case.config, {**frozen, **replaced}, loras), leaves, not adapter.saved)
    write_json(
        os.path.join(folder, "numbers.json"),
        {"prompts": prompts, "items": items, "positives": positives, "eos": EOS, "width": WIDTH, "runs": runs},
    )
    write_safetensors(os.path.join(folder, "numbers.safetensors"), {n: t.float() for n, t in numbers.items()})


def llama_type(model_type, **more):
    config = {
        "architectures": [model_type.capitalize() + "ForCausalLM"],
        "model_type": model_type,
        "hidden_act": "silu",
        "hidden_size": 16,
        "intermediate_size": 20,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "max_position_embeddings": 64,
        "rms_norm_eps": 1e-5,
        "rope_theta": 20.0,
        "rope_scaling": None,
        "tie_word_embeddings": False,
        "vocab_size": VOCAB,
        "bos_token_id": BOS,
        "eos_token_id": EOS,
    }
    config.update(more)
    return config


def gpt2(**more):
    config = {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "layer_norm_epsilon": 1e-5,
        "n_ctx": 40,
        "n_embd": 16,
        "n_head": 2,
        "n_inner": None,
        "n_layer": 2,
        "n_positions": 40,
        "vocab_size": VOCAB,
        "bos_token_id": BOS,
        "eos_token_id": EOS,
    }
    config.update(more)
    return config


def ends(*names):
    return lambda module: module.split(".")[-1] in names


def anything(module):
    return True


LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
QV = Adapter(adapter_config(2, 3, ["q_proj", "v_proj"], False), ends("q_proj", "v_proj"))
ALL = Adapter(
    adapter_config(2, 3, LINEAR, False, rank_pattern={"gate_proj": 1, "q_proj": 3}, alpha_pattern={"o_proj": 5}),
    anything,
)
GPT2_ALL = Adapter(
    adapter_config(2, 3, ["c_attn", "c_fc", "c_proj"], True, use_rslora=True, alpha_pattern={"c_fc": 2}),
    anything,
)
GPT2_ATTN = Adapter(adapter_config(3, 4, ["c_attn"], True), ends("c_attn"))


def saved(*names, **more):
    config = adapter_config(2, 3, r".*\.(q|v)_proj", False, modules_to_save=list(names) or None)
    return Adapter(config, ends("q_proj", "v_proj"), **more)


# PEFT takes every module whose name ends so: "norm" is that of all layers too.
SAVED = saved("embed_tokens", "lm_head", "norm", saved=lambda name: "proj" not in name)
SAVED_HEAD = saved("lm_head", saved=lambda name: name == "lm_head.weight", unties=True)
SAVED_EMBED = saved("embed_tokens", saved=lambda name: "embed" in name, unties=True)
RESIZED = saved(saved=lambda name: "embed" in name, rows=VOCAB + 3)
GPT2_SAVED = Adapter(
    adapter_config(3, 4, ["c_attn", "c_fc"], True, modules_to_save=["c_fc", "ln_f"]),
    ends("c_attn"),
    saved=lambda name: "c_fc" in name or "ln_f" in name,
)

CASES = {
    "llama": Case(1, llama_type("llama"), adapters={"qv": QV, "all": ALL, "saved": SAVED}),
    "llama-linear": Case(
        2,
        llama_type(
            "llama", attention_bias=True, mlp_bias=True, rope_scaling={"type": "linear", "factor": 2.5}
        ),
        adapters={"all": ALL},
    ),
    "llama-llama3": Case(
        3,
        llama_type(
            "llama",
            rope_scaling={
                "rope_type": "llama3",
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            },
        ),
        torch.float16,
    ),
    "llama-yarn": Case(
        4,
        llama_type(
            "llama",
            rope_scaling={"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16},
        ),
        torch.float16,
    ),
    "mistral": Case(
        5,
        llama_type("mistral", num_attention_heads=4, num_key_value_heads=2, head_dim=6, sliding_window=None),
        torch.bfloat16,
        {"qv": QV, "all": ALL},
    ),
    "qwen2": Case(
        6,
        llama_type(
            "qwen2", num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True, use_sliding_window=False
        ),
        torch.bfloat16,
        {"qv": QV, "all": ALL, "head": SAVED_HEAD, "embed": SAVED_EMBED, "resized": RESIZED},
    ),
    "qwen3": Case(
        7,
        llama_type(
            "qwen3", num_attention_heads=4, num_key_value_heads=2, head_dim=6, attention_bias=False
        ),
        torch.bfloat16,
        {"qv": QV, "all": ALL},
    ),
    "qwen3-yarn": Case(
        8,
        llama_type(
            "qwen3",
            head_dim=10,
            tie_word_embeddings=True,
            rope_scaling={
                "rope_type": "yarn",
                "factor": 4.0,
                "original_max_position_embeddings": 16,
                "attention_factor": 1.4,
                "beta_fast": 4.0,
                "beta_slow": 0.5,
            },
        ),
        torch.bfloat16,
    ),
    "gpt2": Case(9, gpt2(), adapters={"attn": GPT2_ATTN, "all": GPT2_ALL, "saved": GPT2_SAVED}),
    "gpt2-inner": Case(10, gpt2(n_inner=12, layer_norm_epsilon=1e-3), torch.float16),
}


def main():
    torch.set_num_threads(1)
    for name in sys.argv[1:] or CASES:
        generate(name, CASES[name])


main()
