/** The log thread's life: marks when idle, requests, spares, full disks; its port is scripted. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, isThemisError, MiB, ThemisError } from '../../src/base/index.js';
import { type Clock, FaultyFileSystem, type FileSystem } from '../../src/io/index.js';
import {
  failure,
  type Outcome,
  type ThreadPort,
  type ThreadRequest,
} from '../../src/pool/index.js';
import { LogThread } from '../../src/wal/log-thread.js';
import type { LogWriterStatus } from '../../src/wal/log-writer.js';
import { type Preparation, prepareFile } from '../../src/wal/preparation.js';
import { logPhases, logWords } from '../../src/wal/ring.js';
import { folder, namesOf, recover, segmentBytes } from './log-fixture.js';
import { LoopUnderTest } from './loop-fixture.js';

/**
 * A port that is asked whenever the thread found nothing to write. Each look takes the next step of
 * the script: a task to request, something that happens and wakes the thread, or `idle`: nothing
 * happens and the thread sleeps. At the end comes `stop`.
 */
type Step = readonly [string, unknown] | (() => void) | 'idle';

class ScriptedPort implements ThreadPort {
  readonly answers: unknown[] = [];
  readonly refusals: unknown[] = [];
  readonly reports: unknown[] = [];
  readonly #script: Step[];
  readonly #control: Int32Array;
  #stopped = false;

  constructor(script: readonly Step[], control: Int32Array) {
    this.#script = [...script];
    this.#control = control;
  }

