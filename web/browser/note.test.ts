import assert from "node:assert/strict";
import { test } from "node:test";
import { delay, follows } from "./note";

test("a save has a larger number than the one before, also in the same millisecond and when the clock is set back", () => {
  assert.equal(follows(0, 1000), 1000);
  assert.equal(follows(1000, 1000), 1001);
  assert.equal(follows(1001, 400), 1002);
});

test("what is typed waits for a second of silence, and for a second and a half at the most", () => {
  assert.equal(delay(1000, 1000, 1000), 1000);
  assert.equal(delay(1000, 2400, 2400), 100);
  assert.equal(delay(1000, 2600, 2600), 0);
});
