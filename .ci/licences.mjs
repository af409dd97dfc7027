// Usage: node .ci/licences.mjs SBOM PACKAGE-LOCK
// Every library in the program and in what browsers load has a licence that lets a clinic use it and us pass it on.
import { readFileSync } from "node:fs";

const [, , sbom, lock] = process.argv;
const read = (file) => JSON.parse(readFileSync(file, "utf8"));
const good = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD-Source-Code", "ISC", "MIT", "MPL-2.0", "Unlicense"]);
// The licence of these is not recognised by the tool that reads it; a person has.
const known = new Map([["github.com/pressly/goose/v3", "MIT"]]);
// What esbuild puts into web/dist; everything else of npm only builds and tests.
const shipped = ["htmx.org", "idiomorph", "sortablejs"];

const all = read(sbom).components.map((c) => ({
	name: c.name,
	licences: known.has(c.name) ? [known.get(c.name)] : (c.evidence?.licenses ?? []).map((l) => l.license?.id ?? l.license?.name),
}));
const packages = read(lock).packages;
for (const name of shipped) {
	all.push({ name, licences: [packages[`node_modules/${name}`]?.license].filter(Boolean) });
}

const wrong = all.filter((c) => c.licences.length === 0 || !c.licences.every((l) => good.has(l)));
for (const c of wrong) {
	console.error(`${c.name}: ${c.licences.join(", ") || "no licence was found"}`);
}
const counts = new Map();
for (const l of all.flatMap((c) => c.licences)) {
	counts.set(l, (counts.get(l) ?? 0) + 1);
}
console.log(`${all.length} libraries: ${[...counts].map(([l, n]) => `${l} ${n}`).join(", ")}`);
process.exit(wrong.length === 0 ? 0 : 1);
