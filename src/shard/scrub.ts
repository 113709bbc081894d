/**
 * Reads everything that is on the devices, now and then, and looks whether it is what was written:
 * rot that nobody reads must be found while there is redundancy to mend it.
 *
 * One pass goes through the catalog in the order of the blobs, at a bounded rate, four times as
 * fast once it found damage: where one sector rots, others do (Schroeder, Damouras, Gill:
 * "Understanding latent sector errors and how to protect against them", FAST 2010). Its place is
 * written down now and then, so that a pass goes on after a restart.
 */
import { ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Clock, TimerHandle, Timers } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import type { BlobEntry } from '../metadata/index.js';
import { noteFinding, stripeToCheck } from './blob-repair.js';
import type { BlobCompute } from './blob-tasks.js';
import { ByteRate } from './byte-rate.js';
import type { DamagedFragments } from './damaged-fragments.js';
import { decodeManifest, type Manifest } from './manifest.js';
import type { BlobCatalog, RepairBlobs, RepairDevices } from './repair-ports.js';
import type { RepairSlab } from './repair-slab.js';
import type { ScrubNote, ScrubPlace } from './scrub-note.js';
import { slotBytes, stripeCount, stripeLength } from './stripe-layout.js';
import { asThemisError } from './task-error.js';

export interface ScrubParts {
  readonly catalog: BlobCatalog;
  readonly devices: RepairDevices;
  readonly blobs: RepairBlobs;
  readonly compute: BlobCompute;
  readonly slab: RepairSlab;
  readonly kernel: Kernel;
  readonly damaged: DamagedFragments;
  readonly place: ScrubPlace;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly bytesPerSecond: number;
  /** Told before each stripe: resolves when it may be read, rejects when it must not. */
  readonly pace: () => Promise<void>;
  /** Told after each stripe: fragments that were sound, those that were not, bytes read. */
  readonly verified: (sound: number, damaged: number, bytes: number) => void;
  /** A blob has damage. */
  readonly found: (entry: BlobEntry, manifest: Manifest) => void;
  /** Told what went wrong with a pass; it goes on later. */
  readonly failed: (error: ThemisError) => void;
}

export interface ScrubResult {
  readonly blobs: number;
  readonly fragments: number;
  readonly damaged: number;
  readonly bytes: number;
}

/** What a pass that somebody waits for tells. */
export type ScrubProgress = (result: ScrubResult) => void;

const fresh: ScrubNote = { passMs: 0, after: 0, found: 0, completedMs: 0 };

export class Scrub {
  readonly #parts: ScrubParts;
  readonly #rate: ByteRate;
  #note: ScrubNote = fresh;
  #notedMs = 0;
  #isStopped = true;
  #background: Promise<void> = Promise.resolve();
  #pause: { readonly timer: TimerHandle; readonly end: () => void } | null = null;

  constructor(parts: ScrubParts) {
    this.#parts = parts;
    this.#rate = new ByteRate(parts.clock, parts.timers);
  }

  /** Seconds since the oldest value was verified: since the last whole pass began. */
  get ageSeconds(): number {
    const { passMs, completedMs } = this.#note;
    const since = completedMs > 0 ? completedMs : passMs;
    return since === 0 ? 0 : Math.max(0, (this.#parts.clock.wallMs() - since) / 1000);
  }

  /** Goes through everything again and again. */
  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#background = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#rate.release();
    this.#pause?.timer.cancel();
    this.#pause?.end();
    await this.#background;
  }

  /** One whole pass, now, as fast as devices are. Throws THEMIS_CLOSED, and as the catalog. */
  async pass(progress: ScrubProgress): Promise<ScrubResult> {
    const counts = { blobs: 0, fragments: 0, damaged: 0, bytes: 0 };
    await this.#forEachBlob(0, async (entry) => {
      if (this.#isStopped) throw closedError();
      const found = await this.#scrubBlob(entry, null);
      counts.blobs += 1;
      counts.fragments += found.fragments;
      counts.damaged += found.damaged;
      counts.bytes += found.bytes;
      progress({ ...counts });
    });
    return counts;
  }

