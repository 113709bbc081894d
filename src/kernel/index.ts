/**
 * kernel: arithmetic over bytes. The only folder that loads the addon.
 * May import: base, config, io, telemetry.
 */
export type { Kernel } from './kernel.js';
