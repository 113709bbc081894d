/** Pieces of a stored value, planned into a slab of their own, and read. */
import { must } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { portableKernel as kernel, portableCoding, Slab } from '../../src/kernel/index.js';
import { type Manifest, TaskSetting } from '../../src/shard/index.js';
import { PathTable, type PiecePlan, planPiece } from '../../src/shard/piece-plan.js';
import {
  type PieceResult,
  pieceBytes,
  pieceLayout,
  type ReadArgument,
} from '../../src/shard/read-pieces.js';
import { stripeLength, stripeRanges } from '../../src/shard/stripe-layout.js';
import { clusterId, fixture, manifestOf, put } from './blob-fixture.js';
import type { TwinDevices } from './twin-devices.js';

export interface Stored {
  readonly devices: TwinDevices;
  readonly manifest: Manifest;
}

/** Puts a value under 4 + 2. */
export async function storedValue(value: Uint8Array): Promise<Stored> {
  const { store, devices } = fixture();
  return { devices, manifest: manifestOf(await put(store, value)) };
}

export interface PlannedRead {
  readonly plans: readonly PiecePlan[];
  readonly table: PathTable;
  readonly argument: ReadArgument;
  readonly setting: TaskSetting;
  /** The wanted bytes of a piece, once it was read. */
  readonly bytesOf: (piece: number) => Buffer;
}

/** Plans a range, one piece a stripe. */
export function planRange(
  { devices, manifest }: Stored,
  start: number,
  end: number,
  avoid: (device: number) => boolean = () => false,
): PlannedRead {
  const slab = Slab.allocate(limits.blobReadMemoryBytes);
  const table = new PathTable();
  let offset = 0;
  const plans = stripeRanges(manifest, start, end).map((range) => {
    const plan = planPiece(manifest, range, offset, devices, table, avoid);
    offset += pieceBytes({ ...manifest, ...range, length: stripeLength(manifest, range.stripe) });
    return plan;
  });
  const { memory, byteLength } = slab;
  const argument = {
    slab: { id: 1, memory, byteLength },
    clusterId,
    paths: table.paths,
    pieces: plans.map(({ piece }) => piece),
    progress: new Int32Array(new SharedArrayBuffer(4)),
  };
  const { fileSystem } = devices;
  const setting = new TaskSetting({ fileSystem, kernel, coding: portableCoding });
  const bytesOf = (index: number): Buffer => {
    const { piece } = must(plans[index], 'a piece of the range');
    const from = piece.offset + pieceLayout(piece).start;
    return Buffer.from(slab.bytes.slice(from, from + piece.to - piece.from));
  };
  return { plans, table, argument, setting, bytesOf };
}

/** Findings as pairs: number and kind. */
export function foundIn(result: PieceResult | undefined): (readonly [number, string])[] {
  return (result?.findings ?? []).map(({ number, kind }) => [number, kind] as const);
}
