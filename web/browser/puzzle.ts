// The work that a form asks of a browser, so that a program cannot send thousands of them for nothing (clinic.Puzzle). It is done while the visitor
// types, a few milliseconds at a time, so that the page answers meanwhile.
import { blockOf, hash } from "./sha256";

const parts = 16;
const slice = 8; // ms

/** Search looks for the number of each part. */
export class Search {
  private readonly bits: number;
  private readonly seed = new Uint8Array(37);
  private readonly out = new Uint32Array(8);
  private block: Uint32Array;
  private n = 0;
  private readonly numbers: number[] = [];

  constructor(puzzle: string) {
    this.bits = Number(puzzle.split(".")[1]);
    this.seed.set(seedOf(puzzle));
    this.block = this.begin();
  }

  /** proof is what is sent, or undefined until all is found. */
  get proof(): string | undefined {
    return this.numbers.length === parts ? this.numbers.join(",") : undefined;
  }

  private begin(): Uint32Array {
    this.seed[32] = this.numbers.length;
    this.n = 0;
    return blockOf(this.seed);
  }

  /** go tries so many numbers. */
  go(tries: number): void {
    for (let i = 0; i < tries && this.numbers.length < parts; i++) {
      // The number is the bytes 33 to 36: the lower three of one word and the first of the next.
      this.block[8] = ((this.seed[32]! << 24) | (this.n >>> 8)) >>> 0;
      this.block[9] = (((this.n & 0xff) << 24) | 0x800000) >>> 0;
      hash(this.block, this.out);
      if (Math.clz32(this.out[0]!) < this.bits) {
        this.n++;
        continue;
      }
      this.numbers.push(this.n);
      if (this.numbers.length < parts) this.block = this.begin();
    }
  }
}

/** seedOf is what stands for the puzzle in each hash: its letters in pieces of 23, each hashed together with the hash of those before. */
export function seedOf(puzzle: string): Uint8Array {
  const text = new TextEncoder().encode(puzzle);
  const out = new Uint32Array(8);
  let seed = new Uint8Array(32);
  for (let at = 0; at < text.length; at += 23) {
    const piece = text.subarray(at, at + 23);
    const bytes = new Uint8Array(32 + piece.length);
    bytes.set(seed);
    bytes.set(piece, 32);
    hash(blockOf(bytes), out);
    seed = new Uint8Array(32);
    const view = new DataView(seed.buffer);
    out.forEach((word, i) => view.setUint32(4 * i, word));
  }
  return seed;
}

/** solvePuzzle solves the puzzle of a form. A form that is sent before it is solved goes as soon as it is. */
export function solvePuzzle(field: HTMLInputElement): void {
  const form = field.form;
  if (!form) return;
  const search = new Search(field.dataset.proof ?? "");
  let waiting: HTMLElement | null | undefined; // the button that was pressed
  field.value = "";
  const work = () => {
    const until = performance.now() + slice;
    while (search.proof === undefined && performance.now() < until) search.go(100);
    if (search.proof === undefined) {
      window.setTimeout(work);
      return;
    }
    field.value = search.proof;
    waiting?.click();
  };
  form.addEventListener("submit", (event) => {
    if (field.value !== "") return;
    event.preventDefault();
    waiting = event.submitter ?? form.querySelector<HTMLElement>("[data-enter]");
    form.querySelector("[data-main]")?.setAttribute("aria-busy", "true");
  });
  work();
}
