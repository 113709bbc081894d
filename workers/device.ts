/** A device thread: writes, syncs and copies of volumes, one task at a time, by name. */
export { runDeviceTask as run } from '../src/device/index.js';
