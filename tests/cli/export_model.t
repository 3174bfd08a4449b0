# export model, export adapter: what goes through GGUF and back is what it was, bit for bit; adapters are merged; nothing
# stands there by halves.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3 to write models and to look at them"
here=$(cd "$(dirname "$0")" && pwd)
export PYTHONDONTWRITEBYTECODE=1
cd "$scratch" || exit 99
demo=$top_srcdir/data/demo
on_demo=(-d "$demo" --template sequence --max-history 5)

# make FOLDER ARCHITECTURE WORD…: a model of tests/cli/models.py with a vocabulary of the demo's titles.
make() {
	mkdir "$1" && cp words/tokenizer*.json "$1" && python3 "$here/models.py" "$@"
}

# same_tensors NAME FOLDER FOLDER: names, types, shapes and bytes.
same_tensors() {
	python3 - "$2" "$3" >"$scratch/why" 2>&1 <<-'END'
	import glob, json, struct, sys
	def tensors(folder):
	    found = {}
	    for name in glob.glob(folder + "/*.safetensors"):
	        data = open(name, "rb").read()
	        n = struct.unpack("<Q", data[:8])[0]
	        for key, t in json.loads(data[8:8 + n]).items():
	            if key != "__metadata__":
	                begin, end = t["data_offsets"]
	                found[key] = t["dtype"], t["shape"], data[8 + n + begin:8 + n + end]
	    return found
	a, b = map(tensors, sys.argv[1:])
	assert len(a) > 10 and a.keys() == b.keys(), a.keys() ^ b.keys()
	for key in a:
	    assert a[key] == b[key], (key, a[key][:2], b[key][:2])
	END
	ok $? "$1"
}

# same_answers NAME MODEL MODEL: two searches with every step, an item's score, and the ids of a text.
same_answers() {
	local answer=(-c 'beam 312 --trace' -c 'beam 7 --mask after --trace' -c 'score 312' -c "tokenize 'Ellerby 12%, naïve'")
	for i in 2 3; do
		"$BEAMSCOPE" --format json -m "${!i}" "${on_demo[@]}" "${answer[@]}" >answers.$i 2>"$scratch/why" || break
		sed -i 's/"model": "[^"]*"//' answers.$i
	done
	[ ! -s "$scratch/why" ] && [ -s answers.3 ] && cmp answers.2 answers.3 >"$scratch/why" 2>&1
	ok $? "$1"
}

run new words --vocab 600 --layers 1 --hidden 16 --heads 1
for arch in llama mistral qwen2 qwen3 gpt2; do
	for dtype in F32 BF16; do
		name=$arch-$dtype
		make $name $arch $dtype 5
		succeeds "$name in GGUF" -m $name export model $name.gguf
		succeeds "and back" -m $name.gguf export model $name-back
		same_tensors "has the same tensors" $name $name-back
		same_answers "gives the same answers there" $name $name.gguf
		same_answers "and here" $name $name-back
	done
done
python3 - >"$scratch/why" 2>&1 <<'END'
import json
for arch in ("llama", "qwen2", "qwen3", "gpt2"):
    a, b = (json.load(open(f"{arch}-BF16{end}/config.json")) for end in ("", "-back"))
    lost = {key: (value, b.get(key)) for key, value in a.items() if b.get(key) != value}
    assert set(lost) == {"a_member_of_their_own"}, (arch, lost)
END
ok $? "what the program knows of config.json comes back"

# Positions that are stretched.
scaling() { make $1 llama F32 5 "rope_scaling=$2" "max_position_embeddings=512"; }
scaling llama3 '{"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}'
scaling linear '{"rope_type": "linear", "factor": 3.0}'
scaling yarn '{"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}'
for name in llama3 linear yarn; do
	succeeds "$name positions" -m $name export model $name.gguf
	succeeds "and back" -m $name.gguf export model $name-back
	same_answers "$name positions are the same" $name $name-back
done

# From a directory to another.
succeeds "a directory" -m qwen3-F32 export model copy --format json
same_tensors "has the tensors" qwen3-F32 copy
python3 - "$scratch/out" >"$scratch/why" 2>&1 <<'END'
import json, os, sys
a, b = (json.load(open(f + "/config.json")) for f in ("qwen3-F32", "copy"))
assert a == b, (a, b)
record = json.load(open(sys.argv[1]))
assert record["bytes"] == sum(os.path.getsize("copy/" + f) for f in os.listdir("copy")), record
assert record["form"] == "Hugging Face" and record["types"] == {"F32": 25} and record["merged"] is None, record
END
ok $? "and config.json with members that nobody knows"
same "and the tokenizer" words/tokenizer.json copy/tokenizer.json
succeeds "as bf16" -m qwen3-F32 export model bf16 --dtype bf16
succeeds "and through GGUF" -c 'load model qwen3-F32' -c 'export model bf16.gguf --dtype bf16' -c 'load model bf16.gguf' -c 'export model bf16-back'
same_tensors "are the same" bf16 bf16-back
grep -q '"torch_dtype": "bfloat16"' bf16/config.json bf16-back/config.json
ok $? "and say so"
succeeds "as q8_0" -m llama-F32 export model q8_0.gguf --dtype q8_0 --format json
grep -q '"types": {"Q8_0": 16, "F32": 5}' "$scratch/out"
ok $? "matrices are packed, vectors are not"
succeeds "which is read" -m q8_0.gguf "${on_demo[@]}" beam 312
succeeds "and written again as it is" -m q8_0.gguf export model again.gguf
same_answers "to the same answers" q8_0.gguf again.gguf
cp again.gguf again-of-no-kind
same_answers "whatever it is called" q8_0.gguf again-of-no-kind
succeeds "or as a directory, f16" -m q8_0.gguf export model q8_0-f16
holds "as it says" "21 tensors of F16"
succeeds "f32" -m q8_0.gguf export model q8_0-f32 --dtype f32
same_answers "to the same answers" q8_0.gguf q8_0-f32
succeeds "a directory whose rows are no whole blocks" new narrow --vocab 600 --layers 1 --hidden 48 --heads 2 --ffn 96
succeeds "as q8_0" -m narrow export model narrow.gguf --dtype q8_0
holds "has F16 in their place" "F16"

