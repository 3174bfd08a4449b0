# What is wrong with models, datasets and arguments gets one clear sentence and exit status 1.
. "$(dirname "$0")/lib.sh"

lesson=$top_srcdir/data/lesson
table=$lesson/table.csv

# A token dataset of our own in $scratch/NAME: items, cases, end-of-sequence id.
dataset() {
	mkdir -p "$scratch/$1"
	printf 'item_id,tokens\n%s\n' "$2" >"$scratch/$1/items.csv"
	printf 'case_id,prompt_tokens,item_id\n%s\n' "$3" >"$scratch/$1/cases.csv"
	printf '{"eos_token_id": %s}\n' "${4-0}" >"$scratch/$1/meta.json"
}

# An empty file of that name in $scratch, whose path is printed.
empty() {
	mkdir -p "$(dirname "$scratch/$1")"
	: >"$scratch/$1"
	printf '%s\n' "$scratch/$1"
}

fails "no such model" 1 "model '/none'" -m /none -d "$lesson" beam 1
fails "an option that is cut too short" 2 "'no' may be any of 'no-color', 'no-mouse', 'no-screens'" --no info
fails "one after a command" 2 "may be any of '--sort', '--split'" cases --s 1
fails "a case without a command" 2 "there is no command '312'; did you mean 'beam 312'?" 312
fails "a misspelt word" 2 "did you mean 'beam'?" bem
fails "a word that is near to none" 2 "there is no command 'foo' ('help'" foo
fails "a choice" 2 "'t' may be any of 'text', 'tsv'" --format t info
fails "no such dataset" 1 "dataset '/none'" -m "$table" -d /none beam 1
fails "a model that is neither directory nor file" 1 "nor a GGUF file (.gguf) nor a probability table" \
	-m "$top_srcdir/README.md" -d "$lesson" beam 1
fails "a directory without a model" 1 "is a directory without a model" -m "$lesson" -d "$lesson" beam 1
fails "a file of a model" 1 "give the directory that it lies in" -m "$lesson/meta.json" -d "$lesson" beam 1
fails "weights of torch" 1 "weights in .bin files are not read" -m "$(empty model/pytorch_model.bin)" info
printf '{}\n' >"$scratch/model/config.json"
fails "and in their directory" 1 "has its weights in pytorch_model.bin" -m "$scratch/model" info
fails "GGUF files beside a config.json" 1 "its weights in GGUF files: give one of them, $scratch/both/a.gguf" \
	-m "$(empty both/a.gguf >/dev/null; dirname "$(empty both/config.json)")" info
fails "a model in its maker's form" 1 "in its maker's own form" -m "$(dirname "$(empty raw/consolidated.00.pth)")" info
fails "two GGUF files" 1 "give one of them, 'a.gguf', 'b.gguf'" \
	-m "$(empty two/b.gguf >/dev/null; dirname "$(empty two/a.gguf)")" info
mkdir -p "$scratch/hub/models--org--name/snapshots/abc" "$scratch/hub/models--org--name/refs"
printf abc >"$scratch/hub/models--org--name/refs/main"
fails "a folder of the Hugging Face cache" 1 "give the model in it, $scratch/hub/models--org--name/snapshots/abc" \
	-m "$scratch/hub/models--org--name" info
HF_HUB_CACHE=$scratch/hub fails "a name on the hub" 1 "give $scratch/hub/models--org--name/snapshots/abc" -m org/name info
cp -r "$top_srcdir/data/demo/sft" "$scratch/wordless"
rm "$scratch/wordless/tokenizer.json"
fails "a model without a tokenizer" 1 "put its tokenizer.json there" -m "$scratch/wordless" -d "$top_srcdir/data/demo" beam 1
pad='{"id": 100000, "content": "[PAD]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}'
sed "s/\"added_tokens\": \[/&$pad,/" "$top_srcdir/data/demo/sft/tokenizer.json" >"$scratch/wordless/tokenizer.json"
succeeds "an added token that the model has no row for does no harm" -m "$scratch/wordless" -d "$top_srcdir/data/demo" \
	beam 312
sed 's/{history}/[PAD]{history}/' "$top_srcdir/data/templates/plain.tmpl" >"$scratch/padded"
fails "nor is there one to learn from" 1 "100000" -m "$scratch/wordless" -d "$top_srcdir/data/demo" --template "$scratch/padded" \
	loss sft --cases 1
fails "unless a text has it" 1 "100000" -m "$scratch/wordless" -d "$top_srcdir/data/demo" --template "$scratch/padded" beam 312
rm "$scratch/wordless/tokenizer.json"
empty wordless/tokenizer.model >/dev/null
fails "one with SentencePiece's" 1 "its tokenizer.model is not read" -m "$scratch/wordless" tokenize x
fails "a directory without a dataset" 1 "no dataset of a known form" -m "$table" -d "$scratch" beam 1
fails "a model alone" 2 "name one with -d" -m "$table" beam 1
fails "a dataset alone" 2 "name one with -m" -d "$lesson" beam 1
fails "an adapter alone" 2 "adapter 'x' is given but no model" -a x beam 1
fails "an adapter over a table" 1 "adapter 'x' goes with a transformer" -m "$table" -d "$lesson" -a x beam 1
fails "an unknown case" 1 "no case '9' in the test split" "${on_lesson[@]}" beam 9
fails "an unknown item" 1 "no item '9'" "${on_lesson[@]}" item 9
fails "an unknown item to score" 1 "no item '9'" "${on_lesson[@]}" score 1 --item 9
fails "a split that is not there" 1 "no valid split" "${on_lesson[@]}" --split valid cases
fails "no tokenizer" 1 "has no tokenizer" "${on_lesson[@]}" tokenize x
fails "no template" 1 "token ids" "${on_lesson[@]}" prompt 1 --diff

