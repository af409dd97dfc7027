import assert from "node:assert/strict";
import { test } from "node:test";
import { arrivals, counted } from "./news";

test("a booking that was not there before is new once", () => {
  assert.deepEqual(arrivals(new Set(["/a", "/b"]), ["/b", "/c", "/c", "/a"]), ["/c"]);
  assert.deepEqual(arrivals(new Set(), []), []);
});

test("the title has the number of new bookings, and loses it", () => {
  assert.equal(counted("予約表", 1), "(1) 予約表");
  assert.equal(counted("(1) 予約表", 12), "(12) 予約表");
  assert.equal(counted("(12) 予約表", 0), "予約表");
});
