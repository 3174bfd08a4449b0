# Random and hostile texts have the same ids in Hugging Face's own tokenizers, and come back alike; their binding for node
# must be where NODE_PATH says. HF_TEXTS: how many texts a tokenizer (500); HF_SEED: which (1).
. "$(dirname "$0")/lib.sh"
node -e 'require("tokenizers")' >/dev/null 2>&1 || skip_all "no module 'tokenizers' for node"
script=$top_srcdir/tests/cli/hf_texts.js
encode=${top_builddir-$top_srcdir/build}/tests/num/encode_texts

# agrees NAME TOKENIZER: on all texts and ids.
agrees() {
	node "$script" ask "$2" "${HF_TEXTS-500}" "${HF_SEED-1}" >"$scratch/questions" 2>"$scratch/why" &&
		"$encode" "$2" <"$scratch/questions" >"$scratch/answers" 2>"$scratch/why" &&
		node "$script" compare "$2" "$scratch/questions" "$scratch/answers" >"$scratch/why" 2>&1
	local differs=$?
	sed -n '$s/^/# /p' "$scratch/why"
	ok $differs "$1"
}

for published in tokenizers/llama3 tokenizers/qwen3 models/tinystories-656k; do
	file=$shared/$published/tokenizer.json
	if [ -f "$file" ]; then
		agrees "$published" "$file"
	else
		skip "$published" "no ../shared"
	fi
done
mkdir "$scratch/made" && node "$script" make "$scratch/made"
ok $? "small tokenizers of every kind of step"
for file in "$scratch/made"/*.json; do
	name=${file##*/}
	agrees "${name%.json}" "$file"
done
finish
