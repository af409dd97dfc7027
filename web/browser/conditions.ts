// Which questions are asked, as package intake decides it (intake.ClientCondition). The server decides again when the
// page is sent; this only shows and hides.

/** One test of a condition: the question's id, the comparison, the values. */
export type Test = [question: string, op: string, ...values: string[]];

/** true: always asked; false: never; a list: asked when one of the tests holds. */
export type Condition = boolean | Test[];

/** holds says whether a question is asked. answerOf gives the non-empty values of another question, none while hidden. */
export function holds(condition: Condition, answerOf: (question: string) => string[]): boolean {
  if (typeof condition === "boolean") return condition;
  return condition.some(([question, op, ...values]) => testHolds(answerOf(question), op, values));
}

function testHolds(answer: string[], op: string, values: string[]): boolean {
  const first = answer[0];
  if (first === undefined) return false;
  const number = toNumber(first);
  const bound = toNumber(values[0] ?? "");
  switch (op) {
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
