import assert from "node:assert/strict";
import { test } from "node:test";
import { left } from "./countdown";

const texts = { minutes: "あと%分", seconds: "あと%秒", over: "時間が過ぎました" };

test("what is left is rounded up", () => {
  assert.equal(left(600_000, texts), "あと10分");
  assert.equal(left(540_001, texts), "あと10分");
  assert.equal(left(60_001, texts), "あと2分");
  assert.equal(left(60_000, texts), "あと60秒");
  assert.equal(left(1, texts), "あと1秒");
  assert.equal(left(0, texts), "時間が過ぎました");
});
