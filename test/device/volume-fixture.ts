/** One device in memory, for what device threads do with its volumes. */

import { deviceAround } from '../../src/device/device-tasks.js';
import { FragmentList, type ListedFragment } from '../../src/device/fragment-list.js';
import { initializeFolder } from '../../src/device/recognition.js';
import { Scratch } from '../../src/device/scratch.js';
import { VolumeFiles } from '../../src/device/volume-files.js';
import { VolumeWriter } from '../../src/device/volume-writer.js';
import { type FileSystem, MemoryFileSystem } from '../../src/io/index.js';
import { clusterId, kernel, nodeId, sealed, volumeBytes } from './device-fixture.js';

export const deviceId = new Uint8Array(16).fill(3);
export const setting = { path: '/d', clusterId, deviceId, kernel: undefined };
export const volumePath = (number: number): string =>
  `/d/volumes/${number.toString(16).padStart(8, '0')}.volume`;
export const indexPath = (number: number): string =>
  `/d/volumes/${number.toString(16).padStart(8, '0')}.index`;

export function makeDevice(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  const identity = { clusterId, nodeId, deviceId, session: 1, createdMs: 5, number: 0 };
  initializeFolder(fs, '/d', kernel, identity);
  return fs;
}

export function filesOn(fs: FileSystem): VolumeFiles {
  return new VolumeFiles(fs, kernel, setting, new Scratch());
}

export function writerOn(fs: FileSystem): VolumeWriter {
  return new VolumeWriter({ ...deviceAround(fs, kernel), setting });
}

/** Appends fragments of these sizes one behind the other; blobs are 1, 2, ... */
export function fill(
  fs: FileSystem,
  volume: number,
  sizes: readonly number[],
  from = { position: 4_096, blob: 1 },
): ListedFragment[] {
  let { position, blob } = from;
  const writer = writerOn(fs);
  return sizes.map((bytes) => {
    const name = { blob, stripe: 0, number: 2 };
    const one = sealed(name, bytes);
    const pieces = Uint32Array.of(0, one.bytes);
    writer.append({ volume, position, memory: one.memory.bytes, pieces });
    const listed = { ...name, offset: position, bytes, digest: one.digest };
    position += one.bytes;
    blob++;
    return listed;
  });
}

export function listOf(fragments: readonly ListedFragment[]): Uint32Array {
  const list = new FragmentList();
  for (const fragment of fragments) list.push(fragment);
  return list.rows();
}

export function endOf(fragments: readonly ListedFragment[]): number {
  const last = fragments.at(-1);
  return last === undefined ? 4_096 : last.offset + sealed(last, last.bytes).bytes;
}

export { volumeBytes };
