/** The lock of the folder, against real processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as nodeFs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { acquireFolderLock } from '../../src/engine/folder-lock.js';

const root = nodeFs.mkdtempSync(path.join(os.tmpdir(), 'themis-lock-'));
test.after(() => nodeFs.rmSync(root, { recursive: true }));
let folders = 0;
function freshFolder(): string {
  const folder = path.join(root, String(folders++));
  nodeFs.mkdirSync(folder);
  return folder;
}

const moduleUrl = new URL('../../src/engine/folder-lock.js', import.meta.url).href;
const childPath = fileURLToPath(new URL('./folder-lock-child.js', import.meta.url));

/** Starts a process that takes the folder; its word on how that went. */
async function otherProcess(folder: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [childPath, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [chunk] = await once(child.stdout, 'data');
  return { child, said: String(chunk).trim() };
}

async function stop(child: ChildProcess, signal?: 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  if (signal === undefined) child.stdin?.end();
  else child.kill(signal);
  await ended;
}

/** Tries to take a folder that is taken; what the refusal says. */
async function refusal(folder: string): Promise<string> {
  try {
    await acquireFolderLock(folder);
  } catch (error) {
    if (isThemisError(error, 'LEVEL_LOCKED')) return error.message;
    throw error;
  }
  assert.unreachable('the folder was taken twice');
  return '';
}

test('a second handle of the same process is refused, by the name of the folder', async () => {
  const folder = freshFolder();
  const lock = await acquireFolderLock(folder);
  const message = await refusal(folder);
  assert.ok(message.startsWith(`${folder} is open already`));
  assert.match(message, 'Close it there first');
  await lock.release();
  await (await acquireFolderLock(folder)).release();
});

test('refused attempts in this process do not let another process in', async () => {
  const folder = freshFolder();
  const alias = path.join(root, 'alias');
  nodeFs.symlinkSync(folder, alias);
  const lock = await acquireFolderLock(folder);
  await refusal(folder);
  await refusal(alias);
  const other = new Worker(
    `import('${moduleUrl}').then(({ acquireFolderLock }) => acquireFolderLock('${folder}')).then(
      () => require('node:worker_threads').parentPort.postMessage('taken'),
      (error) => require('node:worker_threads').parentPort.postMessage(error.code));`,
    { eval: true },
  );
  assert.equal(await once(other, 'message'), ['LEVEL_LOCKED']);
  await other.terminate();
  const { child, said } = await otherProcess(folder);
  assert.is(said, 'LEVEL_LOCKED');
  await stop(child);
  await lock.release();
});

test('another folder is another lock', async () => {
  const locks = [await acquireFolderLock(freshFolder()), await acquireFolderLock(freshFolder())];
  for (const lock of locks) await lock.release();
});

test('of many that try at once, one gets it', async () => {
  const folder = freshFolder();
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, () => acquireFolderLock(folder)),
  );
  const taken = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  assert.is(taken.length, 1);
  const { child, said } = await otherProcess(folder);
  assert.is(said, 'LEVEL_LOCKED', 'the losers took nothing from the winner');
  await stop(child);
  await taken[0]?.release();
});

test('a second process is refused while the first lives, and served after it', async () => {
  const folder = freshFolder();
  const lock = await acquireFolderLock(folder);
  const refused = await otherProcess(folder);
  assert.is(refused.said, 'LEVEL_LOCKED');
  await stop(refused.child);
  await lock.release();
  const taker = await otherProcess(folder);
  assert.is(taker.said, 'taken');
  await refusal(folder);
  await stop(taker.child);
  await (await acquireFolderLock(folder)).release();
});

test('a killed holder frees the folder at once', async () => {
  const folder = freshFolder();
  for (let round = 0; round < 3; round++) {
    const holder = await otherProcess(folder);
    assert.is(holder.said, 'taken');
    await refusal(folder);
    await stop(holder.child, 'SIGKILL');
    await (await acquireFolderLock(folder)).release();
  }
});

test('damage of any file of the lock does not lock the owner out, and nobody else in', async () => {
  const folder = freshFolder();
  await (await acquireFolderLock(folder)).release();
  const files = path.join(folder, 'lock');
  for (const pick of [/^CURRENT$/, /^MANIFEST/, /\.log$/, /^LOG$/, /^LOCK$/]) {
    const name = nodeFs.readdirSync(files).find((each) => pick.test(each)) ?? '';
    nodeFs.writeFileSync(path.join(files, name), 'not what LevelDB wrote');
    const inode = nodeFs.statSync(path.join(files, 'LOCK')).ino;
    const lock = await acquireFolderLock(folder);
    assert.is(nodeFs.statSync(path.join(files, 'LOCK')).ino, inode, 'LOCK is never replaced');
    await refusal(folder);
    const other = await otherProcess(folder);
    assert.is(other.said, 'LEVEL_LOCKED');
    await stop(other.child);
    await lock.release();
  }
});

test('a folder that cannot hold a lock is an error that says so', async () => {
  const folder = freshFolder();
  nodeFs.writeFileSync(path.join(folder, 'lock'), 'a file');
  try {
    await acquireFolderLock(folder);
    assert.unreachable();
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_IO'), String(error));
    assert.match(error.message, `${folder}/lock cannot be locked`);
  }
});

test.run();
