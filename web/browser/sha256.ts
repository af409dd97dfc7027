// SHA-256 (FIPS 180-4) of what fits into one block. WebCrypto answers each call later, which for many small hashes takes longer than the hashes.

const constants = new Uint32Array(64);
const initial = new Uint32Array(8);

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of the first 8.
for (let n = 2, found = 0; found < 64; n++) {
  let prime = true;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
  if (!prime) continue;
  if (found < 8) initial[found] = (n ** (1 / 2) % 1) * 2 ** 32;
  constants[found++] = (n ** (1 / 3) % 1) * 2 ** 32;
}

/** longest is how many bytes hash takes. */
export const longest = 55;

/** blockOf lays bytes out as the one block that is hashed. */
export function blockOf(bytes: Uint8Array): Uint32Array {
  if (bytes.length > longest) throw new RangeError("this is more than one block");
  const padded = new Uint8Array(64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(60, bytes.length * 8);
  return Uint32Array.from({ length: 16 }, (_, i) => view.getUint32(4 * i));
}

const w = new Uint32Array(64);

/** hash writes the eight words of a block's hash into out. */
export function hash(block: Uint32Array, out: Uint32Array): void {
  w.set(block);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
  }
  let a = initial[0]!, b = initial[1]!, c = initial[2]!, d = initial[3]!, e = initial[4]!, f = initial[5]!, g = initial[6]!, h = initial[7]!;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + constants[i]! + w[i]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  out[0] = initial[0]! + a;
  out[1] = initial[1]! + b;
  out[2] = initial[2]! + c;
  out[3] = initial[3]! + d;
  out[4] = initial[4]! + e;
  out[5] = initial[5]! + f;
  out[6] = initial[6]! + g;
  out[7] = initial[7]! + h;
}
