// Random and hostile texts and ids for tokenizers, and Hugging Face's answers to them.
//
//   node hf_texts.js make DIR                                      small tokenizers of every kind of step, DIR/*.json
//   node hf_texts.js ask TOKENIZER N SEED >QUESTIONS               texts and ids, in the form of tests/num/encode_texts.c
//   node hf_texts.js compare TOKENIZER QUESTIONS ANSWERS           says where the answers differ; status 1 if they do
//
// The texts of a seed are always the same.
"use strict";
const fs = require("fs"), { unigrams } = require("./hf_unigram.js");

const KIND_TEXT = 0, KIND_IDS = 1;
const SHOWN = 5; // differences that are told

// Numbers from a seed: 32 bits of state, a Weyl sequence put through a mixing function.
function random(seed) {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x9e3779b9) >>> 0;
		let x = state;
		x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
		x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
		return (x ^ (x >>> 15)) >>> 0;
	};
	const below = n => next() % n;
	return { below, pick: list => list[below(list.length)] };
}

const all = expression => {
	const found = [];
	for (let c = 0; c < 0x110000; c++)
		if ((c < 0xd800 || c > 0xdfff) && expression.test(String.fromCodePoint(c)))
			found.push(c);
	return found;
};
const normalising = () => {
	const found = [];
	for (let c = 0xa0; c < 0x110000; c++) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		const s = String.fromCodePoint(c);
		if (s.normalize("NFC") != s || s.normalize("NFKD") != s)
			found.push(c);
	}
	return found;
};
const SETS = {
	marks: all(/\p{M}/u), numbers: all(/\p{N}/u), letters: all(/\p{L}/u), symbols: all(/[\p{S}\p{P}]/u),
	unassigned: all(/\p{Cn}/u), formats: all(/\p{Cf}/u), changing: normalising(),
	spaces: all(/\p{White_Space}/u), emoji: all(/\p{Extended_Pictographic}/u),
	folding: all(/[\p{Changes_When_Casefolded}]/u),
};
const ENGLISH = ("the of and a to in is you that it he was for on are as with his they I at be this have from or one had by " +
	"word but not what all were we when your can said there use an each which she do how their if will up other about " +
	"Women's Men's 100% Cotton T-Shirt XL (Pack of 12) O'Neill don't I'LL we'Ve it'S Ultra-Light 3.5\" 10,000.50 " +
	"https://example.com/a?b=c&d=[e] e-mail@host.org C++ {x: 1} <br/> \\n \\\\ \"quoted\" 'single' --- ... !? $9.99 50€").split(" ");
const OTHERS = ["Übergröße", "naïve", "façade", "Ελληνικά", "Привет", "мир", "日本語のタイトル", "中文字符", "한국어", "ไทยภาษา", "हिन्दी",
	"עברית", "العَرَبِيَّة", "বাংলা", "தமிழ்", "İstanbul", "ıŞğ", "ﬁﬂ", "Å", "Å", "ĳ", "ǆ", "ß", "ẞ", "ſ", "'ſ", "'\u212a", "K", "①②", "x²",
	"ºª", "½⅓", "Ⅻ", "㍿", "ﷺ", "가각", "\u1100\u1161\u11a8", "e\u0301", "q\u0307\u0323", "\u0344", "\u0958", "\u2adc", "\ufb1d"];

const text = codes => String.fromCodePoint(...codes);
const times = (n, make) => Array.from({ length: n }, make);

