import assert from "node:assert/strict";
import { test } from "node:test";
import { arrivals, counted, differing } from "./news";

test("a booking that was not there before is new once", () => {
  assert.deepEqual(arrivals(new Set(["/a", "/b"]), ["/b", "/c", "/c", "/a"]), ["/c"]);
  assert.deepEqual(arrivals(new Set(), []), []);
});

test("the title has the number of new bookings, and loses it", () => {
  assert.equal(counted("予約表", 1), "(1) 予約表");
  assert.equal(counted("(1) 予約表", 12), "(12) 予約表");
  assert.equal(counted("(12) 予約表", 0), "予約表");
});

test("what was not there and what says something else is new, and what is gone is not", () => {
  const before = new Map([["strip-med", "未回答"], ["line-hx", "脂質異常症"], ["gone", "x"]]);
  const now = new Map([["strip-med", "ワルファリン"], ["line-hx", "脂質異常症"], ["line-meds", "ワルファリン"]]);
  assert.deepEqual(differing(before, now), ["strip-med", "line-meds"]);
  assert.deepEqual(differing(before, before), []);
});
