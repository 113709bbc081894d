/** Compares all of the catalog with the index of fragments, some blobs at a time. Reads no device. */
import { ThemisError } from '../base/index.js';
import type { Kernel } from '../kernel/index.js';
import type { BlobEntry } from '../metadata/index.js';
import type { DamagedFragments } from './damaged-fragments.js';
import { decodeManifest, type Manifest } from './manifest.js';
import { spareOf, surveyBlob } from './redundancy-survey.js';
import type { BlobCatalog, RepairDevices } from './repair-ports.js';
import { slotBytes } from './stripe-layout.js';
import { asThemisError } from './task-error.js';

export interface SurveyParts {
  readonly catalog: BlobCatalog;
  readonly devices: RepairDevices;
  readonly kernel: Kernel;
  readonly damaged: DamagedFragments;
  /** Blobs that are asked for at once. */
  readonly batch: number;
}

export interface SurveyCounts {
  readonly scanned: number;
  readonly incomplete: number;
  /** Manifests that are damaged: of these values nothing is known. */
  readonly unreadable: number;
  /** What all fragments take on devices. */
  readonly bytes: number;
  /** Fragments of the widest stripe: so many devices are needed. */
  readonly widthMax: number;
}

export interface SurveyListener {
  readonly isStopped: () => boolean;
  /** A blob lacks something; it can lose `spare` more fragments, and is lost below 0. */
  readonly incomplete: (blob: number, spare: number) => void;
  /** A manifest is damaged; the survey goes on. */
  readonly unreadable: (error: ThemisError) => void;
}

export class CatalogSurvey {
  readonly #parts: SurveyParts;

  constructor(parts: SurveyParts) {
    this.#parts = parts;
  }

  /** Throws THEMIS_CLOSED when it was stopped, and what the catalog throws: then nothing is known. */
  async run({ isStopped, incomplete, unreadable }: SurveyListener): Promise<SurveyCounts> {
    const { catalog, devices, damaged, batch } = this.#parts;
    const isDamaged = damaged.has.bind(damaged);
    const counts = { scanned: 0, incomplete: 0, unreadable: 0, bytes: 0, widthMax: 0 };
    let after = 0;
    for (;;) {
      if (isStopped()) throw new ThemisError('THEMIS_CLOSED', 'The survey was stopped.');
      const entries = await catalog.list(after, batch);
      if (entries.length === 0) return counts;
      for (const entry of entries) {
        after = entry.blob;
        counts.scanned += 1;
        const manifest = this.#manifestOf(entry, unreadable);
        if (manifest === null) {
          counts.unreadable += 1;
          continue;
        }
        counts.bytes += deviceBytes(manifest);
        counts.widthMax = Math.max(counts.widthMax, manifest.data + manifest.parity);
        const surveys = surveyBlob(manifest, devices, isDamaged);
        if (surveys.length === 0) continue;
        counts.incomplete += 1;
        incomplete(entry.blob, spareOf(manifest, surveys));
      }
    }
  }

  #manifestOf({ manifest }: BlobEntry, unreadable: SurveyListener['unreadable']): Manifest | null {
    try {
      return decodeManifest(this.#parts.kernel, manifest);
    } catch (error) {
      unreadable(asThemisError(error, 'reading a manifest'));
      return null;
    }
  }
}

/** What the fragments of a value take, headers included. */
function deviceBytes(manifest: Manifest): number {
  const { length, stripeBytes } = manifest;
  const full = Math.floor(length / stripeBytes);
  const rest = length - full * stripeBytes;
  return full * slotBytes(manifest, stripeBytes) + (rest > 0 ? slotBytes(manifest, rest) : 0);
}
