/** What repair has done since the store was opened: for people, and in the metrics. */
import type { ThemisError } from '../base/index.js';
import type { Clock } from '../io/index.js';
import type { RepairMetrics } from './repair-metrics.js';

export interface RepairTotals {
  readonly totalScans: number;
  readonly totalRepairsAttempted: number;
  readonly totalRepairsSuccessful: number;
  readonly totalRepairsFailed: number;
  readonly totalDocumentsScanned: number;
  readonly avgRepairTimeMs: number;
  /** Wall clock in milliseconds; null for never. */
  readonly lastScanTime: number | null;
  readonly lastRepairTime: number | null;
}

type Counted = Pick<
  RepairMetrics,
  'scans' | 'documentsScanned' | 'attempts' | 'successes' | 'failures' | 'durationSeconds'
>;

export class RepairTally {
  readonly #clock: Clock;
  readonly #metrics: Counted;
  #scans = 0;
  #scanned = 0;
  #attempted = 0;
  #successful = 0;
  #failed = 0;
  #repairMs = 0;
  #lastScan: number | null = null;
  #lastRepair: number | null = null;
  #lastError: string | null = null;

  constructor(clock: Clock, metrics: Counted) {
    this.#clock = clock;
    this.#metrics = metrics;
  }

  get lastScan(): number | null {
    return this.#lastScan;
  }

  get lastRepair(): number | null {
    return this.#lastRepair;
  }

  /** What went wrong last, until everything was whole. */
  get lastError(): string | null {
    return this.#lastError;
  }

  get totals(): RepairTotals {
    return {
      totalScans: this.#scans,
      totalRepairsAttempted: this.#attempted,
      totalRepairsSuccessful: this.#successful,
      totalRepairsFailed: this.#failed,
      totalDocumentsScanned: this.#scanned,
      avgRepairTimeMs: this.#successful === 0 ? 0 : this.#repairMs / this.#successful,
      lastScanTime: this.#lastScan,
      lastRepairTime: this.#lastRepair,
    };
  }

  surveyed(documents: number): void {
    this.#scans += 1;
    this.#scanned += documents;
    this.#lastScan = Math.floor(this.#clock.wallMs());
    this.#metrics.scans.inc();
    this.#metrics.documentsScanned.add(documents);
  }

  attempted(): void {
    this.#attempted += 1;
    this.#metrics.attempts.inc();
  }

  succeeded(tookMs: number): void {
    this.#successful += 1;
    this.#repairMs += tookMs;
    this.#lastRepair = Math.floor(this.#clock.wallMs());
    this.#metrics.successes.inc();
    this.#metrics.durationSeconds.observe(tookMs / 1000);
  }

  failed(error: ThemisError): void {
    this.#failed += 1;
    this.#metrics.failures.inc();
    this.note(error);
  }

  /** Something went wrong; that the engine was stopped is nothing of that kind. */
  note(error: ThemisError): void {
    if (error.code !== 'THEMIS_CLOSED') this.#lastError = error.message;
  }

  allIsWhole(): void {
    this.#lastError = null;
  }
}
