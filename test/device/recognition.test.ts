/** What a folder is, and how an empty one becomes a device. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { initializeFolder, recognizeFolder } from '../../src/device/recognition.js';
import {
  crashPointOperations,
  FaultyFileSystem,
  type FileCall,
  MemoryFileSystem,
  seededRandom,
} from '../../src/io/index.js';
import { clusterId, kernel, nodeId } from './device-fixture.js';

const identity = {
  clusterId,
  nodeId,
  deviceId: new Uint8Array(16).fill(3),
  session: 1,
  createdMs: 5,
  number: 0,
};

function touch(fs: MemoryFileSystem, path: string): void {
  fs.open(path, { access: 'read-write', create: true }).close();
}

test('each kind of folder', () => {
  const table: readonly (readonly [string, (fs: MemoryFileSystem) => void])[] = [
    ['missing', () => undefined],
    ['missing', (fs) => touch(fs, '/d')],
    ['empty', (fs) => fs.makeDirectory('/d')],
    [
      'empty',
      (fs) => {
        for (const path of ['/d', '/d/lost+found', '/d/volumes']) fs.makeDirectory(path);
        touch(fs, '/d/device.partial');
      },
    ],
    [
      'strange',
      (fs) => {
        fs.makeDirectory('/d');
        touch(fs, '/d/holiday.jpg');
      },
    ],
    [
      'strange',
      (fs) => {
        for (const path of ['/d', '/d/volumes']) fs.makeDirectory(path);
        touch(fs, '/d/volumes/00000001.volume');
      },
    ],
    ['device', (fs) => initializeFolder(fs, '/d', kernel, identity)],
    [
      'damaged',
      (fs) => {
        initializeFolder(fs, '/d', kernel, identity);
        for (const at of [20, 4_116]) fs.flipBit('/d/device', at, 1);
      },
    ],
  ];
  for (const [kind, prepare] of table) {
    const fs = new MemoryFileSystem();
    prepare(fs);
    assert.is(recognizeFolder(fs, '/d', kernel).kind, kind);
  }
});

test('a folder that the system refuses is unreadable, with its code', () => {
  const fs = new MemoryFileSystem();
  fs.makeDirectory('/d');
  const faulty = new FaultyFileSystem(fs, { rules: [{ operation: 'list', error: 'EIO' }] });
  const found = recognizeFolder(faulty, '/d', kernel);
  assert.is(found.kind === 'unreadable' ? found.code : found.kind, 'EIO');
});

test('a crash while a folder becomes a device leaves none, an empty one, or a device', () => {
  const fs = new MemoryFileSystem();
  const random = seededRandom(1).stream('crash');
  const kinds = new Set<string>();
  const onCall = ({ operation }: FileCall): void => {
    if (!crashPointOperations.includes(operation)) return;
    for (const choice of ['keep-all', 'drop-unsynced', { random }, { random }] as const) {
      kinds.add(recognizeFolder(fs.crash(choice), '/d', kernel).kind);
    }
  };
  initializeFolder(new FaultyFileSystem(fs, { onCall }), '/d', kernel, identity);
  assert.equal([...kinds].sort(), ['device', 'empty', 'missing']);
  const { kind } = recognizeFolder(fs.crash('drop-unsynced'), '/d', kernel);
  assert.is(kind, 'device', 'durable when it returned');
});

test.run();
