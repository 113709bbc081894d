/** Files for the log, made elsewhere: whole, or left for another time, or a typed error. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, MiB } from '../../src/base/index.js';
import { FaultyFileSystem } from '../../src/io/index.js';
import { makeBallast, type Preparation, prepareFile } from '../../src/wal/preparation.js';
import { logControlWords, logPhases, logWords } from '../../src/wal/ring.js';
import { SpareMaker } from '../../src/wal/spare-maker.js';
import { dir, folder } from './log-fixture.js';

const spare: Preparation = { kind: 'spare', directory: dir, segmentBytes: 2 * MiB, number: 4 };
const ballastPath = `${dir}/ballast`;
const ballast: Preparation = { kind: 'ballast', path: ballastPath, bytes: 3 * MiB + 4096 };

function controlOf(phase: number): Int32Array {
  const control = new Int32Array(new SharedArrayBuffer(logControlWords * 4));
  control[logWords.phase] = phase;
  return control;
}

const running = controlOf(logPhases.running);

test('the spare that is asked for is zero and durable under its name', () => {
  const fs = folder();
  prepareFile(fs, { preparation: spare, control: running });
  const state = fs.crash('drop-unsynced');
  const maker = new SpareMaker({ fileSystem: state, directory: dir, segmentBytes: 2 * MiB });
  assert.equal(maker.numbers('zero'), [4]);
  const bytes = state.bytesOf(maker.path(4, 'zero'));
  assert.ok(bytes.length === 2 * MiB && bytes.every((byte) => byte === 0));
});

test('when the log has ended the work is left undone', () => {
  for (const phase of [logPhases.failed, logPhases.stopped]) {
    const fs = folder();
    prepareFile(fs, { preparation: spare, control: controlOf(phase) });
    assert.equal(fs.list(dir), []);
  }
});

test('the ballast has its size, or is not there', () => {
  const fs = folder();
  prepareFile(fs, { preparation: ballast, control: running });
  assert.is(fs.stat(ballastPath)?.bytes, 3 * MiB + 4096);
  const faulty = new FaultyFileSystem(folder());
  faulty.inject({ operation: 'write', nth: 2, error: 'ENOSPC' });
  makeBallast(faulty, ballastPath, 3 * MiB);
  assert.is(faulty.stat(ballastPath), null);
});

test('no space for a spare and an error of the disk are told apart', () => {
  const met = (error: 'ENOSPC' | 'EIO', preparation: Preparation): unknown => {
    const faulty = new FaultyFileSystem(folder());
    faulty.inject({ operation: 'write', error });
    try {
      prepareFile(faulty, { preparation, control: running });
      return 'made';
    } catch (thrown) {
      return isThemisError(thrown) ? thrown.code : thrown;
    }
  };
  assert.is(met('ENOSPC', spare), 'THEMIS_DISK_FULL');
  assert.is(met('EIO', spare), 'THEMIS_IO');
  assert.is(met('EIO', ballast), 'THEMIS_IO');
});

test.run();
