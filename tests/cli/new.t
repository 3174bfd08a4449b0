# Fresh models: `new`, and what can be done with its directories.
. "$(dirname "$0")/lib.sh"

# A small LC-Rec dataset: "red pen …" begins two titles, and one item has neither title nor semantic id of its own.
toys=$scratch/toys
mkdir "$toys"
printf '{"u1": [1, 2, 3, 4, 1], "u2": ["4", 2, 3], "u3": [5, 1, 3]}' >"$toys/Toys.inter.json"
printf '{"1": {"title": "red pen fine point"}, "2": {"title": "red pen fine line"}, "3": {"title": "blue ink"},
	"4": {"title": "blue ink"}, "5": {"title": ""}}' >"$toys/Toys.item.json"
printf '{"1": ["<a_2>", "<b_1>"], "2": ["<a_2>", "<b_10>"], "3": ["<a_10>", "<b_1>"], "4": ["<a_2>", "<b_9>"]}' \
	>"$toys/Toys.index.json"
tiny="--layers 1 --hidden 16 --heads 2 --vocab 280"

# files DIR: its names on one line.
files() {
	(cd "$1" && printf '%s ' *)
}

# shellcheck disable=SC2086
succeeds "titles" -d "$toys" new "$scratch/titles" $tiny
holds "says what to use it with" "beamscope -m $scratch/titles -d $toys --template sequence"
[ "$(files "$scratch/titles")" = "config.json generation_config.json model.safetensors tokenizer.json tokenizer_config.json " ]
ok $? "a Hugging Face directory"
titles=(-m "$scratch/titles" -d "$toys" --template sequence)
succeeds "is searched" "${titles[@]}" beam 1 --trace
holds "and finds every title" "of 3"
run "${titles[@]}" prompt 1
holds "each prompt is the beginning of the next" "red pen fine point</s>red pen fine line</s>blue ink</s>blue ink</s>"
run "${titles[@]}" info --format json
for wanted in '"distinct_sequences": 3' '"sharing_a_sequence": 1' '"sequence_collisions": 2' '"sequence_collisions_largest": 2' '"title_collisions": 2' '"without_tokens": 1' '"with_unknown_tokens": 0' '"max_positions": 128' \
	'"joined_otherwise": 0'; do
	[ "$wanted" != '"joined_otherwise": 0' ] || run "${titles[@]}" info data --joined --format json
	holds "info: $wanted" "$wanted"
done

# shellcheck disable=SC2086
run -d "$toys" new "$scratch/it's mine" $tiny
eval "set -- $(grep -o 'beamscope -m .*' "$scratch/out")"
shift
succeeds "a name that a shell would take apart is quoted there" "$@" beam 1
# shellcheck disable=SC2086
succeeds "the same seed" -d "$toys" new "$scratch/again" $tiny --seed 0
# shellcheck disable=SC2086
succeeds "another seed" -d "$toys" new "$scratch/other" $tiny --seed 1
for file in config.json generation_config.json model.safetensors tokenizer.json tokenizer_config.json; do
	same "gives the same $file" "$scratch/titles/$file" "$scratch/again/$file"
done
! cmp -s "$scratch/titles/model.safetensors" "$scratch/other/model.safetensors"
ok $? "gives other weights"

succeeds "semantic ids" -d "$toys" --items index new "$scratch/ids" --hidden 32 --kv-heads 2 --ffn 48 --untied --positions 99 --format json
for wanted in '"vocabulary": 8' '"layers": 3' '"kv_heads": 2' '"intermediate": 48' '"max_positions": 99' '"tied": false' \
	'"tokens_mean": 3.0' '"tokens_longest": 3' '"first_tokens": 2' '"options": "--template sequence --items index"'; do
	holds "record: $wanted" "$wanted"
done
ids=(-m "$scratch/ids" -d "$toys" --template sequence --items index)
succeeds "are searched" "${ids[@]}" beam 1
run "${ids[@]}" item 2
holds "a token each, in the order of their numbers" 'tokens      3: 3 "<a_2>"  7 "<b_10>"  1 "</s>"'
run -m "$scratch/ids" -d "$toys" --template sequence item 2
holds "are what a model with tokens for them reads" 'tokens      3: 3 "<a_2>"  7 "<b_10>"  1 "</s>"'
fails "are refused where it has none" 1 "has no token for 5 of the 5 codes in the semantic ids of dataset 'toys', \"<a_2>\" among them" \
	-m "$scratch/titles" -d "$toys" --items index item 2
