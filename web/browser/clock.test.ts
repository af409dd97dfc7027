import assert from "node:assert/strict";
import { test } from "node:test";
import { moved, readClock, writeClock } from "./clock";

test("times are read as the server reads them", () => {
  for (const [typed, want] of [["9:30", 570], ["0930", 570], ["９：３０", 570], ["9", 540], ["24:00", 1440], ["", null], ["24:01", null], ["昼", null]] as const) {
    assert.equal(readClock(typed), want, typed);
  }
  assert.equal(writeClock(570), "09:30");
  assert.equal(writeClock(1440), "24:00");
});

test("a span moves within its day and keeps its length", () => {
  assert.deepEqual(moved(600, 780, 15, 15), [615, 795]);
  assert.deepEqual(moved(0, 60, -15, -15), [0, 60]);
  assert.deepEqual(moved(1380, 1440, 15, 15), [1380, 1440]);
});

test("a span keeps a quarter of an hour when its ends are moved", () => {
  assert.deepEqual(moved(600, 660, 0, -120), [600, 615]);
  assert.deepEqual(moved(600, 660, 120, 0), [645, 660]);
  assert.deepEqual(moved(600, 660, 0, 9999), [600, 1440]);
});
