/**
 * The command line from end to end: words in, exit code out.
 *
 *   words -> commander (syntax) -> settings (file < environment < flags) -> command -> exit code
 *
 * Nothing here ends the process or throws: every way to fail becomes a line on stderr and a code.
 */
import { CommanderError, Option, Command as Parser } from 'commander';
import { must, ThemisError } from '../../base/index.js';
import type { Command, CommandEnvironment } from './command.js';
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.js';
import { failureJson, failureLine, failureStack } from './failure.js';
import { environmentName, type Flag, flagDescription, flagSyntax, readParsed } from './flag.js';
import { globalFlags } from './global-flags.js';
import { afterHelp, afterProgramHelp } from './help.js';
import { readConfigFile, resolveSettings, type Settings } from './settings.js';
import { didYouMean } from './suggestion.js';
import { createTerminal, PipeClosed, type TerminalStreams } from './terminal.js';

export interface ProgramInput {
  readonly words: readonly string[];
  readonly commands: readonly Command[];
  readonly environment: CommandEnvironment;
  readonly streams: TerminalStreams;
  readonly signal: AbortSignal;
  readonly version: string;
}

/** What the parser understood: which command, its words, and the flags that were given. */
interface Call {
  readonly command: Command;
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, unknown>>;
}

/** Runs one command line. */
export async function runProgram(input: ProgramInput): Promise<ExitCode> {
  let call: Call | null = null;
  let settings: Settings | null = null;
  try {
    call = parse(input);
    if (call === null) return exitCodes.ok;
    settings = settingsOf(input, call);
    return await runCall(input, call, settings);
  } catch (error) {
    if (error instanceof PipeClosed) return exitCodes.ok;
    const exitCode = exitCodeOf(error);
    const { stderr } = input.streams;
    const isJson = settings === null ? wantsJson(input, call) : isJsonIn(settings);
    stderr.write(isJson ? failureJson(error, exitCode) : failureLine(error));
    const isDebug = settings === null ? wantsDebug(input, call) : settings.isOn('debug');
    if (isDebug) stderr.write(failureStack(error));
    return exitCode;
  }
}

function isJsonIn(settings: Settings): boolean {
  return settings.isOn('json') || settings.text('output') === 'json';
}

async function runCall(input: ProgramInput, call: Call, settings: Settings): Promise<ExitCode> {
  const { environment, streams } = input;
  const run = await call.command.load();
  return run({
    words: call.words,
    command: call.command,
    settings,
    isJson: isJsonIn(settings),
    terminal: createTerminal(streams, !settings.isOn('noColor')),
    signal: input.signal,
    environment,
  });
}

function settingsOf(input: ProgramInput, call: Call): Settings {
  const { env, fileSystem } = input.environment;
  const configFlag = must(
    globalFlags.find((flag) => flag.key === 'config'),
    'the flag --config',
  );
  const fromFlag = call.flags['config'];
  const path = typeof fromFlag === 'string' ? fromFlag : env[environmentName(configFlag)];
  const hasFile = path !== undefined && path !== '';
  return resolveSettings([...globalFlags, ...call.command.flags], allFlags(input.commands), {
    flags: call.flags,
    env,
    file: hasFile ? readConfigFile(fileSystem, path) : null,
    filePath: path ?? '',
  });
}

function allFlags(commands: readonly Command[]): Flag[] {
  const own = commands.filter((one) => one.isHidden !== true).flatMap((one) => one.flags);
  return [...globalFlags.filter((flag) => flag.key !== 'config'), ...own];
}

/** Errors before the settings are known follow the command line and the environment alone. */
function wantsJson(input: ProgramInput, call: Call | null): boolean {
  const words = input.words.slice(0, indexOrEnd(input.words, '--'));
  const alias = input.environment.env['THEMIS_JSON'] ?? '';
  if (words.includes('--json') || alias === '1' || alias === 'true') return true;
  const at = words.findLastIndex((word) => word === '-o' || word === '--output');
  const joined = words.some((word) => word === '--output=json' || word === '-ojson');
  const given = call === null ? words[at + 1] : call.flags['output'];
  if (at !== -1 || call?.flags['output'] !== undefined) return given === 'json';
  return joined || input.environment.env['THEMIS_OUTPUT'] === 'json';
}

