/** The worker's end of a port: requests without an event loop turn, answers by number. */
import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createThreadPort, type ThreadPort } from '../../src/pool/index.js';

function ports(): { readonly main: MessagePort; readonly worker: ThreadPort } {
  const { port1, port2 } = new MessageChannel();
  return { main: port1, worker: createThreadPort(port2) };
}

async function next(port: MessagePort): Promise<unknown> {
  const [message] = await once(port, 'message');
  return message;
}

test('requests are taken at once, in order, and null means that none waits', () => {
  const { main, worker } = ports();
  assert.is(worker.receive(), null);
  for (const id of [1, 2]) main.postMessage({ id, task: 'status', argument: { id } });
  assert.equal(worker.receive(), { id: 1, task: 'status', argument: { id: 1 } });
  assert.equal(worker.receive(), { id: 2, task: 'status', argument: { id: 2 } });
  assert.is(worker.receive(), null);
  worker.close();
});

test('an answer and a refusal carry the number of their request; a report has none', async () => {
  const { main, worker } = ports();
  const request = { id: 7, task: 'truncate', argument: null };
  worker.answer(request, { done: true });
  const answer = { id: 7, outcome: { kind: 'ok', value: { done: true } } };
  assert.equal(await next(main), answer);
  worker.refuse(request, Object.assign(new TypeError('no'), { code: 'EIO' }));
  const refusal = (await next(main)) as { id: number; outcome: { kind: string; code: string } };
  assert.equal([refusal.id, refusal.outcome.kind, refusal.outcome.code], [7, 'failed', 'EIO']);
  worker.report({ ended: 1 });
  assert.equal(await next(main), { event: { ended: 1 } });
  worker.close();
});

test('closing ends both ends', async () => {
  const { main, worker } = ports();
  const closed = once(main, 'close');
  main.ref();
  worker.close();
  await closed;
});

test.run();
