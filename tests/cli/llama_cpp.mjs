// What llama.cpp, through its binding for node, makes of GGUF files.
//
//     llama_cpp.mjs JOBS    a JSON list of {"file", "texts", "prompt"}; prints a line of JSON for each: the ids of every
//                           text, and the probability of every token after the prompt's ids, in their order
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const folder = (process.env.NODE_PATH ?? "").split(":").map(p => path.join(p, "node-llama-cpp")).find(p => fs.existsSync(p));
if (!folder) {
	console.error("no node-llama-cpp in NODE_PATH");
	process.exit(3);
}
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(path.join(folder, "dist/index.js")));
if (!process.argv[2])
	process.exit(0);
const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.warn, progressLogs: false });

async function run({ file, texts, prompt }) {
	const model = await llama.loadModel({ modelPath: file, useMmap: false });
	const context = await model.createContext({
		contextSize: 128, batchSize: 128, threads: 1, flashAttention: false,
		experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32",
	});
	const all = { temperature: 1, topK: 0, topP: 1, minP: 0 };
	const input = prompt.map((id, i) => i + 1 < prompt.length ? id : [id, { generateNext: { probabilities: true, options: all } }]);
	const out = await context.getSequence().controlledEvaluate(input);
	const probabilities = [];
	for (const [id, p] of out[prompt.length - 1].next.probabilities)
		probabilities[id] = p;
	const ids = texts.map(text => [...model.tokenize(text)].map(Number));
	await model.dispose();
	return { file, ids, probabilities };
}

for (const job of JSON.parse(fs.readFileSync(process.argv[2])))
	console.log(JSON.stringify(await run(job)));
process.exit(0);