  async #run(): Promise<void> {
    const { compute, place, clock } = this.#parts;
    await this.#attempt(async () => {
      this.#note = (await compute.run('read-scrub-note', place)) ?? fresh;
    });
    while (!this.#isStopped) {
      if (this.#note.passMs === 0) this.#note = { ...this.#note, passMs: clock.wallMs() };
      const isThrough = await this.#attempt(() => this.#backgroundPass());
      // A pass that was cut off by a fault goes on where it was.
      await this.#rest(isThrough ? limits.scrubPauseMs : limits.repairRetryMs);
    }
  }

  /** False when it threw, which is told. */
  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      const told = asThemisError(error, 'the scrub');
      if (told.code !== 'THEMIS_CLOSED') this.#parts.failed(told);
      return false;
    }
  }

  /** The rest of the pass that the note tells of. */
  async #backgroundPass(): Promise<void> {
    await this.#forEachBlob(this.#note.after, async (entry) => {
      if (this.#isStopped) return;
      const { damaged } = await this.#scrubBlob(entry, this.#rate);
      if (this.#isStopped) return;
      this.#note = { ...this.#note, after: entry.blob, found: this.#note.found + damaged };
      await this.#writeNote(false);
    });
    if (this.#isStopped) return;
    this.#note = { passMs: 0, after: 0, found: 0, completedMs: this.#note.passMs };
    await this.#writeNote(true);
  }

  async #writeNote(isLast: boolean): Promise<void> {
    const { compute, place, clock } = this.#parts;
    const now = clock.monotonicMs();
    if (!isLast && now - this.#notedMs < limits.scrubNoteMs) return;
    this.#notedMs = now;
    const note = this.#note;
    await this.#attempt(async () => {
      await compute.run('write-scrub-note', { place, note });
    });
  }

  async #rest(ms: number): Promise<void> {
    if (this.#isStopped) return;
    await new Promise<void>((resolve) => {
      const timer = this.#parts.timers.after(ms, resolve);
      this.#pause = { timer, end: resolve };
    });
  }

  async #forEachBlob(after: number, visit: (entry: BlobEntry) => Promise<void>): Promise<void> {
    let last = after;
    while (!this.#isStopped) {
      const entries = await this.#parts.catalog.list(last, limits.surveyBatch);
      for (const entry of entries) {
        await visit(entry);
        last = entry.blob;
      }
      if (entries.length === 0) return;
    }
    throw closedError();
  }

  /** Reads and verifies one blob, now. Throws THEMIS_CLOSED. */
  async verify(entry: BlobEntry): Promise<Omit<ScrubResult, 'blobs'>> {
    if (this.#isStopped) throw closedError();
    return this.#scrubBlob(entry, null);
  }

  async #scrubBlob(entry: BlobEntry, rate: ByteRate | null): Promise<Omit<ScrubResult, 'blobs'>> {
    const { blobs } = this.#parts;
    const counts = { fragments: 0, damaged: 0, bytes: 0 };
    const manifest = this.#manifestOf(entry);
    if (manifest === null) return counts;
    blobs.pin(entry.blob);
    try {
      const stripes = stripeCount(manifest);
      for (let stripe = 0; stripe < stripes && !this.#isStopped; stripe++) {
        await this.#parts.pace();
        const { sound, damaged, bytes } = await this.#scrubStripe(manifest, stripe);
        counts.fragments += sound + damaged;
        counts.damaged += damaged;
        counts.bytes += bytes;
        const haste = this.#note.found + counts.damaged > 0 ? limits.scrubHaste : 1;
        if (!this.#isStopped) await rate?.take(bytes, this.#parts.bytesPerSecond * haste);
      }
    } finally {
      blobs.unpin(entry.blob);
    }
    if (counts.damaged > 0) this.#parts.found(entry, manifest);
    return counts;
  }

  /** Null for one that is damaged, which stops nobody. */
  #manifestOf({ manifest }: BlobEntry): Manifest | null {
    try {
      return decodeManifest(this.#parts.kernel, manifest);
    } catch (error) {
      this.#parts.failed(asThemisError(error, 'reading a manifest'));
      return null;
    }
  }

  async #scrubStripe(manifest: Manifest, stripe: number) {
    const { compute, slab, devices, place } = this.#parts;
    const { blob } = manifest;
    const offset = await slab.take(slotBytes(manifest, stripeLength(manifest, stripe)));
    try {
      const { clusterId } = place;
      const toCheck = stripeToCheck(manifest, stripe, offset, { devices, slab, clusterId });
      const check = await compute.run('scrub-stripe', toCheck);
      const damage = check.findings.filter((finding) =>
        noteFinding(this.#parts, { blob, stripe }, finding, toCheck.places[finding.number] ?? null),
      );
      if (check.parityDiffers) this.#parts.failed(parityError(blob, stripe));
      this.#parts.verified(check.sound, damage.length, check.bytes);
      return { sound: check.sound, damaged: damage.length, bytes: check.bytes };
    } finally {
      slab.free(offset);
    }
  }
}

function parityError(blob: number, stripe: number): ThemisError {
  const message =
    `Every fragment of stripe ${stripe} of blob ${blob} is as it was written, and yet its parity ` +
    'is not that of its data: it was written wrong. Write the value again, and report this.';
  return new ThemisError('THEMIS_BLOB_LOST', message);
}

function closedError(): ThemisError {
  return new ThemisError('THEMIS_CLOSED', 'The scrub was stopped before it was through.');
}
