import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "./note";
import { asHiragana, begun, matching } from "./phrases";

const all = [
  { shortcut: "うんどう", text: "運動を週2回。" },
  { shortcut: "うんせ", text: "運動の説明書をお渡しした。" },
  { shortcut: "ひにん", text: "避妊の説明をした。" },
];

test("a phrase is begun by a semicolon, narrow or wide, and ended by anything that is no letter", () => {
  assert.deepEqual(begun("方針を照会。;うん", 9), { from: 6, typed: "うん" });
  assert.deepEqual(begun("；", 1), { from: 0, typed: "" });
  assert.equal(begun("a; b", 4), undefined);
  assert.equal(begun("うんどう", 4), undefined);
  assert.deepEqual(begun(";うん。", 3), { from: 0, typed: "うん" });
});

test("shortcuts are found in hiragana, katakana and wide letters", () => {
  assert.deepEqual(matching(all, "ウン").map((p) => p.shortcut), ["うんどう", "うんせ"]);
  assert.deepEqual(matching(all, "").length, 3);
  assert.deepEqual(matching(all, "x"), []);
  assert.equal(asHiragana("ＵＮＤＯ"), "undo");
});

test("a note is saved a second after the last key, and a second and a half after the first at the latest", () => {
  assert.equal(delay(0, 0, 0), 1000);
  assert.equal(delay(0, 900, 900), 600);
  assert.equal(delay(0, 1400, 1600), 0);
});
