/** The fault injector: rules, the log of calls, crash points. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  crashPointOperations,
  type FaultRule,
  FaultyFileSystem,
  type FileHandle,
  type FileOperation,
  type FileSystem,
  fileOperations,
  isInjected,
  MemoryFileSystem,
  nodeFileSystem,
} from '../../src/io/index.js';
import { fileSystemContract } from '../contract/file-system.js';
import { temporaryFolder } from './temporary-folder.js';

const create = { access: 'read-write', create: true } as const;

fileSystemContract(test, 'faulty without rules', () => {
  const memory = new MemoryFileSystem();
  memory.makeDirectory('/db');
  memory.syncDirectory('/');
  const afterPowerCut = (): FileSystem => memory.crash('drop-unsynced');
  return { files: new FaultyFileSystem(memory), root: '/db', direct: true, afterPowerCut };
});

/** Performs every operation once; returns what it left open. */
const everyOperation: Readonly<Record<FileOperation, (files: FileSystem) => unknown>> = {
  open: (files) => files.open('/f', { access: 'read' }),
  read: (files) => opened(files).read(new Uint8Array(1), 0, 1, 0),
  write: (files) => opened(files).write(new Uint8Array(1), 0, 1, 0),
  sync: (files) => opened(files).sync(),
  list: (files) => files.list('/'),
  stat: (files) => files.stat('/f'),
  makeDirectory: (files) => files.makeDirectory('/d'),
  rename: (files) => files.rename('/f', '/g'),
  unlink: (files) => files.unlink('/f'),
  removeTree: (files) => files.removeTree('/f'),
  syncDirectory: (files) => files.syncDirectory('/'),
  truncate: (files) => opened(files).truncate(0),
  close: (files) => opened(files).close(),
  space: (files) => files.space('/'),
};

function opened(files: FileSystem): FileHandle {
  return files.open('/f', { access: 'read-write' });
}

function withFile(): MemoryFileSystem {
  const memory = new MemoryFileSystem();
  memory.open('/f', create).close();
  return memory;
}

function failureOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}

for (const operation of fileOperations) {
  test(`a rule for ${operation} fails that call alone, recognisably`, () => {
    const files = new FaultyFileSystem(withFile(), { rules: [{ operation, error: 'EIO' }] });
    const error = failureOf(() => everyOperation[operation](files));
    assert.ok(isInjected(error), `${error}`);
    assert.is(Reflect.get(error as Error, 'code'), 'EIO');
    assert.is(files.fired(), 1);
    for (const other of fileOperations) {
      const healthy = new FaultyFileSystem(withFile(), { rules: [{ operation, error: 'EIO' }] });
      if (other === operation || (operation === 'open' && other !== 'space')) continue;
      assert.is(
        failureOf(() => everyOperation[other](healthy)),
        null,
        other,
      );
    }
  });
}

test('rules count the calls they match: nth, once or from there on', () => {
  const outcomes = (rule: Omit<FaultRule, 'error'>): string => {
    const files = new FaultyFileSystem(withFile(), { rules: [{ ...rule, error: 'ENOSPC' }] });
    files.stat('/other');
    const results = ['/f', '/g', '/f', '/g', '/f'].map((path) => failureOf(() => files.stat(path)));
    return results.map((error) => (error === null ? '.' : 'x')).join('');
  };
  assert.is(outcomes({ operation: 'stat', path: '/f' }), 'x....');
  assert.is(outcomes({ operation: 'stat', path: '/f', nth: 2 }), '..x..');
  assert.is(outcomes({ operation: 'stat', path: '/f', nth: 2, sticky: true }), '..x.x');
  assert.is(outcomes({ nth: 3 }), '.x...');
  assert.is(outcomes({ operation: 'list', sticky: true }), '.....');
});

test('heal removes rules, inject adds them later', () => {
  const files = new FaultyFileSystem(withFile(), { rules: [{ error: 'EIO', sticky: true }] });
  assert.ok(isInjected(failureOf(() => files.stat('/f'))));
  files.heal();
  assert.is(
    failureOf(() => files.stat('/f')),
    null,
  );
  files.inject({ error: 'ENOENT', nth: 2 });
  assert.is(
    failureOf(() => files.stat('/f')),
    null,
  );
  assert.ok(isInjected(failureOf(() => files.stat('/f'))));
  assert.is(files.fired(), 2);
});

