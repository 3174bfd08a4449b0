# The tokenizers that `new` writes give the same ids in Hugging Face's own implementation, whose binding for node must be
# where NODE_PATH says.
. "$(dirname "$0")/lib.sh"
data=$shared/datasets/apao-office
[ -d "$data" ] || skip_all "no ../shared"
node -e 'require("tokenizers")' >/dev/null 2>&1 || skip_all "no module 'tokenizers' for node"

# texts KIND: what is to be encoded, as a JSON array in $scratch/texts and as commands in $scratch/script.
texts() {
	node - "$data" "$scratch" "$1" <<-'END'
	const fs = require("fs"), [data, scratch, kind] = process.argv.slice(2);
	const read = name => JSON.parse(fs.readFileSync(data + "/" + name));
	const hostile = ["", " ", "  a  ", "\t", "</s>", "a</s></s>b", "<s></s", "<unk>", "< s>", "don't I'LL we'd 's", "3rd 10,000.50 ½",
		"naïve CAFÉ e\u0301", "ﬁ Ⅷ ㎏ İ", "日本語 のタイトル　全角", "한국어", "𝄞 🧑‍🤝‍🧑", "\u00a0\u2003x\u200b\ufeff", "a\\b'c\"d`e$f", "\u0001\u007f",
		"x".repeat(300), "ab".repeat(200) + " " + "-".repeat(99), "<a_1><b_2>", "<a_1 ><a_99999>", "Ġ Ċ ▁"];
	const all = kind == "title" ? Object.values(read("Office.item.json")).map(item => item.title)
		: Object.values(read("Office.index.rq-kmeans.json")).map(list => list.join(""));
	const texts = all.concat(hostile).filter(text => !text.includes("\n")); // a command is one line
	fs.writeFileSync(scratch + "/texts", JSON.stringify(texts));
	fs.writeFileSync(scratch + "/script", texts.map(text =>
		"tokenize --specials -- '" + text.replaceAll("'", "'\\''") + "'\n").join(""));
	END
}

# same_ids NAME MODEL: the program's ids in $scratch/out are those of Hugging Face.
same_ids() {
	node - "$scratch" "$2" >"$scratch/why" 2>&1 <<-'END'
	const fs = require("fs"), { Tokenizer } = require("tokenizers"), [scratch, model] = process.argv.slice(2);
	const texts = JSON.parse(fs.readFileSync(scratch + "/texts"));
	const ours = fs.readFileSync(scratch + "/out", "utf8").trim().split("\n").map(line => JSON.parse(line));
	const t = Tokenizer.fromFile(model + "/tokenizer.json");
	(async () => {
		let wrong = ours.length == texts.length ? 0 : 1;
		for (let i = 0; i < texts.length && !wrong; i++) {
			const theirs = (await t.encode(texts[i])).getIds();
			if (JSON.stringify(theirs) != JSON.stringify(ours[i].ids)) {
				console.log(JSON.stringify(texts[i]), "gives", ours[i].ids.join(" "), "and not", theirs.join(" "));
				wrong++;
			}
		}
		console.log(texts.length, "texts,", ours.length, "answers");
		process.exit(wrong > 0 ? 1 : 0);
	})();
	END
	ok $? "$1"
}

for kind in title index; do
	succeeds "a model for the $kind" new "$scratch/$kind" -d "$data" --items $kind --title-words 5
	texts $kind
	succeeds "every $kind is encoded" -m "$scratch/$kind" --format json -f "$scratch/script"
	same_ids "ids of every $kind and of hostile texts" "$scratch/$kind"
done
finish
