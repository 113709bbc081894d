/** What the two packages of one WASM codec have in common: shards are copied in and results out. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The adapter of a package that exports ReedSolomonErasure. */
export function adapterOf(name) {
  const { ReedSolomonErasure } = require(name);
  const folder = join(dirname(require.resolve(name)), '..');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

  /** @param stripe shards one behind the other, data first */
  async function open({ stripe, data, parity }) {
    const codec = await ReedSolomonErasure.fromCurrentDirectory();
    const available = Array.from({ length: data + parity }, (_, i) => i >= parity);
    const repeat = (calls, code) => {
      for (let i = 0; i < calls; i++) {
        const result = code();
        if (result !== ReedSolomonErasure.RESULT_OK) throw new Error(`${name} gave ${result}`);
      }
    };
    return {
      encode: (calls) => repeat(calls, () => codec.encode(stripe, data, parity)),
      decode: (calls) => repeat(calls, () => codec.reconstruct(stripe, data, parity, available)),
    };
  }
  return { version, open };
}