test('a rename is matched by either of its paths', () => {
  for (const path of ['/f', '/g']) {
    const rules = [{ operation: 'rename', path, error: 'EIO' }] as const;
    const files = new FaultyFileSystem(withFile(), { rules });
    assert.ok(isInjected(failureOf(() => files.rename('/f', '/g'))));
  }
});

test('a failing call has no effect, unless the rule says that it has', () => {
  for (const afterEffect of [false, true]) {
    const memory = withFile();
    const rules = [{ operation: 'rename', error: 'EIO', afterEffect }] as const;
    const files = new FaultyFileSystem(memory, { rules });
    assert.ok(isInjected(failureOf(() => files.rename('/f', '/g'))));
    assert.equal(memory.paths(), [afterEffect ? '/g' : '/f']);
  }
});

test('short reads and writes do a part and say how much', () => {
  const memory = withFile();
  const files = new FaultyFileSystem(memory, {
    rules: [
      { operation: 'write', error: 'short-write', sticky: true },
      { operation: 'read', error: 'short-read', sticky: true },
    ],
  });
  const handle = opened(files);
  const bytes = new Uint8Array(65_536).fill(1);
  for (const [length, written] of [
    [1, 1],
    [100, 50],
    [1_024, 512],
    [4_096, 2_048],
    [12_288, 4_096],
    [65_536, 32_768],
  ] as const) {
    handle.truncate(0);
    assert.is(handle.write(bytes, 0, length, 0), written);
    assert.is(handle.size(), written);
  }
  assert.is(handle.read(bytes, 0, 65_536, 0), 32_768);
  assert.throws(() => files.inject({ operation: 'sync', error: 'short-write' }), /operation/);
  assert.throws(() => files.inject({ error: 'short-read' }), /operation/);
  assert.throws(() => files.inject({ error: 'EIO', nth: 0 }), /from 1/);
});

test('a failed sync loses the data: the next one succeeds without it', () => {
  const memory = withFile();
  memory.syncDirectory('/');
  const rules = [{ operation: 'sync', error: 'EIO', nth: 2 }] as const;
  const handle = opened(new FaultyFileSystem(memory, { rules }));
  handle.write(new Uint8Array(1_024).fill(1), 0, 1_024, 0);
  handle.sync();
  handle.write(new Uint8Array(512).fill(2), 0, 512, 0);
  assert.ok(isInjected(failureOf(() => handle.sync())));
  handle.sync();
  assert.is(memory.bytesOf('/f')[0], 2, 'reads still see it');
  for (const choice of ['drop-unsynced', 'keep-all'] as const) {
    assert.equal(memory.crash(choice).bytesOf('/f'), new Uint8Array(1_024).fill(1));
  }
  handle.write(new Uint8Array(512).fill(2), 0, 512, 0);
  handle.sync();
  assert.is(memory.crash('drop-unsynced').bytesOf('/f')[0], 2, 'writing it again helps');
});

test('a failed sync that keeps the data leaves it to the next one', () => {
  const memory = withFile();
  memory.syncDirectory('/');
  const rules = [{ operation: 'sync', error: 'EIO', loses: false }] as const;
  const handle = opened(new FaultyFileSystem(memory, { rules }));
  handle.write(Uint8Array.of(1), 0, 1, 0);
  assert.ok(isInjected(failureOf(() => handle.sync())));
  assert.equal([...memory.crash('drop-unsynced').bytesOf('/f')], []);
  handle.sync();
  assert.equal([...memory.crash('drop-unsynced').bytesOf('/f')], [1]);
});

test('a close that fails has closed', () => {
  const handle = opened(
    new FaultyFileSystem(withFile(), { rules: [{ operation: 'close', error: 'EIO' }] }),
  );
  assert.ok(isInjected(failureOf(() => handle.close())));
  assert.throws(() => handle.size(), /EBADF/);
});

