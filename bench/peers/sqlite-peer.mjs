/** A key-value table in SQLite through better-sqlite3, with prepared statements. */
import Database from 'better-sqlite3';

/** @param durability `sync` is synchronous=FULL (the log is synced at each commit). */
export function sqlitePeer(folder, durability) {
  const db = new Database(`${folder}/peer.sqlite`);
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${durability === 'sync' ? 'FULL' : 'NORMAL'}`);
  db.exec('CREATE TABLE IF NOT EXISTS kv (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID');
  const insert = db.prepare('INSERT OR REPLACE INTO kv VALUES (?, ?)');
  const remove = db.prepare('DELETE FROM kv WHERE k = ?');
  const select = db.prepare('SELECT v FROM kv WHERE k = ?').pluck();
  const range = db.prepare('SELECT k, v FROM kv WHERE k >= ? ORDER BY k LIMIT ?').raw();
  const all = db.prepare('SELECT k, v FROM kv ORDER BY k').raw();
  const insertAll = db.transaction((entries) => {
    for (const [key, value] of entries) insert.run(key, value);
  });
  const applyAll = db.transaction((operations) => {
    for (const { type, key, value } of operations) {
      if (type === 'put') insert.run(key, value);
      else remove.run(key);
    }
  });
  const peer = {
    put: async (key, value) => void insert.run(key, value),
    del: async (key) => void remove.run(key),
    get: async (key) => select.get(key),
    getSync: (key) => select.get(key),
    getMany: async (keys) => keys.map((key) => select.get(key)),
    load: async (entries) => insertAll(entries),
    async scan(start, count) {
      let bytes = 0;
      for (const [key, value] of range.all(start, count)) bytes += key.length + value.length;
      return bytes;
    },
    async readAll(visit) {
      let count = 0;
      let bytes = 0;
      for (const [key, value] of all.iterate()) {
        bytes += key.length + value.length;
        count += 1;
        if (count < 1000) continue;
        if (!visit(count, bytes)) return;
        count = 0;
        bytes = 0;
      }
      if (count > 0) visit(count, bytes);
    },
    settle: async () => {},
    pending: () => null,
    close: async () => void db.close(),
  };
  return { peer, applyAll };
}
