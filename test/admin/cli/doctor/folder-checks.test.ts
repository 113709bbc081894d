/** The checks of a folder while somebody has it open; run.test.ts has the rest. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseFindings } from '../../../../src/admin/cli/doctor/folder.js';
import { finished, runCli, startCli, temporaryFolder } from '../spawn-cli.js';

test('a store that is open is left alone, with a warning', async () => {
  const cwd = temporaryFolder();
  await runCli(['put', 'k', 'v', '--dir', 'd'], { cwd });
  const words = ['demo-writer', '--dir', 'd', '--seed', '1', '--round', '1'];
  const writer = startCli(words, { cwd });
  await new Promise<void>((resolve) => {
    writer.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.includes('.')) resolve();
    });
  });
  const { exit, out } = await runCli(['doctor-folder', '--dir', 'd'], { cwd });
  writer.kill('SIGKILL');
  await finished(writer);
  assert.is(exit, 0);
  const findings = parseFindings(out);
  assert.equal(
    findings.map(({ topic, verdict }) => `${topic} ${verdict}`),
    ['lock WARN'],
  );
});

test('any kernel finds the same', async () => {
  const cwd = temporaryFolder();
  await runCli(['put', 'k', 'v', '--dir', 'd'], { cwd });
  const words = ['doctor-folder', '--dir', 'd', '--kernel', 'portable'];
  const portable = await runCli(words, { cwd });
  assert.is(portable.exit, 0);
  assert.ok(parseFindings(portable.out).every(({ verdict }) => verdict === 'OK'));
});

test.run();
