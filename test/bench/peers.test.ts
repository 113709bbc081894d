/** Peers: found by name, skipped with a line that says how to install them. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../bench/harness/index.js';
import { loadPeer, peerNames } from '../../bench/kv/index.js';
import { isThemisError } from '../../src/base/index.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'themis-peers-'));

async function reasonOf(source: string | null): Promise<string> {
  const file = path.join(folder, 'lmdb.mjs');
  fs.rmSync(file, { force: true });
  // A module is loaded once for each path, so each case has a folder of its own.
  const own = fs.mkdtempSync(path.join(folder, 'case-'));
  if (source !== null) fs.writeFileSync(path.join(own, 'lmdb.mjs'), source);
  const loaded = await loadPeer('lmdb', own);
  return loaded.kind === 'skipped' ? loaded.reason : 'loaded';
}

const sources: readonly (readonly [string, string | null, RegExp])[] = [
  ['whose package is not installed', `import 'no-such-package-at-all';`, /not installed/],
  ['whose adapter is missing', null, /does not exist/],
  ['that does not load', `throw new TypeError('wrong ABI');`, /wrong ABI/],
  ['that is something else', 'export const name = 1;', /not a peer module/],
];

for (const [what, source, reason] of sources) {
  test(`a peer ${what} is skipped with a reason and a remedy`, async () => {
    const line = await reasonOf(source);
    assert.match(line, /^lmdb skipped: /);
    assert.match(line, reason);
    assert.match(line, 'npm run bench:peers');
  });
}

test('an unknown name is refused as usage and the known ones are listed', async () => {
  try {
    await loadPeer('oracle');
    assert.unreachable();
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_USAGE'));
    for (const name of peerNames) assert.match(String(error), name);
  }
});

test('every peer has an adapter, and the lockfile names no host', () => {
  const peers = path.join(packageRoot(), 'bench', 'peers');
  for (const name of peerNames) assert.ok(fs.existsSync(path.join(peers, `${name}.mjs`)), name);
  const lock = fs.readFileSync(path.join(peers, 'package-lock.json'), 'utf8');
  assert.not.match(lock, /"resolved"/);
  assert.match(lock, /"integrity"/);
});

test('classic-level works as a peer with what is installed for Themis itself', async () => {
  const loaded = await loadPeer('classic-level');
  assert.is(loaded.kind, 'loaded');
  if (loaded.kind !== 'loaded') return;
  const store = fs.mkdtempSync(path.join(folder, 'store-'));
  const peer = await loaded.module.open(store, { durability: 'sync' });
  const bytes = (text: string): Uint8Array => Buffer.from(text);
  await peer.put(bytes('b'), bytes('2'));
  await peer.load([[bytes('a'), bytes('1')]]);
  await peer.put(bytes('c'), bytes('3'));
  await peer.del(bytes('c'));
  assert.is(Buffer.from((await peer.get(bytes('b'))) ?? []).toString(), '2');
  assert.is(peer.getSync(bytes('c')), undefined);
  assert.is((await peer.getMany([bytes('a'), bytes('x')]))[1], undefined);
  assert.is(await peer.scan(bytes('a'), 10), 4);
  let records = 0;
  await peer.readAll((count) => {
    records += count;
    return true;
  });
  assert.is(records, 2);
  await peer.close();
});

test.after(() => fs.rmSync(folder, { recursive: true, force: true }));

test.run();
