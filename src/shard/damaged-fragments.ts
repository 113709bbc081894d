/** Fragments that reads or the scrub found damaged and that were not made anew yet. */
import { limits } from '../config/index.js';
import type { FragmentPlace } from '../device/index.js';

interface Damaged {
  readonly device: number;
  readonly volume: number;
  readonly offset: number;
}

export class DamagedFragments {
  /** By blob, then by `stripe/number`. */
  readonly #byBlob = new Map<number, Map<string, Damaged>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** False when so many are known that no more are kept; the scrub finds it again. */
  add(blob: number, stripe: number, number: number, place: FragmentPlace): boolean {
    if (this.#size >= limits.damagedFragmentsMax) return false;
    let ofBlob = this.#byBlob.get(blob);
    if (ofBlob === undefined) {
      ofBlob = new Map();
      this.#byBlob.set(blob, ofBlob);
    }
    const name = `${stripe}/${number}`;
    if (!ofBlob.has(name)) this.#size += 1;
    const { device, volume, offset } = place;
    ofBlob.set(name, { device, volume, offset });
    return true;
  }

  has(blob: number, stripe: number, number: number): boolean {
    return this.#byBlob.get(blob)?.has(`${stripe}/${number}`) ?? false;
  }

  remove(blob: number, stripe: number, number: number): void {
    const ofBlob = this.#byBlob.get(blob);
    if (ofBlob?.delete(`${stripe}/${number}`) !== true) return;
    this.#size -= 1;
    if (ofBlob.size === 0) this.#byBlob.delete(blob);
  }

  /** The blob is not needed any more. */
  removeBlob(blob: number): void {
    this.#size -= this.#byBlob.get(blob)?.size ?? 0;
    this.#byBlob.delete(blob);
  }

  /** Devices that hold one of them. */
  devices(): Set<number> {
    const devices = new Set<number>();
    for (const ofBlob of this.#byBlob.values()) {
      for (const { device } of ofBlob.values()) devices.add(device);
    }
    return devices;
  }
}
