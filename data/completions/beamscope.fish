# Completion of beamscope for fish, written by 'beamscope help --completion fish'.

# Does this command stand before the cursor, and the argument of this number come next? Without a number:
# any. Without a command: no command stands there, and no script (:) is given.
function __beamscope_at
	set -l command
	set -l place 1
	set -l value
	set -l words (commandline -opc)
	set -l takes $__beamscope_takes
	set -e words[1]
	for word in $words
		if set -q value[1]
			contains -- $value -c --command -f --file; and set command :
			set -e value[1]
		else if contains -- "$command:$word" $takes; or begin
			contains -- $word $takes; and not contains -- "$command:$word" $__beamscope_flags
		end
			set value $word
		else if string match -q -- '-?*' $word
			continue
		else if set -q command[1]
			set place (math $place + 1)
		else if contains -- $word $__beamscope_commands
			set command $word
		else
			set command (string match -- "$word*" $__beamscope_commands)
			set -q command[1]; and not set -q command[2]; or set command $word
		end
	end
	test "$command" = "$argv[1]"; and begin
		not set -q argv[2]; or test $argv[2] = any -o $argv[2] = $place
	end
end

# The words after what the list that is typed has already, up to its last comma.
function __beamscope_list
	set -l typed (commandline -ct | string replace -r '^--[^=]*=' '')
	printf '%s\n' (string replace -r '[^,]*$' '' -- "$typed")$argv
end

# Folders, and files that end so.
function __beamscope_ending
	set -l typed (commandline -ct | string replace -r '^--[^=]*=' '')
	set -l found $typed*$argv[1] $typed*/
	set -q found[1]; and printf '%s\n' $found
end

set -g __beamscope_takes --model -m --adapter -a --data -d --split --beam -B --mask --end --search --length-penalty --early-stopping --tau --template --max-history --items --title-words --budget --scan --others --threads --seed --format --output -o --graph --history --trace --command -c --file -f --shot --keys --size \
	cases:--where \
	cases:--sort \
	cases:--from \
	cases:--limit \
	find:--limit \
	sweep:--beams \
	sweep:--where \
	sweep:--limit \
	score:--item \
	exact:--top \
	exact:--budget \
	diagnose:--limit \
	diagnose:--shard \
	diagnose:--where \
	diagnose:--beams \
	diagnose:--at \
	diagnose:--rank-limit \
	merge:--where \
	merge:--at \
	compare:--set \
	compare:--case \
	compare:--limit \
	compare:--where \
	compare:--beams \
	compare:--save \
	compare:--changed \
	compare:--rows \
	export:--as \
	export:--worst \
	export:--title \
	export:--case \
	export:--step \
	export:--like \
	export:--where \
	export:--limit \
	export:--dtype \
	judge:--at \
	judge:--like \
	prompt:--against \
	new:--layers \
	new:--hidden \
	new:--heads \
	new:--kv-heads \
	new:--ffn \
	new:--vocab \
	new:--positions \
	loss:--cases \
	loss:--K \
	loss:--xi \
	loss:--lambda \
	loss:--grad \
	train:--lora-rank \
	train:--lora-alpha \
	train:--lora-dropout \
	train:--lora-targets \
	train:--steps \
	train:--epochs \
	train:--batch \
	train:--batches \
	train:--accumulate \
	train:--targets \
	train:--protocol \
	train:--lr \
	train:--schedule \
	train:--warmup \
	train:--clip \
	train:--weight-decay \
	train:--K \
	train:--xi \
	train:--lambda \
	train:--eval-every \
	train:--eval-cases \
	train:--eval-split \
	train:--patience \
	train:--out \
	train:--save-every \
	train:--keep \
	train:--save-dtype \
	train:--resume \
	train:--log \
	train:--max-memory \
	lesson:--page \
	help:--completion
set -g __beamscope_flags \
	info:--joined \
	beam:--trace \
	tree:--all \
	export:--all \
	judge:--alone \
	judge:--no-search \
	tokenize:--specials \
	detokenize:--no-specials \
	prompt:--diff \
	new:--untied \
	loss:--full \
	train:--full \
	train:--recompute \
	record:--append \
	record:--stop \
	let:--unset \
	lesson:--check \
	lesson:--roff \
	set:--save \
	help:--fields \
	help:--roff \
	help:--markdown
