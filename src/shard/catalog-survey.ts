/** Compares all of the catalog with the index of fragments, some blobs at a time. Reads no device. */
import { ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';
import type { DamagedFragments } from './damaged-fragments.js';
import { decodeManifest } from './manifest.js';
import { spareOf, surveyBlob } from './redundancy-survey.js';
import type { BlobCatalog, RepairDevices } from './repair-ports.js';

export interface SurveyParts {
  readonly catalog: BlobCatalog;
  readonly devices: RepairDevices;
  readonly kernel: Kernel;
  readonly damaged: DamagedFragments;
}

export interface SurveyCounts {
  readonly scanned: number;
  readonly incomplete: number;
}

export interface SurveyListener {
  readonly isStopped: () => boolean;
  /** A blob lacks something; it can lose `spare` more fragments, and is lost below 0. */
  readonly incomplete: (blob: number, spare: number) => void;
}

export class CatalogSurvey {
  readonly #parts: SurveyParts;

  constructor(parts: SurveyParts) {
    this.#parts = parts;
  }

  /** Throws THEMIS_CLOSED when it was stopped, and what the catalog throws: then nothing is known. */
  async run({ isStopped, incomplete }: SurveyListener): Promise<SurveyCounts> {
    const { catalog, devices, kernel, damaged } = this.#parts;
    const isDamaged = damaged.has.bind(damaged);
    let after = 0;
    let scanned = 0;
    let found = 0;
    for (;;) {
      if (isStopped()) throw new ThemisError('THEMIS_CLOSED', 'The survey was stopped.');
      const entries = await catalog.list(after, limits.surveyBatch);
      if (entries.length === 0) return { scanned, incomplete: found };
      for (const entry of entries) {
        const manifest = decodeManifest(kernel, entry.manifest);
        const surveys = surveyBlob(manifest, devices, isDamaged);
        after = entry.blob;
        scanned += 1;
        if (surveys.length === 0) continue;
        found += 1;
        incomplete(entry.blob, spareOf(manifest, surveys));
      }
    }
  }
}
