/** lmdb-js: puts are grouped into transactions by lmdb itself; durable when `flushed` resolves. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { open as openLmdb } from 'lmdb';

const entry = createRequire(import.meta.url).resolve('lmdb');

export const name = 'lmdb';
export const version = versionAbove(entry);
export const durability = { sync: 'put + flushed', buffered: 'put' };
export const writesOnly = false;

/** @param options `{ durability: 'sync' | 'buffered' }` */
export async function open(folder, options) {
  const db = openLmdb({ path: folder, keyEncoding: 'binary', encoding: 'binary' });
  const sync = options.durability === 'sync';
  const durable = async (write) => {
    await write;
    if (sync) await db.flushed;
  };
  return {
    put: (key, value) => durable(db.put(key, value)),
    del: (key) => durable(db.remove(key)),
    get: async (key) => db.get(key),
    getSync: (key) => db.get(key),
    getMany: (keys) => db.getMany(keys),
    load: (entries) =>
      db.transaction(() => {
        for (const [key, value] of entries) db.put(key, value);
      }),
    async scan(start, count) {
      let bytes = 0;
      for (const { key, value } of db.getRange({ start, limit: count })) {
        bytes += key.length + value.length;
      }
      return bytes;
    },
    async readAll(visit) {
      let count = 0;
      let bytes = 0;
      for (const { key, value } of db.getRange({})) {
        bytes += key.length + value.length;
        count += 1;
        if (count < 1000) continue;
        if (!visit(count, bytes)) return;
        count = 0;
        bytes = 0;
      }
      if (count > 0) visit(count, bytes);
    },
    settle: () => db.flushed,
    pending: () => null,
    close: () => db.close(),
  };
}

/** lmdb does not export its package.json. */
function versionAbove(file) {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const parsed = JSON.parse(readFileSync(manifest, 'utf8'));
    if (parsed.name === 'lmdb') return parsed.version;
  }
  return 'unknown';
}
