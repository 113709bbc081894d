/**
 * Keeps a shard's large values whole, by itself: compares what must be on the devices with what is
 * there, repairs what is missing, reads everything now and then, and puts spares in the place of
 * devices that fail.
 *
 *   survey --+
 *   scrub  --+--> queue (least redundancy first) --> repairs, a few at a time --> survey again
 *   reads  --+
 *
 * A device that is being rebuilt is healthy again when a whole survey after the last repair found
 * nothing missing: that is a proof, and the end of a job is not.
 */
import { isThemisError, messageOf, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Clock, RandomStream, TimerHandle, Timers } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import type { BlobEntry } from '../metadata/index.js';
import { BlobRepair } from './blob-repair.js';
import type { BlobCompute } from './blob-tasks.js';
import { CatalogSurvey, type SurveyCounts } from './catalog-survey.js';
import { DamagedFragments } from './damaged-fragments.js';
import { HotSpares } from './hot-spare.js';
import { decodeManifest, type Manifest } from './manifest.js';
import type { FragmentDamage } from './read-judge.js';
import { spareOf, surveyBlob } from './redundancy-survey.js';
import { type RepairJob, RepairJobs } from './repair-jobs.js';
import { type RepairMetrics, spareLabel, spareLabels } from './repair-metrics.js';
import type { BlobCatalog, RepairBlobs, RepairDevices, RepairDeviceView } from './repair-ports.js';
import { RepairQueue } from './repair-queue.js';
import { RepairSlab } from './repair-slab.js';
import { Scrub } from './scrub.js';
import type { ScrubPlace } from './scrub-note.js';
import { type ShardHealthReport, statusCodes, statusOf } from './shard-health-report.js';

/** The one shard of an embedded store. */
export const shardId = '0';

export interface ShardRepairParts {
  readonly catalog: BlobCatalog & {
    /** The blob that is the value of a key now; null when it is none. */
    find(key: Uint8Array): Promise<BlobEntry | null>;
  };
  readonly devices: RepairDevices;
  readonly blobs: RepairBlobs;
  readonly compute: BlobCompute;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomStream;
  readonly place: ScrubPlace;
  readonly metrics: RepairMetrics;
  readonly scrubBytesPerSecond: number;
  /** True while the foreground has work that repair should not compete with. */
  readonly isBusy: () => boolean;
  /** True for folders that the store made for itself and may make again. */
  readonly isOwnFolder: (path: string) => boolean;
}

export interface RepairTotals {
  readonly totalScans: number;
  readonly totalRepairsAttempted: number;
  readonly totalRepairsSuccessful: number;
  readonly totalRepairsFailed: number;
  readonly totalDocumentsScanned: number;
  readonly avgRepairTimeMs: number;
  readonly lastScanTime: number | null;
  readonly lastRepairTime: number | null;
}

/** How long a repair lets the foreground go first, before each stripe, in milliseconds. */
const yieldMs = 5;

export class ShardRepairEngine {
  readonly #parts: ShardRepairParts;
  readonly #queue = new RepairQueue();
  readonly #damaged = new DamagedFragments();
  readonly #jobs: RepairJobs;
  readonly #slab: RepairSlab;
  readonly #repair: BlobRepair;
  readonly #scrub: Scrub;
  readonly #spares: HotSpares;
  readonly #survey: CatalogSurvey;
  readonly #running = new Map<number, Promise<void>>();
  /** Blobs that lack something, and how many more fragments each can lose. */
  readonly #incomplete = new Map<number, number>();
  readonly #timers: TimerHandle[] = [];
  #surveying: Promise<SurveyCounts> | null = null;
  #isSurveyWanted = false;
  #counts: SurveyCounts | null = null;
  #isRunning = false;
  #onIdle: (() => void)[] = [];
  #totals = { scans: 0, attempted: 0, successful: 0, failed: 0, scanned: 0, repairMs: 0 };
  #lastScan: number | null = null;
  #lastRepair: number | null = null;
  #lastError: string | null = null;

