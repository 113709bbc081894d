/** Judges what a read met: what is damage, what may have moved meanwhile, and what is lost. */
import { ThemisError } from '../base/index.js';
import type { FragmentPlace } from '../device/index.js';
import type { BlobDevices } from './blob-ports.js';
import type { PiecePlan } from './piece-plan.js';
import type { Finding } from './read-pieces.js';

/** A fragment of a value that a read could not use. */
export interface FragmentDamage {
  readonly blob: number;
  readonly stripe: number;
  readonly number: number;
  readonly device: number;
  /** `absent`: its place holds something else; `failed`: the device could not read it. */
  readonly kind: 'damaged' | 'absent' | 'failed';
  readonly why: string;
}

export interface JudgeParts {
  readonly devices: Pick<BlobDevices, 'locate' | 'reportReadFailure'>;
  /** Told once for each read that met the damage. */
  readonly damaged: (damage: FragmentDamage) => void;
}

export class ReadJudge {
  readonly #parts: JudgeParts;

  constructor(parts: JudgeParts) {
    this.#parts = parts;
  }

  /** Tells of damage. A fragment that is not where the plan says any more was moved: no damage. */
  note({ piece, places }: PiecePlan, findings: readonly Finding[]): void {
    const { devices, damaged } = this.#parts;
    const { blob, stripe } = piece;
    for (const finding of findings) {
      const { number, kind, why } = finding;
      const place = places[number] ?? null;
      if (place === null || !isSamePlace(place, devices.locate(blob, stripe, number))) continue;
      const { device } = place;
      if (finding.kind === 'failed') devices.reportReadFailure(device, finding.code, why);
      damaged({ blob, stripe, number, device, kind, why });
    }
  }

  /** True when another plan may find what this one did not: it left out a device, or is outdated. */
  mayChange({ piece, places }: PiecePlan): boolean {
    return places.some((place, number) => {
      const isLeftOut = place !== null && piece.paths[number] === -1;
      const now = this.#parts.devices.locate(piece.blob, piece.stripe, number);
      return isLeftOut || !isSamePlace(place, now);
    });
  }

  /** THEMIS_BLOB_LOST, naming what is missing and where. */
  lost({ piece }: PiecePlan, findings: readonly Finding[]): ThemisError {
    const { blob, stripe, data, parity } = piece;
    const missing: string[] = [];
    for (let number = 0; number < data + parity; number++) {
      const place = this.#parts.devices.locate(blob, stripe, number);
      const found = findings.find((one) => one.number === number);
      if (place === null) missing.push(`fragment ${number} is on no usable device`);
      else if (found !== undefined) {
        const { kind, why } = found;
        missing.push(`fragment ${number} on device ${place.device} is ${kind} (${why})`);
      }
    }
    const message =
      `Blob ${blob} has lost more than ${parity} of the ${data + parity} fragments of stripe ` +
      `${stripe}: ${missing.join('; ')}. Bring missing devices back, or restore the value.`;
    return new ThemisError('THEMIS_BLOB_LOST', message);
  }
}

function isSamePlace(a: FragmentPlace | null, b: FragmentPlace | null): boolean {
  if (a === null || b === null) return a === b;
  return a.device === b.device && a.volume === b.volume && a.offset === b.offset;
}
