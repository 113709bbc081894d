/** A process that writes to a LevelDB folder (its argument) until it is killed. */
import { ClassicLevel } from 'classic-level';

const location = process.argv[2];
if (location !== undefined) {
  const level = new ClassicLevel<string, string>(location, { writeBufferSize: 256 * 1024 });
  await level.open();
  for (let round = 0; ; round++) {
    const value = `${round}.`.repeat((round * 7919) % 20_000);
    await level.batch([
      { type: 'put', key: `key-${round % 300}`, value },
      { type: 'put', key: 'rounds', value: String(round) },
    ]);
    if (round % 50 === 0) process.stdout.write(`${round}\n`);
  }
}
