import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOf, toBytes, toText } from "./passkey";

test("bytes go to base64url and back", () => {
  for (const bytes of [[], [0], [251, 255], [251, 255, 190], Array.from({ length: 256 }, (_, i) => i)]) {
    const text = toText(new Uint8Array(bytes).buffer);
    assert.doesNotMatch(text, /[+/=]/);
    assert.deepEqual([...toBytes(text)], bytes);
  }
  assert.equal(toText(new Uint8Array([251, 255]).buffer), "-_8");
});

test("what a browser says went wrong has a sentence", () => {
  for (const [name, problem] of [["NotAllowedError", "cancelled"], ["AbortError", "cancelled"], ["InvalidStateError", "twice"], ["SecurityError", "elsewhere"], ["TypeError", "failed"], ["", "failed"]] as const) {
    assert.equal(problemOf(name), problem);
  }
});
