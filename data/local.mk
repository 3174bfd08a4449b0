nobase_dist_pkgdata_DATA += data/lesson/README
nobase_dist_pkgdata_DATA += data/lesson/cases.csv
nobase_dist_pkgdata_DATA += data/lesson/items.csv
nobase_dist_pkgdata_DATA += data/lesson/meta.json
nobase_dist_pkgdata_DATA += data/lesson/table.csv
nobase_dist_pkgdata_DATA += data/lesson/vocab.csv
