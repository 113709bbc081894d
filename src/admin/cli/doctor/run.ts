/** themis doctor: findings about the machine and, with --dir, about a store. */
import type { CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import type { Style } from '../style.js';
import { pad, textWidth, wrap } from '../text-width.js';
import { absolute, throwIfAborted } from '../with-store.js';
import { examineDisk } from './disk.js';
import { type Finding, type Verdict, worst } from './finding.js';
import { examineFolder } from './folder.js';
import { examineMachine } from './machine.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const { settings, environment, terminal } = context;
  const given = settings.text('dir');
  const folder = given === null ? null : absolute(context, given);
  const findings: Finding[] = [...examineMachine(context)];
  const exists = folder !== null && environment.fileSystem.stat(folder)?.kind === 'directory';
  findings.push(...(await examineDisk(context, exists ? folder : environment.workingFolder)));
  throwIfAborted(context.signal);
  if (folder !== null) findings.push(...(await examineFolder(context, folder)));
  const verdict = worst(findings);
  const text = context.isJson
    ? `${JSON.stringify({ verdict, folder, findings }, null, 2)}\n`
    : report(findings, terminal.style, terminal.columns);
  await terminal.write(text);
  return verdict === 'FAIL' ? exitCodes.unhealthy : exitCodes.ok;
}

const verdictWidth = 4;
const adviceWidthMin = 40;

/** One line a finding; advice below it, indented. The last line counts. */
export function report(findings: readonly Finding[], style: Style, columns: number): string {
  const topicWidth = findings.reduce((most, { topic }) => Math.max(most, textWidth(topic)), 0);
  const indent = ' '.repeat(verdictWidth + topicWidth + 4);
  const width = Math.max(adviceWidthMin, Math.min(columns, 100) - indent.length);
  const lines = findings.flatMap(({ topic, verdict, text, advice }) => {
    const mark = painted(style, verdict, pad(verdict, verdictWidth, 'left'));
    const [first = '', ...rest] = wrap(text, width);
    const more = [...rest, ...wrap(advice === '' ? '' : `-> ${advice}`, width)];
    return [
      `${mark}  ${pad(topic, topicWidth, 'left')}  ${first}`,
      ...more.map((one) => indent + one),
    ];
  });
  const count = (verdict: Verdict): number =>
    findings.filter((finding) => finding.verdict === verdict).length;
  const total = `${count('OK')} OK, ${count('WARN')} WARN, ${count('FAIL')} FAIL`;
  return `${lines.join('\n')}\n\n${painted(style, worst(findings), total)}\n`;
}

function painted(style: Style, verdict: Verdict, text: string): string {
  switch (verdict) {
    case 'OK':
      return style.good(text);
    case 'WARN':
      return style.warn(text);
    case 'FAIL':
      return style.bad(text);
  }
}
