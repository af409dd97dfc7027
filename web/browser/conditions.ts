// Which questions are asked, as package intake decides it (intake.ClientCondition). The server decides again when the
// page is sent; this only shows and hides.

/** One test of a condition: the question's id, the comparison, the values. */
export type Test = [question: string, op: string, ...values: string[]];

/** true: always asked; false: never; a list: asked when one of the alternatives holds, which are a test or tests that must all hold. */
export type Condition = boolean | (Test | Test[])[];

/** holds says whether a question is asked. answerOf gives the non-empty values of another question, none while hidden. */
export function holds(condition: Condition, answerOf: (question: string) => string[]): boolean {
  if (typeof condition === "boolean") return condition;
  return condition.some((alternative) =>
    testsOf(alternative).every(([question, op, ...values]) => testHolds(answerOf(question), op, values)),
  );
}

function testsOf(alternative: Test | Test[]): Test[] {
  return Array.isArray(alternative[0]) ? (alternative as Test[]) : [alternative as Test];
}

function testHolds(answer: string[], op: string, values: string[]): boolean {
  const first = answer[0];
  if (first === undefined) return false;
  // Of a test that counts, the values behind the bound are the options that exclude all others, which are no choice.
  const counting = op.startsWith("#");
  const number = counting ? answer.filter((value) => !values.slice(1).includes(value)).length : toNumber(first);
  const bound = toNumber(values[0] ?? "");
  switch (counting ? op.slice(1) : op) {
    case "=":
      return answer.some((value) => values.includes(value));
    case "!":
      return !answer.some((value) => values.includes(value));
    case "<":
      return number < bound;
    case ">":
      return number > bound;
    case "<=":
      return number <= bound;
    case ">=":
      return number >= bound;
  }
  return false;
}

/** What is no number compares as false with everything. */
function toNumber(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}