  receive(): ThreadRequest | null {
    if (this.#stopped) return null;
    const step = this.#script.shift();
    if (step === undefined) {
      this.#stopped = true;
      return { id: 0, task: 'stop', argument: null };
    }
    if (step === 'idle') return null;
    if (typeof step === 'function') {
      step();
      Atomics.add(this.#control, logWords.wake, 1);
      return null;
    }
    return { id: 1, task: step[0], argument: step[1] };
  }

  answer(_request: ThreadRequest, value: unknown): void {
    this.answers.push(value);
  }

  refuse(_request: ThreadRequest, error: unknown): void {
    this.refusals.push(error);
  }

  report(event: unknown): void {
    this.reports.push(event);
  }

  close(): void {
    throw new RangeError('the port is not the thread to close');
  }
}

/** Time that passes when it is looked at. */
function clockOf(stepMs: number): Clock {
  let now = 1000;
  return {
    monotonicMs: () => {
      now += stepMs;
      return now;
    },
    wallMs: () => now,
  };
}

interface Run {
  readonly it: LoopUnderTest;
  readonly port: ScriptedPort;
  readonly run: () => void;
}

function threadOver(
  it: LoopUnderTest,
  script: readonly Step[],
  options: {
    readonly buffered?: boolean;
    readonly stepMs?: number;
    readonly prepares?: boolean;
  } = {},
): Run {
  const port = new ScriptedPort(script, it.control);
  const { loop, writer, control } = it;
  const { buffered = false, stepMs = 0.05, prepares = false } = options;
  const clock = clockOf(stepMs);
  const thread = new LogThread({ loop, writer, control, clock, port, buffered, prepares });
  return { it, port, run: () => thread.run() };
}

function putAndPublish(it: LoopUnderTest, bytes = 100): void {
  it.putAll(bytes);
  it.publish();
}

test('what was published before a stop is written, marked and closed', () => {
  const fs = folder();
  const it = new LoopUnderTest(fs);
  const { port, run } = threadOver(it, [() => putAndPublish(it), () => putAndPublish(it)]);
  run();
  assert.equal(port.answers, [null]);
  assert.equal([it.durable, it.word('phase')], [it.ring.head, logPhases.stopped]);
  assert.is(it.writer.status().state, 'closed');
  const { found, recovered } = recover(fs.crash('drop-unsynced'));
  assert.equal(namesOf(found), ['1/1', '1/2']);
  assert.equal(recovered.repaired, [], 'everything is proved synced');
});

test('a log that falls idle is marked, so that its last batch is proved synced, once', () => {
  const it = new LoopUnderTest(folder());
  const status: LogWriterStatus[] = [];
  const look = () => status.push(it.writer.status());
  const { run } = threadOver(it, [() => putAndPublish(it), 'idle', look, look]);
  const before = it.writer.status().position;
  run();
  const [first] = status;
  assert.is(first?.position, before + 8192, 'the batch, and behind it the mark');
  assert.is(first?.syncedPosition, first?.position);
});

test('requests are answered in order: truncate, restart, status', () => {
  const it = new LoopUnderTest(folder(), { ringBytes: 1 << 18 });
  for (let i = 0; i < 6; i++) putAndPublish(it, 30_000);
  const { port, run } = threadOver(it, [
    ['status', null],
    ['truncate', { stream: 1, index: 6 }],
    ['status', null],
    ['restart', { stream: 1 }],
  ]);
  run();
  const [before, truncated, after, restarted] = port.answers as LogWriterStatus[];
  assert.equal([truncated, restarted, port.refusals], [null, null, []]);
  assert.ok((before?.segments ?? 0) > 1);
  assert.is(after?.segments, 1);
});

test('an unknown request ends the log: the two sides do not speak the same language', () => {
  const it = new LoopUnderTest(folder());
  const { port, run } = threadOver(it, [['sing', null]]);
  assert.throws(run, /unknown request sing/);
  assert.is(port.refusals.length, 1);
  assert.is(it.word('phase'), logPhases.failed);
});

test('a truncation makes spares of what it retired, in idle time', () => {
  const it = new LoopUnderTest(folder(), { ringBytes: 1 << 18, spareSegments: 2 });
  for (let i = 0; i < 6; i++) putAndPublish(it, 30_000);
  let spares = 0;
  const nothing = () => undefined;
  const { run } = threadOver(it, [
    ['truncate', { stream: 1, index: 6 }],
    nothing,
    nothing,
    nothing,
    () => {
      spares = it.writer.status().spares;
    },
  ]);
  run();
  assert.is(spares, 2);
});

test('under load spares are made at the pace at which the log uses them up', () => {
  const faulty = new FaultyFileSystem(folder());
  const it = new LoopUnderTest(faulty, {
    ringBytes: 16 * MiB,
    segmentBytes: 16 * MiB,
    spareSegments: 2,
    staging: new Uint8Array(4 * MiB),
  });
  const steps = () => {
    const calls = faulty.calls().filter(({ operation }) => operation === 'write');
    return calls.filter(({ path }) => path.includes('spare-')).length;
  };
  const seen: number[] = [];
  const { run } = threadOver(it, [() => seen.push(steps())]);
  const before = steps();
  while (it.put(240_000));
  it.publish();
  run();
  assert.ok(
    it.batches.every((records) => records > 4),
    'batches are larger than a step',
  );
  const written = (it.ring.head * 8) / MiB;
  assert.is((seen[0] ?? 0) - before, Math.floor(written), 'one step for each MiB');
});

/** A log whose first segment is full, and the words for what its thread asked for. */
function fullSegment(): LoopUnderTest {
  const it = new LoopUnderTest(folder(), { ringBytes: 1 << 18, spareSegments: 2 });
  for (let i = 0; i < 3; i++) putAndPublish(it, 30_000);
  return it;
}

function prepared(it: LoopUnderTest, fs: FileSystem, port: ScriptedPort): Outcome<null> {
  const { preparation } = port.reports.at(-1) as { preparation: Preparation };
  prepareFile(fs, { preparation, control: it.control });
  return { kind: 'ok', value: null };
}

test('a new segment has files prepared, one at a time, until there are enough', () => {
  const fs = folder();
  const it = new LoopUnderTest(fs, { ringBytes: 1 << 18, spareSegments: 2, ballastBytes: 8192 });
  for (let i = 0; i < 3; i++) putAndPublish(it, 30_000);
  const spares: number[] = [];
  const look = () => spares.push(it.writer.status().spares);
  const argument = { kind: 'ok', value: null };
  const script: Step[] = [];
  for (let i = 0; i < 3; i++) {
    script.push(() => prepared(it, fs, port), ['prepared', argument], look);
  }
  const { port, run } = threadOver(it, script, { prepares: true });
  run();
  assert.equal(spares, [1, 2, 2]);
  const kinds = (port.reports as { preparation: Preparation }[]).map((r) => r.preparation.kind);
  assert.equal(kinds, ['spare', 'spare', 'ballast']);
  assert.is(it.writer.status().ballast, 'kept');
});

test('without the other thread the log makes its files itself', () => {
  const it = fullSegment();
  const gone = failure(new ThemisError('THEMIS_TASK_FAILED', 'exit code 1'));
  const nothing = () => undefined;
  const { port, run } = threadOver(it, [['prepared', gone], nothing, nothing, nothing], {
    prepares: true,
  });
  run();
  assert.is(it.writer.status().spares, 2);
  assert.is(port.reports.length, 1);
});

test('a full disk met by the other thread stops new records; another error stops the log', () => {
  for (const code of ['THEMIS_DISK_FULL', 'THEMIS_IO'] as const) {
    const it = fullSegment();
    const words: number[] = [];
    const { run } = threadOver(
      it,
      [['prepared', failure(new ThemisError(code, 'no'))], () => words.push(it.word('full'))],
      { prepares: true },
    );
    if (code === 'THEMIS_IO') assert.throws(run, /The log failed/);
    else run();
    assert.equal(words, code === 'THEMIS_IO' ? [] : [1]);
  }
});

test('a request is answered between two batches, however many wait', () => {
  const it = new LoopUnderTest(folder(), { staging: new Uint8Array(8192) });
  it.putAll(5000, 5000, 5000);
  it.publish();
  Atomics.add(it.control, logWords.requests, 1);
  const batches: number[] = [];
  const { run } = threadOver(it, [() => batches.push(it.batches.length)]);
  run();
  assert.equal(batches, [1]);
});

test('a failing write ends the thread and says so', () => {
  const faulty = new FaultyFileSystem(folder());
  const it = new LoopUnderTest(faulty);
  faulty.inject({ operation: 'write', path: '.wal', error: 'EIO' });
  const { run } = threadOver(it, [() => putAndPublish(it)]);
  let thrown: unknown = null;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  assert.ok(isThemisError(thrown, 'THEMIS_LOG_FAILED'));
  assert.is(codeOf(thrown.cause), 'EIO');
  assert.equal([it.word('phase'), it.durable], [logPhases.failed, 0]);
});

test('a full disk is looked at again until there is space; then the rest is written', () => {
  const fs = folder();
  const faulty = new FaultyFileSystem(fs);
  const it = new LoopUnderTest(faulty, { ringBytes: 1 << 18 });
  faulty.inject({ operation: 'write', path: 'spare-', error: 'ENOSPC', sticky: true });
  for (let i = 0; i < 4; i++) putAndPublish(it, 30_000);
  const words: number[] = [];
  const nothing = () => undefined;
  const script: Step[] = [
    () => words.push(it.word('full')),
    nothing,
    () => faulty.heal(),
    ...new Array<() => void>(8).fill(nothing),
    () => words.push(it.word('full')),
  ];
  threadOver(it, script, { stepMs: 60 }).run();
  assert.equal(words, [1, 0]);
  assert.is(it.durable, it.ring.head);
  assert.is(recover(fs.crash('drop-unsynced')).found.length, 4);
});

test('buffered durability syncs after a while, and before the thread ends', () => {
  const fs = folder();
  const it = new LoopUnderTest(fs, { syncMode: 'buffered' });
  const positions: (readonly [number, number])[] = [];
  const look = () => {
    const { position, syncedPosition } = it.writer.status();
    positions.push([position, syncedPosition]);
  };
  const script: Step[] = [() => putAndPublish(it), look, 'idle', look];
  threadOver(it, script, { buffered: true, stepMs: 1 }).run();
  const [position, synced] = positions.at(-1) ?? [0, -1];
  assert.is(synced, position, 'an idle log is synced');
  assert.is(recover(fs.crash('drop-unsynced'), { syncMode: 'buffered' }).found.length, 1);
  assert.ok(position < 2 * segmentBytes);
});

test.run();