# Adapters.
for arch in llama gpt2; do
	targets=q_proj,v_proj,down_proj
	[ $arch = llama ] || targets=c_attn,c_proj
	succeeds "an adapter of $arch" -m $arch-F32 "${on_demo[@]}" train sft --steps 4 --batch 2 --lr 0.05 --lora-targets $targets \
		--eval-cases 0 --out $arch-run
	succeeds "by itself" -m $arch-F32 -a $arch-run/sft/last export adapter $arch-adapter
	succeeds "is as it was" -m $arch-F32 -a $arch-adapter "${on_demo[@]}" --format json -o exported.json beam 312 --trace
	succeeds "and where it came from" -m $arch-F32 -a $arch-run/sft/last "${on_demo[@]}" --format json -o trained.json beam 312 --trace
	sed -i 's/"adapter": "[^"]*"/"adapter": null/' exported.json trained.json
	same "in every step" exported.json trained.json
	succeeds "merged in" -m $arch-F32 -a $arch-adapter export model $arch-merged
	succeeds "and in GGUF" -m $arch-F32 -a $arch-adapter export model $arch-merged.gguf
	for merged in $arch-merged $arch-merged.gguf; do
		run -m $merged "${on_demo[@]}" --format json beam 312
		python3 - "$scratch/out" exported.json >"$scratch/why" 2>&1 <<-'END'
		import json, sys
		a, b = (json.load(open(f))["results"] for f in sys.argv[1:])
		assert [x["item"] for x in a] == [x["item"] for x in b]
		assert all(abs(x["logp"] - y["logp"]) < 1e-4 for x, y in zip(a, b)), (a, b)
		END
		ok $? "$merged answers as with it beside"
	done
	same_answers "both the same" $arch-merged $arch-merged.gguf
done
succeeds "over packed weights" -m q8_0.gguf -a llama-adapter export model packed.gguf
holds "packed again where it changes them" "16 tensors of Q8_0"
succeeds "training on a GGUF file" -m qwen2-BF16.gguf "${on_demo[@]}" train sft --full --steps 2 --batch 2 --eval-cases 0 --out full
succeeds "leaves a directory that is whole" -m full/sft/last "${on_demo[@]}" beam 312
for file in config.json generation_config.json tokenizer.json tokenizer_config.json model.safetensors; do
	[ -s full/sft/last/$file ]
	ok $? "with $file"
done

# What cannot be.
table=$top_srcdir/data/lesson/table.csv
cp again.gguf before.gguf
fails "a table" 1 "is a probability table: it has no weights, and no model" -m "$table" export model again.gguf
fails "a table's adapter" 1 "is a probability table" -m "$table" export adapter more
fails "no adapter" 1 "model 'narrow' carries no adapter: name one with -a" -m narrow export adapter more
fails "packed weights in a directory" 2 "--dtype q8_0 is for a .gguf file" -m narrow export model more --dtype q8_0
fails "a directory that is taken" 1 "directory 'copy' is there already and is not empty" -m narrow export model copy
fails "a directory in the place of a file" 1 "more.gguf" -m narrow -c 'export model more.gguf/x/y.gguf'
fails "another's option" 2 "'export adapter' takes no --dtype" -m narrow export adapter more --dtype f16
python3 - <<'END'
import struct
data = bytearray(open("narrow/model.safetensors", "rb").read())
data[-4:] = struct.pack("<f", 1e6)
open("narrow/model.safetensors", "wb").write(data)
END
fails "a value that f16 cannot hold" 1 "holds 1e+06, more than F16 can: save it as BF16 or F32" -m narrow export model more --dtype f16
(ulimit -f 100 && trap '' XFSZ && run -m llama-F32 export model again.gguf && [ $status -eq 1 ] && grep -q 'cannot write' "$scratch/err")
ok $? "a full disk"
(ulimit -f 100 && trap '' XFSZ && run -m llama-F32 export model more && [ $status -eq 1 ] && grep -q 'cannot write' "$scratch/err")
ok $? "for a directory too"
cmp again.gguf before.gguf >"$scratch/why" 2>&1
ok $? "after failures the old file stands"
[ -z "$(find . -name '*more*' -o -name '*.tmp')" ]
ok $? "and nothing is left"

# Killed at many places: the system ends a program that writes past a limit.
torn=0 ended=0
for blocks in 1 8 40 100 130 140 200 280 300 400 600; do
	(ulimit -f $blocks && exec "$BEAMSCOPE" -m q8_0.gguf -c 'export model killed.gguf' -c 'export model killed') >/dev/null 2>&1 || ended=$((ended + 1))
	[ ! -e killed.gguf ] || cmp -s killed.gguf again.gguf || torn=1
	[ ! -e killed ] || { [ -s killed/config.json ] && [ -s killed/tokenizer.json ] && [ -s killed/model.safetensors ]; } || torn=1
	[ ! -e killed ] || rm -r killed
	rm -f killed.gguf
done 2>/dev/null
[ $ended -ge 3 ] && [ $torn -eq 0 ]
ok $? "what is there under its name is whole"
finish
