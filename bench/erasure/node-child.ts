/** The entry of a process that runs one operation of the suite in Node. */
import { serveIsolated } from '../harness/index.js';
import { type NodeRun, runInNode } from './node-run.js';

serveIsolated((request) => runInNode(request as NodeRun));
