/** The driver of the log's thread, with the thread's shared words and events played by the test. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, ThemisError } from '../../src/base/index.js';
import { failure, type Outcome, type ResidentThread } from '../../src/pool/index.js';
import { LogThreadDriver } from '../../src/wal/log-thread-driver.js';
import type { Preparation, PreparationTask, Prepare } from '../../src/wal/preparation.js';
import { logControlWords, logPhases, logWords } from '../../src/wal/ring.js';

/** What the driver uses of a thread. */
class ThreadPlayed {
  readonly requests: string[] = [];
  readonly arguments: unknown[] = [];
  references = 0;
  isClosed = false;
  reported: (event: unknown) => void = () => undefined;
  died: (error: ThemisError) => void = () => undefined;

  ref(): void {
    this.references++;
  }

  unref(): void {
    this.references--;
  }

  async request(task: string, argument: unknown): Promise<string> {
    this.requests.push(task);
    this.arguments.push(argument);
    return `${task} done`;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

function played(prepare: Prepare = () => Promise.resolve(null)) {
  const control = new Int32Array(new SharedArrayBuffer(logControlWords * 4));
  const thread = new ThreadPlayed();
  const driver = new LogThreadDriver(
    thread as Partial<ResidentThread> as ResidentThread,
    control,
    prepare,
  );
  return { control, thread, driver };
}

function signal(control: Int32Array): void {
  Atomics.add(control, logWords.signal, 1);
  Atomics.notify(control, logWords.signal);
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('a wake costs nothing while the thread works, and rouses it when it sleeps', () => {
  const { control, driver } = played();
  driver.wake();
  assert.is(control[logWords.wake], 0);
  control[logWords.sleeping] = 1;
  driver.wake();
  assert.is(control[logWords.wake], 1);
});

test('a watch keeps the process alive until the durable position moves', async () => {
  const { control, thread, driver } = played();
  const keepAlive = setInterval(() => undefined, 1000);
  let changes = 0;
  driver.watch(0, () => changes++);
  await turns();
  assert.equal([changes, thread.references], [0, 1]);
  control[logWords.durable] = 8;
  signal(control);
  while (changes === 0) await turns();
  assert.equal([changes, thread.references], [1, 0]);
  clearInterval(keepAlive);
});

test('a lone writer is told by looking; a slow disk is waited for asleep', async () => {
  const { control, thread, driver } = played();
  const keepAlive = setInterval(() => undefined, 1000);
  let changes = 0;
  driver.watch(0, () => changes++);
  await turns();
  assert.equal([changes, thread.references], [0, 1]);
  control[logWords.durable] = 8;
  await turns();
  assert.equal([changes, thread.references], [1, 0]);
  driver.watch(8, () => changes++);
  for (let turn = 0; turn < 400; turn++) await turns();
  control[logWords.durable] = 16;
  await turns();
  assert.is(changes, 1, 'it looks no more');
  signal(control);
  while (changes === 1) await turns();
  clearInterval(keepAlive);
});

test('a watch for what has happened already is answered at once', async () => {
  for (const word of [logWords.durable, logWords.phase]) {
    const { control, driver } = played();
    control[word] = 1;
    let changes = 0;
    driver.watch(0, () => changes++);
    assert.is(changes, 0, 'not within the call');
    await turns();
    assert.is(changes, 1);
  }
});

test('a request rouses the thread, also one that seems awake', async () => {
  const { control, thread, driver } = played();
  assert.is(await driver.request('status', null), 'status done');
  assert.is(control[logWords.wake], 1);
  await driver.request('stop', null);
  assert.equal(thread.requests, ['status', 'stop']);
  await driver.close();
  assert.ok(thread.isClosed);
});

const preparation: Preparation = { kind: 'ballast', path: '/log/ballast', bytes: 4096 };

test('a file is prepared elsewhere, and the thread is told how that ended', async () => {
  for (const error of [null, new ThemisError('THEMIS_DISK_FULL', 'no space')]) {
    const tasks: PreparationTask[] = [];
    const { control, thread } = played(async (task) => {
      tasks.push(task);
      if (error !== null) throw error;
      return null;
    });
    thread.reported({ preparation });
    await turns();
    assert.equal(tasks, [{ preparation, control }]);
    assert.equal(thread.requests, ['prepared']);
    const [outcome] = thread.arguments as Outcome<null>[];
    assert.is(outcome?.kind === 'failed' ? outcome.code : null, error?.code ?? null);
    assert.is(control[logWords.requests], 1, 'the thread looks for it between batches');
  }
});

test('close waits for what is being prepared; an ended log is told nothing', async () => {
  let end: (value: null) => void = () => undefined;
  const ended = new Promise<null>((resolve) => {
    end = resolve;
  });
  const { control, thread, driver } = played(() => ended);
  thread.reported({ preparation });
  let isClosed = false;
  const closing = driver.close().then(() => {
    isClosed = true;
  });
  await turns();
  assert.not(isClosed);
  control[logWords.phase] = logPhases.stopped;
  end(null);
  await closing;
  assert.equal(thread.requests, []);
});

test('why the log ended is what the thread reports, with its code', async () => {
  const { thread, driver } = played();
  const waiting = driver.failure();
  assert.is(thread.references, 1, 'waiting for it keeps the process alive');
  thread.reported({ ended: failure(new ThemisError('THEMIS_DISK_FULL', 'no space')) });
  assert.ok(isThemisError(await waiting, 'THEMIS_DISK_FULL'));
  assert.is(thread.references, 0);
});

test('the death of the thread is a failed log, told to whoever watches', async () => {
  const { control, thread, driver } = played();
  const keepAlive = setInterval(() => undefined, 1000);
  let changes = 0;
  driver.watch(0, () => changes++);
  thread.died(new ThemisError('THEMIS_TASK_FAILED', 'exit code 3'));
  while (changes === 0) await turns();
  assert.is(control[logWords.phase], logPhases.failed);
  const error = await driver.failure();
  assert.ok(isThemisError(error, 'THEMIS_LOG_FAILED'));
  assert.match(error.message, 'exit code 3');
  clearInterval(keepAlive);
});

test.run();
