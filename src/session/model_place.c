#include "session/model_place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/weights.h"
#include "store/file.h"
#include "store/gguf.h"

/* Weights that transformers may have written and that are not read here. */
static const char *const foreign_weights[] = {
	"pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack", "model.onnx"};

static const char *const foreign_endings[] = {".bin", ".pth", ".pt", ".ckpt", ".h5", ".msgpack", ".onnx"};

static bool ends_in(const char *s, const char *ending)
{
	size_t n = strlen(s), k = strlen(ending);

	return n >= k && strcmp(s + n - k, ending) == 0;
}

/* A run's folder, or that of one of its objectives, is easily given for the checkpoint in it: then it is not DIR/file
 * that is missing. what: "model", "adapter". */
static int check_is_no_run(const char *path, const char *what, const char *file, struct err *err)
{
	char *newest;
	bool holds_checkpoints;

	if (file_exists_in(path, file))
		return 0;
	if (file_exists_in(path, "run.json"))
		return err_set(err, ERR_NOT_FOUND,
			"%s '%s' is a training run: give the checkpoint of an objective, %s/NAME/last", what, path,
			path);
	newest = file_join(path, "last");
	holds_checkpoints = file_is_dir(newest);
	free(newest);
	return holds_checkpoints ? err_set(err, ERR_NOT_FOUND, "%s '%s' holds checkpoints: give the newest, %s/last",
					   what, path, path)
				 : 0;
}

/* Repositories of GGUF files often have the config.json of the model that they were made of. Names the first such file;
 * NULL where there is none. Caller frees. */
static char *gguf_in(const char *path)
{
	struct file_names names = {0};
	struct err ignored;
	char *first = NULL;

	if (file_list(&names, path, "*.gguf", &ignored) == 0 && names.n > 0)
		first = file_join(path, names.at[0]);
	file_names_release(&names);
	return first;
}

static int refuse_for_gguf(const char *path, char *gguf, struct err *err)
{
	err_set(err, ERR_VALUE, "model '%s' has a config.json and its weights in GGUF files: give one of them, %s",
		path, gguf);
	free(gguf);
	return -1;
}

/* A directory with config.json: are there weights that can be read? */
static int check_weights(const char *path, struct err *err)
{
	char *gguf;

	if (file_exists_in(path, "model.safetensors") || file_exists_in(path, "model.safetensors.index.json"))
		return 0;
	gguf = gguf_in(path);
	if (gguf)
		return refuse_for_gguf(path, gguf, err);
	for (size_t i = 0; i < ARRAY_LEN(foreign_weights); i++)
		if (file_exists_in(path, foreign_weights[i]))
			return err_set(err, ERR_UNSUPPORTED,
				"model '%s' has its weights in %s, which is not read: write them as model.safetensors "
				"with save_pretrained of transformers",
				path, foreign_weights[i]);
	return err_set(err, ERR_NOT_FOUND,
		"model '%s' has a config.json but no weights: neither model.safetensors nor "
		"model.safetensors.index.json is there",
		path);
}

/* The snapshot that a model's folder in the Hugging Face cache ("models--ORG--NAME") holds; NULL where it is no such
 * folder. Caller frees. */
static char *snapshot_in(const char *folder)
{
	struct buf hash = {0};
	char *refs = xasprintf("%s/refs/main", folder), *snapshot = NULL;
	struct err ignored;

	if (file_exists(refs) && file_read(&hash, refs, 256, &ignored) == 0) {
		snapshot = xasprintf("%s/snapshots/%.*s", folder, (int)strcspn(buf_str(&hash), "\n"), buf_str(&hash));
		if (!file_is_dir(snapshot)) {
			free(snapshot);
			snapshot = NULL;
		}
	}
	buf_release(&hash);
	free(refs);
	return snapshot;
}

/* The folder of the Hugging Face cache, as its environment variables say; NULL without a home. Caller frees. */
static char *cache_folder(void)
{
	const char *hub = getenv("HF_HUB_CACHE"), *home = getenv("HF_HOME"), *user = getenv("HOME");

	if (hub && *hub)
		return xstrdup(hub);
	if (home && *home)
		return file_join(home, "hub");
	return user && *user ? file_join(user, ".cache/huggingface/hub") : NULL;
}

/* Where a model of the hub, "ORG/NAME", lies in the cache; NULL where it does not. Caller frees. */
static char *cached(const char *name)
{
	const char *slash = strchr(name, '/');
	char *cache, *folder, *snapshot;

	if (!slash || slash == name || !slash[1] || strchr(slash + 1, '/') || name[0] == '.')
		return NULL;
	cache = cache_folder();
	if (!cache)
		return NULL;
	folder = xasprintf("%s/models--%.*s--%s", cache, (int)(slash - name), name, slash + 1);
	snapshot = snapshot_in(folder);
	free(folder);
	free(cache);
	return snapshot;
}

