/**
 * The order of the folders of src, as data. A folder imports only from lines above its own;
 * folders on one line never import each other; types count. README.md prints the same table.
 */
export interface Layer {
  readonly folder: string;
  readonly what: string;
}

/** Line 0 first. A folder that does not exist yet keeps its place. */
export const layers: readonly (readonly Layer[])[] = [
  [{ folder: 'base', what: 'vocabulary without I/O: errors, assertions, bytes, units' }],
  [{ folder: 'config', what: 'every limit, and the options of the public API' }],
  [
    { folder: 'io', what: 'side effects behind interfaces: files, clock, timers, random numbers' },
    { folder: 'telemetry', what: 'instruments only: counter, gauge, histogram' },
  ],
  [
    { folder: 'kernel', what: 'arithmetic over bytes: portable TypeScript, addon, loader' },
    { folder: 'resilience', what: 'deadline, retry budget, breaker' },
    { folder: 'security', what: 'identities and certificates' },
    { folder: 'pool', what: 'threads, and the typed protocol with their workers' },
    { folder: 'fencing', what: 'epoch, lease, token: what the storage itself checks' },
  ],
  [
    { folder: 'wal', what: 'segments, records, group commit, recovery, snapshots' },
    { folder: 'device', what: 'fragments on devices: volumes, index, scrub' },
    { folder: 'discovery', what: 'registries, resolvers, balancers' },
  ],
  [{ folder: 'consensus', what: 'the replicated log: a pure step function and its driver' }],
  [
    { folder: 'metadata', what: 'versioned state applied from the log' },
    { folder: 'failover', what: 'failure detector and promotion' },
  ],
  [
    { folder: 'transaction', what: 'two-phase, three-phase, saga, percolator' },
    { folder: 'shard', what: 'one replica of a shard, blobs, repair' },
  ],
  [{ folder: 'engine', what: 'composes the above into the public store' }],
  [
    { folder: 'rpc', what: 'the gRPC edge' },
    { folder: 'slo', what: 'objectives, burn rates, alerts' },
  ],
  [{ folder: 'admin', what: 'command line, HTTP API' }],
  [{ folder: 'server', what: 'composition root of a node' }],
];

/** The name under which src/index.ts takes part in the order: beside server, below everything. */
export const rootFolder = 'index.ts';

/** Narrower than the order: imports that the lines would allow and the design does not. */
export const forbidden: readonly { readonly from: string; readonly to: string }[] = [
  { from: 'consensus', to: 'wal' }, // It declares the log that it consumes; others connect them.
  { from: 'engine', to: 'security' }, // An embedded store has no peers.
];

/** Folders of src that a thread entry may name; engine wires what runs in a thread, too. */
export const workersMayImport: readonly string[] = [
  'base',
  'config',
  'io',
  'telemetry',
  'kernel',
  'pool',
  'wal',
  'device',
  'metadata',
  'shard',
  'engine',
];

/** The line of a folder, or -1 for a folder that the order does not know. */
export function rankOf(folder: string): number {
  if (folder === rootFolder) return layers.length - 1;
  return layers.findIndex((line) => line.some((layer) => layer.folder === folder));
}

/** The map for README.md: only folders that exist, in the order of the lines. */
export function printLayerMap(exists: (folder: string) => boolean): string {
  const rows: string[] = [];
  layers.forEach((line, rank) => {
    line
      .filter((layer) => exists(layer.folder))
      .forEach((layer, position) => {
        const number = position === 0 ? String(rank).padStart(2) : '  ';
        rows.push(`${number}  ${layer.folder.padEnd(12)} ${layer.what}`);
      });
  });
  return rows.join('\n');
}
