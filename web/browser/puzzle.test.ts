import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Search, seedOf } from "./puzzle";
import { blockOf, hash, longest } from "./sha256";

function hex(bytes: Uint8Array): string {
  const out = new Uint32Array(8);
  hash(blockOf(bytes), out);
  return [...out].map((word) => word.toString(16).padStart(8, "0")).join("");
}

test("SHA-256 of one block is as FIPS 180-4 has it", () => {
  const text = (s: string) => new TextEncoder().encode(s);
  assert.equal(hex(text("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(hex(text("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  for (let length = 0; length <= longest; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length * 11) & 0xff);
    assert.equal(hex(bytes), createHash("sha256").update(bytes).digest("hex"), `${length} bytes`);
  }
  assert.throws(() => blockOf(new Uint8Array(longest + 1)));
});

// The vector that the server's check is held to as well (internal/clinic/puzzle_test.go).
test("a puzzle is solved as the server checks it, in pieces of any size", () => {
  for (const tries of [1, 7, 100_000]) {
    const search = new Search("1796000000.8.0.sign");
    let rounds = 0;
    while (search.proof === undefined && rounds++ < 100_000) search.go(tries);
    assert.equal(search.proof, "371,217,67,199,763,233,139,234,330,103,366,809,6,413,121,593");
    search.go(100);
    assert.equal(search.proof, "371,217,67,199,763,233,139,234,330,103,366,809,6,413,121,593");
  }
});

test("a seed is of all of a puzzle", () => {
  assert.notDeepEqual(seedOf("a".repeat(40)), seedOf("a".repeat(39) + "b"));
});
