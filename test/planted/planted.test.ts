/** The runner of planted bugs itself, on quick ones; `npm run test:planted` plants all. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plantedBugs } from './bugs.js';
import { Plantation, type PlantedBug } from './run-planted.js';

const plantation = new Plantation();
const quick = [
  'damage at the end of the log counts as a torn write',
  'the checksum of a record in the state is not looked at',
  'the folder is not locked',
];

function named(name: string): PlantedBug {
  const bug = plantedBugs.find((one) => one.name === name);
  assert.ok(bug !== undefined, name);
  return bug as PlantedBug;
}

test('names are unique, and there are enough bugs', () => {
  assert.is(new Set(plantedBugs.map(({ name }) => name)).size, plantedBugs.length);
  assert.ok(plantedBugs.length >= 14);
});

for (const name of quick) {
  test(`caught: ${name}`, async () => {
    assert.is((await plantation.try(named(name))).problem, null);
  });
}

test('a bug that no test notices is told, and so is one without a place', async () => {
  const bug = named('the folder is not locked');
  const harmless = await plantation.try({ ...bug, replace: `${bug.find} // the same` });
  assert.match(harmless.problem ?? '', 'survived');
  const elsewhere = await plantation.try({ ...bug, find: 'nowhere to be found' });
  assert.match(elsewhere.problem ?? '', 'occurs 0 times');
  const other = await plantation.try({ ...bug, expects: 'another test' });
  assert.match(other.problem ?? '', 'failed, but not "another test"');
});

test.after(() => plantation.remove());
test.run();
