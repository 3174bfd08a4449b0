nobase_dist_pkgdata_DATA += data/demo/README
nobase_dist_pkgdata_DATA += data/demo/id2name4Rec.json
nobase_dist_pkgdata_DATA += data/demo/meta.json
nobase_dist_pkgdata_DATA += data/demo/train.csv
nobase_dist_pkgdata_DATA += data/demo/valid.csv
nobase_dist_pkgdata_DATA += data/demo/test.csv
nobase_dist_pkgdata_DATA += data/demo/sft/config.json
nobase_dist_pkgdata_DATA += data/demo/sft/generation_config.json
nobase_dist_pkgdata_DATA += data/demo/sft/model.safetensors
nobase_dist_pkgdata_DATA += data/demo/sft/tokenizer.json
nobase_dist_pkgdata_DATA += data/demo/sft/tokenizer_config.json
nobase_dist_pkgdata_DATA += data/demo/bear/config.json
nobase_dist_pkgdata_DATA += data/demo/bear/generation_config.json
nobase_dist_pkgdata_DATA += data/demo/bear/model.safetensors
nobase_dist_pkgdata_DATA += data/demo/bear/tokenizer.json
nobase_dist_pkgdata_DATA += data/demo/bear/tokenizer_config.json
nobase_dist_pkgdata_DATA += data/lesson/README
nobase_dist_pkgdata_DATA += data/lesson/cases.csv
nobase_dist_pkgdata_DATA += data/lesson/items.csv
nobase_dist_pkgdata_DATA += data/lesson/meta.json
nobase_dist_pkgdata_DATA += data/lesson/table.csv
nobase_dist_pkgdata_DATA += data/lesson/vocab.csv
nobase_dist_pkgdata_DATA += data/lessons/five-minutes.lesson
nobase_dist_pkgdata_DATA += data/lessons/greedy.lesson
nobase_dist_pkgdata_DATA += data/lessons/masks.lesson
nobase_dist_pkgdata_DATA += data/lessons/msl-and-bear.lesson
nobase_dist_pkgdata_DATA += data/lessons/order
nobase_dist_pkgdata_DATA += data/lessons/race.lesson
nobase_dist_pkgdata_DATA += data/templates/bear-inference.tmpl
nobase_dist_pkgdata_DATA += data/templates/bear-train.tmpl
nobase_dist_pkgdata_DATA += data/templates/d3.tmpl
nobase_dist_pkgdata_DATA += data/templates/minionerec-inference.tmpl
nobase_dist_pkgdata_DATA += data/templates/minionerec-train.tmpl
nobase_dist_pkgdata_DATA += data/templates/plain.tmpl
nobase_dist_pkgdata_DATA += data/templates/sequence.tmpl

# Completions, under the names and in the folders where the shells look for them; `make docs` renews them.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = data/completions/beamscope
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = data/completions/_beamscope
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_fishcompletion_DATA = data/completions/beamscope.fish

# The demo: `make demo-data` writes its dataset anew, `make demo-models` trains its two models, both into the source tree.
# The bits of the models are the same wherever the kernels are (one kind of CPU, one version of OpenBLAS).
noinst_PROGRAMS += data/demo/demo-process
data_demo_demo_process_SOURCES = data/demo/demo-process.c data/demo/process.c data/demo/process.h \
	data/demo/shop.c data/demo/shop.h data/demo/perfect.c data/demo/perfect.h
data_demo_demo_process_LDADD = $(beam_libs)

demo_dir = $(top_srcdir)/data/demo
demo_files = config.json generation_config.json model.safetensors tokenizer.json tokenizer_config.json
demo_program = XDG_CONFIG_HOME=/nonexistent src/beamscope$(EXEEXT) --threads 1 --seed 1 -d $(demo_dir)
demo_usual = --full --targets all --batch 32 --clip 1 --eval-cases 500 --save-dtype bf16

demo-data: data/demo/demo-process$(EXEEXT)
	data/demo/demo-process$(EXEEXT) write $(demo_dir)

demo-models: src/beamscope$(EXEEXT)
	rm -rf demo-fresh demo-taught demo-race
	$(demo_program) new demo-fresh --layers 2 --hidden 64 --heads 4 --vocab 1200
	$(demo_program) -m demo-fresh train sft $(demo_usual) --out demo-taught \
		--steps 1600 --lr 3e-3 --schedule cosine --warmup 50 --weight-decay 0.05
	$(demo_program) -m demo-taught/sft/last train sft,bear --lambda 4 --xi 0.5 $(demo_usual) --out demo-race \
		--steps 300 --lr 5e-4 --schedule linear
	for name in sft bear; do \
		mkdir -p $(demo_dir)/$$name && for file in $(demo_files); do \
			cp demo-race/$$name/last/$$file $(demo_dir)/$$name || exit 1; \
		done || exit 1; \
	done
	rm -rf demo-fresh demo-taught demo-race

.PHONY: demo-data demo-models
