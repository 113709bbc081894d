/** Numbers for people: bytes, durations, rates and counts. */
import { GiB, KiB, MiB } from '../../base/index.js';

/** `512 B`, `1.5 KiB`, `12 MiB`, `1.2 GiB`. */
export function bytesText(bytes: number): string {
  if (bytes < KiB) return `${Math.round(bytes)} B`;
  if (bytes < MiB) return `${short(bytes / KiB)} KiB`;
  return bytes < GiB ? `${short(bytes / MiB)} MiB` : `${short(bytes / GiB)} GiB`;
}

/** `85 µs`, `1.2 ms`, `3.4 s`, `2 min 5 s`. */
export function durationText(ms: number): string {
  if (ms < 0.9995) return `${Math.round(ms * 1000)} µs`;
  if (ms < 999.5) return `${short(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 99.95) return `${short(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `1,234,567`. */
export function countText(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `12,345/s`; a dash when nothing was measured. */
export function rateText(count: number, durationMs: number): string {
  return durationMs > 0 ? `${countText((count * 1000) / durationMs)}/s` : '-';
}

/** `87.1 MiB/s`; a dash when nothing was measured. */
export function throughputText(bytes: number, durationMs: number): string {
  return durationMs > 0 ? `${bytesText((bytes * 1000) / durationMs)}/s` : '-';
}

/** `1 file`, `2 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** Three significant digits at most, without trailing zeros after the point. */
function short(value: number): string {
  if (value >= 99.95) return countText(value);
  return value >= 9.995 ? String(Number(value.toFixed(1))) : String(Number(value.toFixed(2)));
}
