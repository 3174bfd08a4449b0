# Random and hostile texts have the same ids in Hugging Face's own tokenizers, and come back alike; their binding for node
# must be where NODE_PATH says. HF_TEXTS: how many texts a tokenizer (500); HF_SEED: which (1).
. "$(dirname "$0")/lib.sh"
node -e 'require("tokenizers")' >/dev/null 2>&1 || skip_all "no module 'tokenizers' for node"
script=$top_srcdir/tests/cli/hf_texts.js
encode=${top_builddir-$top_srcdir/build}/tests/num/encode_texts
save=${top_builddir-$top_srcdir/build}/tests/num/save_tokenizer

# answers TOKENIZER: ours to the questions.
answers() {
	"$encode" "$1" <"$scratch/questions" >"$scratch/answers" 2>"$scratch/why"
}

# same NAME TOKENIZER: theirs are the same.
same() {
	node "$script" compare "$2" "$scratch/questions" "$scratch/answers" >"$scratch/why" 2>&1
	local differs=$?
	sed -n '$s/^/# /p' "$scratch/why"
	ok $differs "$1"
}

# agrees NAME TOKENIZER: on all texts and ids; and so do what we write of it as tokenizer.json and, where there are words
# for it, as GGUF.
agrees() {
	node "$script" ask "$2" "${HF_TEXTS-500}" "${HF_SEED-1}" >"$scratch/questions" 2>"$scratch/why" && answers "$2" ||
		{ ok 1 "$1"; return; }
	same "$1" "$2"
	mkdir -p "$scratch/written"
	"$save" "$2" "$scratch/written" 2>"$scratch/why" && same "$1, as we write it" "$scratch/written/tokenizer.json" ||
		ok 1 "$1 is written"
	"$save" "$2" "$scratch/written.gguf" 2>"$scratch/why"
	case $? in
	0) answers "$scratch/written.gguf" && same "$1, in a GGUF file" "$2" ;;
	3) sed 's/^save_tokenizer/# not as GGUF/' "$scratch/why" ;;
	*) ok 1 "$1, in a GGUF file" ;;
	esac
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