run "${ids[@]}" prompt 3
holds "what has no semantic id is not in a prompt" "4 tokens, template sequence"
run -m "$scratch/ids" info model --format json
holds "an output matrix of its own" '"tied": false'

succeeds "cut titles" -d "$toys" --title-words 1 new "$scratch/cut" --layers 1 --hidden 16 --vocab 300
holds "are said to be so" "--template sequence --title-words 1"
run -m "$scratch/cut" -d "$toys" --template sequence --title-words 1 prompt 1
holds "are read" "red pen fine point</s>red pen fine line</s>blue</s>blue</s>"
run -m "$scratch/cut" -d "$toys" --template sequence --title-words 1 beam 1
holds "and shown whole" "blue ink"

if command -v python3 >/dev/null 2>&1; then
	python3 - "$scratch/ids" >"$scratch/why" 2>&1 <<-'END'
	import json, math, struct, sys
	config = json.load(open(sys.argv[1] + "/config.json"))
	file = open(sys.argv[1] + "/model.safetensors", "rb").read()
	size, = struct.unpack("<Q", file[:8])
	header = json.loads(file[8:8 + size])
	assert header.pop("__metadata__") == {"format": "pt"}
	hidden, inner, vocab = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
	kv = hidden // config["num_attention_heads"] * config["num_key_value_heads"]
	assert (hidden, inner, vocab, kv) == (32, 48, 8, 16)
	wanted = {"model.embed_tokens.weight": [vocab, hidden], "lm_head.weight": [vocab, hidden], "model.norm.weight": [hidden]}
	for layer in range(config["num_hidden_layers"]):
	    for name, shape in {"input_layernorm": [hidden], "post_attention_layernorm": [hidden], "self_attn.q_proj": [hidden, hidden],
	        "self_attn.k_proj": [kv, hidden], "self_attn.v_proj": [kv, hidden], "self_attn.o_proj": [hidden, hidden],
	        "mlp.gate_proj": [inner, hidden], "mlp.up_proj": [inner, hidden], "mlp.down_proj": [hidden, inner]}.items():
	        wanted[f"model.layers.{layer}.{name}.weight"] = shape
	assert {name: t["shape"] for name, t in header.items()} == wanted, header
	at = 8 + size
	for name, t in header.items():
	    begin, end = t["data_offsets"]
	    assert t["dtype"] == "F32" and end - begin == 4 * math.prod(t["shape"]), (name, t)
	    values = struct.unpack(f"<{(end - begin) // 4}f", file[at + begin:at + end])
	    assert all(v == 1 for v in values) if "norm" in name else 0 < max(map(abs, values)) < 0.12, name
	END
	ok $? "an independent reader finds every tensor under its Hugging Face name"
else
	skip "an independent reader" "no python3"
fi

