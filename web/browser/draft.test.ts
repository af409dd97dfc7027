import assert from "node:assert/strict";
import { test } from "node:test";
import { draftLife, forgetDrafts, parseDraft } from "./draft";

const now = 1_800_000_000_000;

/** storage is a Storage with entries: their keys are its own, as in a browser. */
function storage(entries: Record<string, string>): Storage {
  const kept = { ...entries } as Record<string, string>;
  Object.defineProperty(kept, "getItem", { value: (key: string) => kept[key] ?? null });
  Object.defineProperty(kept, "removeItem", { value: (key: string) => delete kept[key] });
  return kept as unknown as Storage;
}

const typed = (at: number) => JSON.stringify({ at, revision: "3", values: { height: ["158"] } });

test("a draft lasts an hour", () => {
  assert.deepEqual(parseDraft(typed(now - draftLife + 1), now)?.values, { height: ["158"] });
  for (const text of [typed(now - draftLife), typed(now + 1), null, "", "{", "null", "[]", '{"height":["158"]}', "7"]) {
    assert.equal(parseDraft(text, now), undefined, String(text));
  }
});

test("what has ended is forgotten, and what is too old", () => {
  const kept = storage({
    "draft:book": typed(now - draftLife), "draft:/intake/a/goal": typed(now), "draft:/intake/a/more": typed(now), "draft:/intake/b/goal": typed(now), other: "x",
  });
  forgetDrafts(kept, ["/intake/a"], now);
  assert.deepEqual(Object.keys(kept), ["draft:/intake/b/goal", "other"]);
});
