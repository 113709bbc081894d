/** SQLite with group commit in the application: one transaction for all that wait. */
import { createRequire } from 'node:module';
import { groupCommit } from './group-commit.mjs';
import { sqlitePeer } from './sqlite-peer.mjs';

export const name = 'better-sqlite3-group';
export const version = createRequire(import.meta.url)('better-sqlite3/package.json').version;
export const durability = { sync: 'WAL, FULL, per group', buffered: 'WAL, NORMAL' };
export const writesOnly = true;

/** @param options `{ durability: 'sync' | 'buffered' }` */
export async function open(folder, options) {
  const { peer, applyAll } = sqlitePeer(folder, options.durability);
  const write = groupCommit(async (batch) => applyAll(batch));
  return {
    ...peer,
    put: (key, value) => write('put', key, value),
    del: (key) => write('del', key),
  };
}
