/** The entry of a process that runs one measurement of the suite `blob` or fills one folder. */
import { serveIsolated } from '../harness/index.js';
import { type BlobRun, runBlobs } from './run.js';

serveIsolated((request) => runBlobs(request as BlobRun));
