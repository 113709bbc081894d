/**
 * The worker's end of a resident thread's port: requests are taken between batches, without an
 * event loop turn, and answered by number.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { failure, type Outcome } from './outcome.js';

export interface ThreadRequest {
  readonly id: number;
  readonly task: string;
  readonly argument: unknown;
}

export interface ThreadPort {
  /** The next request, or null when none waits. */
  receive(): ThreadRequest | null;
  answer(request: ThreadRequest, value: unknown): void;
  refuse(request: ThreadRequest, error: unknown): void;
  /** Reports something that nobody asked for. */
  report(event: unknown): void;
  close(): void;
}

export function createThreadPort(port: MessagePort): ThreadPort {
  const send = (id: number, outcome: Outcome<unknown>) => port.postMessage({ id, outcome });
  return {
    receive: () => receiveMessageOnPort(port)?.message ?? null,
    answer: (request, value) => send(request.id, { kind: 'ok', value }),
    refuse: (request, error) => send(request.id, failure(error)),
    report: (event) => port.postMessage({ event }),
    close: () => port.close(),
  };
}
