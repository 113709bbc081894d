/** The thread of themis-log.ts: an empty log, opened and served as the engine's log thread does. */
import type { MessagePort } from 'node:worker_threads';
import { limits } from '../../src/config/index.js';
import { alignedBytes, nodeClock, nodeFileSystem } from '../../src/io/index.js';
import { loadKernel } from '../../src/kernel/index.js';
import { createThreadPort, failure, type Outcome, outcomeOf } from '../../src/pool/index.js';
import { LogLoop, LogThread, LogWriter, recoverLog } from '../../src/wal/index.js';
import type { LogSync } from './contestant.js';

export interface ThemisLogArgument {
  readonly folder: string;
  readonly sync: LogSync;
  readonly memory: Uint8Array;
  readonly control: Int32Array;
}

/** What the pool hands over. */
interface ThreadMessage {
  readonly argument: ThemisLogArgument;
  readonly port: MessagePort;
}

const idBytes = 16;

/** Called by the pool; resolves when the log is open and leaves its loop running. */
export function run({ argument, port }: ThreadMessage): Promise<Outcome<null>> {
  return outcomeOf(() => {
    const { memory, control } = argument;
    const clock = nodeClock();
    const options = {
      fileSystem: nodeFileSystem(),
      kernel: loadKernel().kernel,
      directory: argument.folder,
      identity: {
        clusterId: new Uint8Array(idBytes).fill(1),
        nodeId: new Uint8Array(idBytes).fill(2),
        incarnation: 1,
      },
      syncMode: argument.sync,
      staging: alignedBytes(limits.commandBytesMax + limits.batchBytesMax + 64 * 1024),
    };
    const recovered = recoverLog({ ...options, acceptLoss: false, onRecord: () => undefined });
    const writer = new LogWriter(options, recovered.tail);
    // The program in C fills its file before it counts, too; recycled segments are filled again.
    while (writer.prepareSpare());
    const monotonicMs = (): number => clock.monotonicMs();
    const loop = new LogLoop({
      memory,
      control,
      writer,
      monotonicMs,
      meter: { batch: () => undefined },
    });
    const threadPort = createThreadPort(port);
    const thread = new LogThread({
      loop,
      writer,
      control,
      clock,
      port: threadPort,
      buffered: false,
      prepares: true,
    });
    setImmediate(() => {
      try {
        thread.run();
      } catch (error) {
        threadPort.report({ ended: failure(error) });
      }
    });
    return null;
  });
}
