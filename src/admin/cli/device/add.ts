/** themis device add <path> [--spare] */
import { must } from '../../../base/index.js';
import type { CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { absolute, withStore } from '../with-store.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const path = absolute(context, must(context.words[0], 'the parser requires <path>'));
  const isSpare = context.settings.isOn('spare');
  const device = await withStore(context, { createIfMissing: false }, (store) =>
    store.addDevice(path, isSpare),
  );
  const { terminal, isJson } = context;
  const what = isSpare ? 'a spare' : 'a device';
  const text = isJson
    ? JSON.stringify(device, null, 2)
    : `${terminal.style.good('added')} ${path} as ${what}, number ${device.number}`;
  await terminal.write(`${text}\n`);
  return exitCodes.ok;
}