# Semantic ids as tokens that were added to a model of texts: its embedding has as many rows more.
if command -v python3 >/dev/null 2>&1; then
	cp -r "$scratch/titles" "$scratch/added"
	python3 - "$scratch/added" >"$scratch/why" 2>&1 <<-'END'
	import json, struct, sys
	folder = sys.argv[1]
	codes = ["<a_2>", "<a_10>", "<b_1>", "<b_9>", "<b_10>"]
	tokenizer = json.load(open(folder + "/tokenizer.json"))
	config = json.load(open(folder + "/config.json"))
	vocab, hidden = config["vocab_size"], config["hidden_size"]
	tokenizer["added_tokens"] += [{"id": vocab + i, "content": code, "single_word": False, "lstrip": False, "rstrip": False,
	    "normalized": False, "special": False} for i, code in enumerate(codes)]
	config["vocab_size"] = vocab + len(codes)
	file = open(folder + "/model.safetensors", "rb").read()
	size, = struct.unpack("<Q", file[:8])
	header, body = json.loads(file[8:8 + size]), file[8 + size:]
	new, at = b"", 0
	for name, t in header.items():
	    if name == "__metadata__":
	        continue
	    values = body[t["data_offsets"][0]:t["data_offsets"][1]]
	    if name == "model.embed_tokens.weight":
	        values += struct.pack("<f", 0.01) * (hidden * len(codes))
	        t["shape"][0] += len(codes)
	    t["data_offsets"] = [len(new), len(new) + len(values)]
	    new += values
	text = json.dumps(header).encode()
	open(folder + "/model.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + new)
	json.dump(tokenizer, open(folder + "/tokenizer.json", "w"))
	json.dump(config, open(folder + "/config.json", "w"))
	END
	ok $? "five tokens are added to a model"
	succeeds "semantic ids are read where they are tokens" -m "$scratch/added" -d "$toys" --template sequence prompt 1
	holds "in the history" "<a_2><b_1></s><a_2><b_10></s><a_10><b_1></s><a_2><b_9></s>"
	run -m "$scratch/added" -d "$toys" --template sequence --format json item 2
	holds "two tokens and the end" '"pieces": ["<a_2>", "<b_10>", "</s>"]'
	succeeds "searched" -m "$scratch/added" -d "$toys" --template sequence beam 1
	run -m "$scratch/added" -d "$toys" --template sequence --items title prompt 1
	holds "and left, where titles are asked for" "red pen fine point</s>red pen fine line</s>"
else
	skip "semantic ids as added tokens" "no python3"
fi

# What the texts are can change between commands, and a dataset may say it.
run "${ids[@]}" --items title --format json -c 'item 3' -c 'set title-words 1' -c 'item 3' -c 'set items index' -c 'item 3' \
	-c 'set items title' -c 'set title-words 0' -c 'item 3'
[ "$(grep -c '"item": "3"' "$scratch/out")" -eq 4 ] && [ "$(grep -n '"text": "blue"' "$scratch/out" | cut -d: -f1)" = 2 ] &&
	[ "$(grep -n '"text": "<a_10><b_1>"' "$scratch/out" | cut -d: -f1)" = 3 ] &&
	[ "$(grep '"item": "3"' "$scratch/out" | sed -n 1p)" = "$(grep '"item": "3"' "$scratch/out" | sed -n 4p)" ]
ok $? "a catalogue is spelt anew when its texts change"
printf '{"settings": {"template": "sequence", "title-words": 1}}' >"$toys/meta.json"
run -m "$scratch/titles" -d "$toys" --format json -c 'item 3' -c 'item 3' -c 'set title-words 0' -c 'item 3'
[ "$(grep -c '"text": "blue"' "$scratch/out")" -eq 2 ]
ok $? "a dataset asks for short titles, and the user has the last word"
rm "$toys/meta.json"

fails "a directory that holds a model" 1 "is not empty: name a new one" -d "$toys" new "$scratch/titles"
same "is left as it was" "$scratch/titles/model.safetensors" "$scratch/again/model.safetensors"
fails "a place in a directory that is not there" 1 "cannot create a directory beside" -d "$toys" new "$scratch/none/x"
fails "heads that do not fit" 1 "128 cannot be split evenly over 3 heads" -d "$toys" new "$scratch/bad" --heads 3
fails "a vocabulary without bytes" 2 "--vocab" -d "$toys" new "$scratch/bad" --vocab 200
fails "the size of a codebook" 2 "is the codebook" -d "$toys" --items index new "$scratch/bad" --vocab 300
fails "a dataset of token ids" 1 "made of token ids" "${on_lesson[@]}" new "$scratch/bad"
fails "without a dataset" 2 "name one with -d" -m "$scratch/titles" new "$scratch/bad"
if [ -w /dev/full ]; then
	(
		ulimit -f 20
		trap '' XFSZ
		"$BEAMSCOPE" -d "$toys" new "$scratch/bad" >"$scratch/out" 2>"$scratch/err" </dev/null
	)
	status=$?
	cp "$scratch/err" "$scratch/why"
	[ $status -eq 1 ] && grep -q "cannot write" "$scratch/err"
	ok $? "a disk that is full"
fi
[ -z "$(find "$scratch" -name '*bad*' -o -name '*.tmp')" ]
ok $? "leaves nothing"
finish
