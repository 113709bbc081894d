/** Where the fragments of a part of a value lie now: what a reading thread is told. */
import type { FragmentPlace } from '../device/index.js';
import type { BlobDevices } from './blob-ports.js';
import type { Manifest } from './manifest.js';
import type { Piece } from './read-pieces.js';
import { type StripeRange, stripeLength } from './stripe-layout.js';

/** The volume files of one task, each once, with their devices. */
export class PathTable {
  readonly paths: string[] = [];
  readonly devices: number[] = [];
  readonly #known = new Map<string, number>();

  indexOf(path: string, device: number): number {
    let index = this.#known.get(path);
    if (index === undefined) {
      index = this.paths.length;
      this.#known.set(path, index);
      this.paths.push(path);
      this.devices.push(device);
    }
    return index;
  }
}

export interface PiecePlan {
  readonly piece: Piece;
  /** Of each fragment, to see later whether it has moved; null where it is nowhere. */
  readonly places: readonly (FragmentPlace | null)[];
}

/**
 * Plans to read a part of a stripe into the slot at `offset`. Devices in `avoid` are left out as
 * long as `data` of the fragments lie elsewhere.
 */
export function planPiece(
  manifest: Manifest,
  range: StripeRange,
  offset: number,
  devices: Pick<BlobDevices, 'locate' | 'readPlace'>,
  table: PathTable,
  avoid: (device: number) => boolean,
): PiecePlan {
  const { blob, blockBytes, data, parity } = manifest;
  const { stripe } = range;
  const width = data + parity;
  const places = Array.from({ length: width }, (_, number) => {
    return devices.locate(blob, stripe, number);
  });
  const paths = new Int32Array(width).fill(-1);
  const offsets = new Float64Array(width);
  for (const [number, place] of without(places, avoid, data).entries()) {
    if (place === null) continue;
    const found = devices.readPlace(place);
    paths[number] = table.indexOf(found.path, place.device);
    offsets[number] = found.offset;
  }
  const digests = manifest.digests.slice(stripe * width, (stripe + 1) * width);
  const length = stripeLength(manifest, stripe);
  const where = { offset, paths, offsets, digests };
  return { piece: { ...range, ...where, blob, blockBytes, data, parity, length }, places };
}

function without(
  places: readonly (FragmentPlace | null)[],
  avoid: (device: number) => boolean,
  least: number,
): readonly (FragmentPlace | null)[] {
  const rest = places.map((place) => (place === null || avoid(place.device) ? null : place));
  return rest.filter((place) => place !== null).length >= least ? rest : places;
}
