/**
 * Planted bugs, behind `npm run test:planted`:
 *
 *   node dist/test/planted.js [part of a name ...]
 *
 * Exit code 0: each was caught by the test that must catch it. 1: one survived. 2: no such bug.
 */
import { plantedBugs } from './planted/bugs.js';
import { Plantation } from './planted/run-planted.js';

const wanted = process.argv.slice(2);
const chosen = plantedBugs.filter(
  ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
if (chosen.length === 0) {
  console.error(
    `No planted bug is named so; there are ${plantedBugs.map((b) => b.name).join(', ')}`,
  );
  process.exit(2);
}
const plantation = new Plantation();
let survived = 0;
try {
  const width = Math.max(...chosen.map(({ name }) => name.length));
  for (const bug of chosen) {
    const { problem, seconds } = await plantation.try(bug);
    const verdict = problem === null ? `caught by "${bug.expects}"` : `SURVIVED: ${problem}`;
    if (problem !== null) survived++;
    console.log(`${bug.name.padEnd(width)}  ${seconds.toFixed(1).padStart(5)} s  ${verdict}`);
  }
} finally {
  plantation.remove();
}
console.log(`${chosen.length - survived} of ${chosen.length} planted bugs were caught.`);
process.exitCode = survived === 0 ? 0 : 1;
