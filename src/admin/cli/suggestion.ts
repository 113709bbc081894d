/** "Did you mean": what is added to a message about an unknown word. */
import { nearestWord } from '../../config/index.js';

/** ` (did you mean "limit"?)`, or nothing when no known word is near. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const word = nearestWord(typed, known);
  return word === null ? '' : ` (did you mean "${word}"?)`;
}
