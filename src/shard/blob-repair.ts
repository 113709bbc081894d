/**
 * Repairs one blob, a stripe at a time: reads what is sound, computes what is missing, writes it to
 * devices that hold nothing of the stripe, reads it back, and only then lets go of the old copies.
 *
 *   survey -> rebuild in a thread -> append (durable) -> read back -> forget the old copies
 *
 * It can be cut off anywhere: until the last step the old copies are where they were, and a copy
 * too many is as good as the other.
 */
import { type ErrorCode, isThemisError, must, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FragmentPlace, ReadPlace } from '../device/index.js';
import type { BlobCompute } from './blob-tasks.js';
import type { DamagedFragments } from './damaged-fragments.js';
import type { Manifest } from './manifest.js';
import { type StripeSurvey, surveyBlob } from './redundancy-survey.js';
import type { RepairDevices } from './repair-ports.js';
import type { RepairSlab } from './repair-slab.js';
import { fragmentLength, slotBytes, strideOf, stripeLength } from './stripe-layout.js';
import type { StripeFinding, StripeToCheck } from './stripe-tasks.js';
import { asThemisError } from './task-error.js';

/** What a blob's repair is said to have failed with, when its stripes failed with several things. */
const gravestFirst: readonly ErrorCode[] = ['THEMIS_CLOSED', 'THEMIS_BLOB_LOST'];

export interface BlobRepairParts {
  readonly devices: RepairDevices;
  readonly compute: BlobCompute;
  readonly slab: RepairSlab;
  readonly clusterId: Uint8Array;
  readonly damaged: DamagedFragments;
  /** Fragments that were made anew, and bytes that were read for that. */
  readonly rebuilt: (fragments: number, bytes: number) => void;
  /** Told between two stripes: resolves when repair may go on, rejects when it must not. */
  readonly pace: () => Promise<void>;
}

/** Where a fragment is made anew, and where it is now. */
interface Target {
  readonly number: number;
  readonly device: number;
  readonly old: readonly FragmentPlace[];
}

export class BlobRepair {
  readonly #parts: BlobRepairParts;

  constructor(parts: BlobRepairParts) {
    this.#parts = parts;
  }

  /**
   * Makes everything anew that is missing. Throws THEMIS_BLOB_LOST when too little is left,
   * THEMIS_DEVICES_TOO_FEW when there is no device to write to, and what devices refuse with.
   */
  async run(manifest: Manifest): Promise<void> {
    const { devices, damaged, pace } = this.#parts;
    const surveys = surveyBlob(manifest, devices, damaged.has.bind(damaged));
    surveys.sort((a, b) => a.spare - b.spare);
    const errors: ThemisError[] = [];
    const remaining = surveys.values();
    // Stripes do not wait for each other, and one that cannot be repaired stops none.
    const work = async (): Promise<void> => {
      for (const survey of remaining) {
        try {
          await pace();
          await this.#repairStripe(manifest, survey);
        } catch (error) {
          errors.push(asThemisError(error, 'repairing a stripe'));
          if (isThemisError(error, 'THEMIS_CLOSED')) return;
        }
      }
    };
    await Promise.all(Array.from({ length: limits.stripesAtOnce }, work));
    const gravest = errors.find(({ code }) => gravestFirst.includes(code)) ?? errors[0];
    if (gravest !== undefined) throw gravest;
  }

  async #repairStripe(manifest: Manifest, survey: StripeSurvey): Promise<void> {
    const { slab } = this.#parts;
    const length = stripeLength(manifest, survey.stripe);
    const offset = await slab.take(slotBytes(manifest, length));
    try {
      const stripe = stripeToCheck(manifest, survey.stripe, offset, this.#parts);
      const targets = this.#targets(manifest, survey);
      if (targets.length > 0) {
        const bytes = await this.#rebuild(manifest, stripe, targets);
        await this.#place(manifest, stripe, targets);
        this.#parts.rebuilt(targets.length, bytes);
      }
      if (targets.length < survey.missing.length) throw tooFewDevices(manifest);
    } finally {
      slab.free(offset);
    }
  }

