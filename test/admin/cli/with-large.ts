/** A machine with a store in `d` that has a small value, a large one, and devices. */
import { Machine } from './in-process.js';
import { deviceStatus, largeBytes, type MemoryStore } from './memory-store.js';

export const largeValue = Buffer.alloc(largeBytes + 5, 'large ');

export async function machineWithLarge(): Promise<{ machine: Machine; store: MemoryStore }> {
  const machine = new Machine();
  const opened = await machine.stores.open('/work/d', { createIfMissing: true, engine: {} });
  await opened.put(Buffer.from('small'), Buffer.from('value'));
  await opened.put(Buffer.from('video'), largeValue);
  const store = machine.stores.byFolder.get('/work/d') as MemoryStore;
  store.devices_ = Array.from({ length: 6 }, (_, number) => deviceStatus(number));
  for (const { path } of store.devices_) machine.files.makeDirectory(path);
  return { machine, store };
}
