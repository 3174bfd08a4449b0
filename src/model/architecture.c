/* The table of the kinds of transformers. */
#include "model/architecture.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define LLAMA_NAMES \
	[PARAM_EMBED] = "embed_tokens.weight", \
	[PARAM_ATTN_NORM] = "input_layernorm.weight", \
	[PARAM_Q] = "self_attn.q_proj.weight", \
	[PARAM_Q_BIAS] = "self_attn.q_proj.bias", \
	[PARAM_K] = "self_attn.k_proj.weight", \
	[PARAM_K_BIAS] = "self_attn.k_proj.bias", \
	[PARAM_V] = "self_attn.v_proj.weight", \
	[PARAM_V_BIAS] = "self_attn.v_proj.bias", \
	[PARAM_O] = "self_attn.o_proj.weight", \
	[PARAM_O_BIAS] = "self_attn.o_proj.bias", \
	[PARAM_MLP_NORM] = "post_attention_layernorm.weight", \
	[PARAM_GATE] = "mlp.gate_proj.weight", \
	[PARAM_GATE_BIAS] = "mlp.gate_proj.bias", \
	[PARAM_UP] = "mlp.up_proj.weight", \
	[PARAM_UP_BIAS] = "mlp.up_proj.bias", \
	[PARAM_DOWN] = "mlp.down_proj.weight", \
	[PARAM_DOWN_BIAS] = "mlp.down_proj.bias", \
	[PARAM_NORM] = "norm.weight", \
	[PARAM_HEAD] = "lm_head.weight"

static const char *const llama_names[PARAM_ROLES] = {LLAMA_NAMES};

static const char *const qwen3_names[PARAM_ROLES] = {
	LLAMA_NAMES,
	[PARAM_Q_NORM] = "self_attn.q_norm.weight",
	[PARAM_K_NORM] = "self_attn.k_norm.weight",
};

static const char *const gpt2_names[PARAM_ROLES] = {
	[PARAM_EMBED] = "wte.weight",
	[PARAM_POSITIONS] = "wpe.weight",
	[PARAM_ATTN_NORM] = "ln_1.weight",
	[PARAM_ATTN_NORM_BIAS] = "ln_1.bias",
	[PARAM_QKV] = "attn.c_attn.weight",
	[PARAM_QKV_BIAS] = "attn.c_attn.bias",
	[PARAM_O] = "attn.c_proj.weight",
	[PARAM_O_BIAS] = "attn.c_proj.bias",
	[PARAM_MLP_NORM] = "ln_2.weight",
	[PARAM_MLP_NORM_BIAS] = "ln_2.bias",
	[PARAM_UP] = "mlp.c_fc.weight",
	[PARAM_UP_BIAS] = "mlp.c_fc.bias",
	[PARAM_DOWN] = "mlp.c_proj.weight",
	[PARAM_DOWN_BIAS] = "mlp.c_proj.bias",
	[PARAM_NORM] = "ln_f.weight",
	[PARAM_NORM_BIAS] = "ln_f.bias",
	[PARAM_HEAD] = "lm_head.weight",
};

static const char *const no_buffers[] = {NULL};
static const char *const llama_buffers[] = {"self_attn.rotary_emb.inv_freq", NULL};
static const char *const gpt2_buffers[] = {"attn.bias", "attn.masked_bias", NULL};

#define LLAMA_CONFIG \
	{ \
		.hidden = "hidden_size", .layers = "num_hidden_layers", .heads = "num_attention_heads", \
		.kv_heads = "num_key_value_heads", .head_dim = "head_dim", .intermediate = "intermediate_size", \
		.positions = "max_position_embeddings", .norm_eps = "rms_norm_eps", .activation = "hidden_act" \
	}

/* What Llama's kin have in common. */
#define LLAMA_KIND \
	.config = LLAMA_CONFIG, .prefix = "model.", .layers = "layers", \
	.linear = "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", .targets = "q_proj,v_proj"

