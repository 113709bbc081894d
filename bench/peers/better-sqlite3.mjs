/** SQLite: WAL, synchronous=FULL, a prepared statement, one transaction per put. */
import { createRequire } from 'node:module';
import { sqlitePeer } from './sqlite-peer.mjs';

export const name = 'better-sqlite3';
export const version = createRequire(import.meta.url)('better-sqlite3/package.json').version;
export const durability = { sync: 'WAL, FULL, per put', buffered: 'WAL, NORMAL' };
export const writesOnly = false;

/** @param options `{ durability: 'sync' | 'buffered' }` */
export async function open(folder, options) {
  return sqlitePeer(folder, options.durability).peer;
}
