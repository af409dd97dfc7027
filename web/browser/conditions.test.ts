import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Condition, holds } from "./conditions";

// The cases that package intake decides, too: both must say the same. npm runs the tests in the folder web.
interface Case {
  name: string;
  questions: { id: string; when: Condition }[];
  form: Record<string, string[]>;
  shown: string[];
}

const cases = JSON.parse(readFileSync("../internal/intake/testdata/conditions.json", "utf8")) as Case[];

for (const { name, questions, form, shown } of cases) {
  test(`as package intake decides it: ${name}`, () => {
    const asked = new Set(questions.map(({ id }) => id));
    const visible = new Set<string>();
    // A hidden question counts as unanswered; what is no question of the page is a fact, such as the age.
    const answerOf = (id: string) => (asked.has(id) && !visible.has(id) ? [] : (form[id] ?? []).filter((value) => value.trim() !== ""));
    for (const { id, when } of questions) if (holds(when, answerOf)) visible.add(id);
    assert.deepEqual([...visible], shown);
  });
}

test("there are cases", () => assert.ok(cases.length > 10));
