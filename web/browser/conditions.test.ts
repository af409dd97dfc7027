import assert from "node:assert/strict";
import { test } from "node:test";
import { type Condition, holds } from "./conditions";

const pain: Condition = [["pain", "!", "none"]];
const answers = (of: Record<string, string[]>) => (id: string) => of[id] ?? [];

test("what is not answered makes no test hold", () => {
  for (const op of ["=", "!", "<", ">", "<=", ">="]) assert.equal(holds([["a", op, "1"]], answers({})), false, op);
});

test("the comparisons", () => {
  assert.equal(holds(true, answers({})), true);
  assert.equal(holds(false, answers({})), false);
  assert.equal(holds(pain, answers({ pain: ["knee"] })), true);
  assert.equal(holds(pain, answers({ pain: ["none"] })), false);
  assert.equal(holds([["a", "=", "x", "y"]], answers({ a: ["z", "y"] })), true);
  assert.equal(holds([["age", "<", "18"]], answers({ age: ["17"] })), true);
  assert.equal(holds([["age", "<", "18"]], answers({ age: ["18"] })), false);
  assert.equal(holds([["age", "<", "18"]], answers({ age: ["seventeen"] })), false);
  assert.equal(holds([["a", "=", "x"], ["age", ">=", "18"]], answers({ age: ["18"] })), true);
});
