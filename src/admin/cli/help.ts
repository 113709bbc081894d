/** The text below a command's usage in `--help`: examples, names of settings, exit codes. */
import type { Command } from './command.js';
import { type ExitCode, exitCodeMeanings, exitCodes } from './exit-codes.js';
import { environmentName, type Flag, flagName } from './flag.js';
import { wrap } from './text-width.js';

const helpWidth = 80;

/** Examples and exit codes of one command. */
export function afterHelp(command: Command): string {
  const examples = command.examples.flatMap(({ line, what }) => [`  ${line}`, `      ${what}`]);
  const codes: readonly ExitCode[] = [...command.exits, exitCodes.interrupted];
  const own = command.flags.find((flag) => flag.hidden !== true);
  return [
    '',
    'Examples:',
    ...examples,
    '',
    ...(own === undefined ? [] : [settingsSentence(own), '']),
    exitCodesText(codes),
  ].join('\n');
}

/** What follows the list of commands. */
export function afterProgramHelp(example: Flag): string {
  return [
    '',
    'First steps:',
    '  themis demo                             watch it crash, rot and heal',
    '  themis put greeting hello --dir ./data  store something',
    '  themis get greeting --dir ./data        read it back',
    '  themis object put film ./f.mp4 --dir ./data',
    '                                        a file of any length, on devices',
    '  themis doctor                           what this machine is good for',
    '',
    ...wrap(
      `Every flag is also an environment variable and a key of the JSON file given by --config: ` +
        `${flagName(example)} = ${environmentName(example)} = "${example.key}". ` +
        'Flags win over the environment, the environment over the file.',
      helpWidth,
    ),
    '',
    exitCodesText(Object.values(exitCodes)),
  ].join('\n');
}

function settingsSentence(flag: Flag): string {
  return `Settings: ${flagName(flag)} = ${environmentName(flag)} = "${flag.key}" in --config, and so on.`;
}

function exitCodesText(codes: readonly ExitCode[]): string {
  const lines = codes.map((code) => `  ${String(code).padStart(3)}  ${exitCodeMeanings[code]}`);
  return ['Exit codes:', ...lines].join('\n');
}
