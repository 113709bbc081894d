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
import { isThemisError, type ThemisError } from '../base/index.js';
import type { Clock, RandomStream, TimerHandle, Timers } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import type { BlobEntry } from '../metadata/index.js';
import { BlobRepair } from './blob-repair.js';
import type { BlobCompute } from './blob-tasks.js';
import { CatalogSurvey, type SurveyCounts } from './catalog-survey.js';
import { DamagedFragments } from './damaged-fragments.js';
import { HotSpares, type SpareStatus } from './hot-spare.js';
import { JobRunner } from './job-runner.js';
import type { RepairOutcome } from './job-scope.js';
import { decodeManifest, type Manifest } from './manifest.js';
import type { FragmentDamage } from './read-judge.js';
import { spareOf, surveyBlob } from './redundancy-survey.js';
import { defaultRepairConfig, type RepairConfig } from './repair-config.js';
import type { RepairJob } from './repair-jobs.js';
import { type RepairMetrics, spareLabel, spareLabels } from './repair-metrics.js';
import { RepairPace } from './repair-pace.js';
import type { BlobCatalog, RepairBlobs, RepairDevices, RepairDeviceView } from './repair-ports.js';
import { RepairQueue } from './repair-queue.js';
import { RepairSlab } from './repair-slab.js';
import { RepairTally, type RepairTotals } from './repair-tally.js';
import { Scrub } from './scrub.js';
import type { ScrubPlace } from './scrub-note.js';
import { type ShardHealthReport, statusCodes, statusOf } from './shard-health-report.js';
import { SurplusCopies } from './surplus-copies.js';
import { asThemisError } from './task-error.js';

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
  /** What differs from defaultRepairConfig. */
  readonly config?: Partial<RepairConfig>;
  /** True while the foreground has work that repair should not compete with. */
  readonly isBusy: () => boolean;
  /** True for folders that the store made for itself and may make again. */
  readonly isOwnFolder: (path: string) => boolean;
}

/** A device that comes back may still be loading when the first is made. */
const surplusPasses = 2;

export class ShardRepairEngine {
  readonly #parts: ShardRepairParts;
  readonly #config: RepairConfig;
  readonly #queue = new RepairQueue();
  readonly #damaged = new DamagedFragments();
  readonly #jobs: JobRunner;
  readonly #tally: RepairTally;
  readonly #pace: RepairPace;
  readonly #slab: RepairSlab;
  readonly #repair: BlobRepair;
  readonly #scrub: Scrub;
  readonly #spares: HotSpares;
  readonly #survey: CatalogSurvey;
  readonly #surplus: SurplusCopies;
  readonly #running = new Map<number, Promise<void>>();
  /** Blobs that lack something, and how many more fragments each can lose. */
  readonly #incomplete = new Map<number, number>();
  readonly #timers: TimerHandle[] = [];
  #surveying: Promise<SurveyCounts> | null = null;
  #isSurveyWanted = false;
  /** Of the last survey; null when none was whole. */
  #counts: SurveyCounts | null = null;
  /** Changes of devices: a survey that one fell into proves nothing. */
  #deviceChanges = 0;
  /** Passes to make for copies too many. */
  #surplusPasses = surplusPasses;
  #tidying: Promise<void> | null = null;
  #isRunning = false;

