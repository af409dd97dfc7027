// Builds what browsers load into dist/: NAME.HASH.js and NAME.HASH.css for patients' and for staff's pages, and the icon,
// each with a .gz beside it, and manifest.json from plain to hashed names. The Go package web embeds the folder.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const kinds = ["patient", "office", "paper"];

function script(kind) {
  const { outputFiles } = buildSync({
    entryPoints: [join(here, "browser", `${kind}.ts`)],
    bundle: true,
    minify: true,
    format: "iife",
    target: ["es2020", "safari15"],
    legalComments: "none",
    write: false,
  });
  return Buffer.from(outputFiles[0].contents);
}

function style(kind) {
  const tailwind = join(here, "node_modules/@tailwindcss/cli/dist/index.mjs");
  return execFileSync(process.execPath, [tailwind, "--input", join(here, "styles", `${kind}.css`), "--minify"], {
    cwd: here,
    stdio: ["ignore", "pipe", "ignore"], // Tailwind's progress goes to stderr; a failure still throws.
  });
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const manifest = {};
function put(name, kind, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const hashed = `${name}.${hash}.${kind}`;
  const packed = gzipSync(content, { level: 9 });
  manifest[`${name}.${kind}`] = hashed;
  writeFileSync(join(dist, hashed), content);
  writeFileSync(join(dist, `${hashed}.gz`), packed);
  console.log(`${hashed.padEnd(32)} ${String(content.length).padStart(7)} bytes, ${String(packed.length).padStart(6)} gzip`);
}

for (const kind of kinds) {
  put(kind, "js", script(kind));
  put(kind, "css", style(kind));
}
put("icon", "svg", readFileSync(join(here, "icon.svg")));
// touch.png is icon.svg at 180 pixels for a phone's home screen; share.png is what messengers show of a link to the first page.
put("touch", "png", readFileSync(join(here, "touch.png")));
put("share", "png", readFileSync(join(here, "share.png")));
writeFileSync(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