function indexOrEnd(words: readonly string[], word: string): number {
  const index = words.indexOf(word);
  return index === -1 ? words.length : index;
}

function wantsDebug(input: ProgramInput, call: Call | null): boolean {
  const variable = input.environment.env['THEMIS_DEBUG'];
  if (call?.flags['debug'] === true || variable === '1' || variable === 'true') return true;
  return call === null && input.words.includes('--debug');
}

/** Null when help or the version was printed instead. Throws THEMIS_USAGE. */
function parse(input: ProgramInput): Call | null {
  let call: Call | null = null;
  const program = buildParser(input, (found) => {
    call = found;
  });
  try {
    program.parse([...input.words], { from: 'user' });
    return call;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    throw new ThemisError('THEMIS_USAGE', usageMessage(error), error);
  }
}

function usageMessage(error: CommanderError): string {
  if (error.code === 'commander.help') return 'a command is needed; see themis --help';
  return `${error.message.replace(/^error: /, '').trim()}; see --help`;
}

function buildParser(input: ProgramInput, onCall: (call: Call) => void): Parser {
  const program = prepared(new Parser('themis'), input)
    .description('A storage engine that loses nothing it acknowledged and serves nothing corrupt.')
    .usage('<command> [arguments] [flags]')
    .version(input.version, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'teach one command');
  addFlags(program, globalFlags);
  program.addHelpText('after', afterProgramHelp(must(globalFlags[0], 'a global flag')));
  const groups = new Map<string, Parser>([['', program]]);
  for (const command of input.commands) {
    const parent = groupOf(groups, command.path.slice(0, -1), input);
    const name = must(command.path.at(-1), 'a command has a name');
    const parser = prepared(new Parser(name), input)
      .summary(command.summary)
      .description(command.about)
      .addHelpText('after', afterHelp(command));
    for (const { name: word, description, isOptional } of command.arguments) {
      parser.argument(isOptional ? `[${word}]` : `<${word}>`, description);
    }
    addFlags(parser, [...command.flags, ...globalFlags]);
    parser.action(() => onCall(callOf(command, parser, program)));
    parent.addCommand(parser, { hidden: command.isHidden === true });
  }
  return program;
}

/** The parser of a noun, made at its first verb. */
function groupOf(
  groups: Map<string, Parser>,
  path: readonly string[],
  input: ProgramInput,
): Parser {
  const name = path.join(' ');
  const known = groups.get(name);
  if (known !== undefined) return known;
  const last = must(path.at(-1), 'a group has a name');
  const verbs = input.commands
    .filter((one) => one.path.slice(0, -1).join(' ') === name && one.isHidden !== true)
    .map((one) => one.path.at(-1));
  const group = prepared(new Parser(last), input).summary(`${last}s: ${verbs.join(', ')}`);
  groupOf(groups, path.slice(0, -1), input).addCommand(group);
  groups.set(name, group);
  return group;
}

function prepared(parser: Parser, input: ProgramInput): Parser {
  return parser
    .exitOverride()
    .showSuggestionAfterError(true)
    .allowExcessArguments(false)
    .helpOption('-h, --help', 'teach this command')
    .configureOutput({
      writeOut: (text) => input.streams.stdout.write(text),
      // What commander would print arrives as an error and is printed once, at the end.
      writeErr: () => undefined,
    });
}

function addFlags(parser: Parser, flags: readonly Flag[]): void {
  for (const flag of flags) {
    const option = new Option(flagSyntax(flag), flagDescription(flag));
    if (flag.group !== undefined) option.helpGroup(flag.group);
    parser.addOption(flag.hidden === true ? option.hideHelp() : option);
  }
}

function callOf(command: Command, parser: Parser, program: Parser): Call {
  const flags: Record<string, unknown> = {};
  for (const flag of [...globalFlags, ...command.flags]) {
    const own = readParsed(flag, parser.opts());
    flags[flag.key] = own ?? readParsed(flag, program.opts());
  }
  const words = parser.args;
  for (const [i, argument] of command.arguments.entries()) {
    const word = words[i];
    if (word === undefined || argument.choices === undefined) continue;
    if (argument.choices.includes(word)) continue;
    throw new ThemisError(
      'THEMIS_USAGE',
      `<${argument.name}> is one of ${argument.choices.join(', ')}, not "${word}"` +
        didYouMean(word, argument.choices),
    );
  }
  return { command, words, flags };
}
