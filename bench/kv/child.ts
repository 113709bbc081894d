/** The entry of a process that runs one measurement or loads one dataset. */
import { serveIsolated } from '../harness/index.js';
import { type KvLoad, type KvRun, loadKv, runKv } from './run.js';

serveIsolated((request, progress) => {
  const work = request as KvRun | KvLoad;
  return work.kind === 'run' ? runKv(work, progress) : loadKv(work);
});
