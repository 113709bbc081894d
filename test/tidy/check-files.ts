/** Checks on files as a whole: sizes, thread entries, and that each has its test. */
import { functionsIn } from './functions.js';
import { type SourceFile, type Tree, typeScriptBelow } from './tree.js';

export const fileLinesMax = 500;
export const functionLinesMax = 70;
export const columnsMax = 100;
export const workerLinesMax = 60;

export function checkSizes(tree: Tree): string[] {
  const problems: string[] = [];
  for (const file of tree.values()) {
    if (!/^(src|workers|bench|test|native)\/.*\.(ts|mjs|cc|h|c)$/.test(file.path)) continue;
    const count = file.lines.at(-1) === '' ? file.lines.length - 1 : file.lines.length;
    if (count > fileLinesMax) {
      problems.push(`${file.path}: ${count} lines, at most ${fileLinesMax}`);
    }
    file.lines.forEach((line, index) => {
      if (line.length <= columnsMax || isUnbreakable(line)) return;
      problems.push(`${file.path}:${index + 1}: ${line.length} columns, at most ${columnsMax}`);
    });
    if (file.path.endsWith('.ts')) problems.push(...longFunctions(file));
  }
  return problems;
}

/** A string, an address or a pattern that the formatter leaves alone. */
function isUnbreakable(line: string): boolean {
  return /^\s*(?:\S+|\S+ \S+|(?:\S+ ){0,3}(['"`/]).*\1[,;)\]}a-z]*)$/.test(line);
}

/** In tests a function that only holds others (a contract suite) counts without them. */
function longFunctions(file: SourceFile): string[] {
  const inTest = file.path.startsWith('test/');
  return functionsIn(file.code)
    .map((span) => ({ line: span.firstLine, lines: inTest ? span.ownLines : span.lines }))
    .filter(({ lines }) => lines > functionLinesMax)
    .map(({ line, lines }) => {
      return `${file.path}:${line}: a function of ${lines} lines, at most ${functionLinesMax}`;
    });
}

export function checkWorkers(tree: Tree): string[] {
  return typeScriptBelow(tree, 'workers/')
    .filter((file) => file.lines.length > workerLinesMax)
    .map((file) => `${file.path}: ${file.lines.length} lines, a thread entry has fewer than 60`);
}

/** Every file with code has its test; an index and a file of types have nothing to run. */
export function checkTestFiles(tree: Tree): string[] {
  return typeScriptBelow(tree, 'src/')
    .filter((file) => !file.path.endsWith('/index.ts') && runs(file))
    .map((file) => file.path)
    .filter((path) => !tree.has(testOf(path)))
    .map((path) => `${path}: has no ${testOf(path)}`);
}

function testOf(path: string): string {
  return path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts');
}

function runs(file: SourceFile): boolean {
  return /\b(?:function|class|const|let)\b/.test(file.code);
}
