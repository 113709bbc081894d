/**
 * config: every bound (limits) and the options of the public API, validated once and frozen.
 * May import: base.
 */
export * as limits from './limits.js';