// One piece of a text each; `specials` are the spellings of the tokenizer's added tokens.
const KINDS = {
	scalars: r => text(times(1 + r.below(12), () => {
		const c = r.below(0x110000 - 0x800);
		return c < 0xd800 ? c : c + 0x800;
	})),
	basic_plane: r => text(times(1 + r.below(12), () => r.below(0xd800))),
	bytes: r => new TextDecoder().decode(Uint8Array.from(times(1 + r.below(24), () => r.below(256)))),
	latin_bytes: r => text(times(1 + r.below(24), () => r.below(256))),
	ascii: r => text(times(1 + r.below(40), () => r.below(128))),
	control: r => text(times(1 + r.below(6), () => r.pick([0, 1, 7, 8, 9, 11, 12, 27, 31, 127, 128, 133, 155, 159, 0xad, 0xfeff]))),
	marks: r => text([r.pick(SETS.letters), ...times(1 + r.below(8), () => r.pick(SETS.marks))]),
	numbers: r => text(times(1 + r.below(9), () => r.pick(SETS.numbers))),
	digits: r => String(r.below(1e9)).padStart(1 + r.below(14), "0"),
	letters: r => text(times(1 + r.below(9), () => r.pick(SETS.letters))),
	symbols: r => text(times(1 + r.below(6), () => r.pick(SETS.symbols))),
	unassigned: r => text(times(1 + r.below(4), () => r.pick(SETS.unassigned))),
	invisible: r => text(times(1 + r.below(4), () => r.pick(SETS.formats))),
	changing: r => text(times(1 + r.below(6), () => r.pick(SETS.changing))),
	folding: r => r.pick(["'", "’", " "]) + text(times(1 + r.below(3), () => r.pick(SETS.folding))),
	contraction: r => r.pick(ENGLISH) + r.pick(["'", "’", "''"]) + r.pick(["s", "S", "t", "re", "VE", "ll", "lL", "d", "m", "x", "ſ", "ﬆ", "vé"]),
	hangul: r => text(times(1 + r.below(8), () => 0x1100 + r.below(0x100))),
	spaces: r => text(times(1 + r.below(6), () => r.pick(SETS.spaces))),
	blank_run: r => r.pick([" ", "\n", "\r\n", "\t", "\r", "\u3000", "\u00a0"]).repeat(1 + r.below(r.below(20) ? 12 : 300)),
	lines: r => times(1 + r.below(5), () => r.pick([" ", "  ", "\n", "\r\n", "\t", "x"])).join(""),
	emoji: r => text(times(1 + r.below(4), () => r.pick(SETS.emoji))),
	family: r => times(2 + r.below(3), () => text([r.pick(SETS.emoji)]) + r.pick(["", "\ufe0f", "\u{1f3fd}"])).join("\u200d"),
	english: r => times(1 + r.below(8), () => r.pick(ENGLISH)).join(" "),
	other: r => times(1 + r.below(4), () => r.pick(OTHERS)).join(r.pick(["", " ", "-"])),
	marker: r => r.pick(["▁", "Ġ", "Ċ", "<0x0A>", "<0xE2>", "▁▁", "Ġthe", "##", "</w>", "@@"]),
	special: (r, specials) => specials.length ? r.pick(["", " ", "  ", "\n", "a", "_"]) + r.pick(specials) + r.pick(["", " ", "\t ", "b", "9"]) : "",
	cut_special: (r, specials) => {
		const s = specials.length ? r.pick(specials) : "<s>";
		return s.slice(r.below(2), s.length - r.below(3));
	},
	case_special: (r, specials) => specials.length ? r.pick([s => s.toUpperCase(), s => s.toLowerCase()])(r.pick(specials)) : "",
	long_word: r => r.below(50) ? r.pick(ENGLISH).repeat(1 + r.below(20)) : r.pick(["a", "ab", "é", "字", "𝄞", "-", "=*"]).repeat(1 + r.below(3000)),
};
const NAMES = Object.keys(KINDS);

function makeText(r, specials) {
	return times(1 + r.below(r.below(4) ? 4 : 10), () => KINDS[r.pick(NAMES)](r, specials)).join(r.pick(["", "", " "]));
}

const WHOLE = ["", " ", "  ", "\n", "\r\n", "\0", "\ufeff", "a", "'", "'s", " 's", "<", "\u0301"];

function specialsOf(file) {
	const added = JSON.parse(fs.readFileSync(file)).added_tokens || [];
	return added.map(token => token.content);
}

function number32(...list) {
	return Buffer.from(Uint32Array.from(list).buffer);
}

