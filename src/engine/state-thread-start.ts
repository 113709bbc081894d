/** The state thread's beginning: prepares, then serves, as its messages say. */
import type { MessagePort } from 'node:worker_threads';
import { alignedBytes, nodeFileSystem } from '../io/index.js';
import { loadKernel } from '../kernel/index.js';
import { classicStores, LiveSnapshots, StateControl } from '../metadata/index.js';
import { createThreadPort, type Outcome, outcomeOf, type ThreadPort } from '../pool/index.js';
import { type ArenaLayout, attachLane } from '../telemetry/index.js';
import { stagingBytes } from './log-service.js';
import { stateMeter } from './state-meter.js';
import { type ServingState, type StateServe, serveState } from './state-service.js';

export interface StateThreadArgument {
  readonly serve: StateServe;
  readonly kernel: string | undefined;
  readonly ring: Uint8Array;
  readonly control: SharedArrayBuffer;
  readonly liveSnapshots: SharedArrayBuffer;
  readonly metrics: ArenaLayout;
}

export interface StateThreadMessage {
  readonly argument: StateThreadArgument;
  readonly port: MessagePort;
}

/** Opens the state and leaves its loop running. */
export function runStateThread(message: StateThreadMessage): Promise<Outcome<null>> {
  return outcomeOf(async () => {
    const { argument } = message;
    const fileSystem = nodeFileSystem();
    const port = createThreadPort(message.port);
    const serving = await serveState(argument.serve, {
      fileSystem,
      stores: classicStores(fileSystem),
      kernel: loadKernel({ force: argument.kernel }).kernel,
      ring: argument.ring,
      control: new StateControl(argument.control),
      liveSnapshots: new LiveSnapshots(argument.liveSnapshots),
      staging: alignedBytes(stagingBytes),
      meter: stateMeter(attachLane(argument.metrics, 'state')),
      died: (blobs) => port.report({ died: blobs.map(({ manifest }) => manifest) }),
    });
    setImmediate(() => void serve(serving, port));
    return null;
  });
}

/** Runs the loop to its end and says how it ended; never rejects. */
async function serve({ loop, store }: ServingState, port: ThreadPort): Promise<void> {
  const ended = await outcomeOf(async () => {
    try {
      await loop.run();
    } finally {
      await store.close();
    }
    return null;
  });
  port.report({ ended });
}
