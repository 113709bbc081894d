/** A key-value store in memory as a contestant, with faults on request. */
import type { LoadedPeer, Peer, PeerEntry } from '../../bench/kv/index.js';

export type MemoryFault = 'none' | 'loses every tenth put' | 'returns other values';

export interface MemoryPeerLog {
  opened: number;
  closed: number;
  puts: number;
  deletes: number;
}

const nothingYet = (): MemoryPeerLog => ({ opened: 0, closed: 0, puts: 0, deletes: 0 });

/** What loads it under any name; stores live as long as this, by folder. */
export function memoryPeers(fault: MemoryFault = 'none', log: MemoryPeerLog = nothingYet()) {
  const stores = new Map<string, Map<string, Uint8Array>>();
  const load = async (name: string): Promise<LoadedPeer> => ({
    kind: 'loaded',
    module: {
      name,
      version: '1',
      durability: { sync: 'memory', buffered: 'memory, too' },
      writesOnly: name.endsWith('-group'),
      open: async (folder) => {
        const store = stores.get(folder) ?? new Map<string, Uint8Array>();
        stores.set(folder, store);
        log.opened += 1;
        return peerOf(store, fault, log);
      },
    },
  });
  return { load, log };
}

function peerOf(store: Map<string, Uint8Array>, fault: MemoryFault, log: MemoryPeerLog): Peer {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const name = (key: Uint8Array): string => Buffer.from(key).toString('latin1');
  const read = (key: Uint8Array): Uint8Array | undefined => {
    const value = store.get(name(key));
    return fault === 'returns other values' && value !== undefined
      ? Uint8Array.from(value, (byte) => byte ^ 1)
      : value;
  };
  const sorted = (): [string, Uint8Array][] =>
    [...store.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    put: async (key, value) => {
      await turn();
      log.puts += 1;
      if (fault === 'loses every tenth put' && log.puts % 10 === 0) return;
      store.set(name(key), value);
    },
    del: async (key) => {
      await turn();
      log.deletes += 1;
      store.delete(name(key));
    },
    get: async (key) => {
      await turn();
      return read(key);
    },
    getSync: read,
    getMany: async (keys) => {
      await turn();
      return keys.map(read);
    },
    load: async (entries: PeerEntry[]) => {
      for (const [key, value] of entries) store.set(name(key), value);
    },
    scan: async (start, count) => {
      await turn();
      const found = sorted().filter(([key]) => key >= name(start));
      return found.slice(0, count).reduce((bytes, [key, v]) => bytes + key.length + v.length, 0);
    },
    readAll: async (visit) => {
      await turn();
      const all = sorted();
      visit(
        all.length,
        all.reduce((bytes, [key, value]) => bytes + key.length + value.length, 0),
      );
    },
    settle: async () => undefined,
    pending: () => 0,
    close: async () => {
      log.closed += 1;
    },
  };
}
