/* What a config.json says that is not understood, for those who look into a model. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"
#include "model/config.h"
#include "store/json.h"

/* Read by config.c; of the sizes those names count that the architecture has for them. */
static const char *const read_names[] = {"model_type", "vocab_size", "quantization_config", "use_sliding_window",
	"sliding_window", "tie_word_embeddings", "attention_bias", "mlp_bias", "rope_theta", "rope_scaling",
	"rope_parameters", "partial_rotary_factor", "scale_attn_weights", "scale_attn_by_inverse_layer_idx",
	"add_cross_attention", "bos_token_id", "eos_token_id"};

/* Of training, of other tasks, of the library that wrote the file, and of how a value is computed rather than what it
 * is. Nothing here changes a logit. */
static const char *const idle_names[] = {"_attn_implementation", "_attn_implementation_autoset", "_commit_hash",
	"_name_or_path", "_num_labels", "architectures", "attention_dropout", "attn_pdrop", "auto_map",
	"bad_words_ids", "chunk_size_feed_forward", "cls_token_id", "decoder_start_token_id", "do_sample", "dtype",
	"embd_pdrop", "finetuning_task", "gradient_checkpointing", "id2label", "initializer_range", "is_decoder",
	"is_encoder_decoder", "is_llama_config", "label2id", "layer_types", "max_length", "max_sequence_length",
	"max_window_layers", "min_length", "mlp_dropout", "n_ctx", "n_special", "name_or_path", "neftune_noise_alpha",
	"num_beams", "num_labels", "output_attentions", "output_hidden_states", "output_past", "output_scores",
	"pad_token_id", "predict_special_tokens", "prefix", "pretraining_tp", "problem_type",
	"reorder_and_upcast_attn", "resid_pdrop", "return_dict", "return_dict_in_generate", "rope_interleaved",
	"sep_token_id", "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type",
	"summary_use_proj", "task_specific_params", "temperature", "tf_legacy_loss", "tie_encoder_decoder",
	"tokenizer_class", "tokenizer_model_max_length", "tokenizer_padding_side", "top_k", "top_p", "torch_dtype",
	"torchscript", "transformers.js_config", "transformers_version", "unk_token_id", "unsloth_fixed",
	"unsloth_version", "use_bfloat16", "use_cache"};

/* What is not handled and is no part of the model either where it is false or empty. */
static const char *const off_names[] = {"pruned_heads", "use_mrope", "use_qk_norm"};

static bool is_listed(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i] != NULL && strcmp(name, list[i]) == 0)
			return true;
	}
	return false;
}

static bool is_known(const struct architecture *arch, const char *name)
{
	const struct config_names *c = &arch->config;
	const char *const sizes[] = {c->hidden, c->layers, c->heads, c->kv_heads, c->head_dim, c->intermediate,
		c->positions, c->norm_eps, c->activation};

	return is_listed(name, sizes, ARRAY_LEN(sizes)) || is_listed(name, read_names, ARRAY_LEN(read_names)) ||
	       is_listed(name, idle_names, ARRAY_LEN(idle_names));
}

static bool is_off(const char *name, const json_t *value)
{
	bool empty = json_is_object(value) && json_object_size(value) == 0;

	return is_listed(name, off_names, ARRAY_LEN(off_names)) && (json_is_false(value) || empty);
}

int model_config_unknown(struct file_names *names, const char *dir, struct err *err)
{
	char *path = file_join(dir, "config.json");
	const struct architecture *arch;
	struct json_doc doc = {0};
	const char *type, *name;
	json_t *value;
	int rc = -1;

	if (json_doc_read(&doc, path, err) != 0 || json_as_object(&doc.root, err) != 0 ||
		json_get_str(&doc.root, "model_type", &type, err) != 0)
		goto out;
	arch = architecture_find(type);
	json_object_foreach(doc.root.value, name, value) {
		if (arch != NULL && !json_is_null(value) && !is_known(arch, name) && !is_off(name, value))
			vec_push(names, xstrdup(name));
	}
	rc = 0;
out:
	json_doc_release(&doc);
	free(path);
	return rc;
}
