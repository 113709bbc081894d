/** The log thread's beginning: builds its surroundings from what crossed the border. */
import type { MessagePort } from 'node:worker_threads';
import { alignedBytes, nodeClock, nodeFileSystem } from '../io/index.js';
import { loadKernel } from '../kernel/index.js';
import { createThreadPort, failure, type Outcome, outcomeOf } from '../pool/index.js';
import { type ArenaLayout, attachLane } from '../telemetry/index.js';
import { logMeter } from './log-meter.js';
import { type LogReport, type LogStart, serveLog, stagingBytes, startLog } from './log-service.js';

/** What travels to the log thread. */
export interface LogThreadArgument {
  readonly start: LogStart;
  readonly kernel: string | undefined;
  readonly memory: Uint8Array;
  readonly control: Int32Array;
  readonly metrics: ArenaLayout;
}

export interface LogThreadMessage {
  readonly argument: LogThreadArgument;
  readonly port: MessagePort;
}

/** Starts the log and leaves its loop running; resolves with what recovery found. */
export function runLogThread({ argument, port }: LogThreadMessage): Promise<Outcome<LogReport>> {
  return outcomeOf(() => {
    const around = {
      fileSystem: nodeFileSystem(),
      kernel: loadKernel({ force: argument.kernel }).kernel,
      clock: nodeClock(),
      staging: alignedBytes(stagingBytes),
      memory: argument.memory,
      control: argument.control,
      meter: logMeter(attachLane(argument.metrics, 'log')),
    };
    const started = startLog(argument.start, around);
    const threadPort = createThreadPort(port);
    const buffered = argument.start.syncMode === 'buffered';
    setImmediate(() => {
      try {
        serveLog(started, around, threadPort, buffered);
      } catch (error) {
        threadPort.report({ ended: failure(error) });
      }
    });
    return started.report;
  });
}