  constructor(parts: ShardRepairParts) {
    this.#parts = parts;
    this.#config = { ...defaultRepairConfig, ...parts.config };
    const { clock, random, devices, compute, place, metrics } = parts;
    this.#jobs = new JobRunner({
      clock,
      isInLine: (blob) => this.#queue.has(blob),
      begun: () => {
        // Whoever asks does not wait for the next attempt.
        this.#queue.unpark(this.#now);
        this.#work();
      },
      lastError: () => this.#tally.lastError,
    });
    this.#tally = new RepairTally(clock, metrics);
    this.#pace = new RepairPace(parts);
    const pace = () => this.#pace.turn();
    const failed = (error: ThemisError) => this.#tally.note(error);
    this.#slab = new RepairSlab(random);
    const shared = { devices, compute, slab: this.#slab, damaged: this.#damaged };
    const { clusterId } = place;
    this.#surplus = new SurplusCopies({ ...parts, ...shared, clusterId, pace });
    this.#repair = new BlobRepair({
      ...shared,
      clusterId,
      rebuilt: (fragments, bytes) => {
        metrics.fragmentsRebuilt.add(fragments);
        metrics.readBytes.add(bytes);
      },
      pace,
    });
    this.#scrub = new Scrub({
      ...parts,
      ...shared,
      bytesPerSecond: parts.scrubBytesPerSecond,
      pace,
      verified: (sound, damaged, bytes) => {
        metrics.fragmentsVerified.add(sound);
        metrics.fragmentsDamaged.add(damaged);
        metrics.readBytes.add(bytes);
      },
      found: (_, manifest) => this.#enqueue(manifest),
      failed,
    });
    const { repairBatchSize: batch } = this.#config;
    this.#survey = new CatalogSurvey({ ...parts, damaged: this.#damaged, batch });
    this.#spares = new HotSpares({
      ...parts,
      isNeeded: () => this.#isDeviceNeeded,
      replaced: () => this.#wantSurvey(),
      failed,
    });
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Begins: a survey at once, then one now and then, and the scrub. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#pace.start();
    this.#jobs.start();
    const { timers, devices } = this.#parts;
    const { scanIntervalMs, repairPollIntervalMs, enablePeriodicScan } = this.#config;
    if (enablePeriodicScan) {
      this.#timers.push(timers.every(scanIntervalMs, () => this.#wantSurvey()));
    }
    this.#timers.push(timers.every(repairPollIntervalMs, () => this.#work()));
    for (const device of devices.devices) this.#spares.deviceChanged(device);
    this.#wantSurvey();
    this.#scrub.start();
  }

  /** Lets what is under way end where it may, and ends jobs without success. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    for (const timer of this.#timers.splice(0)) timer.cancel();
    this.#pace.stop();
    this.#jobs.stop();
    await this.#spares.stop();
    await this.#scrub.stop();
    await Promise.all(this.#running.values());
    // Its failure was noted where it began.
    await this.#surveying?.catch(() => undefined);
    await this.#tidying;
    await this.#jobs.ended();
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
    this.#deviceChanges += 1;
    // It may be one that came back, with copies of what was made anew meanwhile.
    if (device.state === 'rebuilding') this.#surplusPasses = surplusPasses;
    // What could not be repaired before may be possible now.
    this.#queue.unpark(this.#now);
    this.#wantSurvey();
  }

  /** Spares, and how far those are that take the place of a failed device. */
  getSpares(): SpareStatus[] {
    return this.#spares.statuses;
  }

  /**
   * Surveys everything and repairs what is missing. Returns the job's id. Throws THEMIS_OVERLOADED
   * when too many jobs are under way.
   */
  triggerRepair(onChange?: (job: RepairJob) => void): string {
    const what = { shardId, documentId: '', isFullScan: false };
    return this.#jobs.begin(what, onChange, everything, async (tell) => {
      const { scanned } = await this.#surveyNow();
      tell({ documentsScanned: scanned, documentsTotal: scanned });
      return this.#incomplete.keys();
    });
  }

  /** Reads and verifies everything at full speed, and repairs what is not well. */
  triggerFullScan(onChange?: (job: RepairJob) => void): string {
    const what = { shardId, documentId: '', isFullScan: true };
    return this.#jobs.begin(what, onChange, everything, async (tell) => {
      const { scanned, bytes: bytesTotal } = await this.#surveyNow();
      tell({ documentsTotal: scanned, bytesTotal });
      await this.#scrub.pass(({ blobs, bytes }) => {
        tell({ documentsScanned: blobs, bytes });
      });
      return this.#incomplete.keys();
    });
  }

  /** Reads, verifies and repairs the value of one key. */
  triggerDocumentRepair(key: Uint8Array, onChange?: (job: RepairJob) => void): string {
    const documentId = Buffer.from(key).toString('utf8');
    let own = 0;
    const isOwn = (blob: number): boolean => blob === own;
    const what = { shardId, documentId, isFullScan: false };
    return this.#jobs.begin(what, onChange, isOwn, async (tell) => {
      const entry = await this.#parts.catalog.find(key);
      if (entry === null) return [];
      own = entry.blob;
      const { bytes } = await this.#scrub.verify(entry);
      this.#enqueue(decodeManifest(this.#parts.kernel, entry.manifest));
      tell({ documentsScanned: 1, documentsTotal: 1, bytes });
      return this.#incomplete.has(own) ? [own] : [];
    });
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
      isSurveyed: this.#counts?.unreadable === 0,
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
        lastScan: this.#tally.lastScan,
        lastRepair: this.#tally.lastRepair,
        lastError: this.#tally.lastError,
      },
    ];
  }

  getRepairMetrics(): RepairTotals {
    return this.#tally.totals;
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

  get #mayRepair(): boolean {
    return this.#isRunning && (this.#config.enableAutoRepair || this.#jobs.isAsked);
  }

  /** True while something is not whole, or fewer devices work than a value needs. */
  get #isDeviceNeeded(): boolean {
    if (this.#incomplete.size > 0 || this.#counts === null) return true;
    const working = this.#parts.devices.devices.filter(
      ({ role, state }) => role === 'active' && state !== 'failed',
    );
    return working.length < this.#counts.widthMax;
  }

  #wantSurvey(): void {
    if (!this.#isRunning) return;
    this.#isSurveyWanted = true;
    if (this.#surveying !== null) return;
    void this.#surveyNow().catch((error: unknown) => {
      if (!isThemisError(error)) throw error;
      this.#tally.note(error);
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
    } catch (error) {
      // What was known before is no knowledge any more.
      this.#counts = null;
      throw error;
    } finally {
      this.#surveying = null;
      if (this.#isSurveyWanted) this.#wantSurvey();
      this.#spares.review();
      this.#work();
    }
  }

  async #runSurvey(): Promise<SurveyCounts> {
    const changes = this.#deviceChanges;
    const found = new Map<number, number>();
    const counts = await this.#survey.run({
      isStopped: () => !this.#isRunning,
      incomplete: (blob, spare) => {
        found.set(blob, spare);
        this.#incomplete.set(blob, spare);
        this.#queue.add(blob, spare, this.#now);
      },
      unreadable: (error) => this.#tally.note(error),
    });
    for (const blob of this.#incomplete.keys()) {
      if (!found.has(blob) && !this.#running.has(blob)) this.#whole(blob, 'gone');
    }
    this.#tally.surveyed(counts.scanned);
    this.#counts = counts;
    const isProof = found.size === 0 && counts.unreadable === 0;
    if (isProof && changes === this.#deviceChanges) this.#allIsWhole();
    return counts;
  }

  /** A whole survey, during which no device changed, found nothing missing. */
  #allIsWhole(): void {
    const { devices } = this.#parts;
    const damaged = this.#damaged.devices();
    this.#tally.allIsWhole();
    for (const { number, state } of devices.devices) {
      if (state === 'rebuilding') devices.endRebuild(number);
      else if (state === 'degraded' && !damaged.has(number)) devices.reportHealed(number);
    }
    this.#spares.allIsWhole();
    if (this.#surplusPasses === 0 || this.#tidying !== null) return;
    this.#surplusPasses -= 1;
    this.#tidying = this.#tidy().finally(() => {
      this.#tidying = null;
    });
  }

  /** Lets go of copies that are too many. What it cannot do now, it does after another survey. */
  async #tidy(): Promise<void> {
    try {
      await this.#surplus.tidyAll((blob) => this.#running.has(blob));
    } catch (error) {
      this.#surplusPasses = surplusPasses;
      this.#tally.note(asThemisError(error, 'letting go of copies'));
    }
  }

  #enqueue(manifest: Manifest): void {
    const { devices } = this.#parts;
    const surveys = surveyBlob(manifest, devices, this.#damaged.has.bind(this.#damaged));
    if (surveys.length === 0) {
      if (!this.#running.has(manifest.blob)) this.#whole(manifest.blob, 'gone');
      return;
    }
    const spare = spareOf(manifest, surveys);
    this.#incomplete.set(manifest.blob, spare);
    this.#queue.add(manifest.blob, spare, this.#now);
    this.#work();
  }

  /** Nothing of the blob is missing, or nobody needs it any more. */
  #whole(blob: number, outcome: RepairOutcome): void {
    this.#incomplete.delete(blob);
    this.#queue.done(blob);
    this.#jobs.settled(blob, outcome);
  }

  /** Starts as many repairs as may run. */
  #work(): void {
    while (this.#mayRepair && this.#running.size < this.#config.maxConcurrentRepairs) {
      const blob = this.#queue.next(this.#now, (one) => this.#running.has(one));
      if (blob === null) break;
      const ended = this.#repairBlob(blob).finally(() => {
        this.#running.delete(blob);
        this.#work();
        // The survey after the last repair is what says that all is well.
        if (this.#running.size === 0 && !this.#queue.hasReady(this.#now)) this.#wantSurvey();
      });
      this.#running.set(blob, ended);
    }
  }

  async #repairBlob(blob: number): Promise<void> {
    const { catalog, blobs, kernel } = this.#parts;
    const began = this.#now;
    const changes = this.#deviceChanges;
    blobs.pin(blob);
    try {
      const [entry] = await catalog.list(blob - 1, 1);
      if (entry?.blob !== blob) {
        // No readable value names it: it died, or is not applied yet and a survey finds it.
        this.#damaged.removeBlob(blob);
        this.#whole(blob, 'gone');
        return;
      }
      this.#tally.attempted();
      await this.#repair.run(decodeManifest(kernel, entry.manifest));
      this.#tally.succeeded(this.#now - began);
      this.#whole(blob, 'repaired');
    } catch (error) {
      const isOutdated = changes !== this.#deviceChanges;
      this.#repairFailed(blob, asThemisError(error, 'the repair of a value'), isOutdated);
    } finally {
      blobs.unpin(blob);
    }
  }

  /** `isOutdated`: devices changed meanwhile, so that it may be possible now. */
  #repairFailed(blob: number, error: ThemisError, isOutdated: boolean): void {
    if (error.code === 'THEMIS_CLOSED') return;
    this.#tally.failed(error);
    // It stays in line; each further attempt needs a further change.
    if (isOutdated) return;
    if (error.code === 'THEMIS_BLOB_LOST') this.#incomplete.set(blob, -1);
    this.#queue.park(blob, this.#now, error.message);
    this.#jobs.settled(blob, 'failed');
  }
}

function everything(): boolean {
  return true;
}
