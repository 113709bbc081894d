/** What a running store shows: metrics, their optional port, and its status. */
import type { ThemisError } from '../base/index.js';
import { redundancyInWords, type ValidatedOptions } from '../config/index.js';
import type { ReplicatedLog } from '../consensus/index.js';
import type { PendingIndex } from '../metadata/index.js';
import type { MetricsArena } from '../telemetry/index.js';
import type { Log } from '../wal/index.js';
import type { Backend } from './backend.js';
import type { Checkpoint } from './checkpoint.js';
import { EventLoopDelay } from './event-loop-delay.js';
import type { EngineMetrics } from './metric-catalog.js';
import { Metrics } from './metrics.js';
import { startMetricsServer } from './metrics-server.js';
import type { StateClient } from './state-client.js';
import type { RecoveryReport, StoreStatus } from './status.js';
import { packageVersion } from './version.js';

export interface ObservedParts {
  readonly options: ValidatedOptions;
  readonly backend: Backend;
  readonly arena: MetricsArena;
  readonly metrics: EngineMetrics;
  readonly log: Log;
  readonly replicated: ReplicatedLog;
  readonly state: StateClient;
  readonly pending: PendingIndex;
  readonly liveSnapshots: { readonly count: number };
  readonly checkpoint: Checkpoint;
  readonly recovery: RecoveryReport;
  /** How the log syncs here. */
  readonly syncMode: string;
  readonly openWriters: () => number;
  /** Why the store cannot serve, or null. */
  readonly failure: () => ThemisError | null;
  /** Brings the gauges of large values up to date. */
  readonly sampleBlobs: () => void;
}

export class Observation {
  readonly #parts: ObservedParts;
  readonly #text: Metrics;
  #closeServer: () => Promise<void> = async () => undefined;

  constructor(parts: ObservedParts) {
    this.#parts = parts;
    const { metrics, recovery } = parts;
    metrics.recoverySeconds.set(recovery.durationMs / 1000);
    metrics.recoveryRecords.set(recovery.logRecords);
    metrics.recoveryCutBytes.set(recovery.tornTail?.bytes ?? 0);
    if (recovery.rebuilt !== null) metrics.stateRebuilds.inc();
    this.#text = new Metrics({
      arena: parts.arena,
      kernel: parts.backend.kernel.kernel.name,
      version: packageVersion(),
      eventLoop: new EventLoopDelay(),
      sample: () => this.#sample(),
    });
  }

  /** Opens the port when the options name one. Throws THEMIS_PORT_UNAVAILABLE. */
  async listen(): Promise<void> {
    const { metricsPort, metricsHost } = this.#parts.options;
    if (metricsPort === undefined) return;
    const server = await startMetricsServer({
      port: metricsPort,
      host: metricsHost,
      metricsText: () => this.#text.metricsText(),
      contentType: this.#text.contentType,
      notReadyBecause: () => this.#parts.failure()?.message ?? null,
    });
    this.#closeServer = () => server.close();
  }

  metricsText(): Promise<string> {
    return this.#text.metricsText();
  }

  status(): StoreStatus {
    const { options, backend, log, replicated, state, pending, checkpoint, recovery } = this.#parts;
    return {
      location: options.location,
      kernel: { name: backend.kernel.kernel.name, reason: backend.kernel.reason },
      durability: options.durability,
      syncMode: this.#parts.syncMode,
      redundancy: redundancyInWords(options.redundancy),
      redundancyByPrefix: prefixesInWords(options),
      committedIndex: replicated.committedIndex,
      appliedIndex: state.appliedIndex,
      pendingOperations: pending.size,
      openWriters: this.#parts.openWriters(),
      ringUsedBytes: log.usedBytes,
      ringBytes: log.memory.length,
      liveSnapshots: this.#parts.liveSnapshots.count,
      snapshotIndex: checkpoint.index,
      stateRebuilds: recovery.rebuilt === null ? 0 : 1,
      recovery,
    };
  }

  async close(): Promise<void> {
    this.#text.stop();
    await this.#closeServer();
  }

  #sample(): void {
    const { backend, metrics, log, pending, replicated, state } = this.#parts;
    metrics.ringUsedBytes.set(log.usedBytes);
    metrics.pendingOperations.set(pending.size);
    metrics.computeQueued.set(backend.computeQueued);
    metrics.applyLagOperations.set(replicated.committedIndex - state.appliedIndex);
    this.#parts.sampleBlobs();
  }
}

function prefixesInWords({ redundancyByPrefix }: ValidatedOptions): Record<string, string> {
  const rules = Object.entries(redundancyByPrefix ?? {});
  return Object.fromEntries(rules.map(([prefix, rule]) => [prefix, redundancyInWords(rule)]));
}