static int refuse_absent(const char *path, struct err *err)
{
	int why = errno;
	char *snapshot = why == ENOENT ? cached(path) : NULL;

	if (snapshot)
		err_set(err, ERR_NOT_FOUND,
			"there is no directory '%s' here; the Hugging Face cache has a model of that name: give %s",
			path, snapshot);
	else
		err_errno(err, why, "model '%s'", path);
	free(snapshot);
	return -1;
}

/* A directory without config.json. */
static int refuse_directory(const char *path, struct err *err)
{
	char *snapshot = snapshot_in(path);

	if (snapshot)
		err_set(err, ERR_NOT_FOUND,
			"model '%s' is a folder of the Hugging Face cache: give the model in it, %s", path, snapshot);
	else if (file_exists_in(path, "adapter_config.json"))
		err_set(err, ERR_VALUE,
			"model '%s' is an adapter: give it with -a, and the model that it was trained on with -m",
			path);
	else if (file_exists_in(path, "consolidated.00.pth") || file_exists_in(path, "consolidated.safetensors"))
		err_set(err, ERR_UNSUPPORTED,
			"model '%s' is in its maker's own form: take the one for transformers, with config.json and "
			"model.safetensors",
			path);
	else if (check_is_no_run(path, "model", "config.json", err) == 0)
		err_set(err, ERR_NOT_FOUND,
			"model '%s' is a directory without a model: config.json with model.safetensors is looked for, "
			"or "
			"a file that ends in .gguf",
			path);
	free(snapshot);
	return -1;
}

static int check_directory(const char *path, struct err *err)
{
	char *gguf;

	if (file_exists_in(path, "config.json"))
		return check_weights(path, err);
	if (weights_find_gguf(&gguf, path, err) != 0)
		return -1;
	if (!gguf)
		return refuse_directory(path, err);
	free(gguf);
	return 0;
}

static int check_file(const char *path, struct err *err)
{
	if (ends_in(path, ".gguf") || gguf_begins(path))
		return 0;
	if (ends_in(path, ".safetensors") || ends_in(path, ".json"))
		return err_set(err, ERR_VALUE,
			"model '%s' is a file of a model: give the directory that it lies in, with its config.json",
			path);
	for (size_t i = 0; i < ARRAY_LEN(foreign_endings); i++)
		if (ends_in(path, foreign_endings[i]))
			return err_set(err, ERR_UNSUPPORTED,
				"model '%s': weights in %s files are not read: give a directory with config.json and "
				"model.safetensors, or a file that ends in .gguf",
				path, foreign_endings[i]);
	return err_set(err, ERR_UNSUPPORTED,
		"model '%s' is neither a Hugging Face directory nor a GGUF file (.gguf) nor a probability table (.csv)",
		path);
}

int model_place_check(bool *is_table, const char *path, struct err *err)
{
	struct stat st;

	*is_table = false;
	if (stat(path, &st))
		return refuse_absent(path, err);
	if (S_ISDIR(st.st_mode))
		return check_directory(path, err);
	*is_table = ends_in(path, ".csv");
	return *is_table ? 0 : check_file(path, err);
}

int model_place_no_tokenizer(const char *path, struct err *err)
{
	static const char *const sources[] = {"tokenizer.model", "spiece.model", "vocab.json"};

	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		if (file_exists_in(path, sources[i]))
			return err_set(err, ERR_UNSUPPORTED,
				"model '%s' has no tokenizer.json, and its %s is not read: write one with "
				"save_pretrained of transformers' AutoTokenizer",
				path, sources[i]);
	return err_set(err, ERR_VALUE, "model '%s' has no tokenizer: put its tokenizer.json there", path);
}

int model_place_check_adapter(const char *path, struct err *err)
{
	struct stat st;

	if (file_exists_in(path, "adapter_config.json"))
		return 0;
	if (stat(path, &st))
		return err_errno(err, errno, "adapter '%s'", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_VALUE,
			"adapter '%s' is a file: give the directory that it lies in, with its adapter_config.json",
			path);
	if (check_is_no_run(path, "adapter", "adapter_config.json", err) != 0)
		return -1;
	if (file_exists_in(path, "config.json"))
		return err_set(err, ERR_VALUE, "adapter '%s' is a whole model: give it with -m", path);
	return err_set(err, ERR_NOT_FOUND,
		"adapter '%s' is a directory without one: adapter_config.json with adapter_model.safetensors is looked "
		"for",
		path);
}
