/**
 * device: fragments of large values on devices, each a folder, ideally a drive of its own. Where
 * they lie, how they get there, what becomes of devices that fill, fail, vanish and are replaced.
 *
 * Invariants:
 * - A fragment is reported durable after its sync returned; what a failed write touched is not
 *   written again.
 * - Fragments describe themselves: the index in memory is rebuilt from the devices alone, and index
 *   files only make that faster.
 * - Bytes that a recycled volume held before never pass for a fragment of the new one.
 * - Compaction frees nothing whose copy was not read back and verified.
 * - Nothing here knows what a value is; which blobs are needed, the layers above say.
 *
 * fragment.ts, volume.ts, volume-index.ts, device-identity.ts and device-table.ts are the formats;
 * device-tasks.ts is what runs in threads; device-set.ts is what the layers above use.
 * May import: base, config, io, telemetry, kernel, pool.
 */
export type { Owner } from './device-identity.js';
export {
  DeviceSet,
  type DeviceSetListener,
  type FragmentMemory,
  type FragmentPlace,
  type Session,
} from './device-set.js';
export type { DeviceSetParts } from './device-set-parts.js';
export type { DeviceState } from './device-state.js';
export { type DeviceRole, readTable } from './device-table.js';
export {
  type DeviceAround,
  type DeviceMessage,
  type DeviceTasks,
  type DeviceThreads,
  deviceAround,
  runDeviceTask,
  runDeviceTaskOn,
} from './device-tasks.js';
export type { DeviceView } from './device-view.js';
export {
  type FragmentFields,
  type FragmentHeader,
  type FragmentName,
  fragmentFootprint,
  fragmentHeaderBytes,
  sealFragment,
} from './fragment.js';
export type { FragmentSpot } from './fragment-index.js';
export {
  type ExpectedFragment,
  type FragmentCheck,
  type FragmentFailure,
  type FragmentRead,
  FragmentReader,
  type ReadPlace,
} from './fragment-reader.js';
export { recognizeFolder } from './recognition.js';
export { readTwin, writeTwin } from './twin-file.js';
export { checkVolumes } from './volume-check.js';
