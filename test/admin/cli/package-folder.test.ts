/** Where this package lies. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  dependenciesFolder,
  packageFolder,
  packageVersion,
} from '../../../src/admin/cli/package-folder.js';
import { nodeFileSystem } from '../../../src/io/index.js';

const files = nodeFileSystem();

test('the folder is that of package.json, and the version is its', () => {
  const text = fs.readFileSync(path.join(packageFolder(files), 'package.json'), 'utf8');
  const { name, version } = JSON.parse(text);
  assert.is(name, 'themis-engine');
  assert.is(packageVersion(files), version);
});

test('dependencies are found where Node would look for them', () => {
  const folder = dependenciesFolder(files);
  assert.ok(folder !== null && fs.existsSync(path.join(folder, 'commander', 'package.json')));
});

test.run();
