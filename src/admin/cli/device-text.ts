/** Devices of large values, in words and tables. */
import type { DeviceStatus } from '../../engine/index.js';
import type { FileSystem } from '../../io/index.js';
import { gauge } from './chart.js';
import type { Style } from './style.js';
import { type Column, renderTable } from './table.js';
import { fit, pad, textWidth } from './text-width.js';
import { bytesText, countText, plural } from './units-text.js';

/** `healthy`, `failed, replaced`, `healthy spare`; coloured by what it means. */
export function stateText({ state, role }: DeviceStatus, style: Style): string {
  switch (role) {
    case 'active':
      return painted(state, state, style);
    case 'spare':
      return painted(state, `${state} spare`, style);
    case 'replaced':
      return painted(state, `${state}, replaced`, style);
  }
}

const columns: readonly Column[] = [
  { title: 'Device', align: 'right' },
  { title: 'State' },
  { title: 'Fragments', align: 'right' },
  { title: 'Holds', align: 'right' },
  { title: 'To free', align: 'right' },
  { title: 'Free', align: 'right' },
  { title: 'Folder', shrink: true },
];

/** One row a device; below the table, why those are as they are that are not healthy. */
export function deviceTable(devices: readonly DeviceStatus[], style: Style, width: number): string {
  const rows = devices.map((device) => [
    String(device.number),
    stateText(device, style),
    countText(device.fragments),
    bytesText(device.liveBytes),
    bytesText(device.deadBytes),
    device.state === 'failed' ? '-' : bytesText(device.freeBytes),
    device.path,
  ]);
  const reasons = devices
    .filter(({ state }) => state !== 'healthy')
    .map(({ number, state, why }) => `device ${number} is ${state}: ${why}\n`);
  return renderTable(columns, rows, width) + reasons.join('');
}

/**
 * A line a device with a bar of what it holds, for a picture that changes. Why it is not healthy is
 * cut where the line would be wider than `width`.
 */
export function deviceBars(
  devices: readonly DeviceStatus[],
  style: Style,
  width: number,
): string[] {
  const most = devices.reduce((largest, { liveBytes }) => Math.max(largest, liveBytes), 1);
  return devices.map(({ number, state, liveBytes, why, path }) => {
    const isGone = state === 'failed';
    const bar = gauge(isGone ? 0 : liveBytes / most, barWidth);
    const holds = pad(isGone ? '-' : bytesText(liveBytes), holdsWidth, 'right');
    const paint = (text: string): string => painted(state, text, style);
    const name = pad(String(number), 2, 'right');
    const line = `device ${name}  ${paint(pad(state, stateWidth, 'left'))}  ${paint(bar)}  ${holds}`;
    const reason = fit(why.replaceAll(`${path}/`, ''), width - textWidth(line) - 2);
    return reason === '' ? line : `${line}  ${reason}`;
  });
}

const barWidth = 20;
const stateWidth = 10;
const holdsWidth = 8;

/** `5 healthy, 1 failed, 1 spare`. */
export function deviceCounts(devices: readonly DeviceStatus[]): string {
  const states = ['healthy', 'degraded', 'rebuilding', 'failed'] as const;
  const active = devices.filter(({ role }) => role !== 'spare');
  const parts = states
    .map((state) => ({ state, count: active.filter((one) => one.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${countText(count)} ${state}`);
  const spares = devices.length - active.length;
  return [...parts, ...(spares === 0 ? [] : [plural(spares, 'spare')])].join(', ');
}

/**
 * What it means that devices lie on one file system, said plainly; null when each has its own, or
 * when there is only one. Folders that are gone are left out.
 */
export function sharedDriveText(
  fileSystem: FileSystem,
  devices: readonly DeviceStatus[],
): string | null {
  const present = devices.filter(
    ({ state, path }) => state !== 'failed' && fileSystem.stat(path)?.kind === 'directory',
  );
  const groups = new Map<string, number[]>();
  for (const { number, path } of present) {
    const { fileSystemId } = fileSystem.space(path);
    groups.set(fileSystemId, [...(groups.get(fileSystemId) ?? []), number]);
  }
  const shared = [...groups.values()].filter((numbers) => numbers.length > 1);
  if (shared.length === 0) return null;
  if (groups.size === 1) {
    return (
      `all ${present.length} devices are folders on one file system: that protects from rot and ` +
      'lost files, not from a lost drive'
    );
  }
  const lists = shared.map((numbers) => numbers.join(', ')).join('; ');
  return `devices ${lists} share a file system: a drive that is lost takes all of them`;
}

function painted(state: DeviceStatus['state'], text: string, style: Style): string {
  switch (state) {
    case 'healthy':
      return style.good(text);
    case 'degraded':
    case 'rebuilding':
      return style.warn(text);
    case 'failed':
      return style.bad(text);
  }
}
