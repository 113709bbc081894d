/** The machine’s file system: the contract, permissions, open flags. */
import * as fs from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alignedBytes, nodeFileSystem } from '../../src/io/index.js';
import { fileSystemContract } from '../contract/file-system.js';
import { temporaryFolder } from './temporary-folder.js';

/** Whether the file system of the temporary folder knows O_DIRECT, asked without Themis. */
function directHere(): boolean {
  const flag: number | undefined = fs.constants.O_DIRECT;
  if (flag === undefined) return false;
  const path = `${temporaryFolder()}/probe`;
  fs.writeFileSync(path, '');
  try {
    fs.closeSync(fs.openSync(path, fs.constants.O_RDWR | flag));
    return true;
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'EINVAL') return false;
    throw error;
  }
}

const direct = directHere();

fileSystemContract(test, 'node', () => ({
  files: nodeFileSystem(),
  root: temporaryFolder(),
  direct,
  afterPowerCut: () => null,
}));

test('node: new files and folders are the owner’s alone', () => {
  const root = temporaryFolder();
  const files = nodeFileSystem();
  files.open(`${root}/f`, { access: 'read-write', create: true }).close();
  files.makeDirectory(`${root}/d`);
  assert.is(fs.statSync(`${root}/f`).mode & 0o077, 0);
  assert.is(fs.statSync(`${root}/d`).mode & 0o077, 0);
});

test('node: a direct write leaves nothing in the page cache to be synced', () => {
  if (!direct) return;
  const path = `${temporaryFolder()}/f`;
  const options = { access: 'read-write', create: true, sync: 'direct' } as const;
  const handle = nodeFileSystem().open(path, options);
  handle.write(alignedBytes(4_096).fill(3), 0, 4_096, 0);
  const flags = fs.readdirSync('/proc/self/fd').flatMap((descriptor) => flagsOf(descriptor, path));
  handle.close();
  const wanted = fs.constants.O_DIRECT | fs.constants.O_DSYNC;
  assert.is(flags.length, 1);
  assert.is((flags[0] ?? 0) & wanted, wanted);
});

/** The open flags of a descriptor of this process, if it is of the given file. */
function flagsOf(descriptor: string, path: string): number[] {
  const link = `/proc/self/fd/${descriptor}`;
  if (!fs.existsSync(link) || fs.readlinkSync(link) !== path) return [];
  const info = fs.readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
  return [Number.parseInt(/flags:\s+([0-7]+)/.exec(info)?.[1] ?? '0', 8)];
}

test.run();
