/** Every tidy check by name, and what is left of its problems after the exceptions. */
import { checkFormats, checkLayerMap, checkLinks, checkPackageFiles } from './check-docs.js';
import { checkSizes, checkTestFiles, checkWorkers } from './check-files.js';
import {
  checkCycles,
  checkDeadFiles,
  checkLayers,
  checkThroughIndex,
  checkUnusedExports,
} from './check-imports.js';
import { checkLock } from './check-lock.js';
import { checkKernelIncludes, checkNativeSources } from './check-native.js';
import { checkBanned, checkHeaders, checkIndexes } from './check-text.js';
import type { Exception, Rule } from './exceptions.js';
import type { Tree } from './tree.js';

export interface Check {
  /** What the rule says, as the name of its test. */
  readonly says: string;
  readonly run: (tree: Tree) => string[];
  /** The rule under which an exception may be written, if the rule knows exceptions. */
  readonly rule?: Rule;
}

export const checks: readonly Check[] = [
  { says: 'folders import only from the lines above their own', run: checkLayers },
  { says: 'no import cycles, types included', run: checkCycles },
  { says: 'other folders are imported through their index', run: checkThroughIndex },
  {
    says: 'an index holds a contract and named re-exports',
    run: checkIndexes,
    rule: 'export-star',
  },
  { says: 'what an index exports is used', run: checkUnusedExports, rule: 'unused-export' },
  { says: 'every file is reached', run: checkDeadFiles, rule: 'dead' },
  { says: 'every file opens with what it is', run: checkHeaders },
  { says: 'files, functions and lines keep their size', run: checkSizes, rule: 'size' },
  { says: 'no banned words', run: checkBanned, rule: 'banned' },
  { says: 'every source file has its test file', run: checkTestFiles, rule: 'test-file' },
  { says: 'thread entries stay under 60 lines', run: checkWorkers },
  { says: 'binding.gyp and CMakeLists.txt list the same sources', run: checkNativeSources },
  { says: 'the native kernel includes nothing of Node', run: checkKernelIncludes },
  { says: 'the layer map of the README is the order that is checked', run: checkLayerMap },
  { says: 'links between our own files resolve', run: checkLinks },
  { says: 'every listed format is drawn in the file it names', run: checkFormats },
  { says: 'the package holds what an installed engine needs', run: checkPackageFiles },
  { says: 'the lock file is whole and names no registry', run: checkLock },
];

/** Problems without the excused ones; an exception that excuses nothing is a problem itself. */
export function applyExceptions(
  rule: Rule,
  problems: readonly string[],
  exceptions: readonly Exception[],
): string[] {
  const mine = exceptions.filter((exception) => exception.rule === rule);
  const excuses = (problem: string) => (exception: Exception) =>
    problem.startsWith(`${exception.subject}:`);
  const left = problems.filter((problem) => !mine.some(excuses(problem)));
  const idle = mine.filter((exception) => !problems.some((problem) => excuses(problem)(exception)));
  return [...left, ...idle.map(({ subject }) => `${subject}: its exception excuses nothing`)];
}