  /** Bytes that were read. */
  async #rebuild(
    manifest: Manifest,
    stripe: StripeToCheck,
    targets: readonly Target[],
  ): Promise<number> {
    const { nonce, blockBytes, blob, parity } = manifest;
    if (parity === 0) throw lost(manifest, stripe.stripe, 'it was kept without redundancy');
    const result = await this.#parts.compute.run('rebuild-stripe', {
      ...stripe,
      nonce,
      blockBytes,
      wanted: targets.map(({ number }) => number),
    });
    this.#note(blob, stripe, result.findings);
    switch (result.kind) {
      case 'rebuilt':
        return result.bytes;
      case 'lost':
        throw lost(manifest, stripe.stripe, result.findings.map(({ why }) => why).join('; '));
      case 'inconsistent': {
        const message =
          `Fragment ${result.number} of stripe ${stripe.stripe} of blob ${blob} does not come ` +
          'out as it was written; nothing was changed. Please report this.';
        throw new ThemisError('THEMIS_BLOB_LOST', message);
      }
    }
  }

  /** Writes the fragments that lie in the slot, reads them back, and lets go of the old ones. */
  async #place(
    manifest: Manifest,
    stripe: StripeToCheck,
    targets: readonly Target[],
  ): Promise<void> {
    const { devices, slab } = this.#parts;
    const { blob } = manifest;
    const stride = strideOf(fragmentLength(manifest, stripe.length));
    const appends = targets.map(({ number, device }) => {
      const name = { blob, stripe: stripe.stripe, number };
      const offset = stripe.offset + number * stride;
      return new Promise<void>((resolve, reject) => {
        devices.append(device, name, slab.memory, offset, stride, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    });
    const answers = await Promise.allSettled(appends);
    const appended = targets.filter((_, i) => answers[i]?.status === 'fulfilled');
    await this.#readBack(manifest, stripe, appended);
    for (const { number, old } of appended) {
      const name = { blob, stripe: stripe.stripe, number };
      for (const place of old) devices.forgetFragment(name, place);
      this.#parts.damaged.remove(blob, stripe.stripe, number);
    }
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
  }

  /** Throws unless every fragment that was just written is sound where it lies now. */
  async #readBack(
    manifest: Manifest,
    stripe: StripeToCheck,
    appended: readonly Target[],
  ): Promise<void> {
    const { devices, compute } = this.#parts;
    const { blob } = manifest;
    const places = stripe.places.map(() => null as FragmentPlace | null);
    for (const { number, old } of appended) {
      const now = devices.places({ blob, stripe: stripe.stripe, number });
      const fresh = now.find((place) => !old.some((one) => isSame(one, place)));
      places[number] = must(fresh, 'a fragment that was appended is in the index');
    }
    const readPlaces = places.map((place) => (place === null ? null : devices.readPlace(place)));
    const check = await compute.run('scrub-stripe', { ...stripe, places: readPlaces });
    const [bad] = check.findings;
    if (bad === undefined) return;
    for (const { number } of appended) {
      const place = places[number] ?? null;
      if (place === null) continue;
      devices.forgetFragment({ blob, stripe: stripe.stripe, number }, place);
    }
    const message = `What was rebuilt of blob ${blob} does not read back: ${bad.why}`;
    throw new ThemisError('THEMIS_DEVICE_FAILED', `${message}; the old copies were kept.`);
  }

  /** Devices that hold fragments of the stripe which stay as they are. */
  #holders({ blob, data, parity }: Manifest, stripe: number, leaving: readonly number[]) {
    const holders = new Set<number>();
    for (let number = 0; number < data + parity; number++) {
      if (leaving.includes(number)) continue;
      const place = this.#parts.devices.locate(blob, stripe, number);
      if (place !== null) holders.add(place.device);
    }
    return holders;
  }

  /** Where each missing fragment goes; those that no device can take are left out. */
  #targets(manifest: Manifest, { stripe, missing }: StripeSurvey): Target[] {
    const taken = this.#holders(manifest, stripe, missing);
    const targets: Target[] = [];
    for (const number of missing) {
      const old = this.#parts.devices.places({ blob: manifest.blob, stripe, number });
      const device = this.#target(taken, old);
      if (device === null) continue;
      taken.add(device);
      targets.push({ number, device, old });
    }
    return targets;
  }

  /** Where it was if that still takes writes, else one that is being rebuilt, else the emptiest. */
  #target(taken: ReadonlySet<number>, old: readonly FragmentPlace[]): number | null {
    const usable = this.#parts.devices.devices.filter(
      ({ number, role, isWritable }) => role === 'active' && isWritable && !taken.has(number),
    );
    const rank = ({ number, state }: (typeof usable)[number]): number => {
      if (old.some(({ device }) => device === number)) return 0;
      return state === 'rebuilding' ? 1 : 2;
    };
    const [best] = usable.sort((a, b) => rank(a) - rank(b) || a.liveBytes - b.liveBytes);
    return best?.number ?? null;
  }

  /** What a rebuild met is damage too. */
  #note(blob: number, { stripe, places }: StripeToCheck, findings: readonly StripeFinding[]): void {
    for (const finding of findings) {
      noteFinding(this.#parts, { blob, stripe }, finding, places[finding.number] ?? null);
    }
  }
}

