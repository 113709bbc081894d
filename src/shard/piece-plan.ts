/** Where the fragments of a part of a value lie now: what a reading thread is told. */
import type { FragmentPlace } from '../device/index.js';
import type { BlobDevices } from './blob-ports.js';
import type { Manifest } from './manifest.js';
import type { Piece, StripePiece } from './read-pieces.js';
import { type StripeRange, stripeLength } from './stripe-layout.js';

/** A part of a value that is to be read. */
export interface Wanted {
  readonly manifest: Manifest;
  readonly ranges: readonly StripeRange[];
}

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

/** The places that a plan was made from, to see later whether fragments have moved. */
export type PlanPlaces = ReadonlyMap<number, readonly (FragmentPlace | null)[]>;

export interface PiecePlan {
  readonly piece: Piece;
  /** By stripe, then by fragment. */
  readonly places: PlanPlaces;
}

/**
 * Plans a read. Devices in `avoid` are left out of each stripe as long as `data` of its fragments
 * lie elsewhere.
 */
export function planPiece(
  { manifest, ranges }: Wanted,
  devices: Pick<BlobDevices, 'locate' | 'readPlace'>,
  table: PathTable,
  avoid: (device: number) => boolean,
): PiecePlan {
  const { blob, blockBytes, data, parity, digests } = manifest;
  const width = data + parity;
  const places = new Map<number, readonly (FragmentPlace | null)[]>();
  const stripes: StripePiece[] = ranges.map(({ stripe, from, to }) => {
    const found = Array.from({ length: width }, (_, number) =>
      devices.locate(blob, stripe, number),
    );
    places.set(stripe, found);
    const chosen = without(found, avoid, data);
    const paths = new Int32Array(width).fill(-1);
    const offsets = new Float64Array(width);
    for (const [number, place] of chosen.entries()) {
      if (place === null) continue;
      const { path, offset } = devices.readPlace(place);
      paths[number] = table.indexOf(path, place.device);
      offsets[number] = offset;
    }
    const length = stripeLength(manifest, stripe);
    const own = digests.slice(stripe * width, (stripe + 1) * width);
    return { stripe, length, from, to, paths, offsets, digests: own };
  });
  return { piece: { blob, blockBytes, data, parity, stripes }, places };
}

function without(
  places: readonly (FragmentPlace | null)[],
  avoid: (device: number) => boolean,
  least: number,
): readonly (FragmentPlace | null)[] {
  const rest = places.map((place) => (place === null || avoid(place.device) ? null : place));
  return rest.filter((place) => place !== null).length >= least ? rest : places;
}
