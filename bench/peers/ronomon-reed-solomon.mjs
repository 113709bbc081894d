/** @ronomon/reed-solomon: an addon that codes with XORs of bit matrices, in the threads of libuv. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const ReedSolomon = require('@ronomon/reed-solomon');

export const name = '@ronomon/reed-solomon';
export const version = require('@ronomon/reed-solomon/package.json').version;

/** Two jobs are under way, so that its thread has the next one at hand when one ends. */
const inFlight = 2;

/** @param stripe shards one behind the other, data first */
export async function open({ stripe, data, parity }) {
  const context = ReedSolomon.create(data, parity);
  const split = (stripe.length / (data + parity)) * data;
  const dataBytes = Buffer.from(stripe.buffer, stripe.byteOffset, split);
  const parityBytes = Buffer.from(stripe.buffer, stripe.byteOffset + split, stripe.length - split);
  const mask = (first, count) => (2 ** count - 1) * 2 ** first;

  /** Runs `calls` jobs from sources to targets, both masks of shards. */
  const code = (calls, sources, targets) =>
    new Promise((resolve, reject) => {
      let started = 0;
      let ended = 0;
      const start = () => {
        started += 1;
        ReedSolomon.encode(
          ...[context, sources, targets, dataBytes, 0, dataBytes.length],
          ...[parityBytes, 0, parityBytes.length, done],
        );
      };
      const done = (error) => {
        ended += 1;
        if (error) reject(error);
        else if (ended === calls) resolve();
        else if (started < calls) start();
      };
      for (let i = 0; i < Math.min(inFlight, calls); i++) start();
    });
  return {
    encode: (calls) => code(calls, mask(0, data), mask(data, parity)),
    decode: (calls) => code(calls, mask(parity, data), mask(0, parity)),
  };
}
