/** classic-level with group commit in the application: one synced batch at a time. */
import { createRequire } from 'node:module';
import { ClassicLevel } from 'classic-level';
import { groupCommit } from './group-commit.mjs';
import { levelPeer } from './level-peer.mjs';

export const name = 'classic-level-group';
export const version = createRequire(import.meta.url)('classic-level/package.json').version;
export const durability = { sync: 'fdatasync per group', buffered: 'none' };
export const writesOnly = true;

/** @param options `{ durability: 'sync' | 'buffered' }` */
export async function open(folder, options) {
  const db = new ClassicLevel(folder, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
  await db.open();
  const sync = options.durability === 'sync';
  const write = groupCommit((batch) => db.batch(batch, { sync }));
  return {
    ...levelPeer(db),
    put: (key, value) => write('put', key, value),
    del: (key) => write('del', key),
  };
}
