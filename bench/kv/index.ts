/**
 * bench/kv: Themis and its peers as key-value stores, with the workloads of db_bench and YCSB.
 * May import: harness, and base of src; the engine only through its public API.
 */
export { keyOf, Shuffle, stampedKey, ValueSource } from './data.js';
export type { DurabilityMode, LoadedPeer, Peer, PeerEntry, PeerModule } from './peer.js';
export { loadPeer, peerNames, themisName } from './peers.js';
export { type KvLoad, type KvRun, loadKv, runKv } from './run.js';
export { type KvSuiteOptions, type KvSuiteResult, runKvSuite } from './suite.js';
export { type Dataset, Meter, type Workload, type WorkloadContext } from './workload.js';
export { workloadNames, workloadsOf } from './workloads.js';
export { ycsbKeyOf, ycsbValueBytes } from './ycsb.js';
