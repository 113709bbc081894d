/**
 * config: every bound (limits) and the options of the public API, validated once and frozen.
 * May import: base.
 */
export { environment } from './environment.js';
export * as limits from './limits.js';
export { nearestWord } from './nearest.js';
export { type Option, type OptionRange, optionTable, rangeText } from './option-table.js';
export {
  type OptionInputs,
  type OptionSource,
  resolveOptions,
  type ThemisOptions,
  type ValidatedOptions,
  validateOptions,
} from './options.js';
export {
  type RedundancyInput,
  type RedundancyOption,
  redundancyInWords,
  redundancyOf,
} from './redundancy-option.js';
