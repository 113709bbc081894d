/**
 * Checks of what holds large values, by the code that opens it: the table of devices, the identity
 * of each, and every fragment of every volume, header and blocks.
 *
 * A fragment whose header is damaged is not seen here, because nothing else says where it lies; a
 * scrub, which knows from the log what must be there, misses it.
 */
import { codeOf, messageOf } from '../../../base/index.js';
import { checkVolumes, readTable, recognizeFolder } from '../../../device/index.js';
import type { FileSystem } from '../../../io/index.js';
import type { Kernel } from '../../../kernel/index.js';
import { bytesText, countText, plural } from '../units-text.js';
import { type Finding, fail, good, warn } from './finding.js';

export interface DeviceCheck {
  /** Changes nothing: an overlay. */
  readonly files: FileSystem;
  /** Of the store. */
  readonly folder: string;
  readonly kernel: Kernel;
}

export function checkDevices({ files, folder, kernel }: DeviceCheck): Finding[] {
  const topic = 'devices';
  const table = readTable(files, folder, kernel);
  switch (table.kind) {
    case 'absent':
      return [good(topic, 'none yet: there were no large values')];
    case 'damaged': {
      const advice = 'the next open makes it again from the devices; name them with --devices';
      return [fail(topic, 'their table is damaged in both copies', advice)];
    }
    case 'valid':
      break;
  }
  const { rows, clusterId } = table.value;
  const used = rows.filter(({ role }) => role !== 'replaced');
  const known = `${plural(used.length, 'device')} known`;
  const summary = table.repaired
    ? warn(topic, `${known}; one copy of their table is damaged`, 'the next open repairs it')
    : good(topic, known);
  const each = used.map(({ number, path, deviceId }) =>
    deviceFinding({ files, kernel, clusterId }, { number, path, deviceId }),
  );
  return [
    summary,
    ...each,
    ...sharedFinding(
      files,
      used.map(({ path }) => path),
    ),
  ];
}

interface Around {
  readonly files: FileSystem;
  readonly kernel: Kernel;
  readonly clusterId: Uint8Array;
}

interface Row {
  readonly number: number;
  readonly path: string;
  readonly deviceId: Uint8Array;
}

const rebuiltAdvice = 'values are read from the others; what is lost is made anew when it is open';

function deviceFinding({ files, kernel, clusterId }: Around, row: Row): Finding {
  const topic = `device ${row.number}`;
  const { path } = row;
  try {
    const found = recognizeFolder(files, path, kernel);
    if (found.kind !== 'device') return fail(topic, `${path} is ${found.kind}`, rebuiltAdvice);
    if (Buffer.compare(found.identity.deviceId, row.deviceId) !== 0) {
      return fail(topic, `another device is at ${path}`, 'put the right folder there');
    }
    const { volumes, fragments, bytes, damages } = checkVolumes(files, kernel, path, clusterId);
    const { freeBytes } = files.space(path);
    const text =
      `${plural(fragments, 'fragment')}, ${bytesText(bytes)}, in ${plural(volumes, 'volume')}; ` +
      `${bytesText(freeBytes)} free`;
    const first = damages[0];
    if (first === undefined) return good(topic, text);
    const count = countText(damages.length);
    const what = `${text}; ${count} damaged, the first in ${first.path} at ${first.offset}: ${first.why}`;
    // What was deleted or repaired lies there too until its room is needed: it may be that.
    const advice = 'themis scrub tells whether one is needed, and makes it anew; mind the drive';
    return warn(topic, what, advice);
  } catch (error) {
    if (codeOf(error) === undefined || codeOf(error) === 'THEMIS_ASSERTION') throw error;
    return fail(topic, `${path}: ${messageOf(error)}`, rebuiltAdvice);
  }
}

/** Devices that a drive takes with it when it is lost. */
function sharedFinding(files: FileSystem, paths: readonly string[]): Finding[] {
  const present = paths.filter((path) => files.stat(path)?.kind === 'directory');
  const ids = new Set(present.map((path) => files.space(path).fileSystemId));
  if (present.length < 2 || ids.size === present.length) return [];
  const text =
    ids.size === 1
      ? 'all devices are on one file system: they protect from rot and lost files, not from a ' +
        'lost drive'
      : `${plural(present.length, 'device')} share ${plural(ids.size, 'file system')}: a lost ` +
        'drive takes several';
  return [warn('drives', text, 'give each its own drive: --devices, themis device replace')];
}
