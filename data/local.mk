nobase_dist_pkgdata_DATA += data/lesson/README
nobase_dist_pkgdata_DATA += data/lesson/cases.csv
nobase_dist_pkgdata_DATA += data/lesson/items.csv
nobase_dist_pkgdata_DATA += data/lesson/meta.json
nobase_dist_pkgdata_DATA += data/lesson/table.csv
nobase_dist_pkgdata_DATA += data/lesson/vocab.csv
nobase_dist_pkgdata_DATA += data/templates/bear-inference.tmpl
nobase_dist_pkgdata_DATA += data/templates/bear-train.tmpl
nobase_dist_pkgdata_DATA += data/templates/plain.tmpl
nobase_dist_pkgdata_DATA += data/templates/sequence.tmpl

# The demo's dataset and models are made by this program and by `make demo-models`.
noinst_PROGRAMS += data/demo/demo-process
data_demo_demo_process_SOURCES = data/demo/demo-process.c data/demo/process.c data/demo/process.h \
	data/demo/shop.c data/demo/shop.h data/demo/perfect.c data/demo/perfect.h
data_demo_demo_process_LDADD = $(beam_libs)
