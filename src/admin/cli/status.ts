/** themis status: what an open store says of itself. */
import type { CommandContext } from './command.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import type { RecoveryReport, StatusSection, StoreHealth, StoreStatus } from './store.js';
import { renderPairs } from './table.js';
import { bytesText, durationText, plural } from './units-text.js';
import { withStore } from './with-store.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const { status, health } = await withStore(
    context,
    { createIfMissing: false },
    async (store) => ({ status: await store.status(), health: await store.health() }),
  );
  const { terminal } = context;
  if (context.isJson) {
    await terminal.write(`${JSON.stringify({ health, status: status.details }, null, 2)}\n`);
  } else {
    await terminal.write(statusText(status, health, terminal.style));
  }
  return health.isHealthy ? exitCodes.ok : exitCodes.unhealthy;
}

function statusText(
  status: StoreStatus,
  health: StoreHealth,
  style: CommandContext['terminal']['style'],
): string {
  const headline = (health.isHealthy ? style.good : style.bad)(health.headline);
  const sections: StatusSection[] = [
    ...status.sections,
    { title: 'Last open', pairs: recoveryPairs(status.recovery) },
  ];
  const parts = sections.map(
    ({ title, pairs }) => `\n${style.bold(title)}\n${renderPairs(pairs, '  ')}`,
  );
  return `${headline}\n${parts.join('')}`;
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