test('onCall sees every call before and after it, in order, and may end the work', () => {
  const memory = withFile();
  const seen: string[] = [];
  const files = new FaultyFileSystem(memory, {
    onCall: (call, phase) => {
      seen.push(`${call.index} ${phase} ${call.operation} ${call.path}${call.target ?? ''}`);
      if (call.write !== undefined) {
        seen.push(`${call.write.position}: ${call.write.bytes}`);
        seen.push(`holds ${memory.stat('/f')?.bytes}`);
      }
      if (call.operation === 'unlink') throw new RangeError('killed here');
    },
  });
  const handle = opened(files);
  handle.write(Uint8Array.of(0, 1, 2, 3), 1, 2, 5);
  files.rename('/f', '/g');
  assert.throws(() => files.unlink('/g'), /killed here/);
  assert.equal(seen, [
    '0 before open /f',
    '0 after open /f',
    '1 before write /f',
    '5: 1,2',
    'holds 0',
    '1 after write /f',
    '5: 1,2',
    'holds 7',
    '2 before rename /f/g',
    '2 after rename /f/g',
    '3 before unlink /g',
  ]);
  assert.equal(memory.paths(), ['/g']);
  const logged = files.calls().map(({ operation }) => operation);
  assert.equal(logged, ['open', 'write', 'rename', 'unlink']);
  assert.is(files.calls()[1]?.write, undefined, 'the log holds no bytes');
});

/** Replaces a file the careful way, leaving out one step if a defect is asked for. */
function replace(files: FileSystem, byte: number, leaveOut: FileOperation | null): void {
  if (files.stat('/new') !== null) files.unlink('/new');
  const handle = files.open('/new', create);
  handle.write(new Uint8Array(2_048).fill(byte), 0, 2_048, 0);
  if (leaveOut !== 'sync') handle.sync();
  handle.close();
  files.rename('/new', '/current');
  if (leaveOut !== 'syncDirectory') files.syncDirectory('/');
}

/** Crashes at every boundary of three replacements; says what was wrong with what was left. */
function sweep(leaveOut: FileOperation | null): string[] {
  const memory = new MemoryFileSystem();
  const wrong: string[] = [];
  let acknowledged = 0;
  let boundaries = 0;
  const files = new FaultyFileSystem(memory, {
    onCall: (call) => {
      if (!crashPointOperations.includes(call.operation)) return;
      boundaries += 1;
      for (const choice of ['keep-all', 'drop-unsynced'] as const) {
        const left = memory.crash(choice);
        const bytes = left.stat('/current') === null ? null : left.bytesOf('/current');
        const value = bytes === null ? 0 : (bytes[0] ?? -1);
        const whole = bytes === null || (bytes.length === 2_048 && bytes.every((b) => b === value));
        if (!whole) wrong.push(`torn at ${call.index}`);
        else if (value < acknowledged) wrong.push(`lost ${acknowledged} at ${call.index}`);
      }
    },
  });
  for (let byte = 1; byte <= 3; byte++) {
    replace(files, byte, leaveOut);
    acknowledged = byte;
  }
  assert.ok(boundaries >= 3 * 4 * 2, `${boundaries} boundaries`);
  return wrong;
}

test('a sweep over crash points passes a careful program and catches a careless one', () => {
  assert.equal(sweep(null), []);
  assert.match(sweep('sync').join(), /torn/);
  assert.match(sweep('syncDirectory').join(), /lost/);
});

test('every nth call failing in turn ends with a clean run', () => {
  let clean = false;
  let runs = 0;
  for (let nth = 1; !clean; nth++) {
    const files = new FaultyFileSystem(new MemoryFileSystem(), { rules: [{ nth, error: 'EIO' }] });
    const error = failureOf(() => replace(files, 1, null));
    assert.is(isInjected(error), files.fired() === 1);
    clean = files.fired() === 0;
    runs += 1;
  }
  assert.is(runs, 8, 'seven calls and the clean run');
});

test('faults work over the machine’s files too', () => {
  const path = `${temporaryFolder()}/f`;
  const rules = [{ operation: 'sync', error: 'EIO' }] as const;
  const files = new FaultyFileSystem(nodeFileSystem(), { rules });
  const handle = files.open(path, create);
  assert.ok(isInjected(failureOf(() => handle.sync())));
  handle.sync();
  handle.close();
});

test.run();
