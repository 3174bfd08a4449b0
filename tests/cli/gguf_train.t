# Training from a GGUF file is training from its Hugging Face directory: the same bytes in every checkpoint.
. "$(dirname "$0")/lib.sh"
cd "$scratch" || exit 99
demo=$top_srcdir/data/demo
succeeds "the model in GGUF" -m "$demo/sft" export model demo.gguf --dtype f32

# same_run NAME FILE OPTION…: two steps from either, and FILE of the checkpoints.
same_run() {
	local name=$1 file=$2
	shift 2
	succeeds "$name from a directory" -m "$demo/sft" -d "$demo" train sft "$@" --steps 2 --batch 4 --out "$name-hf"
	succeeds "$name from GGUF" -m demo.gguf -d "$demo" train sft "$@" --steps 2 --batch 4 --out "$name-gguf"
	for f in "$file" trainer.safetensors; do
		cmp "$name-hf/sft/last/$f" "$name-gguf/sft/last/$f" >"$scratch/why" 2>&1
		ok $? "$name: $f is the same"
	done
}

same_run full model.safetensors --full
same_run lora adapter_model.safetensors
succeeds "what was trained in full opens" -m full-gguf/sft/last -d "$demo" beam 1
succeeds "the adapter goes over the GGUF file" -m demo.gguf -a lora-gguf/sft/last -d "$demo" beam 1
"$BEAMSCOPE" -m lora-none.gguf info model >/dev/null 2>"$scratch/said"
[ $? -eq 1 ] && grep -q "lora-none.gguf" "$scratch/said"
ok $? "a file that is not there is named"
head -c 300000 demo.gguf >cut.gguf
"$BEAMSCOPE" -m cut.gguf info model >/dev/null 2>"$scratch/said"
[ $? -eq 1 ] && grep -q "cut.gguf: tensor .* the file may be cut short" "$scratch/said"
ok $? "one that is cut short says so"
finish
