/** themis status: what an open store says of itself. */
import type { CommandContext } from './command.js';
import { deviceTable } from './device-text.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { largeValuesSection, surveyed } from './large-values.js';
import type { RecoveryReport, StatusSection, StoreHealth, StoreStatus } from './store.js';
import { renderPairs } from './table.js';
import { bytesText, durationText, plural } from './units-text.js';
import { withStore } from './with-store.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const { status, health } = await withStore(context, { createIfMissing: false }, async (store) => {
    await surveyed(store);
    return { status: await store.status(), health: await store.health() };
  });
  const { terminal } = context;
  if (context.isJson) {
    await terminal.write(`${JSON.stringify({ health, status: status.details }, null, 2)}\n`);
  } else {
    await terminal.write(statusText(context, status, health));
  }
  return health.isHealthy ? exitCodes.ok : exitCodes.unhealthy;
}

function statusText(context: CommandContext, status: StoreStatus, health: StoreHealth): string {
  const { settings, environment } = context;
  const { style, columns } = context.terminal;
  const { redundancy } = status;
  const { fileSystem } = environment;
  const coder = settings.text('coder');
  const headline = (health.isHealthy ? style.good : style.bad)(health.headline);
  const sections: StatusSection[] = [
    ...status.sections,
    largeValuesSection({ health, redundancy, fileSystem, coder }),
    { title: 'Last open', pairs: recoveryPairs(status.recovery) },
  ];
  const parts = sections.map(
    ({ title, pairs }) => `\n${style.bold(title)}\n${renderPairs(pairs, '  ')}`,
  );
  const { devices } = health;
  const table = devices.length === 0 ? '' : `\n${deviceTable(devices, style, columns)}`;
  return `${headline}\n${parts.join('')}${table}`;
}

/** What the last open did, as pairs of name and value. */
export function recoveryPairs(report: RecoveryReport): [name: string, value: string][] {
  const torn =
    report.tornBytes === 0 ? 'none' : `${bytesText(report.tornBytes)} cut and kept aside`;
  return [
    ['duration', durationText(report.durationMs)],
    ['log read', `${plural(report.records, 'record')}, ${bytesText(report.bytes)}`],
    ['torn tail', torn],
    ['repairs', report.repairs.length === 0 ? 'none' : report.repairs.join('; ')],
  ];
}
