// Unigram tokenizers of our own making, for hf_texts.js: T5's steps and those of other models, over one vocabulary.
"use strict";

// SentencePiece's character map of {text: what replaces it}: a double array over the bytes of the texts (the layout of
// Darts-clone), then what replaces them. A unit has in bits 0-7 its label, in bit 8 whether a text ends here, from bit
// 10 on how its place differs from the one that its children are counted from.
function charsmap(pairs) {
	const units = new Uint32Array(1 << 18), used = new Set([0]), bases = new Set(), texts = [], places = new Map();
	let first_free = 1, end = 256, texts_end = 0;
	const place = text => {
		if (!places.has(text)) {
			places.set(text, texts_end);
			texts.push(Buffer.from(text + "\0"));
			texts_end += texts.at(-1).length;
		}
		return places.get(text);
	};
	const base_for = labels => { // where the children's units are all free, and no other node counts from
		while (used.has(first_free))
			first_free++;
		for (let at = first_free; ; at++) {
			const base = at ^ labels[0];
			if (!bases.has(base) && !labels.some(label => used.has(base ^ label)))
				return base;
		}
	};
	const put = (at, node) => {
		const labels = [...node.children.keys()].concat(node.value == null ? [] : [0]).sort((a, b) => a - b);
		const base = base_for(labels);
		bases.add(base);
		labels.forEach(label => used.add(base ^ label));
		end = Math.max(end, (base | 255) + 1);
		units[at] = units[at] | (base ^ at) << 10 | (node.value == null ? 0 : 1 << 8);
		if (node.value != null)
			units[base] = node.value | 1 << 31;
		for (const [label, child] of node.children) {
			units[base ^ label] = label;
			put(base ^ label, child);
		}
	};
	const node = () => ({ children: new Map(), value: null }), root = node();
	for (const [text, to] of Object.entries(pairs)) {
		let at = root;
		for (const byte of Buffer.from(text)) {
			if (!at.children.has(byte))
				at.children.set(byte, node());
			at = at.children.get(byte);
		}
		at.value = place(to);
	}
	put(0, root);
	const size = Buffer.alloc(4);
	size.writeUInt32LE(4 * end);
	return Buffer.concat([size, Buffer.from(units.buffer, 0, 4 * end), ...texts]).toString("base64");
}

// All that NFKC changes, with T5's spaces and what it leaves out, and some texts that begin with each other.
function normal_forms() {
	const pairs = {};
	for (let c = 1; c < 0x110000; c++) {
		const s = c < 0xd800 || c > 0xdfff ? String.fromCodePoint(c) : "", form = s.normalize("NFKC");
		if (form != s)
			pairs[s] = form;
		if (s && c < 0xac00 && s.normalize("NFD") != s && s.normalize("NFD").normalize("NFC") == s)
			pairs[s.normalize("NFD")] = form;
	}
	for (const c of "\t\n\f\r\u1680\u200b\u200e\u2028\u2581\ufeff\ufffd")
		pairs[c] = " ";
	for (const c of "\u0001\u0008\u000b\u001f\u007f\u009f")
		pairs[c] = "";
	return { ...pairs, "\r\n": "¶", "qu": "no", "q": "Q", "a\u0301\u0302": "ấ" };
}

// Pieces of the words and scores for them: the longer and the rarer, the lower. Single precision, as files have it, and
// the same score for several, so that sums are equal.
function pieces(words) {
	const counts = new Map();
	for (const word of words)
		for (let i = 0, letters = Array.from(word); i < letters.length; i++)
			for (let n = 1; n <= 6 && i + n <= letters.length; n++) {
				const piece = letters.slice(i, i + n).join("");
				counts.set(piece, (counts.get(piece) || 0) + 1);
			}
	const often = [...counts].filter(([piece, n]) => n > 1 || piece.length == 1);
	return often.map(([piece, n]) => [piece, Math.fround(-8 * Math.sqrt(Array.from(piece).length) + Math.log(n))]);
}