/**
 * Remembers a fragment that is not what was written, and tells its device. `read` is where it was
 * looked for: what was moved or let go meanwhile is no damage. Returns whether it is some.
 */
export function noteFinding(
  { devices, damaged }: Pick<BlobRepairParts, 'devices' | 'damaged'>,
  { blob, stripe }: { readonly blob: number; readonly stripe: number },
  finding: StripeFinding,
  read: ReadPlace | null,
): boolean {
  const { number, why } = finding;
  const place = devices.places({ blob, stripe, number }).find((one) => {
    const { path, offset } = devices.readPlace(one);
    return path === read?.path && offset === read.offset;
  });
  if (place === undefined) return false;
  damaged.add(blob, stripe, number, place);
  if (finding.kind === 'failed') devices.reportReadFailure(place.device, finding.code, why);
  else devices.reportDamage(place.device, why);
  return true;
}

/** What threads need to know of a stripe. */
export function stripeToCheck(
  manifest: Manifest,
  stripe: number,
  offset: number,
  parts: Pick<BlobRepairParts, 'devices' | 'slab' | 'clusterId'>,
): StripeToCheck {
  const { devices, slab, clusterId } = parts;
  const { blob, data, parity, digests } = manifest;
  const width = data + parity;
  const places = Array.from({ length: width }, (_, number) => {
    const place = devices.locate(blob, stripe, number);
    return place === null ? null : devices.readPlace(place);
  });
  return {
    slab: slab.posted,
    offset,
    clusterId,
    blob,
    stripe,
    data,
    parity,
    length: stripeLength(manifest, stripe),
    digests: digests.slice(stripe * width, (stripe + 1) * width),
    places,
  };
}

function isSame(a: FragmentPlace, b: FragmentPlace): boolean {
  return a.device === b.device && a.volume === b.volume && a.offset === b.offset;
}

function tooFewDevices({ blob, data, parity }: Manifest): ThemisError {
  const message =
    `Blob ${blob} needs ${data + parity} devices that take writes, one for each fragment. ` +
    'Replace the ones that failed, or add some.';
  return new ThemisError('THEMIS_DEVICES_TOO_FEW', message);
}

function lost({ blob, parity }: Manifest, stripe: number, why: string): ThemisError {
  const message = `Stripe ${stripe} of blob ${blob} has lost more than ${parity} fragments`;
  const detail = why === '' ? '' : ` (${why})`;
  return new ThemisError(
    'THEMIS_BLOB_LOST',
    `${message}${detail}. Bring missing devices back, or restore the value.`,
  );
}