function ask(file, n, seed) {
	const r = random(seed), specials = specialsOf(file), json = JSON.parse(fs.readFileSync(file));
	const { Tokenizer } = require("tokenizers");
	const ids = Object.values(Tokenizer.fromString(JSON.stringify(json)).getVocab(true));
	for (let i = 0; i < n; i++) {
		const bytes = Buffer.from(i < WHOLE.length ? WHOLE[i] : makeText(r, specials), "utf8");
		fs.writeSync(1, Buffer.concat([number32(KIND_TEXT, bytes.length), bytes]));
		if (i % 10 == 0) {
			const some = times(1 + r.below(12), () => r.pick(ids));
			fs.writeSync(1, number32(KIND_IDS, some.length, ...some));
		}
	}
}

function reader(file) {
	const bytes = fs.readFileSync(file);
	let at = 0;
	return {
		more: () => at < bytes.length,
		number: () => { at += 4; return bytes.readUInt32LE(at - 4); },
		bytes: n => { at += n; return bytes.subarray(at - n, at); },
		numbers(n) { return Array.from({ length: n }, () => this.number()); },
	};
}

const equal = (a, b) => a.length == b.length && a.every((x, i) => x == b[i]);

// What Hugging Face makes of bytes that are no UTF-8: U+FFFD, once or for every byte, as its decoder has it; ours keeps
// the bytes. null: that cannot be told from the bytes alone.
function shown(bytes, byteFallback) {
	const s = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
	return byteFallback && !Buffer.from(s).equals(bytes) ? null : s;
}

// Their tokenizer, for encoding and for decoding. As of 0.23.2 the spelling of an added token with `normalized` is lost
// when it is loaded: it is decoded to its normalised form and no longer known as special. Decoding has no other use for
// that flag.
function load(file) {
	const { Tokenizer } = require("tokenizers"), json = JSON.parse(fs.readFileSync(file));
	for (const token of json.added_tokens || [])
		token.normalized = false;
	return { encoder: Tokenizer.fromFile(file), decoder: Tokenizer.fromString(JSON.stringify(json)) };
}

async function compare(file, questions, answers) {
	const theirs = load(file), byteFallback = /"ByteFallback"/.test(fs.readFileSync(file, "utf8"));
	const q = reader(questions), a = reader(answers), count = { texts: 0, ids: 0, decoded: 0, undecided: 0, different: 0 };
	const differ = (...what) => {
		if (count.different++ < SHOWN)
			console.log(...what.map(x => typeof x == "string" ? x : JSON.stringify(x)));
	};
	while (q.more()) {
		const kind = q.number(), n = q.number();
		const input = kind == KIND_TEXT ? q.bytes(n).toString("utf8") : q.numbers(n);
		const ids = a.numbers(a.number());
		if (kind == KIND_TEXT) {
			const expected = (await theirs.encoder.encode(input)).getIds();
			count.texts++;
			count.ids += expected.length;
			if (!equal(ids, expected))
				differ(input, "is", ids, "not", expected);
		}
		for (const skip of [false, true]) {
			const bytes = a.bytes(a.number()), ours = shown(bytes, byteFallback);
			const expected = await theirs.decoder.decode(ids, skip);
			count[ours == null ? "undecided" : "decoded"]++;
			if (ours != null && ours != expected)
				differ(ids, skip ? "without special tokens is" : "is", ours, "not", expected);
		}
	}
	if (a.more())
		differ("there are more answers than questions");
	console.log(Object.entries(count).map(([name, n]) => `${n} ${name}`).join(", "));
	return count.different;
}

// Tokenizers of our own making.