  constructor(parts: ShardRepairParts) {
    this.#parts = parts;
    const { clock, random, devices, compute, place, metrics } = parts;
    this.#jobs = new RepairJobs(clock);
    this.#slab = new RepairSlab(random);
    const shared = { devices, compute, slab: this.#slab, damaged: this.#damaged };
    this.#repair = new BlobRepair({
      ...shared,
      clusterId: place.clusterId,
      rebuilt: (fragments, bytes) => {
        metrics.fragmentsRebuilt.add(fragments);
        metrics.readBytes.add(bytes);
      },
      pace: () => this.#pace(),
    });
    this.#scrub = new Scrub({
      ...parts,
      ...shared,
      bytesPerSecond: parts.scrubBytesPerSecond,
      verified: (sound, damaged, bytes) => {
        metrics.fragmentsVerified.add(sound);
        metrics.fragmentsDamaged.add(damaged);
        metrics.readBytes.add(bytes);
      },
      found: (_, manifest) => this.#enqueue(manifest),
      failed: (error) => this.#note(error),
    });
    this.#survey = new CatalogSurvey({ ...parts, damaged: this.#damaged });
    this.#spares = new HotSpares({
      ...parts,
      replaced: () => this.#wantSurvey(),
      failed: (error) => this.#note(error),
    });
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Begins: a survey at once, then one now and then, and the scrub. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { timers, devices } = this.#parts;
    this.#timers.push(timers.every(limits.surveyIntervalMs, () => this.#wantSurvey()));
    this.#timers.push(timers.every(limits.repairPollMs, () => this.#work()));
    for (const device of devices.devices) this.#spares.deviceChanged(device);
    this.#wantSurvey();
    this.#scrub.start();
  }

  /** Lets what is under way end where it may, and ends jobs without success. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    for (const timer of this.#timers.splice(0)) timer.cancel();
    await this.#spares.stop();
    await this.#scrub.stop();
    await Promise.all(this.#running.values());
    // Its failure was noted where it began.
    await this.#surveying?.catch(() => undefined);
    this.#tellIdle();
    for (const { jobId } of this.#jobs.active()) this.#jobs.end(jobId, stoppedError());
    this.#slab.close();
  }

  /** A read met a fragment that is not what was written. May be told of the same one often. */
  noteDamage({ blob, stripe, number }: FragmentDamage): void {
    const place = this.#parts.devices.locate(blob, stripe, number);
    if (place === null || this.#damaged.has(blob, stripe, number)) return;
    this.#parts.metrics.fragmentsDamaged.inc();
    this.#damaged.add(blob, stripe, number, place);
    this.#parts.devices.reportDamage(place.device, 'a read found damage');
    this.#queue.add(blob, 0, this.#now);
    this.#work();
  }

  /** A value was kept without some of its fragments. */
  noteIncomplete(blobs: Iterable<number>): void {
    for (const blob of blobs) this.#queue.add(blob, 0, this.#now);
    this.#work();
  }

  /** A device's state or place changed. */
  deviceChanged(device: RepairDeviceView): void {
    this.#spares.deviceChanged(device);
    if (device.state === 'healthy') return;
    // What could not be repaired before may be possible now.
    this.#queue.unpark(this.#now);
    this.#wantSurvey();
  }

  /** Surveys everything and repairs what is missing. Returns the job's id. */
  triggerRepair(onChange?: (job: RepairJob) => void): string {
    const id = this.#jobs.submit({ shardId, documentId: '', isFullScan: false }, onChange);
    void this.#runJob(id, async () => {
      const { scanned } = await this.#surveyNow();
      this.#jobs.update(id, { documentsScanned: scanned });
    });
    return id;
  }

  /** Reads and verifies everything at full speed, and repairs what is not well. */
  triggerFullScan(onChange?: (job: RepairJob) => void): string {
    const id = this.#jobs.submit({ shardId, documentId: '', isFullScan: true }, onChange);
    void this.#runJob(id, async () => {
      await this.#surveyNow();
      await this.#scrub.pass(({ blobs, bytes }) => {
        this.#jobs.update(id, { documentsScanned: blobs, bytes });
      });
    });
    return id;
  }

  /** Repairs the value of one key. */
  triggerDocumentRepair(key: Uint8Array, onChange?: (job: RepairJob) => void): string {
    const documentId = Buffer.from(key).toString('utf8');
    const id = this.#jobs.submit({ shardId, documentId, isFullScan: false }, onChange);
    void this.#runJob(id, async () => {
      const entry = await this.#parts.catalog.find(key);
      if (entry === null) return;
      this.#enqueue(decodeManifest(this.#parts.kernel, entry.manifest));
      this.#jobs.update(id, { documentsScanned: 1 });
    });
    return id;
  }

  getJobStatus(jobId: string): RepairJob | null {
    return this.#jobs.get(jobId);
  }

  getActiveJobs(): RepairJob[] {
    return this.#jobs.active();
  }

  whenDone(jobId: string): Promise<RepairJob> {
    return this.#jobs.whenDone(jobId);
  }

  getShardHealthReports(): ShardHealthReport[] {
    const devices = this.#parts.devices.devices.filter(({ role }) => role === 'active');
    const spares = [...this.#incomplete.values()];
    const unrecoverable = spares.filter((spare) => spare < 0).length;
    const degraded = spares.length - unrecoverable;
    const status = statusOf({
      isSurveyed: this.#counts !== null,
      degraded,
      unrecoverable,
      isRepairing: this.#running.size > 0 || this.#queue.hasReady(this.#now),
      devicesUnwell: devices.filter(({ state }) => state === 'failed' || state === 'degraded')
        .length,
      devicesRebuilding: devices.filter(({ state }) => state === 'rebuilding').length,
    });
    const documentsScanned = this.#counts?.scanned ?? 0;
    return [
      {
        shardId,
        status,
        documentsScanned,
        documentsHealthy: Math.max(0, documentsScanned - spares.length),
        documentsDegraded: degraded,
        documentsUnrecoverable: unrecoverable,
        lastScan: this.#lastScan,
        lastRepair: this.#lastRepair,
        lastError: this.#lastError,
      },
    ];
  }

  getRepairMetrics(): RepairTotals {
    const { scans, attempted, successful, failed, scanned, repairMs } = this.#totals;
    return {
      totalScans: scans,
      totalRepairsAttempted: attempted,
      totalRepairsSuccessful: successful,
      totalRepairsFailed: failed,
      totalDocumentsScanned: scanned,
      avgRepairTimeMs: successful === 0 ? 0 : repairMs / successful,
      lastScanTime: this.#lastScan,
      lastRepairTime: this.#lastRepair,
    };
  }

  /** Brings the gauges up to date; called before they are shown. */
  sample(): void {
    const { metrics } = this.#parts;
    const [report] = this.getShardHealthReports();
    if (report !== undefined) metrics.health.set(statusCodes[report.status]);
    metrics.degradedDocuments.set(this.#incomplete.size);
    metrics.scrubAgeSeconds.set(this.#scrub.ageSeconds);
    const counts = Object.fromEntries(spareLabels.map((label) => [label, 0]));
    for (const spare of this.#incomplete.values()) {
      const label = spareLabel(spare);
      counts[label] = (counts[label] ?? 0) + 1;
    }
    for (const label of spareLabels) metrics.documentsBySpare[label].set(counts[label] ?? 0);
  }

  get #now(): number {
    return this.#parts.clock.monotonicMs();
  }

  #note(error: ThemisError): void {
    if (error.code !== 'THEMIS_CLOSED') this.#lastError = error.message;
  }

  async #runJob(id: string, look: () => Promise<void>): Promise<void> {
    const before = { ...this.#totals };
    try {
      if (!this.#isRunning) throw stoppedError();
      this.#queue.unpark(this.#now);
      await look();
      await this.#idle();
      if (!this.#isRunning) throw stoppedError();
      this.#jobs.update(id, {
        documentsRepaired: this.#totals.successful - before.successful,
        documentsFailed: this.#incomplete.size,
      });
      this.#jobs.end(id, null);
    } catch (error) {
      const told = isThemisError(error)
        ? error
        : new ThemisError('THEMIS_TASK_FAILED', `The repair failed: ${messageOf(error)}`, error);
      this.#jobs.end(id, told);
    }
  }

  /** Resolves when nothing is repaired and nothing could be now. */
  async #idle(): Promise<void> {
    while (this.#isRunning && !this.#isIdle) {
      await new Promise<void>((resolve) => {
        this.#onIdle.push(resolve);
      });
    }
  }

  get #isIdle(): boolean {
    const isSurveying = this.#surveying !== null || this.#isSurveyWanted;
    return !isSurveying && this.#running.size === 0 && !this.#queue.hasReady(this.#now);
  }

  #tellIdle(): void {
    if (this.#isRunning && !this.#isIdle) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #wantSurvey(): void {
    if (!this.#isRunning) return;
    this.#isSurveyWanted = true;
    if (this.#surveying !== null) return;
    void this.#surveyNow().catch((error: unknown) => {
      if (!isThemisError(error)) throw error;
      this.#note(error);
    });
  }

  /** A survey that begins now, after the one that runs. */
  async #surveyNow(): Promise<SurveyCounts> {
    // The one that runs may have passed what changed since.
    await this.#surveying?.catch(() => undefined);
    if (this.#surveying !== null) return this.#surveying;
    this.#isSurveyWanted = false;
    this.#surveying = this.#runSurvey();
    try {
      return await this.#surveying;
    } finally {
      this.#surveying = null;
      if (this.#isSurveyWanted) this.#wantSurvey();
      this.#work();
      this.#tellIdle();
    }
  }

  async #runSurvey(): Promise<SurveyCounts> {
    const { metrics, clock } = this.#parts;
    const found = new Map<number, number>();
    const counts = await this.#survey.run({
      isStopped: () => !this.#isRunning,
      incomplete: (blob, spare) => {
        found.set(blob, spare);
        this.#incomplete.set(blob, spare);
        this.#queue.add(blob, spare, this.#now);
      },
    });
    for (const blob of this.#incomplete.keys()) {
      if (!found.has(blob) && !this.#running.has(blob)) this.#whole(blob);
    }
    metrics.scans.inc();
    metrics.documentsScanned.add(counts.scanned);
    this.#totals.scans += 1;
    this.#totals.scanned += counts.scanned;
    this.#counts = counts;
    this.#lastScan = Math.floor(clock.wallMs());
    if (found.size === 0) this.#allIsWhole();
    return counts;
  }

  /** A whole survey found nothing missing. */
  #allIsWhole(): void {
    const { devices } = this.#parts;
    const damaged = this.#damaged.devices();
    for (const { number, state } of devices.devices) {
      if (state === 'rebuilding') devices.endRebuild(number);
      else if (state === 'degraded' && !damaged.has(number)) devices.reportHealed(number);
    }
  }

  #enqueue(manifest: Manifest): void {
    const { devices } = this.#parts;
    const surveys = surveyBlob(manifest, devices, this.#damaged.has.bind(this.#damaged));
    if (surveys.length === 0) return;
    const spare = spareOf(manifest, surveys);
    this.#incomplete.set(manifest.blob, spare);
    this.#queue.add(manifest.blob, spare, this.#now);
    this.#work();
  }

  #whole(blob: number): void {
    this.#incomplete.delete(blob);
    this.#queue.done(blob);
  }

  /** Starts as many repairs as may run. */
  #work(): void {
    while (this.#isRunning && this.#running.size < limits.concurrentRepairsMax) {
      const blob = this.#queue.next(this.#now, (one) => this.#running.has(one));
      if (blob === null) break;
      const ended = this.#repairBlob(blob).finally(() => {
        this.#running.delete(blob);
        this.#work();
        // The survey after the last repair is what says that all is well.
        if (this.#running.size === 0 && !this.#queue.hasReady(this.#now)) this.#wantSurvey();
        this.#tellIdle();
      });
      this.#running.set(blob, ended);
    }
  }

  async #repairBlob(blob: number): Promise<void> {
    const { catalog, blobs, kernel, metrics, clock } = this.#parts;
    const began = this.#now;
    blobs.pin(blob);
    try {
      const [entry] = await catalog.list(blob - 1, 1);
      if (entry?.blob !== blob) {
        // No readable value names it: it died, or is not applied yet and a survey finds it.
        this.#damaged.removeBlob(blob);
        this.#whole(blob);
        return;
      }
      metrics.attempts.inc();
      this.#totals.attempted += 1;
      await this.#repair.run(decodeManifest(kernel, entry.manifest));
      metrics.successes.inc();
      metrics.durationSeconds.observe((this.#now - began) / 1000);
      this.#totals.successful += 1;
      this.#totals.repairMs += this.#now - began;
      this.#lastRepair = Math.floor(clock.wallMs());
      this.#whole(blob);
    } catch (error) {
      this.#repairFailed(blob, error);
    } finally {
      blobs.unpin(blob);
    }
  }

  #repairFailed(blob: number, error: unknown): void {
    if (!isThemisError(error)) throw error;
    if (error.code === 'THEMIS_CLOSED') return;
    this.#parts.metrics.failures.inc();
    this.#totals.failed += 1;
    this.#note(error);
    if (error.code === 'THEMIS_BLOB_LOST') this.#incomplete.set(blob, -1);
    this.#queue.park(blob, this.#now, error.message);
  }

  async #pace(): Promise<void> {
    if (!this.#isRunning) throw stoppedError();
    if (!this.#parts.isBusy()) return;
    await new Promise<void>((resolve) => {
      this.#parts.timers.after(yieldMs, resolve);
    });
    if (!this.#isRunning) throw stoppedError();
  }
}

function stoppedError(): ThemisError {
  return new ThemisError('THEMIS_CLOSED', 'The repair engine was stopped before the job was done.');
}
