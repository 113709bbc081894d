/** Checks on the import graph: order of layers, cycles, indexes, dead files, unused exports. */
import { exportedValues } from './imports.js';
import { forbidden, rankOf, workersMayImport } from './layers.js';
import { folderOf, type SourceFile, type Tree, typeScriptBelow } from './tree.js';

export function checkLayers(tree: Tree): string[] {
  const problems: string[] = [];
  for (const file of typeScriptBelow(tree, 'src/')) {
    for (const { target, specifier, kind } of file.imports) {
      if (target === null || kind === 'url') continue;
      const problem = layerProblem(file.path, target);
      if (problem !== null) problems.push(`${file.path}: imports ${specifier}, ${problem}`);
    }
  }
  for (const file of typeScriptBelow(tree, 'workers/')) {
    for (const { target, specifier } of file.imports) {
      if (target === null || workersMayImport.includes(folderOf(target))) continue;
      problems.push(`${file.path}: imports ${specifier}, which a thread entry may not`);
    }
  }
  return problems;
}

function layerProblem(path: string, target: string): string | null {
  if (!target.startsWith('src/')) return 'which is outside src';
  const [from, to] = [folderOf(path), folderOf(target)];
  if (from === to) return null;
  if (rankOf(from) < 0) return `but ${from} has no line in test/tidy/layers.ts`;
  if (rankOf(to) < 0) return `but ${to} has no line in test/tidy/layers.ts`;
  if (rankOf(to) === rankOf(from)) return `but ${from} and ${to} are on one line`;
  if (rankOf(to) > rankOf(from)) return `but ${to} is below ${from}`;
  const banned = forbidden.some((pair) => pair.from === from && pair.to === to);
  return banned ? `which the design keeps apart from ${from}` : null;
}

/** Every cycle is reported once, from its first file in the order of the alphabet. */
export function checkCycles(tree: Tree): string[] {
  const problems: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      problems.push(`import cycle: ${[...trail.slice(start), path].join(' -> ')}`);
      return;
    }
    if (done.has(path)) return;
    for (const { target, kind } of tree.get(path)?.imports ?? []) {
      if (target !== null && kind === 'static') walk(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of [...tree.keys()].sort()) walk(path, []);
  return problems;
}

/** A thread entry names the very file that it starts: a thread loads no more than it needs. */
export function checkThroughIndex(tree: Tree): string[] {
  const problems: string[] = [];
  for (const file of typeScriptBelow(tree, 'src/')) {
    const own = folderOf(file.path);
    for (const { target, specifier, kind } of file.imports) {
      if (target === null || !target.startsWith('src/') || kind === 'url') continue;
      const folder = folderOf(target);
      const index = `src/${folder}/index.ts`;
      if (folder === own && target === index) {
        problems.push(`${file.path}: imports its own index; import the sibling instead`);
      } else if (folder !== own && target !== index) {
        problems.push(`${file.path}: imports ${specifier}; go through ${index}`);
      }
    }
  }
  return problems;
}

/**
 * A file of src lives when the public API, the command line or a thread reaches it; other files
 * also when a test does.
 */
export function checkDeadFiles(tree: Tree): string[] {
  const paths = typeScriptBelow(tree, 'src/', 'workers/', 'bench/', 'test/').map((f) => f.path);
  const product = reach(tree, ['src/index.ts', 'src/admin/cli/main.ts', ...below('workers/')]);
  const tests = paths.filter((path) => path.endsWith('.test.ts'));
  const commands = ['test/run.ts', 'test/sweep.ts', 'test/planted.ts'];
  const all = reach(tree, [...product, ...tests, ...commands]);
  return paths
    .filter((path) => !(path.startsWith('src/') ? product : all).has(path))
    .map((path) => `${path}: nothing reaches this file`);

  function below(prefix: string): string[] {
    return paths.filter((path) => path.startsWith(prefix));
  }
}

function reach(tree: Tree, roots: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const queue = roots.filter((path) => tree.has(path));
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const { target } of (tree.get(path) as SourceFile).imports) {
      if (target !== null && tree.has(target)) queue.push(target);
    }
  }
  return seen;
}

/** Everything that a folder's index exports is imported by another folder, a thread or a test. */
export function checkUnusedExports(tree: Tree): string[] {
  const used = new Map<string, Set<string>>();
  for (const file of tree.values()) {
    for (const { target, names } of file.imports) {
      if (target === null) continue;
      const known = used.get(target) ?? new Set<string>();
      for (const name of names) known.add(name);
      used.set(target, known);
    }
  }
  const problems: string[] = [];
  for (const file of typeScriptBelow(tree, 'src/')) {
    if (!/^src\/[\w-]+\/index\.ts$/.test(file.path)) continue;
    const names = used.get(file.path);
    if (names?.has('*')) continue;
    for (const name of exportedValues(file.code)) {
      if (!names?.has(name)) problems.push(`${file.path}#${name}: exported and used by nobody`);
    }
  }
  return problems;
}
