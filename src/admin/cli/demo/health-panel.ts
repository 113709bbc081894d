/**
 * Devices, values and reads of a moment, as lines of bars.
 *
 *   device  0  healthy     ████████████████████  61.2 MiB
 *   device  1  failed      ░░░░░░░░░░░░░░░░░░░░         -  its folder is missing
 *   values     REBUILDING  █████████████▌░░░░░░  1,204: 392 lack fragments, all can be read
 *   reads      1,234/s, 412 MiB/s, p99 3.1 ms, every byte right
 */
import { gauge } from '../chart.js';
import { deviceBars } from '../device-text.js';
import type { StoreHealth } from '../store.js';
import type { Style } from '../style.js';
import { countText, durationText, rateText, throughputText } from '../units-text.js';
import type { ReadsSoFar } from './readers.js';

const indent = '    ';
const barWidth = 20;

/** `width`: of the terminal; Infinity cuts nothing. */
export function healthPanel(
  health: StoreHealth,
  reads: ReadsSoFar,
  style: Style,
  width: number,
): string[] {
  const { devices, shards } = health;
  const values = shards.map((report) => {
    const { documentsScanned: all, documentsDegraded, documentsUnrecoverable } = report;
    const { documentsHealthy } = report;
    const isWell = all > 0 && documentsHealthy === all;
    const bar = gauge(all === 0 ? 0 : documentsHealthy / all, barWidth);
    const paint = isWell ? style.good : documentsUnrecoverable > 0 ? style.bad : style.warn;
    const lack = isWell
      ? 'all are whole'
      : `${countText(documentsDegraded)} lack fragments, ${lossText(documentsUnrecoverable)}`;
    return `values     ${report.status.padEnd(10)}  ${paint(bar)}  ${countText(all)}: ${lack}`;
  });
  const { reads: count, bytes, durationMs, latency } = reads;
  const pace = `${rateText(count, durationMs)}, ${throughputText(bytes, durationMs)}`;
  const read = `reads      ${pace}, p99 ${durationText(latency.p99Ms)}, every byte right`;
  const bars = deviceBars(devices, style, width - indent.length);
  return [...bars, ...values, read].map((line) => indent + line);
}

function lossText(lost: number): string {
  return lost === 0 ? 'all can be read' : `${countText(lost)} are lost`;
}