// The most frequent pairs of the words' symbols, first to last.
function learn(words, n, alphabet) {
	const vocab = new Map(), merges = [];
	let lists = words.map(word => Array.from(word));
	const add = s => { if (!vocab.has(s)) vocab.set(s, vocab.size); };
	alphabet.forEach(add);
	lists.flat().forEach(add);
	for (let i = 0; i < n; i++) {
		const counts = new Map();
		for (const list of lists)
			for (let k = 0; k + 1 < list.length; k++) {
				const pair = list[k] + "\0" + list[k + 1];
				counts.set(pair, (counts.get(pair) || 0) + 1);
			}
		let best = null;
		for (const [pair, count] of counts)
			if (!best || count > counts.get(best))
				best = pair;
		if (!best)
			break;
		const [left, right] = best.split("\0");
		merges.push([left, right]);
		add(left + right);
		lists = lists.map(list => {
			const out = [];
			for (let k = 0; k < list.length; k++)
				if (list[k] == left && list[k + 1] == right)
					out.push(left + list[k++ + 1]);
				else
					out.push(list[k]);
			return out;
		});
	}
	return { vocab, merges };
}

const HEX = times(256, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`);
const BYTE_CHARS = (() => {
	const printable = b => (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
	let other = 0x100;
	return times(256, (_, b) => String.fromCodePoint(printable(b) ? b : other++));
})();
const inBytes = s => Array.from(Buffer.from(s), b => BYTE_CHARS[b]).join("");

// Added tokens with every flag; one that the vocabulary has already keeps its id.
function flagged(vocab) {
	const none = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false };
	const extra = new Map();
	return [
		{ content: "<s>", special: true }, { content: "</s>", special: true }, { content: "[left]", lstrip: true, special: true },
		{ content: "[right]", rstrip: true, special: true }, { content: "[both]", lstrip: true, rstrip: true },
		{ content: "solo", single_word: true }, { content: "ﬁx", normalized: true }, { content: "Å", normalized: true },
		{ content: "é", normalized: true, single_word: true }, { content: "  ", normalized: true }, { content: "[n l]", normalized: true, lstrip: true },
		{ content: "[n r]", normalized: true, rstrip: true }, { content: "<s", single_word: true, lstrip: true },
		{ content: "\n\n" }, { content: "字", rstrip: true }, { content: "aaa" }, { content: "aa" }, { content: "solo solo", normalized: true },
	].map(token => {
		if (!vocab.has(token.content) && !extra.has(token.content))
			extra.set(token.content, vocab.size + extra.size);
		return { id: vocab.get(token.content) ?? extra.get(token.content), ...none, ...token };
	});
}

function tokenizer(parts) {
	const alphabet = parts.alphabet || [];
	const { vocab, merges } = learn(parts.words, 400, alphabet);
	return {
		version: "1.0", truncation: null, padding: null, added_tokens: flagged(vocab), normalizer: parts.normalizer || null,
		pre_tokenizer: parts.pre_tokenizer || null, post_processor: parts.post_processor || null, decoder: parts.decoder,
		model: { type: "BPE", dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false,
			byte_fallback: false, ignore_merges: false, ...parts.model, vocab: Object.fromEntries(vocab), merges },
	};
}

const sequence = (name, list) => ({ type: "Sequence", [name]: list });
const metaspace = (scheme, split) => ({ type: "Metaspace", replacement: "▁", prepend_scheme: scheme, split });
const split = (pattern, behavior, invert) => ({ type: "Split", pattern, behavior, invert: !!invert });
const byteLevel = (prefix, words) => ({ type: "ByteLevel", add_prefix_space: prefix, trim_offsets: true, use_regex: words });
const template = { type: "TemplateProcessing", single: [{ SpecialToken: { id: "a", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } },
	{ SpecialToken: { id: "b", type_id: 0 } }], pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
	special_tokens: { a: { id: "a", ids: [1], tokens: ["a"] }, b: { id: "b", ids: [2, 3], tokens: ["b", "c"] } } };

// Pieces of the words with scores that follow from where they stand.
function unigram(parts) {
	const { vocab } = learn(parts.words, 400, ["<unk>", "▁", ...(parts.model.byte_fallback ? HEX : [])]);
	const pieces = Array.from(vocab.keys(), (piece, i) => [piece, -2 - ((i * 7919) % 613) / 61]);
	const json = tokenizer({ ...parts, words: [] });
	json.added_tokens = flagged(vocab);
	json.model = { type: "Unigram", unk_id: 0, byte_fallback: false, ...parts.model, vocab: pieces };
	return json;
}

function make(dir) {
	const plain = ENGLISH.concat(OTHERS), marked = plain.map(s => "▁" + s.normalize("NFKC")), bytes = plain.map(s => inBytes(" " + s));
	const llama = sequence("decoders", [{ type: "Replace", pattern: { String: "▁" }, content: " " }, { type: "ByteFallback" }, { type: "Fuse" },
		{ type: "Strip", content: " ", start: 1, stop: 0 }]);
	const made = {
		fallback: { words: marked, alphabet: ["<unk>", "▁", ...HEX], decoder: llama,
			model: { unk_token: "<unk>", byte_fallback: true, fuse_unk: true }, post_processor: template,
			normalizer: sequence("normalizers", [{ type: "NFKC" }, { type: "Prepend", prepend: "▁" },
				{ type: "Replace", pattern: { String: " " }, content: "▁" }]) },
		metaspace_first: { words: marked, alphabet: ["<unk>", "▁"], decoder: metaspace("first", true), normalizer: { type: "NFKD" },
			pre_tokenizer: metaspace("first", true), model: { unk_token: "<unk>", fuse_unk: true } },
		metaspace_whole: { words: marked, alphabet: ["<unk>", "▁", ...HEX.slice(0, 200)], decoder: metaspace("always", false),
			pre_tokenizer: metaspace("always", false), model: { unk_token: "<unk>", byte_fallback: true } },
		gpt2: { words: bytes, alphabet: BYTE_CHARS, decoder: byteLevel(true, true), normalizer: { type: "NFD" },
			pre_tokenizer: byteLevel(true, true), model: { ignore_merges: true } },
		digits: { words: bytes, alphabet: BYTE_CHARS, decoder: byteLevel(true, true), normalizer: { type: "NFC" }, post_processor: template,
			pre_tokenizer: sequence("pretokenizers", [{ type: "Digits", individual_digits: true }, byteLevel(false, true)]) },
		splits: { words: bytes, alphabet: BYTE_CHARS, decoder: byteLevel(false, false), normalizer: { type: "NFKD" },
			pre_tokenizer: sequence("pretokenizers", [split({ Regex: "\\p{N}{1,3}" }, "MergedWithPrevious"), split({ String: "-" }, "MergedWithNext"),
				split({ Regex: "\\s+" }, "Contiguous"), split({ Regex: "[^\\p{M}]+" }, "Isolated", true), { type: "Digits", individual_digits: false },
				byteLevel(false, false)]) },
		removed: { words: plain, decoder: { type: "Fuse" }, normalizer: { type: "Replace", pattern: { Regex: "[\\r\\n]+" }, content: " " },
			pre_tokenizer: split({ String: " " }, "Removed"), model: {} },
	};
	const scored = {
		unigram: { words: marked, decoder: metaspace("always", true), normalizer: sequence("normalizers", [{ type: "NFKC" },
			{ type: "Replace", pattern: { Regex: " {2,}" }, content: " " }]), pre_tokenizer: metaspace("always", true), model: {} },
		unigram_bytes: { words: marked, decoder: sequence("decoders", [{ type: "ByteFallback" }, metaspace("always", false)]),
			normalizer: sequence("normalizers", [{ type: "Nmt" }, { type: "NFKD" }, { type: "StripAccents" }, { type: "Lowercase" }]),
			pre_tokenizer: metaspace("always", false), model: { byte_fallback: true } },
	};
	const write = (name, json) => fs.writeFileSync(`${dir}/${name}.json`, JSON.stringify(json));
	Object.entries(made).forEach(([name, parts]) => write(name, tokenizer(parts)));
	Object.entries(scored).forEach(([name, parts]) => write(name, unigram(parts)));
	Object.entries(unigrams(marked)).forEach(([name, json]) => write(name, json));
}

const [verb, ...args] = process.argv.slice(2);
if (verb == "make")
	make(args[0]);
else if (verb == "ask")
	ask(args[0], Number(args[1]), Number(args[2]));
else
	compare(...args).then(different => process.exit(different > 0 ? 1 : 0));
