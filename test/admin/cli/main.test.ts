/** The real program: processes, pipes, signals, a real engine in a real folder. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { finished, runCli, startCli, temporaryFolder } from './spawn-cli.js';

test('put, get, scan, delete and status, each in a process of its own', async () => {
  const cwd = temporaryFolder();
  const binary = Buffer.from([0, 1, 2, 255, 10]);
  fs.writeFileSync(path.join(cwd, 'file.bin'), binary);
  const run = (words: string, stdin?: string) =>
    runCli(words.split(' '), { cwd, ...(stdin === undefined ? {} : { stdin }) });
  const answers = [
    await run('put a hello --dir d'),
    await run('put b --file file.bin --dir d'),
    await run('put c --dir d', 'piped'),
  ];
  for (const { exit, out, err } of answers) assert.equal([exit, out, err], [0, '', '']);
  assert.equal((await run('get b --dir d')).outBytes, binary);
  const piped = await run('get c --dir d -o json');
  assert.equal(JSON.parse(piped.out), { key: 'c', value: 'piped', encoding: 'utf8', bytes: 5 });
  assert.is((await run('scan --dir d --keys-only --reverse')).out, 'c\nb\na\n');
  assert.is((await run('delete a --dir d')).exit, 0);
  const gone = await run('get a --dir d');
  assert.is(gone.exit, 4);
  assert.is(gone.err, 'themis: THEMIS_KEY_NOT_FOUND: there is no key "a"\n');
  const status = JSON.parse((await run('status --dir d -o json')).out);
  assert.is(status.health.isHealthy, true);
  assert.is(status.status.committedIndex, 4);
});

test('file, environment and flags reach a real run in their order', async () => {
  const cwd = temporaryFolder();
  fs.writeFileSync(path.join(cwd, 't.json'), '{"dir": "from-file", "output": "json"}');
  const run = (words: string[], env: Record<string, string>) => runCli(words, { cwd, env });
  const config = { THEMIS_CONFIG: 't.json' };
  const byFile = await run(['put', 'k', 'v'], config);
  assert.equal(JSON.parse(byFile.out), { key: 'k', bytes: 1 });
  assert.ok(fs.existsSync(path.join(cwd, 'from-file')));
  const bad = await run(['get', 'k'], { ...config, THEMIS_DIR: 'absent-by-env' });
  assert.match(JSON.parse(bad.err).error.message, /absent-by-env does not exist/);
  const flags = ['--dir', 'from-file', '-o', 'table'];
  assert.is((await run(['get', 'k', ...flags], { ...config, THEMIS_DIR: 'x' })).out, 'v');
});

test('a reader that goes away ends the program quietly', async () => {
  const cwd = temporaryFolder();
  await runCli(['put', 'k', '--dir', 'd'], { cwd, stdin: 'x'.repeat(4_000_000) });
  const child = startCli(['get', 'k', '--dir', 'd'], { cwd });
  child.stdout?.once('data', () => child.stdout?.destroy());
  const { exit, err } = await finished(child);
  assert.is(err, '');
  assert.is(exit, 0);
});

test('help and wrong words end at once, with 0 and 2', async () => {
  const cwd = temporaryFolder();
  const help = await runCli(['--help'], { cwd });
  assert.is(help.exit, 0);
  assert.match(help.out, /Exit codes:[\s\S]+130 {2}interrupted/);
  const version = await runCli(['--version'], { cwd });
  assert.match(version.out, /^\d+\.\d+\.\d+/);
  const wrong = await runCli(['gett'], { cwd });
  assert.is(wrong.exit, 2);
  assert.match(wrong.err, /^themis: THEMIS_USAGE: unknown command 'gett'.+get.+\n$/);
});

test('a folder that is open elsewhere is LEVEL_LOCKED', async () => {
  const cwd = temporaryFolder();
  await runCli(['put', 'k', 'v', '--dir', 'd'], { cwd });
  const words = ['demo-writer', '--dir', 'd', '--seed', '1', '--round', '1'];
  const writer = startCli(words, { cwd });
  await new Promise<void>((resolve) => {
    writer.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.includes('.')) resolve();
    });
  });
  const { exit, err } = await runCli(['get', 'k', '--dir', 'd'], { cwd });
  writer.kill('SIGKILL');
  await finished(writer);
  assert.is(exit, 1);
  assert.match(err, /^themis: LEVEL_LOCKED: .+\n$/);
  assert.is((await runCli(['get', 'k', '--dir', 'd'], { cwd })).out, 'v', 'the lock died with it');
});

test('Ctrl-C ends a demo with 130, and nothing of it stays', async () => {
  const cwd = temporaryFolder();
  const temporary = path.join(cwd, 'tmp');
  fs.mkdirSync(temporary);
  fs.mkdirSync(path.join(cwd, 'from'));
  fs.writeFileSync(path.join(cwd, 'from', 'a.txt'), 'text');
  const words = ['demo', '--from', 'from', '--seconds', '2'];
  const child = startCli(words, { cwd, env: { TMPDIR: temporary } });
  child.stdout?.on('data', (chunk: Buffer) => {
    // The first kill was survived: a writer may be running.
    if (chunk.includes('recovered in')) child.kill('SIGINT');
  });
  const { exit, err } = await finished(child);
  assert.is(exit, 130);
  assert.is(err, 'themis: THEMIS_ABORTED: interrupted\n');
  assert.equal(fs.readdirSync(temporary), []);
});

test.run();
