/** The whole demo with little data: real engine, real kills, real damage. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runCli, temporaryFolder } from '../spawn-cli.js';

function sourceFolder(cwd: string): string {
  const from = path.join(cwd, 'from');
  fs.mkdirSync(path.join(from, 'deep', 'er'), { recursive: true });
  fs.writeFileSync(path.join(from, 'package.json'), '{"name": "x", "list": [1, 2]}');
  fs.writeFileSync(path.join(from, 'broken.package.json'), '{');
  fs.writeFileSync(path.join(from, 'empty'), '');
  fs.writeFileSync(
    path.join(from, 'deep', 'er', 'a.js'),
    'const someLongerLine = 1 + 1;\n'.repeat(50),
  );
  for (let i = 0; i < 40; i++)
    fs.writeFileSync(path.join(from, `${i}.bin`), Buffer.alloc(i * 500, i));
  const large = fs.openSync(path.join(from, 'large'), 'w');
  fs.ftruncateSync(large, 65 * 2 ** 20);
  fs.closeSync(large);
  return from;
}

test('all acts pass, every byte is verified, and the folder stays when asked for', async () => {
  const cwd = temporaryFolder();
  sourceFolder(cwd);
  const words = ['demo', '--from', 'from', '--seconds', '2', '--dir', 'kept', '-o', 'json'];
  const { exit, out, err } = await runCli(words, { cwd });
  assert.is(err, '');
  assert.is(exit, 0);
  const report = JSON.parse(out);
  assert.is(report.verdict, 'ok');
  assert.is(report.store.files, 44);
  assert.is(report.store.tooLarge, 1);
  assert.is(report.store.records, 12, 'two fields and ten of fifty lines');
  assert.is(report.store.isComplete, true);
  assert.ok(report.crash.kills >= 2);
  assert.is(report.rot.damages, 2);
  assert.is(report.rot.noticed, 2);
  assert.is(report.store.bundles, 4);
  assert.ok(report.heal.lostFragments > 0 && report.heal.during.reads > 0);
  assert.is(report.heal.devices, 6);
  assert.ok(report.verifiedBytes > report.store.bytes * 3);
  const ledger = fs.readFileSync(path.join(cwd, 'kept', 'ledger'), 'utf8');
  assert.match(ledger, /^[0-9a-f]{64} {2}file\/deep\/er\/a\.js$/m);
  const kept = path.join('kept', 'db');
  const got = await runCli(['get', 'file/package.json', '--dir', kept], { cwd });
  assert.is(got.out, '{"name": "x", "list": [1, 2]}');
  const again = await runCli(['demo', '--from', 'from', '--dir', 'kept'], { cwd });
  assert.is(again.exit, 2, 'a folder with content is never damaged');
  assert.match(again.err, /THEMIS_USAGE: .+not an empty folder/);
});

test.run();