dataset big '1,5 9999 0' '1,3,1'
fails "a catalogue beyond the vocabulary" 1 "item '1' of dataset 'big' holds token 9999" -m "$table" -d "$scratch/big" beam 1
dataset words '1,twelve' '1,3,1'
fails "tokens that are no numbers" 1 "items.csv" -m "$table" -d "$scratch/words" beam 1
dataset absent '1,12 15 0' '1,3,2'
run -m "$table" -d "$scratch/absent" beam 1 --format json
grep -q '"kind": "unreachable"' "$scratch/out" && grep -q '"unreachable": "not-in-catalogue"' "$scratch/out"
ok $? "a positive item that is not in the catalogue is unreachable"
fails "and cannot be scored" 1 "no positive item" -m "$table" -d "$scratch/absent" score 1
dataset hidden $'1,12 0\n2,12 15 0' '1,3,1'
run -m "$table" -d "$scratch/hidden" --end leaf beam 1 --format json
grep -q '"unreachable": "hidden"' "$scratch/out"
ok $? "a positive item that end leaf hides is unreachable"
fails "and cannot be scored either" 1 "hidden by end leaf" -m "$table" -d "$scratch/hidden" --end leaf score 1
dataset zero '1,16 0' '1,3,1'
run -m "$table" -d "$scratch/zero" --mask after beam 1 --format json
grep -q '"unreachable": "zero-probability"' "$scratch/out" && grep -q '"results": \[\]' "$scratch/out"
ok $? "an item that the model gives no probability is unreachable"

mkdir -p "$scratch/greedy"
cp "$lesson"/*.csv "$scratch/greedy"
printf '{"eos_token_id": 0, "settings": {"output": "%s/stolen"}}\n' "$scratch" >"$scratch/greedy/meta.json"
fails "a dataset that would write a file" 1 "settings.output" -m "$table" -d "$scratch/greedy" beam 1
[ ! -e "$scratch/stolen" ]
ok $? "wrote none"
printf '{"eos_token_id": 0, "settings": {"beam": 0}}\n' >"$scratch/greedy/meta.json"
fails "a dataset that asks for a beam of nothing" 1 "meta.json" -m "$table" -d "$scratch/greedy" beam 1

printf 'prefix,token,probability\n,12,0.7\n,13,0.7\n' >"$scratch/table.csv"
fails "probabilities above one" 1 "$scratch/table.csv" -m "$scratch/table.csv" -d "$lesson" beam 1

# Titles are data: what they hold never reaches a terminal as it is.
mkdir -p "$scratch/hostile"
printf 'item_id,tokens,title\n"\033[2J",12 15 0,"\033]0;owned\007 &#27;[31m"\n' >"$scratch/hostile/items.csv"
printf 'case_id,prompt_tokens,item_id\n"\033[1mx",3,"\033[2J"\n' >"$scratch/hostile/cases.csv"
printf '{"eos_token_id": 0}\n' >"$scratch/hostile/meta.json"
escape=$'\033'
for line in cases "case ${escape}[1mx" "beam ${escape}[1mx --trace" "why ${escape}[1mx" "score ${escape}[1mx" "exact ${escape}[1mx" \
	"item ${escape}[2J" "item ${escape}[3J" "find owned" info "prompt ${escape}[1mx"; do
	# shellcheck disable=SC2086
	run -m "$table" -d "$scratch/hostile" $line
	cat "$scratch/out" "$scratch/err" >"$scratch/why"
	! cat "$scratch/out" "$scratch/err" | tr -d '\n' | LC_ALL=C grep -q '[[:cntrl:]]' && [ -s "$scratch/why" ]
	ok $? "no control characters: ${line//$escape/^[}"
done

run -m "$table" -d "$scratch/hostile"
! tr -d '\n' <"$scratch/out" | LC_ALL=C grep -q '[[:cntrl:]]' && grep -q 'How to go on' "$scratch/out"
ok $? "no control characters: the tour"

if [ -d "$shared/models" ]; then
	model=$shared/models/tinystories-656k office=$shared/datasets/bear-office
	mkdir -p "$scratch/model"
	cp "$model"/* "$scratch/model" && chmod u+w "$scratch/model"/*
	rm "$scratch/model/tokenizer.json"
	fails "a dataset of texts without a tokenizer" 1 "put its tokenizer.json there" -m "$scratch/model" -d "$office" beam 17
	cp "$shared/tokenizers/llama3/tokenizer.json" "$scratch/model"
	fails "a tokenizer of another model" 1 "they do not belong together" -m "$scratch/model" -d "$office" beam 17
	cp "$model/tokenizer.json" "$scratch/model"
	head -c 1000 "$model/model.safetensors" >"$scratch/model/model.safetensors"
	fails "truncated weights" 1 "model.safetensors" -m "$scratch/model" -d "$office" beam 17
	fails "a table with a dataset of texts" 1 "a table goes with a dataset of token ids" -m "$table" -d "$office" beam 17
	fails "no such template" 1 "there is no template 'none': neither a file of that name nor one of bear-inference, bear-train, d3, minionerec-inference, minionerec-train, plain, sequence" \
		-m "$model" -d "$office" --template none beam 17
	fails "an id beyond the vocabulary" 1 "9999" -m "$model" detokenize 9999
	fails "ids that are none" 2 "'x' is not a token id" -m "$model" detokenize 1 x
else
	skip "models and texts" "no ../shared"
fi
finish
