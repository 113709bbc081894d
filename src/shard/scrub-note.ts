/**
 * Where the scrub is: the file `scrub` in the data folder, one block, twice the same
 * (twin-file.ts).
 *
 *   offset  size  field
 *        0     8  magic        "THEMISSC"
 *        8     4  version      1
 *       12     4  checksum     1 = CRC32C
 *       16    16  clusterId
 *       32     8  passMs       wall clock when this pass began, in milliseconds
 *       40     8  after        the last blob that was verified in it; 0 for none
 *       48     8  found        damaged fragments that this pass found so far
 *       56     8  completedMs  wall clock when the last whole pass began; 0 for none
 *       64  4028  zero
 *     4092     4  CRC32C of everything before
 *
 * All integers are little-endian. It saves work and proves nothing: a note that is lost, damaged or
 * of another cluster means that a pass begins anew.
 */
import { bufferOf, readU64, viewOf, writeU64 } from '../base/index.js';
import { limits } from '../config/index.js';
import { readTwin, writeTwin } from '../device/index.js';
import { type BlockFormat, checkSeal, type Kernel, sealBlock } from '../kernel/index.js';
import type { TaskSetting } from './task-setting.js';

const format: BlockFormat = { magic: 'THEMISSC', version: 1 };

export interface ScrubNote {
  readonly passMs: number;
  readonly after: number;
  readonly found: number;
  readonly completedMs: number;
}

export interface ScrubPlace {
  /** The data folder. */
  readonly directory: string;
  readonly clusterId: Uint8Array;
}

export function encodeScrubNote(
  kernel: Kernel,
  clusterId: Uint8Array,
  note: ScrubNote,
): Uint8Array {
  const block = new Uint8Array(limits.blockBytes);
  const view = viewOf(block);
  block.set(clusterId, 16);
  writeU64(view, 32, note.passMs);
  writeU64(view, 40, note.after);
  writeU64(view, 48, note.found);
  writeU64(view, 56, note.completedMs);
  sealBlock(kernel, block, format);
  return block;
}

/** Null for anything but a sound note of this version and cluster. */
export function decodeScrubNote(
  kernel: Kernel,
  clusterId: Uint8Array,
  block: Uint8Array,
): ScrubNote | null {
  const isSound =
    block.length === limits.blockBytes &&
    checkSeal(kernel, block, format).kind === 'sound' &&
    bufferOf(block.subarray(16, 32)).equals(clusterId);
  if (!isSound) return null;
  const view = viewOf(block);
  return {
    passMs: readU64(view, 32),
    after: readU64(view, 40),
    found: readU64(view, 48),
    completedMs: readU64(view, 56),
  };
}

/** Runs in a compute thread. Null where there is none that can be used. */
export function readScrubNote(place: ScrubPlace, setting: TaskSetting): ScrubNote | null {
  const { fileSystem, kernel } = setting;
  const read = readTwin(fileSystem, pathOf(place), (copy) =>
    decodeScrubNote(kernel, place.clusterId, copy),
  );
  return read.kind === 'valid' ? read.value : null;
}

/** Runs in a compute thread; durable when it returns. Throws the system's errors. */
export function writeScrubNote(
  { place, note }: { readonly place: ScrubPlace; readonly note: ScrubNote },
  setting: TaskSetting,
): null {
  const block = encodeScrubNote(setting.kernel, place.clusterId, note);
  writeTwin(setting.fileSystem, pathOf(place), block);
  return null;
}

function pathOf({ directory }: ScrubPlace): string {
  return `${directory}/scrub`;
}
