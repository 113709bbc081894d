/** classic-level (LevelDB), each put on its own with `sync: true`. */
import { createRequire } from 'node:module';
import { ClassicLevel } from 'classic-level';
import { levelPeer } from './level-peer.mjs';

export const name = 'classic-level';
export const version = createRequire(import.meta.url)('classic-level/package.json').version;
export const durability = { sync: 'fdatasync per put', buffered: 'none' };
export const writesOnly = false;

/** @param options `{ durability: 'sync' | 'buffered' }` */
export async function open(folder, options) {
  const db = new ClassicLevel(folder, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
  await db.open();
  const sync = options.durability === 'sync';
  return {
    ...levelPeer(db),
    put: (key, value) => db.put(key, value, { sync }),
    del: (key) => db.del(key, { sync }),
  };
}
