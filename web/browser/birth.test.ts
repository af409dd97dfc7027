import assert from "node:assert/strict";
import { test } from "node:test";
import { age, eraHint, eraOf, narrow, readDay, readYear, yearIn } from "./birth";

test("a year is read as it is typed", () => {
  for (const [typed, year] of [["1990", 1990], ["１９９０年", 1990], ["平成2", 1990], ["H2", 1990], ["ｈ２", 1990], ["平成元年", 1989], ["令和元", 2019], ["S64", 1989], ["昭和 60 年", 1985], ["平2", 1990], ["㍻2", 1990], ["昭63年", 1988], ["㋿元", 2019], ["西暦1990年", 1990], ["平成1990", 1990]] as const) {
    assert.equal(readYear(typed), year, typed);
  }
  for (const typed of ["", "90", "平成", "X3", "平成0", "19900"]) assert.ok(Number.isNaN(readYear(typed)), typed);
});

test("the era beside the year counts where the year does not say its own", () => {
  for (const [era, typed, year] of [["", "1990", 1990], ["平成", "2", 1990], ["平成", "２年", 1990], ["平成", "1990", 1990], ["昭和", "平成2", 1990], ["昭和", "㍻2", 1990]] as const) {
    assert.equal(readYear(yearIn(era, typed)), year, era + typed);
  }
  assert.ok(Number.isNaN(readYear(yearIn("平成", ""))));
});

test("eras change on their day", () => {
  assert.equal(eraOf({ year: 2019, month: 4, day: 30 }), "平成31年");
  assert.equal(eraOf({ year: 2019, month: 5, day: 1 }), "令和元年");
  assert.equal(eraOf({ year: 1989, month: 1, day: 7 }), "昭和64年");
  assert.equal(eraOf({ year: 1989, month: 1, day: 8 }), "平成元年");
  assert.equal(eraOf({ year: 1926, month: 12, day: 24 }), "大正15年");
  assert.equal(eraOf({ year: 1900, month: 1, day: 1 }), "");
});

test("a year with two eras shows both until the day is known", () => {
  assert.equal(eraHint("1989", "", ""), "（昭和64年／平成元年）");
  assert.equal(eraHint("1989", "1", "7"), "（昭和64年）");
  assert.equal(eraHint("1990", "", ""), "（平成2年）");
  assert.equal(eraHint("1912", "", ""), "（大正元年）");
  assert.equal(eraHint("x", "1", "1"), "");
});

test("a day that does not exist is no day", () => {
  assert.equal(readDay("1990", "2", "29"), undefined);
  assert.equal(readDay("1990", "", "1"), undefined);
  assert.deepEqual(readDay("１９９２", "２月", "29日"), { year: 1992, month: 2, day: 29 });
});

test("age counts completed years", () => {
  const on = { year: 2026, month: 11, day: 24 };
  assert.equal(age({ year: 2008, month: 11, day: 24 }, on), 18);
  assert.equal(age({ year: 2008, month: 11, day: 25 }, on), 17);
  assert.equal(age({ year: 2008, month: 2, day: 29 }, { year: 2026, month: 2, day: 28 }), 17);
});

test("full-width signs become plain", () => assert.equal(narrow("　ＡＢ１２　"), "AB12"));
