/** What every abstract-level database has in common as a peer: all but writing. */
export function levelPeer(db) {
  return {
    get: (key) => db.get(key),
    getSync: (key) => db.getSync(key),
    getMany: (keys) => db.getMany(keys),
    load: (entries) => db.batch(entries.map(([key, value]) => ({ type: 'put', key, value }))),
    async scan(start, count) {
      const entries = await db.iterator({ gte: start, limit: count }).all();
      let bytes = 0;
      for (const [key, value] of entries) bytes += key.length + value.length;
      return bytes;
    },
    async readAll(visit) {
      const iterator = db.iterator();
      try {
        for (;;) {
          const entries = await iterator.nextv(1000);
          if (entries.length === 0) return;
          let bytes = 0;
          for (const [key, value] of entries) bytes += key.length + value.length;
          if (!visit(entries.length, bytes)) return;
        }
      } finally {
        await iterator.close();
      }
    },
    settle: async () => {},
    pending: () => null,
    close: () => db.close(),
  };
}
