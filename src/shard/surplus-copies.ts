/**
 * Copies of fragments that nobody needs: a device came back after repair had made its fragments
 * anew elsewhere, or a crash left the old copy beside the new one. They harm nobody, but take room.
 *
 *   fragment in several places -> one that stays, by rules -> read -> the others are forgotten
 *
 * Invariant: a copy goes only when the one that stays was read whole and verified.
 */
import { limits } from '../config/index.js';
import type { FragmentName, FragmentPlace } from '../device/index.js';
import type { Kernel } from '../kernel/index.js';
import { noteFinding, stripeToCheck } from './blob-repair.js';
import type { BlobCompute } from './blob-tasks.js';
import type { DamagedFragments } from './damaged-fragments.js';
import { decodeManifest, type Manifest } from './manifest.js';
import type { BlobCatalog, RepairBlobs, RepairDevices, RepairDeviceView } from './repair-ports.js';
import type { RepairSlab } from './repair-slab.js';
import { slotBytes, stripeCount, stripeLength } from './stripe-layout.js';

export interface SurplusParts {
  readonly devices: RepairDevices;
  readonly compute: BlobCompute;
  readonly slab: RepairSlab;
  readonly clusterId: Uint8Array;
  readonly damaged: DamagedFragments;
  readonly catalog: BlobCatalog;
  readonly blobs: RepairBlobs;
  readonly kernel: Kernel;
  /** Told before each stripe: resolves when it may be read, rejects when it must not. */
  readonly pace: () => Promise<void>;
}

export class SurplusCopies {
  readonly #parts: SurplusParts;

  constructor(parts: SurplusParts) {
    this.#parts = parts;
  }

  /**
   * Lets go of what is too many of all blobs but those that are busy. Throws THEMIS_CLOSED when it
   * was stopped, and what the catalog and devices throw. Returns how many copies went.
   */
  async tidyAll(isBusy: (blob: number) => boolean): Promise<number> {
    const { catalog, blobs, kernel } = this.#parts;
    let gone = 0;
    for (const blob of await this.find()) {
      if (isBusy(blob)) continue;
      blobs.pin(blob);
      try {
        const [entry] = await catalog.list(blob - 1, 1);
        if (entry?.blob === blob) gone += await this.tidy(decodeManifest(kernel, entry.manifest));
      } finally {
        blobs.unpin(blob);
      }
    }
    return gone;
  }

  /** Blobs with a fragment in several places, at most repairQueueMax. Reads no device. */
  async find(): Promise<Set<number>> {
    const { devices, pace } = this.#parts;
    const found = new Set<number>();
    let cursor: number | null = 0;
    while (cursor !== null && found.size < limits.repairQueueMax) {
      await pace();
      cursor = devices.visit(cursor, limits.surplusStepEntries, (name) => {
        if (!found.has(name.blob) && devices.places(name).length > 1) found.add(name.blob);
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    return found;
  }

  /** Lets go of what is too many of one blob. Returns how many copies went. */
  async tidy(manifest: Manifest): Promise<number> {
    let gone = 0;
    const stripes = stripeCount(manifest);
    for (let stripe = 0; stripe < stripes; stripe++) {
      const kept = keptPlaces(manifest, stripe, this.#parts.devices);
      if (!kept.some(({ others }) => others.length > 0)) continue;
      await this.#parts.pace();
      gone += await this.#tidyStripe(manifest, stripe, kept);
    }
    return gone;
  }

  async #tidyStripe(manifest: Manifest, stripe: number, kept: readonly Kept[]): Promise<number> {
    const { devices, compute, slab } = this.#parts;
    const { blob } = manifest;
    const offset = await slab.take(slotBytes(manifest, stripeLength(manifest, stripe)));
    try {
      const doubled = kept.filter(({ others }) => others.length > 0);
      const toCheck = stripeToCheck(manifest, stripe, offset, this.#parts);
      const places = toCheck.places.map((_, number) => {
        const one = doubled.find((copy) => copy.number === number);
        return one === undefined ? null : devices.readPlace(one.place);
      });
      const check = await compute.run('scrub-stripe', { ...toCheck, places });
      let gone = 0;
      for (const { number, place, others } of doubled) {
        const bad = check.findings.find((finding) => finding.number === number);
        if (bad !== undefined) {
          noteFinding(this.#parts, { blob, stripe }, bad, devices.readPlace(place));
          continue;
        }
        const name = { blob, stripe, number };
        for (const other of others) if (devices.forgetFragment(name, other)) gone += 1;
      }
      return gone;
    } finally {
      slab.free(offset);
    }
  }
}

/** Where a fragment stays, and its other copies on devices that work. */
export interface Kept {
  readonly number: number;
  readonly place: FragmentPlace;
  readonly others: readonly FragmentPlace[];
}

/**
 * Chooses for each fragment of a stripe the copy that stays: on a device that holds no other
 * fragment of the stripe, an active one before a spare. Those with one copy come first: they have
 * no choice. What lies on failed devices is left alone: it is no copy to rely on, nor to let go.
 */
export function keptPlaces(
  { blob, data, parity }: Manifest,
  stripe: number,
  devices: Pick<RepairDevices, 'devices' | 'places'>,
): Kept[] {
  const working = new Map(
    devices.devices.filter(({ state }) => state !== 'failed').map((one) => [one.number, one]),
  );
  const copies: { readonly number: number; readonly places: readonly FragmentPlace[] }[] = [];
  for (let number = 0; number < data + parity; number++) {
    const name: FragmentName = { blob, stripe, number };
    const places = devices.places(name).filter(({ device }) => working.has(device));
    if (places.length > 0) copies.push({ number, places });
  }
  const holders = new Set<number>();
  const kept: Kept[] = [];
  for (const { number, places } of copies.sort((a, b) => a.places.length - b.places.length)) {
    const rank = ({ device }: FragmentPlace): number =>
      (holders.has(device) ? 2 : 0) + (isSpare(working.get(device)) ? 1 : 0);
    const [place, ...others] = [...places].sort((a, b) => rank(a) - rank(b));
    if (place === undefined) continue;
    holders.add(place.device);
    kept.push({ number, place, others });
  }
  return kept;
}

function isSpare(device: RepairDeviceView | undefined): boolean {
  return device?.role === 'spare';
}
