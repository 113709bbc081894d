/** Reads and verifies all fragments of a device that nobody has open: for whoever examines it. */

import { alignUp } from '../base/index.js';
import { limits } from '../config/index.js';
import { type FileSystem, readDamaged } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { fragmentFootprint } from './fragment.js';
import { listedFragment, listLength } from './fragment-list.js';
import { wholeFragmentProblem } from './fragment-reader.js';
import { Scratch } from './scratch.js';
import { parseVolumeName, volumePath, volumesFolder } from './volume.js';
import { scanVolume } from './volume-scan.js';

export interface DamagedPlace {
  readonly path: string;
  readonly offset: number;
  readonly why: string;
}

export interface CheckedVolumes {
  readonly volumes: number;
  /** Whose headers are sound; deleted ones whose room is not free yet are among them. */
  readonly fragments: number;
  /** Of their data. */
  readonly bytes: number;
  readonly damages: readonly DamagedPlace[];
}

/** Blocks for as long as reading the device takes. Throws the system's errors but EIO. */
export function checkVolumes(
  fileSystem: FileSystem,
  kernel: Kernel,
  devicePath: string,
  clusterId: Uint8Array,
): CheckedVolumes {
  const numbers = fileSystem
    .list(`${devicePath}/${volumesFolder}`)
    .map(parseVolumeName)
    .flatMap((file) => (file.kind === 'volume' ? [file.number] : []));
  const damages: DamagedPlace[] = [];
  const [scans, reads] = [new Scratch(), new Scratch()];
  let fragments = 0;
  let bytes = 0;
  for (const number of numbers) {
    const path = volumePath(devicePath, number);
    const handle = fileSystem.open(path, { access: 'read' });
    try {
      const { rows } = scanVolume({ handle, kernel, clusterId, number, scratch: scans });
      for (let row = 0; row < listLength(rows); row++) {
        const { offset, bytes: length } = listedFragment(rows, row);
        const footprint = fragmentFootprint(length);
        const memory = reads.take(alignUp(footprint, limits.blockBytes));
        const isRead = readDamaged(handle, memory, footprint, offset);
        const why = isRead ? wholeFragmentProblem(kernel, memory, 0, length) : 'it cannot be read';
        if (why !== null) damages.push({ path, offset, why });
        fragments += 1;
        bytes += length;
      }
    } finally {
      handle.close();
    }
  }
  return { volumes: numbers.length, fragments, bytes, damages };
}