const mark = (scheme, split) => ({ type: "Metaspace", replacement: "▁", prepend_scheme: scheme, split });
const sequence = (name, list) => ({ type: "Sequence", [name]: list });
const replace = (pattern, content) => ({ type: "Replace", pattern, content });
const special = (id, content, more) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...more });

function around(before, after) {
	const entry = ([id, name]) => ({ SpecialToken: { id: name, type_id: 0 } }), text = { Sequence: { id: "A", type_id: 0 } };
	const known = [...before, ...after].map(([id, name]) => [name, { id: name, ids: [id], tokens: [name] }]);
	return { type: "TemplateProcessing", single: [...before.map(entry), text, ...after.map(entry)],
		pair: [text, { Sequence: { id: "B", type_id: 1 } }], special_tokens: Object.fromEntries(known) };
}

// {name: what stands in its tokenizer.json}
function unigrams(words) {
	const map = { type: "Precompiled", precompiled_charsmap: charsmap(normal_forms()) }, plain = pieces(words);
	const lower = pieces(words.map(word => word.toLowerCase()));
	const bytes = Array.from({ length: 256 }, (_, b) => [`<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`, 0]);
	const runs = ["a", "b", "-", "aa", "aaa", "bb", "ab", "ba", "aba", "--", "---", "----", "-----", "ab-", "▁", "▁▁"];
	const names = [[0, "<pad>"], [1, "</s>"], [2, "<unk>"]], control = names.map(([, name]) => [name, 0]);
	const made = {
		t5: { vocab: plain, normalizer: map, post_processor: around([], [names[1]]),
			pre_tokenizer: sequence("pretokenizers", [{ type: "WhitespaceSplit" }, mark("always", true)]) },
		xlmr: { vocab: plain, normalizer: sequence("normalizers", [map, replace({ Regex: " {2,}" }, " ")]),
			post_processor: around([names[0]], [names[1]]),
			pre_tokenizer: { type: "Metaspace", replacement: "▁", add_prefix_space: true },
			decoder: { type: "Metaspace", replacement: "▁", add_prefix_space: true },
			added: [special(0, "<mask>", { lstrip: true })] },
		mt5: { vocab: [...bytes, ...plain], byte_fallback: true, pre_tokenizer: mark("always", true),
			normalizer: sequence("normalizers", [{ type: "Strip", strip_left: false, strip_right: true }, map, replace({ Regex: " {2,}" }, "▁")]) },
		albert: { vocab: lower, pre_tokenizer: mark("always", true),
			normalizer: sequence("normalizers", [replace({ String: "``" }, '"'), { type: "Strip", strip_left: true, strip_right: false },
				{ type: "Nmt" }, { type: "Lowercase" }, map]),
			added: [special(0, "THE", { special: false, normalized: true, single_word: true })] },
		llama: { vocab: [...bytes, ...plain], byte_fallback: true, post_processor: around([names[1]], []),
			normalizer: sequence("normalizers", [{ type: "Prepend", prepend: "▁" }, replace({ String: " " }, "▁")]),
			decoder: sequence("decoders", [replace({ String: "▁" }, " "), { type: "ByteFallback" }, { type: "Fuse" },
				{ type: "Strip", content: " ", start: 1, stop: 0 }]) },
		ties: { vocab: runs.map(piece => [piece, Math.fround(-1.3 * Math.sqrt(piece.length))]), pre_tokenizer: mark("first", false) },
	};
	return Object.fromEntries(Object.entries(made).map(([name, { vocab, byte_fallback, added, ...parts }]) => {
		const all = [...new Map([...control, ...vocab])];
		const extra = (added || []).map((token, i) => ({ ...token, id: all.length + i }));
		return ["unigram_" + name, { version: "1.0", truncation: null, padding: null,
			added_tokens: [...names.map(([id, content]) => special(id, content)), ...extra],
			normalizer: null, post_processor: null, decoder: mark("always", true), ...parts,
			model: { type: "Unigram", unk_id: 2, vocab: all, byte_fallback: !!byte_fallback } }];
	}));
}

module.exports = { unigrams };