static const struct architecture table[] = {
	{
		.type = "llama",
		.class = "LlamaForCausalLM",
		.gguf = "llama",
		LLAMA_KIND,
		.names = llama_names,
		.buffers = llama_buffers,
		.qkv_bias = USE_ASKED,
		.o_bias = USE_ASKED,
		.mlp_bias = USE_ASKED,
	},
	{
		.type = "mistral",
		.class = "MistralForCausalLM",
		.gguf = "llama",
		LLAMA_KIND,
		.names = llama_names,
		.buffers = llama_buffers,
		.window = USE_ALWAYS,
	},
	{
		.type = "qwen2",
		.class = "Qwen2ForCausalLM",
		.gguf = "qwen2",
		LLAMA_KIND,
		.names = llama_names,
		.buffers = no_buffers,
		.qkv_bias = USE_ALWAYS,
		.window = USE_ASKED,
	},
	{
		.type = "qwen3",
		.class = "Qwen3ForCausalLM",
		.gguf = "qwen3",
		LLAMA_KIND,
		.names = qwen3_names,
		.buffers = no_buffers,
		.qkv_bias = USE_ASKED,
		.o_bias = USE_ASKED,
		.window = USE_ASKED,
		.head_dim = 128,
	},
	{
		.type = "gpt2",
		.class = "GPT2LMHeadModel",
		.gguf = "gpt2",
		.config =
			{
				.hidden = "n_embd",
				.layers = "n_layer",
				.heads = "n_head",
				.intermediate = "n_inner",
				.positions = "n_positions",
				.norm_eps = "layer_norm_epsilon",
				.activation = "activation_function",
			},
		.prefix = "transformer.",
		.layers = "h",
		.names = gpt2_names,
		.buffers = gpt2_buffers,
		.linear = "c_attn,c_proj,c_fc",
		.targets = "c_attn",
		.norm = NORM_LAYER,
		.conv1d = true,
		.tied = true,
		.qkv_bias = USE_ALWAYS,
		.o_bias = USE_ALWAYS,
		.mlp_bias = USE_ALWAYS,
	},
};

const struct architecture *architecture_find(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (strcmp(table[i].type, type) == 0)
			return &table[i];
	}
	return NULL;
}

const struct architecture *architecture_find_gguf(const char *name, bool window)
{
	const struct architecture *found = NULL;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (strcmp(table[i].gguf, name) != 0)
			continue;
		if (!window || table[i].window != USE_NEVER)
			return &table[i];
		if (found == NULL)
			found = &table[i];
	}
	return found;
}

void architecture_list(char *out, size_t size)
{
	size_t n = ARRAY_LEN(table), at = 0;

	for (size_t i = 0; i < n && at < size; i++) {
		const char *before = i == 0 ? "" : i + 1 < n ? ", " : " and ";

		at += (size_t)snprintf(out + at, size - at, "%s%s", before, table[i].type);
	}
}

bool role_is_bias(enum param_role role)
{
	static const bool biases[PARAM_ROLES] = {
		[PARAM_ATTN_NORM_BIAS] = true,
		[PARAM_QKV_BIAS] = true,
		[PARAM_Q_BIAS] = true,
		[PARAM_K_BIAS] = true,
		[PARAM_V_BIAS] = true,
		[PARAM_O_BIAS] = true,
		[PARAM_MLP_NORM_BIAS] = true,
		[PARAM_GATE_BIAS] = true,
		[PARAM_UP_BIAS] = true,
		[PARAM_DOWN_BIAS] = true,
		[PARAM_NORM_BIAS] = true,
	};

	return biases[role];
}

bool role_is_map(enum param_role role)
{
	static const bool maps[PARAM_ROLES] = {
		[PARAM_QKV] = true,
		[PARAM_Q] = true,
		[PARAM_K] = true,
		[PARAM_V] = true,
		[PARAM_O] = true,
		[PARAM_GATE] = true,
		[PARAM_UP] = true,
		[PARAM_DOWN] = true,
	};

	return maps[role];
}

bool role_is_vector(enum param_role role)
{
	return !role_is_map(role) && role != PARAM_EMBED && role != PARAM_POSITIONS && role != PARAM_HEAD;
}
