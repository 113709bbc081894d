/** themis device list */
import type { CommandContext } from '../command.js';
import { deviceTable, sharedDriveText } from '../device-text.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { surveyed } from '../large-values.js';
import { wrap } from '../text-width.js';
import { withStore } from '../with-store.js';

const noteWidthMax = 100;

export async function run(context: CommandContext): Promise<ExitCode> {
  const { terminal, isJson, environment } = context;
  const devices = await withStore(context, { createIfMissing: false }, async (store) => {
    // What deleted values left is forgotten by then.
    await surveyed(store);
    return store.devices();
  });
  if (isJson) {
    const { fileSystem } = environment;
    const answer = { devices, note: sharedDriveText(fileSystem, devices) };
    await terminal.write(`${JSON.stringify(answer, null, 2)}\n`);
    return exitCodes.ok;
  }
  if (devices.length === 0) {
    const text =
      'No devices yet. They are made with the first large value: those of --devices, or else ' +
      'folders inside the store.';
    await terminal.write(`${text}\n`);
    return exitCodes.ok;
  }
  await terminal.write(deviceTable(devices, terminal.style, terminal.columns));
  const note = sharedDriveText(environment.fileSystem, devices);
  if (note !== null) {
    const lines = wrap(`Note: ${note}.`, Math.min(terminal.columns, noteWidthMax));
    await terminal.write(`\n${terminal.style.warn(lines.join('\n'))}\n`);
  }
  return exitCodes.ok;
}