set -g __beamscope_commands load info cases case item find beam step back goto tree why sweep force forbid change undo redo branch score exact diagnose merge compare export judge tokenize detokenize prompt new loss train pause resume stop source record let last lesson set help repl quit

complete -c beamscope -f
complete -c beamscope -l model -s m -r -F -d 'the model: a Hugging Face directory, a GGUF file, or a probability table (FILE.csv)'
complete -c beamscope -l adapter -s a -x -a '(__fish_complete_directories)' -d 'a LoRA adapter over the model: a PEFT directory'
complete -c beamscope -l data -s d -x -a '(__fish_complete_directories)' -d 'the dataset'
complete -c beamscope -l split -x -a 'test valid train' -d 'which cases are meant by CASE'
complete -c beamscope -l beam -s B -x -d 'beam width'
complete -c beamscope -l mask -x -a 'before after' -d 'take invalid tokens away before the softmax or after it'
complete -c beamscope -l end -x -a 'eos leaf' -d 'an item may end wherever its EOS is (eos), or only where nothing can follow (leaf)'
complete -c beamscope -l search -x -a 'plain hf' -d 'beam search: by prefix log-probability alone, or as Hugging Face 4.49 does it'
complete -c beamscope -l length-penalty -x -d 'hf search: finished scores are divided by length to this power'
complete -c beamscope -l early-stopping -x -a 'false true never' -d 'hf search: when to stop once B items are finished'
complete -c beamscope -l tau -x -d 'temperature that logits are divided by'
complete -c beamscope -l template -r -F -a 'bear-inference bear-train d3 minionerec-inference minionerec-train plain sequence' -d 'the prompt template; D3 and MiniOneRec ask for their own'
complete -c beamscope -l max-history -x -d 'keep only this many of the latest items in the prompt (0: all)'
complete -c beamscope -l items -x -a 'title index' -d 'what the model reads for an item: its title, or its semantic id where it has tokens for it'
complete -c beamscope -l title-words -x -d 'cut titles to N words, or as many more as keep them distinct (0: whole titles)'
complete -c beamscope -n 'not __beamscope_at exact' -l budget -x -d 'prefixes that the exact search of a verdict may expand (0: no limit)'
complete -c beamscope -l scan -x -d 'look for the smallest beam width that retrieves the item up to this one (0: do not look)'
complete -c beamscope -l others -x -d 'pruned candidates a step that a trace keeps (0: 4 B)'
complete -c beamscope -l threads -x -d 'threads to compute with (0: one a processor)'
complete -c beamscope -l seed -x -d 'seed of what is drawn at random: weights, batches, dropout'
complete -c beamscope -l format -x -a 'text tsv json' -d 'how results are written'
complete -c beamscope -l output -s o -r -F -d 'write results to a file, put in place when all is done (-: standard output)'
complete -c beamscope -l keep-going -s k -d 'after a command that fails go on with those that wait; the exit status is not 0 all the same'
complete -c beamscope -l ascii -d 'write no characters beyond ASCII, in text and on the screens'
complete -c beamscope -l no-color -d 'no colour, as the NO_COLOR variable asks for'
complete -c beamscope -l no-mouse -d 'leave the mouse to the terminal'
complete -c beamscope -l graph -x -a 'auto braille block ascii' -d 'what the screens draw charts with; auto: braille where the terminal has it'
complete -c beamscope -l pager -d 'at the prompt, show answers that are longer than the screen with $PAGER, or less'
complete -c beamscope -l history -x -d 'typed command lines that are kept for later runs (0: none)'
complete -c beamscope -n '__beamscope_at; or __beamscope_at :' -l trace -r -F -d 'begin with a search that \'export trace FILE.json\' saved: no model is loaded'
complete -c beamscope -n '__beamscope_at; or __beamscope_at :' -l no-screens -s n -d 'plain text even on a terminal'
complete -c beamscope -n '__beamscope_at; or __beamscope_at :' -l command -s c -x -d 'run a command line; may be given many times'
complete -c beamscope -n '__beamscope_at; or __beamscope_at :' -l file -s f -r -F -d 'run the command lines of a file (-: standard input), with the words after it as $arg1, $arg2 ...; stops at the first that fails'
complete -c beamscope -n '__beamscope_at; or __beamscope_at :' -l shot -r -F -d 'put a page of the screens into a file, as a picture (.svg) or as text (.txt)'
complete -c beamscope -n '__beamscope_at; or __beamscope_at :' -l keys -x -d 'press these keys before, by name: \'right right ?\'; "text" in quotation marks is typed'
complete -c beamscope -n '__beamscope_at; or __beamscope_at :' -l size -x -d 'how many cells the page has (100x30)'
complete -c beamscope -l help -s h -d 'say how to use the program, or the command'
complete -c beamscope -n '__beamscope_at; or __beamscope_at :' -l version -s V -d 'say the version'
complete -c beamscope -n '__beamscope_at :' -F
complete -c beamscope -n __beamscope_at -a load -d 'load a model, an adapter or a dataset in place of the one that is loaded, or open a saved search'
complete -c beamscope -n '__beamscope_at load 1' -a 'model adapter data trace' -d 'WHAT'
complete -c beamscope -n '__beamscope_at load 2' -F -d 'PATH'
complete -c beamscope -n __beamscope_at -a info -d 'say what is loaded'
complete -c beamscope -n '__beamscope_at info 1' -a 'model data catalogue tensors' -d 'WHAT'
complete -c beamscope -n '__beamscope_at info' -l joined -d 'count the cases whose prompt and item, encoded as one text, would be other token ids'
complete -c beamscope -n __beamscope_at -a cases -d 'list the cases of the split, or those for which an expression holds'
complete -c beamscope -n '__beamscope_at cases' -l where -x -d 'only cases for which the expression holds: \'kind=incorrectly-pruned step<=2\''
complete -c beamscope -n '__beamscope_at cases' -l sort -x -a 'case index user item title history popularity item_tokens choices first_token first_token_id first_shared prompt_tokens kind why retrieved pruned rank item_rank exact_rank exact_rank_most proved step lost margin token_margin condition siblings smallest_beam returned recalled nll_before nll_after expanded scored' -d 'by a column; -COLUMN: from its largest down'
complete -c beamscope -n '__beamscope_at cases' -l from -r -F -d 'the cases in a file that \'diagnose -o FILE.jsonl\' wrote'
complete -c beamscope -n '__beamscope_at cases' -l limit -x -d 'only the first N; 0: all'
complete -c beamscope -n __beamscope_at -a case -d 'show one case: its history and its positive item'
complete -c beamscope -n __beamscope_at -a item -d 'show one item: its title, its tokens, and the items that share them'
complete -c beamscope -n __beamscope_at -a find -d 'list the items whose title contains a text'
complete -c beamscope -n '__beamscope_at find' -l limit -x -d 'only the first N; 0: all'
complete -c beamscope -n __beamscope_at -a beam -d 'run one beam search over a case and say what became of the positive item'
complete -c beamscope -n '__beamscope_at beam' -l trace -d 'with every step\'s candidates'
complete -c beamscope -n __beamscope_at -a step -d 'go forward in the open search and show the step'
complete -c beamscope -n __beamscope_at -a back -d 'go back in the open search and show the step'
complete -c beamscope -n __beamscope_at -a goto -d 'go to a step of the open search and show it'
complete -c beamscope -n __beamscope_at -a tree -d 'show the open search as a tree of tokens, as it stood after a step'
complete -c beamscope -n '__beamscope_at tree' -l all -d 'with all that was pruned up to the step'
complete -c beamscope -n __beamscope_at -a why -d 'explain a verdict in a few sentences with its figures'
complete -c beamscope -n __beamscope_at -a sweep -d 'see at which beam widths the positive item survives'
complete -c beamscope -n '__beamscope_at sweep' -l beams -x -d 'these widths; else 1,2,5,10,20,50 and the present one'
complete -c beamscope -n '__beamscope_at sweep' -l where -x -d 'of all, only the cases for which this holds (see \'help cases\')'
complete -c beamscope -n '__beamscope_at sweep' -l limit -x -d 'of these, only the first N; 0: all'
complete -c beamscope -n __beamscope_at -a force -d 'hold a prefix in the beam, in a branch of the open search'
complete -c beamscope -n __beamscope_at -a forbid -d 'keep a prefix out of the beam, in a branch of the open search'
complete -c beamscope -n __beamscope_at -a change -d 'go on with another beam, mask or search from the step that is looked at'
complete -c beamscope -n '__beamscope_at change 1' -a 'beam mask search' -d 'WHAT'
complete -c beamscope -n __beamscope_at -a undo -d 'take back the last edits of the open search'
complete -c beamscope -n __beamscope_at -a redo -d 'make the edits again that were undone last'
complete -c beamscope -n __beamscope_at -a branch -d 'list the edits of the open search and compare it with the search without them'
complete -c beamscope -n __beamscope_at -a score -d 'score one item token by token, under both masks'
complete -c beamscope -n '__beamscope_at score' -l item -x -d 'this item instead of the positive one'
complete -c beamscope -n __beamscope_at -a exact -d 'find the items that really are the most probable, and the positive item\'s rank among all'
complete -c beamscope -n '__beamscope_at exact' -l top -x -d 'how many of the best items'
complete -c beamscope -n '__beamscope_at exact' -l budget -x -d 'expand at most N prefixes; 0: no limit'
complete -c beamscope -n __beamscope_at -a diagnose -d 'diagnose the cases of the split: what the search loses, where, and what B would save it'
complete -c beamscope -n '__beamscope_at diagnose' -l limit -x -d 'only the first N cases; 0: all'
complete -c beamscope -n '__beamscope_at diagnose' -l shard -x -d 'of these every N-th, from the I-th on: merge puts the N parts together'
complete -c beamscope -n '__beamscope_at diagnose' -l where -x -d 'only cases for which the expression holds: \'popularity < 5 and history > 2\''
complete -c beamscope -n '__beamscope_at diagnose' -l beams -x -d 'beam widths to search with besides B; none: only B'
complete -c beamscope -n '__beamscope_at diagnose' -l at -x -d 'the K of HR@K and NDCG@K, at most B (default: 1, 5 and B)'
complete -c beamscope -n '__beamscope_at diagnose' -l rank-limit -x -d 'exact ranks are followed so far, and to the widest beam at least'
complete -c beamscope -n __beamscope_at -a merge -d 'put together what several runs of diagnose have found, and give its figures'
complete -c beamscope -n '__beamscope_at merge any' -F -d 'FILE'
complete -c beamscope -n '__beamscope_at merge' -l where -x -d 'only cases for which the expression holds: \'kind = incorrectly-pruned and step <= 2\''
complete -c beamscope -n '__beamscope_at merge' -l at -x -d 'the K of HR@K and NDCG@K, at most B (default: 1, 5 and B)'
complete -c beamscope -n __beamscope_at -a compare -d 'put models, adapters or settings side by side over the same cases, with paired tests'
complete -c beamscope -n '__beamscope_at compare any' -F -d 'OTHER'
complete -c beamscope -n '__beamscope_at compare' -l set -x -d 'the loaded model under each value of an option'
complete -c beamscope -n '__beamscope_at compare' -l case -x -d 'one case alone: its searches step by step, side by side'
complete -c beamscope -n '__beamscope_at compare' -l limit -x -d 'only the first N cases; 0: all'
complete -c beamscope -n '__beamscope_at compare' -l where -x -d 'only cases for which the expression holds: \'popularity < 5 and history > 2\''
complete -c beamscope -n '__beamscope_at compare' -l beams -x -d 'beam widths to search with besides B; none: only B'
complete -c beamscope -n '__beamscope_at compare' -l save -x -a '(__fish_complete_directories)' -d 'keep the findings, and go on with those there are'
complete -c beamscope -n '__beamscope_at compare' -l changed -x -d 'flipped cases that the text shows, each way'
complete -c beamscope -n '__beamscope_at compare' -l rows -x -a 'figures changed slices' -d 'what TSV has a row for'
complete -c beamscope -n __beamscope_at -a export -d 'write what was found as a file, or what is loaded for other programs'
complete -c beamscope -n '__beamscope_at export 1' -a 'report cases trace tree margins curves predictions data model adapter' -d 'WHAT'
complete -c beamscope -n '__beamscope_at export 2' -F -d 'FILE'
complete -c beamscope -n '__beamscope_at export any' -F -d 'FROM'
complete -c beamscope -n '__beamscope_at export' -l as -x -a 'json csv svg html md' -d 'the form, where the ending of FILE does not say it'
complete -c beamscope -n '__beamscope_at export' -l worst -x -d 'of a report: wrongly pruned cases that are shown step by step'
complete -c beamscope -n '__beamscope_at export' -l title -x -d 'of a report: its heading'
complete -c beamscope -n '__beamscope_at export' -l case -x -d 'of trace, tree and margins: search this case, in place of what is open'
complete -c beamscope -n '__beamscope_at export' -l step -x -d 'of a tree: the step after which it stands so; \'pruned\': where the item was lost'
complete -c beamscope -n '__beamscope_at export' -l all -d 'of a tree: with all that was pruned'
complete -c beamscope -n '__beamscope_at export' -l like -x -a 'bear d3 minionerec' -d 'of predictions: for whose scripts; else bear, or minionerec of semantic ids'
complete -c beamscope -n '__beamscope_at export' -l where -x -d 'of cases and predictions: only those for which the expression holds'
complete -c beamscope -n '__beamscope_at export' -l limit -x -d 'of predictions: only the first N of these cases; 0: all'
complete -c beamscope -n '__beamscope_at export' -l dtype -x -a 'f32 f16 bf16 q8_0' -d 'of a model: the type of its weights; q8_0 in a .gguf file alone'
complete -c beamscope -n __beamscope_at -a judge -d 'judge predictions that any program has made, by the published figures and by the model'
complete -c beamscope -n '__beamscope_at judge any' -F -d 'FILE'
complete -c beamscope -n '__beamscope_at judge' -l at -x -d 'the K of HR@K and NDCG@K, at most the lists\' length (default: 1, 5 and that)'
complete -c beamscope -n '__beamscope_at judge' -l like -x -a 'bear d3 minionerec' -d 'whose evaluation is computed; else that of the file\'s form'
complete -c beamscope -n '__beamscope_at judge' -l alone -d 'the files by themselves, without model and dataset'
complete -c beamscope -n '__beamscope_at judge' -l no-search -d 'with the dataset, without asking the model'
complete -c beamscope -n __beamscope_at -a tokenize -d 'turn a text into the model\'s token ids'
complete -c beamscope -n '__beamscope_at tokenize' -l specials -d 'with the special tokens that the tokenizer puts around a text'
complete -c beamscope -n __beamscope_at -a detokenize -d 'turn token ids into text'
complete -c beamscope -n '__beamscope_at detokenize' -l no-specials -d 'leave special tokens out'
complete -c beamscope -n __beamscope_at -a prompt -d 'show the prompt of a case as the model sees it'
complete -c beamscope -n '__beamscope_at prompt' -l diff -d 'how the published template for training differs from the one for inference, byte by byte and token by token'
complete -c beamscope -n '__beamscope_at prompt' -l against -x -d 'the same of the template that is set and this one'
complete -c beamscope -n __beamscope_at -a new -d 'make a fresh small Llama-type model for the dataset, to be trained'
complete -c beamscope -n '__beamscope_at new 1' -a '(__fish_complete_directories)' -d 'DIR'
complete -c beamscope -n '__beamscope_at new' -l layers -x -d 'layers'
complete -c beamscope -n '__beamscope_at new' -l hidden -x -d 'hidden size'
complete -c beamscope -n '__beamscope_at new' -l heads -x -d 'attention heads'
complete -c beamscope -n '__beamscope_at new' -l kv-heads -x -d 'key-value heads that they share; as many where nothing is said'
complete -c beamscope -n '__beamscope_at new' -l ffn -x -d 'inner size of the feed-forward layers; 8/3 of the hidden size, rounded up to a multiple of 32, where nothing is said'
complete -c beamscope -n '__beamscope_at new' -l vocab -x -d 'tokens of the vocabulary; fewer where no two stand together twice'
complete -c beamscope -n '__beamscope_at new' -l positions -x -d 'longest sequence; a power of two that the longest case fits into where nothing is said'
complete -c beamscope -n '__beamscope_at new' -l untied -d 'an output matrix of its own instead of the embedding'
complete -c beamscope -n __beamscope_at -a loss -d 'give an objective\'s loss over a batch of cases, and its gradients'
complete -c beamscope -n '__beamscope_at loss 1' -a 'sft msl bear bear-reg bear-margin direct' -d 'OBJECTIVE'
complete -c beamscope -n '__beamscope_at loss' -l cases -x -d 'ids of the batch\'s cases, separated by commas'
complete -c beamscope -n '__beamscope_at loss' -l K -x -d 'rank that each token shall reach; direct: width of the search'
complete -c beamscope -n '__beamscope_at loss' -l xi -x -d 'softness of the comparison, in nats'
complete -c beamscope -n '__beamscope_at loss' -l lambda -x -d 'weight of the regulariser'
complete -c beamscope -n '__beamscope_at loss' -l full -d 'gradients of all weights, not of an adapter'
complete -c beamscope -n '__beamscope_at loss' -l grad -r -F -d 'write the gradients to this file (safetensors, the names of HF or PEFT)'
complete -c beamscope -n __beamscope_at -a train -d 'train with one objective, or let several race from the same weights on the same batches'
complete -c beamscope -n '__beamscope_at train 1' -a '(__beamscope_list sft msl bear bear-reg bear-margin direct)' -d 'OBJECTIVES'
complete -c beamscope -n '__beamscope_at train' -l full -d 'all weights, those of a loaded adapter added to them; without it the adapter that is loaded, or a fresh one (LoRA)'
complete -c beamscope -n '__beamscope_at train' -l lora-rank -x -d 'rank of a fresh adapter'
complete -c beamscope -n '__beamscope_at train' -l lora-alpha -x -d 'its alpha: what it adds is scaled by alpha / rank'
complete -c beamscope -n '__beamscope_at train' -l lora-dropout -x -d 'its dropout while it is trained'
complete -c beamscope -n '__beamscope_at train' -l lora-targets -x -d 'the linear layers that get one, by name, or all-linear; without it what PEFT takes: q_proj,v_proj, of GPT-2 c_attn'
complete -c beamscope -n '__beamscope_at train' -l steps -x -d 'updates; without it as many as --epochs makes'
complete -c beamscope -n '__beamscope_at train' -l epochs -x -d 'times through the train split'
complete -c beamscope -n '__beamscope_at train' -l batch -x -d 'sequences in a batch'
complete -c beamscope -n '__beamscope_at train' -l batches -r -F -d 'the batches themselves: one line each, case ids separated by blanks'
complete -c beamscope -n '__beamscope_at train' -l accumulate -x -d 'batches for one update'
complete -c beamscope -n '__beamscope_at train' -l targets -x -a 'last all' -d 'learn the last item of a sequence, or every one but the first'
complete -c beamscope -n '__beamscope_at train' -l protocol -x -a 'published' -d 'BEAR\'s scripts: lr 1e-4 linear, warm-up 20, clip 1, batch 128, 10 epochs, LoRA r 8'
complete -c beamscope -n '__beamscope_at train' -l lr -x -d 'learning rate (AdamW, betas 0.9 and 0.999)'
complete -c beamscope -n '__beamscope_at train' -l schedule -x -a 'constant linear cosine' -d 'how the rate goes on after the warm-up; linear and cosine end at 0'
complete -c beamscope -n '__beamscope_at train' -l warmup -x -d 'updates over which the rate rises from 0 (default 0)'
complete -c beamscope -n '__beamscope_at train' -l clip -x -d 'largest norm of the gradient (default 0: any)'
complete -c beamscope -n '__beamscope_at train' -l weight-decay -x -d 'of matrices, not of vectors (default 0)'
complete -c beamscope -n '__beamscope_at train' -l K -x -d 'rank that each token shall reach; direct: width of the search'
complete -c beamscope -n '__beamscope_at train' -l xi -x -d 'softness of that comparison, in nats'
complete -c beamscope -n '__beamscope_at train' -l lambda -x -d 'weight of the regulariser'
complete -c beamscope -n '__beamscope_at train' -l eval-every -x -d 'updates between evaluations (default 0: only after the last)'
complete -c beamscope -n '__beamscope_at train' -l eval-cases -x -d 'held-out cases, the first of the split; 0: no evaluation'
complete -c beamscope -n '__beamscope_at train' -l eval-split -x -a 'test valid' -d 'where they come from (default: valid where there is one)'
complete -c beamscope -n '__beamscope_at train' -l patience -x -d 'stop an objective after N evaluations without a better NDCG (default 0: never)'
complete -c beamscope -n '__beamscope_at train' -l out -x -a '(__fish_complete_directories)' -d 'a new folder for the run; without it nothing is saved'
complete -c beamscope -n '__beamscope_at train' -l save-every -x -d 'updates between checkpoints (default 0: only at the end)'
complete -c beamscope -n '__beamscope_at train' -l keep -x -d 'checkpoints kept of each objective'
complete -c beamscope -n '__beamscope_at train' -l save-dtype -x -a 'f32 f16 bf16' -d 'elements of full weights in checkpoints'
complete -c beamscope -n '__beamscope_at train' -l resume -x -a '(__fish_complete_directories)' -d 'go on with the run in DIR: its settings, model and data; more --steps make it longer'
complete -c beamscope -n '__beamscope_at train' -l log -r -F -d 'one JSON object a step and an evaluation (default: log.jsonl in the run\'s folder)'
complete -c beamscope -n '__beamscope_at train' -l recompute -d 'compute layers again in the backward pass instead of keeping what they gave'
complete -c beamscope -n '__beamscope_at train' -l max-memory -x -d 'refuse to begin if more is needed (default 0: what the machine has)'
complete -c beamscope -n __beamscope_at -a pause -d 'let the training that runs wait after the step that is being made'
complete -c beamscope -n __beamscope_at -a resume -d 'let the training that was paused go on'
complete -c beamscope -n __beamscope_at -a stop -d 'end the job that runs: training finishes its step, saves and gives its figures'
complete -c beamscope -n __beamscope_at -a source -d 'run the command lines of a file'
complete -c beamscope -n '__beamscope_at source 1' -F -d 'FILE'
complete -c beamscope -n __beamscope_at -a record -d 'write the commands that are run from here on into a script'
complete -c beamscope -n '__beamscope_at record 1' -F -d 'FILE'
complete -c beamscope -n '__beamscope_at record' -l append -d 'go on with a script that is there'
complete -c beamscope -n '__beamscope_at record' -l stop -d 'record no more'
complete -c beamscope -n __beamscope_at -a let -d 'set a variable for the lines that follow, or list the variables'
complete -c beamscope -n '__beamscope_at let' -l unset -d 'take the variable away'
complete -c beamscope -n __beamscope_at -a last -d 'show the last answer again, without computing it anew'
complete -c beamscope -n __beamscope_at -a lesson -d 'list the lessons, or play one: text, questions, commands with what they show, and answers'
complete -c beamscope -n '__beamscope_at lesson 1' -a 'greedy five-minutes msl-and-bear masks race (__beamscope_ending .lesson)' -d 'NAME'
complete -c beamscope -n '__beamscope_at lesson' -l page -x -d 'show this page alone; what those before it do is done'
complete -c beamscope -n '__beamscope_at lesson' -l check -d 'run its commands and say what is wrong, with file and line, instead of playing it'
complete -c beamscope -n '__beamscope_at lesson' -l roff -d 'write the manual page\'s list of the bundled ones'
complete -c beamscope -n __beamscope_at -a set -d 'show or change options'
complete -c beamscope -n '__beamscope_at set 1' -a 'model adapter data split beam mask end search length-penalty early-stopping tau template max-history items title-words budget scan others threads seed format output keep-going ascii no-color no-mouse graph pager history' -d 'NAME'
complete -c beamscope -n '__beamscope_at set' -l save -d 'keep what was set for later runs'
complete -c beamscope -n __beamscope_at -a help -d 'list the commands and options, or explain one command'
complete -c beamscope -n '__beamscope_at help 1' -a 'load info cases case item find beam step back goto tree why sweep force forbid change undo redo branch score exact diagnose merge compare export judge tokenize detokenize prompt new loss train pause resume stop source record let last lesson set help repl quit' -d 'COMMAND'
complete -c beamscope -n '__beamscope_at help' -l fields -d 'list the members of its JSON records; without a command, which have which'
complete -c beamscope -n '__beamscope_at help' -l roff -d 'write the manual page\'s sections'
complete -c beamscope -n '__beamscope_at help' -l markdown -d 'write the table of commands'
complete -c beamscope -n '__beamscope_at help' -l completion -x -a 'bash zsh fish' -d 'write a script that completes the program\'s words in bash, zsh or fish'
complete -c beamscope -n __beamscope_at -a repl -d 'read commands from a prompt with line editing, history and completion'
complete -c beamscope -n __beamscope_at -a quit -d 'end the script, the prompt or the screens'
